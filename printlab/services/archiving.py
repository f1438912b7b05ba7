"""Archiving: the working copy of a job that ended long ago leaves its status folder; the archive keeps every file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from printlab.db import Database
from printlab.domain.policy import SYSTEM, UNDO_WINDOW
from printlab.domain.retention import Amount, CleanupKind
from printlab.domain.status import ENDED, JobStatus
from printlab.domain.views import FileState, LabView
from printlab.files import layout
from printlab.live import Changed, Live, announce
from printlab.models import Event, Job, Revision
from printlab.services.filing import COUNTS, Filing, leaving
from printlab.services.history import ARCHIVED, new_event
from printlab.services.plans import Plan


class _Copy(NamedTuple):
    """A working copy that may leave: of which job, where it lies, how large it is, and since when the job is over."""

    job_id: int
    status: JobStatus
    stem: str
    revision: int
    extension: str
    bytes: int
    ended_at: datetime

    @property
    def place(self) -> str:
        return layout.working_copy(self.status, self.stem, self.extension)


class Archiving:
    """By the clock for jobs that ended so many days ago; on request for some of them at once."""

    kind = CleanupKind.ARCHIVE

    def __init__(
        self, database: Database, filing: Filing, lab: Callable[[], LabView], live: Live, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._filing = filing
        self._lab = lab
        self._live = live
        self._clock = clock

    def plan(self) -> Plan:
        """What the lab's rule says now. What the disk refuses is tried again every minute, as any move."""
        return self.plan_after(self._lab().retention.archive_after_days)

    def plan_after(self, days: int | None) -> Plan:
        """The same if it were so many days after a job ended; None is never."""
        over = self._over(days)
        copies = self._copies(over) if days else []
        return Plan(self.kind, _amount(copies), lambda: _amount(copy for copy in copies if self._archive(copy, over)))

    def at_once(self, job_ids: Iterable[int]) -> None:
        """Archive those of these jobs that ended and can no longer be taken back, whatever the lab's rule is."""
        over = sa.and_(self._over(None), col(Job.id).in_(job_ids))
        for copy in self._copies(over):
            self._archive(copy, over)

    def _over(self, days: int | None) -> sa.ColumnElement[bool]:
        """Jobs that ended so long ago, or ever, whose files lie in their place, and of which no step can be undone."""
        now = self._clock()
        undoable = select(Event.id).where(col(Event.id) == col(Job.last_move_id), col(Event.at) >= now - UNDO_WINDOW)
        over = [
            col(Job.status).in_(ENDED),
            col(Job.archived_at).is_(None),
            col(Job.file_state) == FileState.SETTLED,
            ~undoable.exists(),
        ]
        return sa.and_(*over, *([col(Job.status_since) < now - timedelta(days=days)] if days else []))

    def _copies(self, over: sa.ColumnElement[bool]) -> list[_Copy]:
        with self._database.read() as session:
            return _found(session, over)

    def _archive(self, copy: _Copy, over: sa.ColumnElement[bool]) -> bool:
        """Archive one job; False when it went on since it was looked at.

        A Core update, as the journal's: where its file lies is no change of the job that makes anybody's form stale.
        """
        now = self._clock()
        this = col(Job.id) == copy.job_id
        with self._database.write() as unit:
            held = unit.session.exec(select(Job.id).where(this, over).with_for_update()).first()
            if held is None or copy not in _found(unit.session, sa.and_(this, over)):
                return False
            state = {"archived_at": now, "file_state": FileState.MOVING, "file_problem": None}
            unit.session.exec(sa.update(Job).where(this).values(**state))
            unit.session.add(leaving(copy.job_id, copy.revision, None, copy.place, now))
            unit.session.add(new_event(SYSTEM, ARCHIVED, now, copy.job_id))
            announce(unit, self._live, Changed(copy.job_id))
        self._filing.carry_out(copy.job_id)
        return True


def _found(session: Session, over: sa.ColumnElement[bool]) -> list[_Copy]:
    job = (col(Job.id), col(Job.status), col(Job.stem))
    file = (col(Revision.number), col(Revision.extension), col(Revision.bytes))
    query = sa.select(*job, *file, col(Job.status_since)).join(Revision, COUNTS).where(over)
    oldest_first = query.order_by(col(Job.status_since), col(Job.id))
    return [_Copy(*row) for row in session.connection().execute(oldest_first)]


def _amount(copies: Iterable[_Copy]) -> Amount:
    copies = tuple(copies)
    return Amount(
        count=len(copies),
        bytes=sum(copy.bytes for copy in copies),
        oldest=min((copy.ended_at for copy in copies), default=None),
        jobs=tuple(copy.job_id for copy in copies),
    )
