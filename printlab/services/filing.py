"""The journal of file moves: what the database decided, the disk follows, however often it was cut off."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, func, select

from printlab.db import Database, Unit
from printlab.domain import naming
from printlab.domain.policy import SYSTEM
from printlab.domain.sliced_facts import Caution, SlicedFacts, SlicedFormat, doubt_about
from printlab.domain.status import ENDED, JobStatus
from printlab.domain.views import SAVED_OVER, FileState, JobView
from printlab.errors import InvalidFile, NotFound, StorageProblem
from printlab.files import disk, layout
from printlab.files.mover import Mover, Order
from printlab.live import Changed, Live, announce
from printlab.models import FileMove, Job, Revision
from printlab.services.history import FILE_KEPT, new_event
from printlab.services.new_files import NewFile, NewFiles, kind_of
from printlab.services.slicing import SlicedFiles, UnsureContent
from printlab.services.views import ViewBuilder

_log = structlog.get_logger(__name__)
_OPEN = tuple(status for status in JobStatus if status not in ENDED)


COUNTS = sa.and_(col(Revision.job_id) == col(Job.id), col(Revision.number) == col(Job.authoritative))
"""Joins a job with the file that counts."""


class Filing:
    """Carries out the journal below one storage root."""

    def __init__(
        self,
        database: Database,
        root: Path,
        locks: Path,
        views: ViewBuilder,
        new_files: NewFiles,
        sliced_files: SlicedFiles,
        live: Live,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._root = root
        self._views = views
        self._new_files = new_files
        self._sliced_files = sliced_files
        self._live = live
        self._clock = clock
        self.archive = new_files.archive
        self._mover = Mover(root, locks, self._keep_unknown)

    def prepare(self) -> None:
        """Make the folders on the first start; later raise StorageProblem when the root is not the one it was."""
        with self._database.read() as session:
            is_new = session.exec(select(func.count()).select_from(Job)).one() == 0
        layout.prepare(self._root, is_new=is_new)

    def follow(self, job: JobView) -> JobView:
        """After the commit of a change: carry out its moves, and return ``job`` with what became of its files.

        It is the caller's version, whoever changed the job since. Nothing is raised, for the change stands: what fails
        is logged, and ``reconcile`` tries again every minute.
        """
        try:
            self.carry_out(job.id)
            return self._with_files(job)
        except Exception:  # noqa: BLE001  (a failure here must not be taken for one of the change)
            _log.exception("filing.failed", job_id=job.id)
            return job

    def _with_files(self, job: JobView) -> JobView:
        """The job, read again only where something of its files became different."""
        facts = select(col(Job.version), col(Job.file_state), col(Job.file_problem))
        with self._database.read() as session:
            version, state, problem = session.exec(facts.where(col(Job.id) == job.id)).one()
            if version != job.version or (state, problem) == (job.file_state, job.file_problem):
                return job
            return self._views.job(session, session.get_one(Job, job.id))

    def carry_out(self, job_id: int) -> None:
        """Finish the job's open moves in their order. A refusing disk is noted at the job and tried again later."""
        tried: list[int] = []
        try:
            layout.check(self._root)
            with self._mover.lock(job_id):
                self._carry_out(job_id, tried)
        except StorageProblem as problem:
            self._note_problem(job_id, str(problem), tried)

    def _carry_out(self, job_id: int, tried: list[int]) -> None:
        with self._database.read() as session:
            orders = self._orders(session, job_id)
        tried += [move_id for move_id, _ in orders]
        for _, order in orders:
            self._mover.carry_out(order)
        if tried:
            disk.reached("before_settle")
            self._settle(job_id, tried)

    def _orders(self, session: Session, job_id: int) -> list[tuple[int, Order]]:
        moves = self._open_moves(session, job_id)
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
            known={r.sha256: self.archive.path(r.job_id, r.number, r.extension) for r in revisions.values()},
            sidecar=sidecar,
            sidecar_only=move.sidecar_only,
            leaves=move.leaves,
        )

    def _settle(self, job_id: int, move_ids: list[int]) -> None:
        """Core updates: where the file lies is no change of the job that would make anybody's version stale."""
        with self._database.write() as unit:
            job = self._held(unit.session, job_id)
            left = self._open_moves(unit.session, job_id)
            done = [move for move in left if move.id in move_ids]
            said = {move.problem for move in done}
            unit.session.exec(_moves(move_ids).values(done_at=self._clock(), problem=None))
            # A newer move was decided meanwhile: the job is on its way until that one is done too.
            if len(left) > len(done) or job.file_state is FileState.SETTLED:
                return
            problem = None if job.file_problem in said else job.file_problem
            state = {"file_state": FileState.SETTLED, "file_problem": problem}
            unit.session.exec(sa.update(Job).where(col(Job.id) == job_id).values(**state))
            announce(unit, self._live, Changed(job_id))

    def _note_problem(self, job_id: int, problem: str, tried: list[int]) -> None:
        """Say it at the job, unless the moves that failed are done: somebody else may have carried them out since.

        Without ``tried`` all open moves failed.
        """
        _log.warning("filing.problem", job_id=job_id, problem=problem)
        with self._database.write() as unit:
            self._held(unit.session, job_id)
            left = [move.id or 0 for move in self._open_moves(unit.session, job_id)]
            failed = [move_id for move_id in left if move_id in tried] if tried else left
            if not failed:
                return
            unit.session.exec(_moves(failed).values(attempts=FileMove.attempts + 1, problem=problem))
            state = {"file_state": FileState.PROBLEM, "file_problem": problem}
            unit.session.exec(sa.update(Job).where(col(Job.id) == job_id).values(**state))
            announce(unit, self._live, Changed(job_id))

    @staticmethod
    def _held(session: Session, job_id: int) -> Job:
        """The job's row, held until the commit: a verb's move and revision are written before or after, not amid."""
        return session.exec(select(Job).where(col(Job.id) == job_id).with_for_update()).one()

    @staticmethod
    def _open_moves(session: Session, job_id: int) -> list[FileMove]:
        wanted = select(FileMove).where(FileMove.job_id == job_id, col(FileMove.done_at).is_(None))
        return list(session.exec(wanted.order_by(col(FileMove.id))))

    def _keep_unknown(self, job_id: int, path: Path, name: str) -> None:
        """Somebody saved over a working copy: its bytes become a revision, which counts once staff say so."""
        extension = naming.extension(name, naming.KNOWN_EXTENSIONS) or Path(name).suffix
        try:
            incoming = self.archive.take_in(path)
        except NotFound:
            return  # whoever saved it has taken it away again
        except InvalidFile:
            raise StorageProblem(
                f"{path.name} is the same file as one elsewhere (a hard link), so it was not kept. Delete one of them."
            ) from None
        try:
            sliced = self._facts_of_kept(incoming.path, extension)
            new = NewFile(
                incoming, extension, naming.display_name(name), SAVED_OVER, kind_of(extension, sliced), sliced
            )
            with self._database.write() as unit:
                self._add_kept(unit, job_id, new)
        finally:
            self.archive.drop(incoming)

    def _facts_of_kept(self, path: Path, extension: str) -> SlicedFacts | None:
        """Bytes that would be lost are kept whatever they are; somebody looks at them before they count."""
        try:
            return self._sliced_files.read_brought(path, extension)
        except UnsureContent:
            return SlicedFacts(SlicedFormat.UNKNOWN, cautions=(Caution.NOT_TOLD,))

    def _add_kept(self, unit: Unit, job_id: int, new: NewFile) -> None:
        self._held(unit.session, job_id)
        now = self._clock()
        number = self._new_files.add(unit, job_id, new, "unknown", now)
        note = f"{new.original_name} was {SAVED_OVER}; what was there is kept as revision {number}."
        if doubt := new.sliced and doubt_about(new.sliced):
            note = f"{note} {doubt}"
        unit.session.add(new_event(SYSTEM, FILE_KEPT, now, job_id, reason=note))
        unit.session.exec(sa.update(Job).where(col(Job.id) == job_id).values(file_problem=note))
        announce(unit, self._live, Changed(job_id))

    def take_away(self, job: JobView, places: Iterable[str]) -> None:
        """Remove copies of the job's files from ``places`` below the root; what was none after all is kept first.

        Nothing is done where the job went on since it was looked at.
        """
        with self._database.write() as unit:
            if not self._is_unchanged(unit.session, job.id, job.version):
                return
            unit.session.add_all(clearing(job, places, self._clock()))
        self.carry_out(job.id)

    def reconcile(self) -> int:
        """Finish what a crash or a refusing disk left open, restore missing working copies; return how many jobs."""
        try:
            layout.check(self._root)
        except StorageProblem as problem:
            _log.error("filing.storage_missing", problem=str(problem))
            return 0
        self._one_step(self.archive.sweep)
        self._one_step(self._order_missing_copies)
        with self._database.read() as session:
            job_ids = session.exec(select(FileMove.job_id).where(col(FileMove.done_at).is_(None)).distinct()).all()
        for job_id in sorted(job_ids):
            self._one_step(partial(self.carry_out, job_id), job_id=job_id)
        return len(job_ids)

    @staticmethod
    def _one_step(step: Callable[[], None], **facts: int) -> None:
        """What stops one job must not stop those after it; every minute all are tried again."""
        try:
            step()
        except StorageProblem as problem:
            _log.warning("filing.problem", problem=str(problem), **facts)
        except Exception:  # noqa: BLE001  (the reason is in the log)
            _log.exception("filing.failed", **facts)

    def _order_missing_copies(self) -> None:
        """The working copy of an open job that somebody deleted comes back from the archive."""
        settled = sa.and_(col(Job.file_state) == FileState.SETTLED, col(Job.status).in_(_OPEN))
        of_job = (col(Job.id), col(Job.version), col(Job.status), col(Job.stem))
        with self._database.read() as session:
            # In one order everywhere: two processes that reconcile at once lock the same rows one after the other.
            wanted = sa.select(*of_job, col(Revision.number), col(Revision.extension)).join(Revision, COUNTS)
            copies = [_Copy(*row) for row in session.connection().execute(wanted.where(settled).order_by(col(Job.id)))]
        # Read after the database: a job that moves between the two has another version when its copy is ordered.
        present = self._present()
        missing = [copy for copy in copies if copy.status in present and copy.name not in present[copy.status]]
        if not missing:
            return
        with self._database.write() as unit:
            for copy in missing:
                self._order_copy(unit.session, copy)

    def _present(self) -> dict[JobStatus, set[str]]:
        """What lies in each folder of open jobs; one that cannot be read is left out, nothing is missed there."""
        present: dict[JobStatus, set[str]] = {}
        for status in _OPEN:
            try:
                present[status] = set(layout.names(self._root, status))
            except OSError as error:
                _log.warning("filing.folder_unreadable", folder=status.value, error=str(error))
        return present

    def _order_copy(self, session: Session, copy: _Copy) -> None:
        """Order the missing copy, unless the job went on since it was looked at."""
        if not self._is_unchanged(session, copy.job_id, copy.version):
            return
        target = layout.working_copy(copy.status, copy.stem, copy.extension)
        _log.warning("filing.working_copy_missing", job_id=copy.job_id, path=target)
        move = FileMove(job_id=copy.job_id, revision=copy.revision, target=target, created_at=self._clock())
        session.add(move)

    @staticmethod
    def _is_unchanged(session: Session, job_id: int, version: int) -> bool:
        """Whether the job is as it was seen and its files are in their place; its row is held then."""
        unchanged = sa.and_(
            col(Job.id) == job_id, col(Job.version) == version, col(Job.file_state) == FileState.SETTLED
        )
        return session.exec(select(Job.id).where(unchanged).with_for_update()).first() is not None


