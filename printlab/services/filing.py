"""The journal of file moves: what the database decided, the disk follows, however often it was cut off."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, func, select

from printlab.db import Database
from printlab.domain import naming
from printlab.domain.policy import SYSTEM
from printlab.domain.status import JobStatus
from printlab.domain.views import FileState, JobView, RevisionKind
from printlab.errors import StorageProblem
from printlab.files import layout
from printlab.files.archive import Archive
from printlab.files.mover import Mover, Order
from printlab.live import Changed, Live, announce
from printlab.models import FileMove, Job, Revision
from printlab.services.history import new_event
from printlab.services.views import ViewBuilder

_log = structlog.get_logger(__name__)
_OPEN = tuple(status for status in JobStatus if status not in (JobStatus.REJECTED, JobStatus.PAID_PICKED_UP))


class Filing:
    """Carries out the journal below one storage root."""

    def __init__(
        self, database: Database, root: Path, locks: Path, views: ViewBuilder, live: Live, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._root = root
        self._views = views
        self._live = live
        self._clock = clock
        self.archive = Archive(root)
        self._mover = Mover(root, locks, self._keep_unknown)

    def prepare(self) -> None:
        """Make the folders on the first start; later raise StorageProblem when the root is not the one it was."""
        with self._database.read() as session:
            is_new = session.exec(select(func.count()).select_from(Job)).one() == 0
        layout.prepare(self._root, is_new=is_new)

    def carry_out(self, job_id: int) -> None:
        """Finish the job's open moves in their order. A refusing disk is noted at the job and tried again later."""
        try:
            layout.check(self._root)
            with self._mover.lock(job_id):
                self._carry_out(job_id)
        except StorageProblem as problem:
            self._note_problem(job_id, str(problem))
        except TimeoutError:
            self._note_problem(job_id, "Another program is moving this job's file. It is tried again in a minute.")

    def _carry_out(self, job_id: int) -> None:
        with self._database.read() as session:
            orders = self._orders(session, job_id)
        for _, order in orders:
            self._mover.carry_out(order)
        if orders:
            self._settle(job_id, [move_id for move_id, _ in orders])

    def _orders(self, session: Session, job_id: int) -> list[tuple[int, Order]]:
        moves = session.exec(
            select(FileMove)
            .where(FileMove.job_id == job_id, col(FileMove.done_at).is_(None))
            .order_by(col(FileMove.id))
        ).all()
        if not moves:
            return []
        job = session.exec(select(Job).where(col(Job.id) == job_id)).one()
        revisions = {r.number: r for r in session.exec(select(Revision).where(Revision.job_id == job_id))}
        sidecar = sidecar_of(self._views.job(session, job), job)
        return [(move.id or 0, self._order(move, job, revisions, sidecar)) for move in moves]

    def _order(self, move: FileMove, job: Job, revisions: dict[int, Revision], sidecar: bytes) -> Order:
        revision = revisions[move.revision]
        return Order(
            job_id=move.job_id,
            stem=job.stem,
            source=move.source,
            target=move.target,
            archived=self.archive.path(move.job_id, revision.number, revision.extension),
            size=revision.bytes,
            sha256=revision.sha256,
            known=frozenset(r.sha256 for r in revisions.values()),
            sidecar=sidecar,
            sidecar_only=move.sidecar_only,
        )

    def _settle(self, job_id: int, move_ids: list[int]) -> None:
        """Core updates: where the file lies is no change of the job that would make anybody's version stale."""
        with self._database.write() as unit:
            done = sa.update(FileMove).where(col(FileMove.id).in_(move_ids))
            unit.session.exec(done.values(done_at=self._clock(), problem=None))
            unsettled = sa.and_(col(Job.id) == job_id, col(Job.file_state) != FileState.SETTLED)
            settled = unit.session.exec(sa.update(Job).where(unsettled).values(file_state=FileState.SETTLED))
            if settled.rowcount:
                announce(unit, self._live, Changed(job_id))

    def _note_problem(self, job_id: int, problem: str) -> None:
        _log.warning("filing.problem", job_id=job_id, problem=problem)
        with self._database.write() as unit:
            still_open = sa.and_(col(FileMove.job_id) == job_id, col(FileMove.done_at).is_(None))
            tried = {"attempts": FileMove.attempts + 1, "problem": problem}
            unit.session.exec(sa.update(FileMove).where(still_open).values(**tried))
            state = {"file_state": FileState.PROBLEM, "file_problem": problem}
            unit.session.exec(sa.update(Job).where(col(Job.id) == job_id).values(**state))
            announce(unit, self._live, Changed(job_id))

    def _keep_unknown(self, job_id: int, path: Path, name: str) -> None:
        """Somebody saved over a working copy: its bytes become a revision, which counts once staff say so."""
        extension = naming.extension(name, naming.SLICED_EXTENSIONS + naming.UPLOAD_EXTENSIONS) or path.suffix
        incoming = self.archive.take_in(path)
        with self._database.write() as unit:
            session = unit.session
            # Whoever adds a revision holds the job's row: two at once must not take the same number.
            session.exec(select(Job.id).where(col(Job.id) == job_id).with_for_update()).one()
            number = next_revision(session, job_id)
            kind = RevisionKind.CORRECTED if extension in naming.UPLOAD_EXTENSIONS else RevisionKind.SLICED
            session.add(
                Revision(
                    job_id=job_id,
                    number=number,
                    kind=kind,
                    extension=extension,
                    original_name=name,
                    bytes=incoming.bytes,
                    sha256=incoming.sha256,
                    origin="changed in the shared folder",
                    created_by="unknown",
                    created_at=self._clock(),
                )
            )
            note = f"{name} was changed in the shared folder; what was there is kept as revision {number}."
            session.add(new_event(SYSTEM, "file kept", self._clock(), job_id, reason=note))
            session.exec(sa.update(Job).where(col(Job.id) == job_id).values(file_problem=note))
            session.flush()
            self.archive.keep(incoming, job_id, number, extension)
            announce(unit, self._live, Changed(job_id))

    def reconcile(self) -> int:
        """Finish what a crash or a refusing disk left open, restore missing working copies; return how many jobs."""
        try:
            layout.check(self._root)
        except StorageProblem as problem:
            _log.error("filing.storage_missing", problem=str(problem))
            return 0
        self.archive.sweep()
        self._order_missing_copies()
        with self._database.read() as session:
            job_ids = session.exec(select(FileMove.job_id).where(col(FileMove.done_at).is_(None)).distinct()).all()
        for job_id in job_ids:
            self.carry_out(job_id)
        return len(job_ids)

    def _order_missing_copies(self) -> None:
        """The working copy of an open job that somebody deleted comes back from the archive."""
        present = {f"{status.value}/{name}" for status in _OPEN for name in layout.names(self._root, status)}
        counts = sa.and_(col(Revision.job_id) == col(Job.id), col(Revision.number) == col(Job.authoritative))
        settled = sa.and_(col(Job.file_state) == FileState.SETTLED, col(Job.status).in_(_OPEN))
        with self._database.read() as session:
            # In one order everywhere: two processes that reconcile at once lock the same rows one after the other.
            pairs = session.exec(
                select(Job, Revision).join(Revision, counts).where(settled).order_by(col(Job.id))
            ).all()
        places = (
            (job, revision, layout.working_copy(job.status, job.stem, revision.extension)) for job, revision in pairs
        )
        missing = [place for place in places if place[2] not in present]
        if not missing:
            return
        with self._database.write() as unit:
            for job, revision, target in missing:
                self._order_copy(unit.session, job, revision, target)

    def _order_copy(self, session: Session, seen: Job, revision: Revision, target: str) -> None:
        """Order the missing copy, unless the job went on since it was looked at."""
        unchanged = sa.and_(
            col(Job.id) == seen.id, col(Job.version) == seen.version, col(Job.file_state) == FileState.SETTLED
        )
        if session.exec(select(Job.id).where(unchanged).with_for_update()).first() is None:
            return
        _log.warning("filing.working_copy_missing", job_id=seen.id, path=target)
        move = FileMove(job_id=seen.id or 0, revision=revision.number, target=target, created_at=self._clock())
        session.add(move)


def next_revision(session: Session, job_id: int) -> int:
    """The number that the job's next revision gets."""
    newest = session.exec(select(func.max(Revision.number)).where(Revision.job_id == job_id)).one()
    return (newest or 0) + 1


def sidecar_of(job: JobView, row: Job) -> bytes:
    """What lies beside the working copy: enough to make the job's row again if the database is lost."""
    facts = asdict(job)
    for private in ("track_url", "currency", "file_state", "file_problem"):
        del facts[private]
    facts |= {"terms_version": row.terms_version, "terms_accepted_at": row.terms_accepted_at}
    facts |= {"track_generation": row.track_generation, "minimum_charge_cents": row.minimum_charge_cents}
    return json.dumps(facts, indent=1, ensure_ascii=False, default=str).encode()
