"""The lines of the history: who did what and when."""

from __future__ import annotations

from datetime import datetime

from printlab.domain.policy import Actor
from printlab.models import Event

NOTE = "note"
KEPT = "kept"
SENT_AGAIN = "sent a mail again"
FILE_KEPT = "file kept"
REVISION_ADDED = "revision added"
FILE_CHOSEN = "file chosen"
FILE_SAVED = "file saved"
FILE_HANDED = "file handed to the helper"
FILE_OPENED = "file opened"
FILE_NOT_OPENED = "file not opened"
OPENINGS = (FILE_HANDED, FILE_OPENED, FILE_NOT_OPENED)
"""How far a click on “Open file” came; the first stays where the helper never says more."""
ARCHIVED = "archived"
FILES_DELETED = "files deleted"
ANONYMISED = "anonymised"
RETENTION = (ARCHIVED, FILES_DELETED, ANONYMISED)
"""What the lab's retention rule does with jobs that ended."""
LEAVE_THE_VERSION = (NOTE, SENT_AGAIN, FILE_KEPT, *OPENINGS, *RETENTION)
"""What happens beside a job and makes nobody's open form stale."""


def new_event(
    actor: Actor, action: str, now: datetime, job_id: int | None = None, *, reason: str | None = None
) -> Event:
    """A line of the history, not yet added; without a job it is about the lab itself."""
    return Event(
        job_id=job_id,
        at=now,
        action=action,
        actor_kind=actor.kind.value,
        actor_key=actor.key,
        actor_name=actor.name,
        workstation=actor.workstation,
        reason=reason,
    )
