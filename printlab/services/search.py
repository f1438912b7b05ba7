"""Looking jobs up: one card, several, lists with filters and keyset paging, the history."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, and_, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from printlab.db import Database
from printlab.domain.commands import JobFilter
from printlab.domain.limits import MAX_INTEGER
from printlab.domain.policy import Action, Actor, allowed_verbs, require, student
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import EventView, JobView, Page
from printlab.errors import InvalidInput, NotFound
from printlab.keyring import Keyring
from printlab.models import Color, Event, Job, Printer
from printlab.services import fields
from printlab.services.desk import no_job
from printlab.services.finding import found_by
from printlab.services.history import NOTE, OPENINGS, RETENTION
from printlab.services.views import ViewBuilder, event_view

_SORTS: dict[str, Any] = {
    "id": Job.id,
    "created_at": Job.created_at,
    "updated_at": Job.updated_at,
    "status_since": Job.status_since,
}
_MAX_LIMIT = 200
_STAFF_ONLY = frozenset({NOTE, *OPENINGS, *RETENTION})


class Search:
    """Reading jobs; nothing here writes."""

    def __init__(self, database: Database, views: ViewBuilder, keyring: Keyring, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._views = views
        self._keyring = keyring
        self._clock = clock

    def get(self, job_id: int, actor: Actor) -> JobView:
        """One job; raises NotFound, NotSignedIn, NotAllowed."""
        with self._database.read() as session:
            return self._get(session, job_id, actor)

    def _get(self, session: Session, job_id: int, actor: Actor) -> JobView:
        row = session.get(Job, job_id)
        job = self._views.job(session, row) if row else None
        require(actor, Action.VIEW, job)  # whoever may not see it does not learn whether it exists
        if job is None:
            raise no_job(job_id)
        return job

    def by_token(self, token: str) -> tuple[JobView, Actor]:
        """The job of a private tracking link, and the student as an actor; raises NotFound."""
        with self._database.read() as session:
            return self._tracked(session, token)

    def tracked(self, token: str) -> tuple[JobView, tuple[EventView, ...], Actor]:
        """The same with the job's history, newest first, as of one moment."""
        with self._database.read() as session:
            job, actor = self._tracked(session, token)
            return job, _events(session, job.id, actor), actor

    def _tracked(self, session: Session, token: str) -> tuple[JobView, Actor]:
        genuine = self._keyring.job_of(token)
        if genuine is not None:
            job_id, generation = genuine
            row = session.get(Job, job_id)
            if row is not None and row.track_generation == generation and row.anonymised_at is None:
                return self._views.job(session, row), student(job_id, row.student_name, generation)
        raise NotFound("This link is not valid any more. Ask at the lab's desk for the new one.")

    def allowed(self, job: JobView, actor: Actor) -> tuple[Verb, ...]:
        """What this actor can do with the job now."""
        return allowed_verbs(actor, job, self._clock())

    def counts(self, actor: Actor) -> dict[JobStatus, int]:
        """How many jobs each status has, also when it has none."""
        require(actor, Action.VIEW_BOARD)
        with self._database.read() as session:
            found = dict(session.exec(select(Job.status, func.count()).group_by(col(Job.status))).all())
        return {status: found.get(status, 0) for status in JobStatus}

    def several(self, job_ids: Iterable[int], actor: Actor) -> tuple[JobView, ...]:
        """Of these jobs those that are there, by number, as of one moment."""
        require(actor, Action.VIEW_BOARD)
        with self._database.read() as session:
            rows = session.exec(select(Job).where(col(Job.id).in_(job_ids)).order_by(col(Job.id))).all()
            return self._views.jobs(session, rows)

    def with_history(self, job_id: int, actor: Actor) -> tuple[JobView, tuple[EventView, ...]]:
        """The job and its history, newest first, as of one moment; students do not see staff notes."""
        with self._database.read() as session:
            return self._get(session, job_id, actor), _events(session, job_id, actor)

    def events(self, job_id: int, actor: Actor) -> tuple[EventView, ...]:
        """The job's history, newest first; students do not see staff notes."""
        return self.with_history(job_id, actor)[1]

    def find(self, wanted: JobFilter, actor: Actor) -> Page:
        """A page of jobs; raises InvalidInput for an unknown status, sort or cursor."""
        require(actor, Action.VIEW_BOARD)
        limit = max(1, min(wanted.limit, _MAX_LIMIT))
        with self._database.read() as session:
            rows = list(session.exec(_sorted(_filtered(session, wanted), wanted).limit(limit + 1)))
            items = self._views.jobs(session, rows[:limit])
        more = rows[limit - 1] if len(rows) > limit else None
        return Page(items, _cursor(wanted.sort, more) if more else None)


