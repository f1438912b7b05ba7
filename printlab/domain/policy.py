"""Who may do what: the one policy. Services ask it before every action; pages ask it which buttons to show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from printlab.domain.status import JobStatus, Verb, verbs_from
from printlab.errors import Conflict, NotAllowed, NotSignedIn, PrintLabError

if TYPE_CHECKING:
    from printlab.domain.views import JobView, LastMove

UNDO_WINDOW = timedelta(minutes=10)


class ActorKind(StrEnum):
    """What sort of person, or machine, acts."""

    ANONYMOUS = "anonymous"
    STUDENT = "student"
    STAFF = "staff"
    ADMIN = "admin"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts. ``key`` tells two actors apart (``user:3``, ``token:2``, ``student:42``).

    ``credential`` is what let them in: the hash of the session or token, a student's link by its generation. It is
    looked up again when they act.
    """

    kind: ActorKind
    key: str
    name: str
    workstation: str | None = None
    user_id: int | None = None
    job_id: int | None = None
    credential: str | None = field(default=None, repr=False, compare=False)

    @property
    def is_staff(self) -> bool:
        """Whether this is a signed-in staff member or admin, or a token of theirs."""
        return self.kind in (ActorKind.STAFF, ActorKind.ADMIN)

    @property
    def is_admin(self) -> bool:
        """Whether this is an admin or an admin's token."""
        return self.kind is ActorKind.ADMIN


ANONYMOUS = Actor(ActorKind.ANONYMOUS, "anonymous", "Visitor")
SYSTEM = Actor(ActorKind.SYSTEM, "system", "PrintLab")


def student(job_id: int, name: str, generation: int) -> Actor:
    """The student of one job, known by the private tracking link of this generation."""
    return Actor(ActorKind.STUDENT, f"student:{job_id}", name, job_id=job_id, credential=str(generation))


class Action(StrEnum):
    """What can be done besides the verbs that move a job."""

    VIEW = "view"
    VIEW_BOARD = "view the board"
    EDIT = "edit"
    SAY_SIZE = "say the size"
    KEEP = "ask to keep the part"
    WRITE = "write a message"
    ADD_REVISION = "add revision"
    WALK_IN = "walk-in"
    RETRY_ANALYSIS = "retry the analysis"
    OPEN_FILE = "open the file"
    MANAGE_LAB = "manage the lab"
    MANAGE_ACCOUNTS = "manage accounts"
    MANAGE_STUDENTS = "manage what is held about students"


_STUDENTS = frozenset(
    {
        Verb.CONFIRM,
        Verb.DECLINE,
        Verb.CANCEL,
        Verb.CORRECT,
        Verb.UNDO,
        Action.VIEW,
        Action.SAY_SIZE,
        Action.KEEP,
        Action.WRITE,
    }
)
_ADMIN_ACTIONS = frozenset({Action.MANAGE_LAB, Action.MANAGE_ACCOUNTS, Action.MANAGE_STUDENTS})
_OPEN_FOR_FILES = frozenset({JobStatus.UPLOADED, JobStatus.PENDING, JobStatus.READY_TO_PRINT})


def may(actor: Actor, action: Action | Verb, job: JobView | None = None, now: datetime | None = None) -> bool:
    """Whether ``actor`` may do ``action`` (to ``job``, at ``now``), whatever the job's status allows."""
    if action is Verb.LAPSE:
        permitted = actor.kind is ActorKind.SYSTEM
    elif actor.kind is ActorKind.ADMIN or actor.kind is ActorKind.SYSTEM:
        permitted = True
    elif actor.kind is ActorKind.STAFF:
        permitted = action not in _ADMIN_ACTIONS
    elif actor.kind is ActorKind.STUDENT:
        permitted = job is not None and job.id == actor.job_id and action in _STUDENTS
    else:
        permitted = False
    if permitted and action is Verb.UNDO:
        until = undoable_until(actor, job.last_move) if job is not None else None
        return now is not None and until is not None and now <= until
    return permitted


def undoable_until(actor: Actor, last: LastMove | None) -> datetime | None:
    """Until when ``actor`` may take back the latest move: ten minutes, who made it or an admin; no undo of an undo."""
    if last is None or last.verb is Verb.UNDO:
        return None
    return last.at + UNDO_WINDOW if actor.is_admin or last.actor_key == actor.key else None


def require(actor: Actor, action: Action | Verb, job: JobView | None = None, now: datetime | None = None) -> None:
    """Return when ``actor`` may; raise NotSignedIn or NotAllowed, in words, otherwise.

    Undo of what nobody can take back any more is a Conflict: forbidden is only what another person could do.
    """
    if may(actor, action, job, now):
        return
    if actor.kind is ActorKind.ANONYMOUS:
        raise NotSignedIn
    if action is Verb.LAPSE:
        raise NotAllowed("A quote lapses by itself, when nobody answers it in time.")
    if action is Verb.UNDO and job is not None and (actor.is_staff or actor.job_id == job.id):
        raise _no_undo(job, now)
    if actor.kind is ActorKind.STAFF:
        raise NotAllowed("Only an admin can do this. Ask the lab manager.")
    raise NotAllowed("This is for lab staff. Ask at the lab's desk.")


def _no_undo(job: JobView, now: datetime | None) -> PrintLabError:
    last = job.last_move
    if last is None:
        return Conflict(f"Nothing has been done to job {job.id} that could be undone.")
    if last.verb is Verb.UNDO:
        return Conflict(f"The last step of job {job.id} was an undo, and an undo cannot be undone.")
    if now is None or now - last.at > UNDO_WINDOW:
        return Conflict(f"Job {job.id} was moved more than 10 minutes ago; that can no longer be undone.")
    who = last.actor_name
    return NotAllowed(f"{who} made the last move of job {job.id}. Only {who} or an admin can undo it.")


def allowed_verbs(actor: Actor, job: JobView, now: datetime) -> tuple[Verb, ...]:
    """The verbs that the table allows for the job's status and the policy for this actor, in a fixed order."""
    if job.anonymised_at is not None:
        return ()
    here = verbs_from(job.status) | {Verb.UNDO}
    if job.needs_new_quote:
        here -= {Verb.START}
    return tuple(verb for verb in Verb if verb in here and may(actor, verb, job, now))


def takes_sliced_files(status: JobStatus) -> bool:
    """Whether a new sliced file can become the authoritative one: before printing starts."""
    return status in _OPEN_FOR_FILES


def part_is_open(job: JobView) -> bool:
    """Whether the part can be corrected as it is: no price was told for it that still stands, or could again."""
    return job.quote is None


def size_is_open(job: JobView) -> bool:
    """Whether the student can still say in what size the part is meant: nobody has decided on it, nor sliced it in
    the size that was known.
    """
    return job.status is JobStatus.UPLOADED and part_is_open(job) and not job.is_sliced


def is_closed(status: JobStatus) -> bool:
    """Whether the job is over: only what records and mails say about the student can still be corrected."""
    return status is JobStatus.PAID_PICKED_UP
