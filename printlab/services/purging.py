"""Deleting the files of jobs that ended long ago; their rows, hashes, sizes, prices and numbers stay for the reports.

A revision is marked first and its bytes go after the commit: whatever cuts that off, the next run finishes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from printlab.db import Database
from printlab.domain.policy import SYSTEM
from printlab.domain.retention import Amount, CleanupKind
from printlab.domain.status import ENDED
from printlab.domain.views import FileState, LabView
from printlab.errors import StorageProblem
from printlab.files import disk
from printlab.files.archive import Archive
from printlab.live import Changed, Live, announce
from printlab.models import FileMove, Job, Revision
from printlab.services.history import FILES_DELETED, new_event
from printlab.services.intake import Intake
from printlab.services.plans import Plan

_log = structlog.get_logger(__name__)


class _Kept(NamedTuple):
    """An archived file that may go: of which job, which it is, and since when the job is over."""

    job_id: int
    number: int
    extension: str
    bytes: int
    sha256: str
    ended_at: datetime


class Purging:
    """Of jobs that are archived and ended so many days ago; a file that came later stays as long, from then on."""

    kind = CleanupKind.PURGE

    def __init__(
        self,
        database: Database,
        archive: Archive,
        intake: Intake,
        lab: Callable[[], LabView],
        live: Live,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._archive = archive
        self._intake = intake
        self._lab = lab
        self._live = live
        self._clock = clock

    def plan(self) -> Plan:
        """What the lab's rule says now; what an earlier run left on the disk goes with it, and is not counted again."""
        return self.plan_after(self._lab().retention.purge_after_days)

    def plan_after(self, days: int | None) -> Plan:
        """The same if it were so many days after a job ended; None is never."""
        old = self._old(days) if days else sa.false()
        with self._database.read() as session:
            kept = _found(session, old)
        return Plan(self.kind, _amount(kept), lambda: self._carry_out(kept, old))

    def _old(self, days: int) -> sa.ColumnElement[bool]:
        """Files of jobs that are over and in the archive, and whose moves the disk has all followed."""
        before = self._clock() - timedelta(days=days)
        moving = select(FileMove.id).where(col(FileMove.job_id) == col(Job.id), col(FileMove.done_at).is_(None))
        return sa.and_(
            col(Job.status).in_(ENDED),
            col(Job.archived_at).is_not(None),
            col(Job.file_state) == FileState.SETTLED,
            col(Job.status_since) < before,
            col(Revision.created_at) < before,
            col(Revision.purged_at).is_(None),
            ~moving.exists(),
        )

    def _carry_out(self, kept: Iterable[_Kept], old: sa.ColumnElement[bool]) -> Amount:
        of_job: dict[int, list[_Kept]] = defaultdict(list)
        for file in kept:
            of_job[file.job_id].append(file)
        marked = [file for job_id, files in of_job.items() for file in self._mark(job_id, files, old)]
        self.finish()
        return _amount(marked)

    def _mark(self, job_id: int, files: list[_Kept], old: sa.ColumnElement[bool]) -> list[_Kept]:
        """Decide it for one job; return the files that go, none when the job went on since it was looked at."""
        now, this = self._clock(), col(Job.id) == job_id
        with self._database.write() as unit:
            unit.session.exec(select(Job.id).where(this).with_for_update()).one()
            still = set(_found(unit.session, sa.and_(this, old)))
            gone = [file for file in files if file in still]
            if not gone:
                return []
            numbers = [file.number for file in gone]
            of_these = col(Revision.job_id) == job_id, col(Revision.number).in_(numbers)
            unit.session.exec(sa.update(Revision).where(*of_these).values(purged_at=now))
            self._intake.forget_drawings(unit.session, {file.sha256 for file in gone})
            line = new_event(SYSTEM, FILES_DELETED, now, job_id)
            line.reason = f"Files {', '.join(map(str, numbers))}" if len(numbers) > 1 else f"File {numbers[0]}"
            unit.session.add(line)
            announce(unit, self._live, Changed(job_id))
        disk.reached("after_purge_marked")
        return gone

    def finish(self) -> None:
        """Delete what is marked and still lies there. Raises StorageProblem when the disk refuses some of it."""
        marked = col(Revision.purged_at).is_not(None), ~col(Revision.bytes_gone)
        with self._database.read() as session:
            rows = session.exec(select(Revision).where(*marked).order_by(col(Revision.id))).all()
        problems = [problem for row in rows if (problem := self._delete(row))]
        if rows:
            self._intake.drop_drawings_of_nothing()
        if problems:
            raise StorageProblem(f"{len(problems)} of the files that were due could not be deleted. {problems[0]}")

    def _delete(self, row: Revision) -> str | None:
        """Delete the bytes of a marked revision, and the picture on the share that is of none any more."""
        try:
            self._archive.remove(row.job_id, row.number, row.extension)
        except StorageProblem as problem:
            _log.warning("purge.refused", job_id=row.job_id, number=row.number, problem=str(problem))
            return str(problem)
        disk.reached("after_purged")
        with self._database.write() as unit:
            unit.session.exec(sa.update(Revision).where(col(Revision.id) == row.id).values(bytes_gone=True))
            left = select(Revision.id).where(col(Revision.job_id) == row.job_id, col(Revision.purged_at).is_(None))
            if unit.session.exec(left).first() is None:
                self._intake.drawings.remove_shared(self._archive.root, row.job_id)
        return None


def _found(session: Session, old: sa.ColumnElement[bool]) -> list[_Kept]:
    file = (col(Revision.job_id), col(Revision.number), col(Revision.extension), col(Revision.bytes))
    query = sa.select(*file, col(Revision.sha256), col(Job.status_since))
    query = query.join(Job, col(Job.id) == col(Revision.job_id)).where(old)
    oldest_first = query.order_by(col(Job.status_since), col(Job.id), col(Revision.number))
    return [_Kept(*row) for row in session.connection().execute(oldest_first)]


def _amount(files: Iterable[_Kept]) -> Amount:
    files = tuple(files)
    return Amount(
        count=len(files),
        bytes=sum(file.bytes for file in files),
        oldest=min((file.ended_at for file in files), default=None),
        jobs=tuple(dict.fromkeys(file.job_id for file in files)),
    )