class _Copy(NamedTuple):
    """A working copy as the database has it, of a job at ``version``."""

    job_id: int
    version: int
    status: JobStatus
    stem: str
    revision: int
    extension: str

    @property
    def name(self) -> str:
        return f"{self.stem}{self.extension}"


def _moves(move_ids: list[int]) -> sa.Update:
    return sa.update(FileMove).where(col(FileMove.id).in_(move_ids))


def clearing(job: JobView, places: Iterable[str], now: datetime) -> list[FileMove]:
    """The intents to have the job's working copy in its place and nothing at the others, whatever lies there now.

    Of an archived job nothing lies in its place either.
    """
    return [
        FileMove(
            job_id=job.id,
            revision=job.authoritative,
            source=None if place == job.place else place,
            target=job.place,
            leaves=job.archived_at is not None,
            created_at=now,
        )
        for place in places
    ]


def leaving(job_id: int, revision: int, source: str | None, target: str, now: datetime) -> FileMove:
    """The intent to have no working copy of an archived job, nor the facts beside it, at either place."""
    return FileMove(job_id=job_id, revision=revision, source=source, target=target, leaves=True, created_at=now)


def sidecar_of(job: JobView, row: Job) -> bytes:
    """What lies beside the working copy: enough to make the job's row again if the database is lost."""
    facts = asdict(job.without_findings)  # those are found again, and are larger than all the rest
    for private in ("analysis", "track_url", "currency", "file_state", "file_problem", "opened", "outgrown"):
        del facts[private]
    facts |= {"terms_version": row.terms_version, "terms_accepted_at": row.terms_accepted_at}
    facts |= {"track_generation": row.track_generation, "minimum_charge_cents": row.minimum_charge_cents}
    return json.dumps(facts, indent=1, ensure_ascii=False, default=str).encode()
