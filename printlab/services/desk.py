"""One verb, one transaction, one job: the frame that every verb stands in.

The row is locked and its version compared; the policy is asked; the move, its event, its mails and the intent to move
files are written together; after the commit the files follow and everyone who watches is told.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import structlog
from sqlmodel import Session, col, select

from printlab.db import Database, Unit
from printlab.domain import words
from printlab.domain.policy import Action, Actor, require
from printlab.domain.status import ENDED, IllegalMove, JobStatus, Verb, check_move, verbs_from
from printlab.domain.views import FileState, JobView
from printlab.errors import Conflict, NotFound
from printlab.files import layout
from printlab.live import Changed, Live, announce
from printlab.models import Event, FileMove, Job, Quote, Revision
from printlab.services.estimates import Estimates
from printlab.services.filing import Filing, leaving
from printlab.services.history import LEAVE_THE_VERSION, new_event
from printlab.services.identity import check_still_in
from printlab.services.outbox import Outbox
from printlab.services.views import ViewBuilder, search_text

_log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]

PART = ("printer", "material", "color", "quantity", "strength")
"""What a price is told for, as a job's view names it."""
PART_COLUMNS = ("printer_id", "material_id", "color_id", "quantity", "strength")
"""The same as a job's row and a quote's name it."""

# What a move may change and an undo puts back. The first three always return; the others only where nobody has
# changed them since.
ALWAYS_UNDONE = ("status", "authoritative", "quote_number")
SIZE_COLUMNS = ("scale_micro", "size_is_right")
"""What was said of the size of the model that counts; it returns with that model, too."""
_UNDOABLE = (
    *ALWAYS_UNDONE,
    *SIZE_COLUMNS,
    *PART_COLUMNS,
    "machine",
    "actual_weight_cg",
    "actual_time_min",
    "failed_prints",
    "outcome",
    "reject_reasons",
    "reject_note",
    "original_name",
)


class StaleVersion(Conflict):
    """The job changed since this person looked at it."""

    def __init__(self, job: JobView, changed_by: str | None) -> None:
        who = f"{changed_by} was faster: job" if changed_by else "Job"
        super().__init__(
            f"{who} {job.id} changed after you opened it and is now “{job.status.label}”. "
            "Nothing of yours was applied. Look at it again and repeat the step if it is still needed."
        )
        self.job = job


@dataclass(slots=True)
class JobWork:
    """One job inside its transaction. ``before`` is the job as it was, ``row`` as it will be.

    ``result`` is for afterwards: the job as this transaction left it, whoever changed it since.
    """

    unit: Unit
    row: Job
    before: JobView
    old: dict[str, Any]
    actor: Actor
    now: datetime
    result: JobView
    reason: str | None = None
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict[str, tuple[Any, Any]])
    undo_extra: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def session(self) -> Session:
        """The transaction's session."""
        return self.unit.session

    @property
    def job_id(self) -> int:
        """The job's number."""
        return self.before.id

    @property
    def has_changes(self) -> bool:
        """Whether anything of the job is different from before; a step that changes nothing leaves no trace."""
        return bool(self.session.new) or self.session.is_modified(self.row) or self.row.version != self.before.version

    def move(self, verb: Verb, target: JobStatus) -> Event:
        """Go along the table to ``target``; raises IllegalMove. Call it after the row's other facts are set."""
        check_move(self.job_id, self.before.status, target, verb)
        self.row.status = target
        if target is not self.before.status:
            self.row.status_since = self.now
            if target is JobStatus.UPLOADED and not self.actor.is_staff:
                self.row.looked_at = self.row.looked_by = None  # what the student sent now, nobody has seen
        return self.record_move(verb, self._undo())

    def _undo(self) -> dict[str, Any]:
        """What an undo has to put back: [old, new] of every fact that this move changed, or that may have to return."""
        new, always = snapshot(self.row), (*ALWAYS_UNDONE, *SIZE_COLUMNS)
        kept = {name: [old, new[name]] for name, old in self.old.items() if name in always or old != new[name]}
        return {"facts": kept, "status_since": self.before.status_since.isoformat(), **self.undo_extra}

    def record_move(self, verb: Verb, undo: dict[str, Any] | None) -> Event:
        """Write the event of a step that was made, and remember it as the latest."""
        event = self.record(verb.value, undo, from_status=self.before.status, to_status=self.row.status)
        self.row.last_move_id = event.id
        return event

    def record(self, action: str, undo: dict[str, Any] | None = None, **status: JobStatus) -> Event:
        """Write a line of the history."""
        event = new_event(self.actor, action, self.now, self.job_id)
        event.changes = {name: [old, new] for name, (old, new) in self.changes.items()}
        event.reason, event.undo = self.reason, undo
        event.from_status, event.to_status = status.get("from_status"), status.get("to_status")
        self.session.add(event)
        self.session.flush()
        return event

    def changed(self, name: str, old: object, new: object) -> None:
        """Note a changed fact for the event, in words that people read."""
        if old != new:
            self.changes[name] = (old, new)

    def changed_to(self, after: JobView, names: Iterable[str]) -> None:
        """Note those of these facts that ``after`` has otherwise."""
        for name in names:
            self.changed(name, _told(self.before, name), _told(after, name))

    def after(self, views: ViewBuilder) -> JobView:
        """The job as this transaction leaves it."""
        self.session.flush()
        return views.job(self.session, self.row)

    def current_quote(self) -> Quote | None:
        """The quote that the job stands on."""
        if self.row.quote_number is None:
            return None
        found = select(Quote).where(Quote.job_id == self.job_id, Quote.number == self.row.quote_number)
        return self.session.exec(found).one()