def _events(session: Session, job_id: int, actor: Actor) -> tuple[EventView, ...]:
    rows = session.exec(select(Event).where(Event.job_id == job_id).order_by(col(Event.id).desc()))
    return tuple(event_view(row) for row in rows if actor.is_staff or row.action not in _STAFF_ONLY)


def _filtered(session: Session, wanted: JobFilter) -> SelectOfScalar[Job]:
    query = select(Job)
    if wanted.status:
        query = query.where(col(Job.status).in_(_statuses(wanted.status)))
    if text := fields.line(wanted.q, "q"):
        query = query.where(*found_by(session, text.casefold().split()))
    if wanted.printer or wanted.method:
        query = query.join(Printer, col(Printer.id) == col(Job.printer_id))
        query = query.where(Printer.name == fields.line(wanted.printer, "printer")) if wanted.printer else query
        query = query.where(Printer.method == fields.line(wanted.method, "method")) if wanted.method else query
    if wanted.color:
        query = query.join(Color, col(Color.id) == col(Job.color_id)).where(
            Color.name == fields.line(wanted.color, "color")
        )
    return query


def _statuses(wanted: str) -> list[JobStatus]:
    """One status, or several with commas between them."""
    try:
        return [JobStatus(name.strip()) for name in wanted.split(",")]
    except ValueError:
        raise InvalidInput(f"There is no status “{wanted}”. Use one of: {', '.join(JobStatus)}.", "status") from None


def _sorted(query: SelectOfScalar[Job], wanted: JobFilter) -> SelectOfScalar[Job]:
    name = wanted.sort.removeprefix("-")
    if name not in _SORTS:
        raise InvalidInput(f"Jobs can be sorted by {', '.join(_SORTS)}, not by “{name}”.", "sort")
    key, down = col(_SORTS[name]), wanted.sort.startswith("-")
    if wanted.cursor:
        at, job_id = _position(wanted.cursor, wanted.sort)
        # A row comparison in its long form: SQLAlchemy would not bind the time as UTC inside a tuple.
        beyond, beyond_id = (key < at, col(Job.id) < job_id) if down else (key > at, col(Job.id) > job_id)
        query = query.where(or_(beyond, and_(key == at, beyond_id)))
    return query.order_by(key.desc(), col(Job.id).desc()) if down else query.order_by(key, col(Job.id))


def _cursor(sort: str, row: Job) -> str:
    value = getattr(row, sort.removeprefix("-"))
    at = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([sort, at, row.id]).encode()).decode()


def _position(cursor: str, sort: str) -> tuple[int | datetime, int]:
    try:
        made_for, at, job_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        key = int(at) if sort.removeprefix("-") == "id" else _moment(at)
        position = key, int(job_id)
    except (ValueError, TypeError, OverflowError, RecursionError):
        made_for, position = None, (0, 0)
    if made_for != sort or any(isinstance(value, int) and abs(value) > MAX_INTEGER for value in position):
        raise InvalidInput("This cursor belongs to another list. Start again without one.", "cursor")
    return position


def _moment(text: str) -> datetime:
    """A moment as our cursors hold it; raises ValueError or OverflowError for one that no row can have."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)
