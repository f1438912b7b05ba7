"""How long students wait: what was learnt of the last weeks and the queue as it is, both kept in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from printlab.db import Database
from printlab.domain.policy import ActorKind
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import Catalog, LabView
from printlab.domain.waiting import DESK, HISTORY, History, Line, Queue, Step, Waits, learn
from printlab.live import Changed, Live
from printlab.models import Event, Job, Quote

_LINES = (JobStatus.UPLOADED, JobStatus.READY_TO_PRINT)
_TAKEN = (Verb.APPROVE, Verb.REJECT, Verb.START)
_OF_THE_LAB = (*_TAKEN, Verb.COMPLETE)


class Waiting:
    """However many people ask, the queue is read once after each change, and the history when it is renewed."""

    def __init__(
        self,
        database: Database,
        catalog: Callable[[], Catalog],
        lab: Callable[[], LabView],
        live: Live,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._lab = lab
        self._clock = clock
        self._reading = threading.Lock()
        self._history: History | None = None
        self._queue: Queue | None = None
        self._is_stale = False
        live.subscribe(self._changed)

    def renew(self) -> None:
        """Learn from the last weeks anew; some jobs more or less change little, so once an hour is enough."""
        learnt = self._learn()  # whoever asks meanwhile is told by what was learnt before
        with self._reading:
            self._history = learnt
            self._is_stale = True

    def now(self) -> Waits:
        """What can be said now; reads the database only when a job changed since it was asked last."""
        with self._reading:
            if self._history is None:
                self._history = self._learn()
            if self._queue is None or self._is_stale:
                self._is_stale = False
                self._queue = self._read_queue(self._history)
            history, queue = self._history, self._queue
        return Waits(history, queue, self._catalog(), self._lab().submissions_open, self._clock())

    def _changed(self, change: Changed) -> None:
        if change.job_id is not None or change.everything:
            self._is_stale = True

    def _learn(self) -> History:
        now = self._clock()
        methods = {printer.id: printer.method for printer in self._catalog().printers}
        with self._database.read() as session:
            return learn(_steps(session, now - HISTORY), methods, now)

    def _read_queue(self, history: History) -> Queue:
        try:
            with self._database.read() as session:
                return Queue(_lines(session), {**history.last, **_last(session, history.read_at)})
        except BaseException:
            self._is_stale = True
            raise


def _steps(session: Session, since: datetime) -> Sequence[Step]:
    """All moves of the jobs that the lab moved since then, in the order that ``learn`` wants."""
    moved = select(Event.job_id).where(col(Event.action).in_(_OF_THE_LAB), Event.at >= since)
    wanted = (
        sa.select(
            col(Event.job_id),
            col(Event.at),
            col(Event.action),
            col(Event.actor_kind),
            col(Event.to_status),
            col(Job.printer_id),
            col(Quote.time_min),
        )
        .join(Job, col(Job.id) == col(Event.job_id))
        .outerjoin(Quote, sa.and_(col(Quote.job_id) == col(Job.id), col(Quote.number) == col(Job.quote_number)))
        .where(col(Event.job_id).in_(moved), col(Event.to_status).is_not(None))
        .order_by(col(Event.job_id), col(Event.id))
    )
    return [Step(*row) for row in session.connection().execute(wanted)]


def _lines(session: Session) -> dict[Line, list[tuple[datetime, int]]]:
    wanted = sa.select(col(Job.status), col(Job.printer_id), col(Job.status_since), col(Job.id))
    waiting = wanted.where(col(Job.status).in_(_LINES)).order_by(col(Job.status_since), col(Job.id))
    lines: dict[Line, list[tuple[datetime, int]]] = {}
    for status, printer_id, since, job_id in session.connection().execute(waiting):
        line = DESK if status is JobStatus.UPLOADED else printer_id
        lines.setdefault(line, []).append((since, job_id or 0))
    return lines


def _last(session: Session, since: datetime) -> dict[Line, datetime]:
    """When each line took a job last, of those that took one since then."""
    taken = (
        sa.select(col(Event.action), col(Job.printer_id), sa.func.max(col(Event.at)))
        .join(Job, col(Job.id) == col(Event.job_id))
        .where(col(Event.action).in_(_TAKEN), col(Event.at) >= since, col(Event.actor_kind) != ActorKind.SYSTEM)
        .group_by(col(Event.action), col(Job.printer_id))
    )
    last: dict[Line, datetime] = {}
    for action, printer_id, at in session.connection().execute(taken):
        line = printer_id if action == Verb.START else DESK
        last[line] = max(at, last.get(line, at))
    return last