def _told(job: JobView, name: str) -> object:
    """A fact in the words of the history."""
    value = getattr(job, name)
    return words.day(value) if isinstance(value, date) else value


def snapshot(row: Job) -> dict[str, Any]:
    """The undoable facts of a row at this moment."""
    return {name: getattr(row, name) for name in _UNDOABLE}


class Desk:
    """Where the services take a job from and put it back."""

    def __init__(
        self,
        database: Database,
        views: ViewBuilder,
        filing: Filing,
        outbox: Outbox,
        estimates: Estimates,
        live: Live,
        clock: Clock,
    ) -> None:
        self.database = database
        self.views = views
        self.filing = filing
        self.outbox = outbox
        self.estimates = estimates
        self.live = live
        self.clock = clock

    def seen(self, job_id: int) -> JobView:
        """The job as it is now. Raises NotFound."""
        with self.database.read() as session:
            return self.views.job(session, find(session, job_id))

    @contextmanager
    def work(self, job_id: int, version: int | None, actor: Actor, action: Verb | Action) -> Generator[JobWork]:
        """The job, locked, at the version that the actor saw. Commits at the end; the files follow then.

        Without a version it is meant as it is: a file that is brought to a job depends on nothing that was seen of it.

        Raises NotFound, NotSignedIn, NotAllowed, IllegalMove, StaleVersion. Nothing that is raised comes after the
        commit: what was done is never reported as refused.
        """
        with self.database.write() as unit:
            row = find(unit.session, job_id, lock=True)
            before, last_move_id = self.views.job(unit.session, row), row.last_move_id
            now = self.clock()
            check_still_in(unit.session, actor, now)
            self._check(unit.session, before, version, actor, action, now)
            work = JobWork(unit, row, before, snapshot(row), actor, now, result=before)
            yield work
            if not work.has_changes:
                return
            row.updated_at = now
            if row.last_move_id != last_move_id:
                self.outbox.call_off_reminders(unit.session, job_id)
            self._file(work)
            after = work.after(self.views)
            row.search_text = search_text(after)
            self.estimates.want(unit, after)
            unit.session.flush()
            work.result = replace(after, version=row.version)
            announce(unit, self.live, Changed(job_id))
        _log.info("job.changed", job_id=job_id, action=action.value, actor=actor.key, status=row.status.value)
        work.result = self.filing.follow(work.result)

    def _check(
        self, session: Session, job: JobView, version: int | None, actor: Actor, action: Verb | Action, now: datetime
    ) -> None:
        """Who may first, then whether they saw the job as it is, then whether it can be done; undo depends on all."""
        require(actor, Action.VIEW if action is Verb.UNDO else action, job, now)
        refuse_anonymised(job.id, job.anonymised_at)
        if version is not None and job.version != version:
            raise StaleVersion(job, _last_other(session, job.id, actor))
        if action is Verb.UNDO:
            require(actor, action, job, now)
        elif isinstance(action, Verb) and action not in verbs_from(job.status):
            raise IllegalMove(job.id, job.status, action)

    def _file(self, work: JobWork) -> None:
        """Write the intent to have the working copy, and the sidecar beside it, where the job now says."""
        row = work.row
        revision = find_revision(work.session, work.job_id, row.authoritative)
        target = layout.working_copy(row.status, row.stem, revision.extension)
        source = work.before.place
        if row.status in ENDED and (row.archived_at is not None or revision.purged_at is not None):
            # What is archived stays so; an undo may bring back a file that was deleted meanwhile.
            if row.archived_at is None:
                row.archived_at, row.file_state = work.now, FileState.MOVING
                work.session.add(leaving(work.job_id, revision.number, source, target, work.now))
            return
        row.archived_at = None
        stays = source == target and work.before.authoritative == row.authoritative
        work.session.add(
            FileMove(
                job_id=work.job_id,
                revision=revision.number,
                source=source,
                target=target,
                sidecar_only=stays,
                created_at=work.now,
            )
        )
        if not stays:
            row.file_state = FileState.MOVING
            row.file_problem = None


def find(session: Session, job_id: int, *, lock: bool = False) -> Job:
    """The job's row, locked for this transaction when asked; raises NotFound."""
    wanted = select(Job).where(col(Job.id) == job_id)
    row = session.exec(wanted.with_for_update() if lock else wanted).one_or_none()
    if row is None:
        raise no_job(job_id)
    return row


def refuse_anonymised(job_id: int, anonymised_at: datetime | None) -> None:
    """Raise Conflict for a job of which nobody knows any more whose it was: nothing can be done with it or added."""
    if anonymised_at is not None:
        raise Conflict(f"Job {job_id} was anonymised: nothing about it can be changed or added any more.")


def no_job(job_id: int) -> NotFound:
    """What is said about a number that no job has."""
    return NotFound(f"There is no job {job_id}.")


def _last_other(session: Session, job_id: int, actor: Actor) -> str | None:
    """Who changed the job last; None when it was this person, in another window."""
    of_job = select(Event).where(Event.job_id == job_id, col(Event.action).not_in(LEAVE_THE_VERSION))
    event = session.exec(of_job.order_by(col(Event.id).desc()).limit(1)).first()
    return event.actor_name if event and event.actor_key != actor.key else None


def find_revision(session: Session, job_id: int, number: int) -> Revision:
    """One revision's row; raises NotFound."""
    row = session.exec(select(Revision).where(Revision.job_id == job_id, Revision.number == number)).one_or_none()
    if row is None:
        raise NotFound(f"Job {job_id} has no file revision {number}.")
    return row
