"""What the API gives of a job’s history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from printlab.api.responses.base import Given
from printlab.domain.policy import ActorKind
from printlab.domain.status import JobStatus
from printlab.domain.views import EventView


class ChangeJson(Given):
    """What one fact was, and what it is."""

    old: Any = Field(description="What it was.", examples=["Blue"])
    new: Any = Field(description="What it is.", examples=["Black"])


class ActorJson(Given):
    """Who did it."""

    kind: ActorKind = Field(description="Student, staff, admin or the system.", examples=["staff"])
    name: str = Field(description="Name of the person or token.", examples=["Sam Lee"])


class EventJson(Given):
    """One line of a job's history."""

    id: int = Field(description="Rises with time.", examples=[42])
    at: datetime = Field(description="When, in UTC.")
    action: str = Field(
        description="A verb, or `submit`, `edit`, `note`, `revision added`, `file chosen`, `file saved`.",
        examples=["approve"],
    )
    actor: ActorJson = Field(description="The person, token or system that did it.")
    workstation: str | None = Field(description="At which shared PC, when known.")
    from_status: JobStatus | None = Field(description="Status before, for a move.")
    to_status: JobStatus | None = Field(description="Status after, for a move.")
    changes: dict[str, ChangeJson] = Field(description="What changed besides, by name.")
    reason: str | None = Field(description="Why; for a note, its text.")

    @classmethod
    def of(cls, event: EventView) -> EventJson:
        """From the view."""
        return cls(
            id=event.id,
            at=event.at,
            action=event.action,
            actor=ActorJson(kind=event.actor_kind, name=event.actor_name),
            workstation=event.workstation,
            from_status=event.from_status,
            to_status=event.to_status,
            changes={name: ChangeJson(old=old, new=new) for name, (old, new) in event.changes.items()},
            reason=event.reason,
        )


class EventList(Given):
    """A job's history."""

    items: list[EventJson] = Field(description="The newest first.")
