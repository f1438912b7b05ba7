"""The look into every model file: put in line with the job, carried out once for each content, told to whoever watches.

A submission never waits for it, and it never fails a submission: what it finds is noted beside the job.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from printlab.db import Database, Unit, add_if_new
from printlab.domain.analysis import AnalysisState, AnalysisView
from printlab.domain.policy import Action, Actor, require
from printlab.domain.status import ENDED, JobStatus
from printlab.domain.views import STUDENTS_ORIGINS, RevisionKind
from printlab.errors import Conflict, InvalidFile, NotFound, PrintLabError, StorageProblem
from printlab.files import disk
from printlab.files.archive import Archive
from printlab.files.drawings import Drawings, Unfinished
from printlab.files.staging import Staging
from printlab.geometry.refusals import UNSURE, ModelRefused, Refusal
from printlab.geometry.sandbox import Interrupted, Sandbox
from printlab.live import Changed, Live, announce
from printlab.models import Analysis, Event, Job, Revision
from printlab.queue import ANALYSE, FIRST, LAST, RECOVERIES, Queue
from printlab.services.analyses import VERSION, Analyses, stored
from printlab.services.identity import check_still_in
from printlab.services.thumbnails import Thumbnails

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")
_OVER = tuple(state for state in AnalysisState if state.is_over)
_ATTEMPTS = 3
_UNWANTED_AFTER = timedelta(days=1)
_TASKS_KEPT = timedelta(days=7)
_NOT_LOOKED_AT = "The lab’s computer could not look into the file. Nothing is wrong with it as far as is known."
_GONE = "The file is not there any more."
_NO_GRAPHICS = "no_graphics"
_CANNOT_DRAW = "The lab’s computer cannot draw pictures of models."
_NOT_IN_ARCHIVE = (
    "The lab’s archive does not have the file, or it was changed there. Tell whoever looks after the lab’s storage."
)
_FILE_MISSING = "file_missing"
_FILE_DELETED = "file_deleted"
_DELETED = "The file was deleted under the lab’s retention rule, and its pictures with it."
_TRIES = 3

Reject = Callable[[int, int, str], object]
"""Rejects a job (by its number and version) whose file is no model, with the sentence that says why.

Raises Conflict when somebody changed the job meanwhile.
"""


class Intake:
    """Wants, carries out and repeats analyses."""

    def __init__(
        self,
        database: Database,
        queue: Queue,
        sandbox: Sandbox,
        drawings: Drawings,
        thumbnails: Thumbnails,
        analyses: Analyses,
        archive: Archive,
        staging: Staging,
        live: Live,
        clock: Callable[[], datetime],
        reject: Reject,
        on_measured: Callable[[str], object],
    ) -> None:
        """``on_measured`` is told the SHA-256 of every model that was measured."""
        self._database = database
        self._queue = queue
        self._sandbox = sandbox
        self._thumbnails = thumbnails
        self._analyses = analyses
        self._archive = archive
        self._staging = staging
        self._live = live
        self._clock = clock
        self._reject_job = reject
        self._on_measured = on_measured
        self.drawings = drawings

    # ---------- wanting ----------

    def want(self, unit: Unit, sha256: str, place: int = FIRST) -> None:
        """Have this content looked at, unless it was or is: part of the caller's transaction.

        A job whose file is known to be no model is rejected once it is there.
        """
        values = {
            "sha256": sha256,
            "version": VERSION,
            "state": AnalysisState.QUEUED,
            "attempt": 1,
            "lost": 0,
            "unsure": 0,
            "has_model": False,
            "has_thumbnail": False,
            "has_tool_path": False,
            "queued_at": self._clock(),
        }
        is_new = add_if_new(unit.session, Analysis, values)
        # Locked: what is found out meanwhile, is found out about this job too.
        while (row := self._row(unit.session, sha256)) is None:  # the sweep forgot it between the two
            is_new = add_if_new(unit.session, Analysis, values)
        if is_new:
            self._enqueue(unit.session, row, place)
            return
        if row.code == _FILE_DELETED and row.state.is_over:
            row.code = row.message = None  # its drawings went with the file, which is here again
            row.unsure = 0
            self._again(unit, row, place)
            return
        if row.state.is_over:
            row.queued_at = self._clock()  # it is wanted again: the sweep counts from now
        if row.state is AnalysisState.REFUSED:
            unit.after_commit(lambda: self._reject_jobs(sha256))
        else:
            unit.after_commit(lambda: self._share(sha256))

    def want_upload(self, sha256: str, uploads: int = FIRST) -> AnalysisView:
        """Have an upload looked at while its sender fills the form in.

        ``uploads``: how many its sender has made lately. One file of somebody is looked at before many of another.
        """
        with self._database.write() as unit:
            self.want(unit, sha256, max(FIRST, min(uploads, LAST)))
        return self.view(sha256)

    def refuse_known(self, sha256: str) -> None:
        """Return unless this content is known to be no model; raise InvalidFile with the reason then."""
        with self._database.read() as session:
            known = self._analyses.of(session, [sha256]).get(sha256)
        if known is not None and known.state is AnalysisState.REFUSED:
            raise InvalidFile(known.message or _GONE)

    def view(self, sha256: str) -> AnalysisView:
        """What is known of a content. Raises NotFound when nobody ever wanted to know."""
        with self._database.read() as session:
            found = self._analyses.of(session, [sha256]).get(sha256)
        if found is None:
            raise NotFound(_GONE)
        return found

    def retry(self, job_id: int, actor: Actor) -> None:
        """Look once more at a job's model that could not be analysed. Raises NotFound, NotAllowed, Conflict."""
        require(actor, Action.RETRY_ANALYSIS)
        with self._database.write() as unit:
            check_still_in(unit.session, actor, self._clock())
            row = self._row(unit.session, _model_of(unit.session, job_id))
            if row is None or row.state is not AnalysisState.FAILED:
                raise Conflict(f"The file of job {job_id} has been analysed, or is being analysed now.")
            row.unsure = 0
            self._again(unit, row, FIRST)
            announce(unit, self._live, Changed(job_id))

    def take_up(self) -> int:
        """At the start: what no task works at any more gets a new one, jobs that should have been rejected are, and the
        files of all jobs in work are looked at that this version of the code has not seen. Return how many those are.
        """
        self._take_up_stranded()
        self._reject_jobs()
        seen = select(Analysis.sha256).where(col(Analysis.version) == VERSION)
        query = (
            select(Revision.sha256)
            .join(Job, col(Job.id) == col(Revision.job_id))
            .where(col(Job.status).not_in(ENDED), col(Revision.purged_at).is_(None), col(Revision.sha256).not_in(seen))
            .distinct()
        )
        with self._database.write() as unit:
            missing = unit.session.exec(query).all()
            for sha256 in missing:
                self.want(unit, sha256, LAST)
        return len(missing)

    def draw_missing(self) -> int:
        """Once pictures can be drawn here: have made what was left out while they could not; return how many."""
        left_out = select(Analysis).where(col(Analysis.version) == VERSION, col(Analysis.code) == _NO_GRAPHICS)
        with self._database.write() as unit:
            rows = unit.session.exec(left_out.with_for_update()).all()
            for row in rows:
                row.code = row.message = None
                row.unsure = 0
                self._again(unit, row)
        return len(rows)

    def _take_up_stranded(self) -> None:
        """What was cut off is taken up by the task itself; after three times the library gives that up."""
        query = select(Analysis).where(col(Analysis.version) == VERSION, col(Analysis.state).not_in(_OVER))
        with self._database.read() as session:
            unfinished = {_task(row): row.sha256 for row in session.exec(query)}
        # Asked in this order: a task that ends in between has made its row an ended one, which is looked at once more.
        stranded = set(unfinished) - self._queue.at_work(ANALYSE) if unfinished else set[str]()
        for task in stranded:
            with self._database.write() as unit:
                row = self._row(unit.session, unfinished[task])
                if row is not None and _task(row) == task and not row.state.is_over:
                    self._unsure(unit, row, Refusal.CRASHED.value, _NOT_LOOKED_AT)
                    self.tell(unit, row.sha256)

    # ---------- carrying out ----------

    def carry_out(self, sha256: str, attempt: int) -> None:
        """One attempt at one content, from the task of that name; the same again does nothing once it is over."""
        try:
            self._carry_out(sha256, attempt)
        except Interrupted:  # the server stops: no attempt is used up by that
            self._put_back(sha256, attempt)
        except Exception:  # noqa: BLE001  (a task that ends otherwise would leave the job waiting for good)
            _log.exception("intake.failed", sha256=sha256)
            self._refused(sha256, attempt, ModelRefused(Refusal.CRASHED, _NOT_LOOKED_AT))

    def lost(self, sha256: str, attempt: int) -> bool:
        """The process that was at this attempt is gone. Return whether the same attempt is to be taken up again; where
        it was lost too often, another one waits, or the content is given up.
        """
        with self._database.write() as unit:
            row = self._current(unit.session, sha256, attempt)
            if row is None:
                return False
            row.lost += 1
            if row.lost <= RECOVERIES:
                return True
            self._unsure(unit, row, Refusal.CRASHED.value, _NOT_LOOKED_AT)
            self.tell(unit, sha256)
            return False

    def _carry_out(self, sha256: str, attempt: int) -> None:
        if not self._note(sha256, attempt, state=AnalysisState.MEASURING):
            self._reject_jobs(sha256)  # a kill may have come between the verdict and this
            return
        if self._is_sliced(sha256):
            self._draw_sliced(sha256, attempt)
            return
        try:
            facts = self.with_bytes(sha256, self._sandbox.measure)
        except ModelRefused as refusal:
            self._refused(sha256, attempt, refusal)
        except FileNotFoundError:
            self._missing(sha256, attempt)
        else:
            if self._note(sha256, attempt, state=AnalysisState.DRAWING, facts=stored(facts)):
                self._on_measured(sha256)
                self._draw(sha256, attempt)

    def with_bytes(self, sha256: str, look: Callable[[Path], _T]) -> _T:
        """What ``look`` finds in a file with this content. Raises FileNotFoundError when there is none.

        An upload that is sent while it is looked at moves from the staging folder to the archive.
        """
        for _ in range(_TRIES):
            path = self._bytes_of(sha256)
            if path is None:
                break
            try:
                return look(path)
            except FileNotFoundError:
                continue
        raise FileNotFoundError(sha256)

    def _draw(self, sha256: str, attempt: int) -> None:
        """The model for the viewer, and its picture where pictures can be drawn."""
        can_draw = self._thumbnails.problem() is None

        def draw(path: Path, unfinished: Unfinished) -> None:
            self._sandbox.draw(path, unfinished.model, unfinished.thumbnail if can_draw else None)

        self._have_drawn(sha256, attempt, draw, None if can_draw else (_NO_GRAPHICS, _CANNOT_DRAW))
        self._share(sha256)

    def _draw_sliced(self, sha256: str, attempt: int) -> None:
        """The picture that the slicer put into the file, and the tool path; neither needs the other."""

        def draw(path: Path, unfinished: Unfinished) -> None:
            with suppress(ModelRefused):  # a file without a picture is as good as one with it
                self._sandbox.draw_embedded_picture(path, unfinished.thumbnail)
            self._sandbox.draw_tool_path(path, unfinished.tool_path)

        if self._note(sha256, attempt, state=AnalysisState.DRAWING):
            self._have_drawn(sha256, attempt, draw)

    def _have_drawn(
        self,
        sha256: str,
        attempt: int,
        draw: Callable[[Path, Unfinished], None],
        problem: tuple[str, str] | None = None,
    ) -> None:
        """Draw what can be drawn and note what there is: a job is none the worse for a drawing that is missing.

        ``problem`` is the code and the sentence of what is known to be missing beforehand.
        """
        unfinished = self.drawings.begin()
        try:
            self.with_bytes(sha256, lambda path: draw(path, unfinished))
        except FileNotFoundError:
            problem = _FILE_MISSING, _GONE
        except ModelRefused as refusal:
            _log.warning("intake.not_drawn", sha256=sha256, code=refusal.code)
            problem = refusal.code.value, refusal.message
        finally:
            finished = self.drawings.finish(unfinished, sha256, VERSION)
            self.drawings.drop(unfinished)
        code, message = problem or (None, None)
        done = {"state": AnalysisState.DONE, "finished_at": self._clock(), "code": code, "message": message}
        self._note(sha256, attempt, **done, **asdict(finished))

    def _is_sliced(self, sha256: str) -> bool:
        """Whether this content is a slicer's result: in every job that has it, it is taken for the same."""
        with self._database.read() as session:
            kinds = session.exec(select(Revision.kind).where(col(Revision.sha256) == sha256)).all()
        return RevisionKind.SLICED in kinds

    def _share(self, sha256: str) -> None:
        """Put the picture beside the files of all jobs that hold this content; the pages do not depend on it."""
        with self._database.read() as session:
            query = select(Job.id).join(_Counting, _COUNTS).join(Revision, _MODEL)
            query = query.where(col(Revision.sha256) == sha256, col(Revision.purged_at).is_(None))
            jobs = {job_id or 0 for job_id in session.exec(query)}
        for job_id in jobs:
            try:
                self.drawings.share(sha256, VERSION, self._archive.root, job_id)
            except (OSError, StorageProblem):
                _log.warning("intake.not_shared", job_id=job_id, exc_info=True)

    def _refused(self, sha256: str, attempt: int, refusal: ModelRefused) -> None:
        """What is no model is said at once; what could not be told is tried again, at the end of the line."""
        code, message = refusal.code.value, refusal.message
        _log.info("intake.refused", sha256=sha256, code=code)
        if refusal.code in UNSURE:
            with self._database.write() as unit:
                if row := self._current(unit.session, sha256, attempt):
                    self._unsure(unit, row, code, message)
                    self.tell(unit, sha256)
            return
        refused = {"state": AnalysisState.REFUSED, "code": code, "message": message, "finished_at": self._clock()}
        if self._note(sha256, attempt, **refused):
            self._reject_jobs(sha256)

    def _unsure(self, unit: Unit, row: Analysis, code: str, message: str) -> None:
        row.code, row.message = code, message
        row.unsure += 1
        if row.unsure < _ATTEMPTS:
            self._again(unit, row)
        else:
            row.state, row.finished_at = AnalysisState.FAILED, self._clock()

    def _put_back(self, sha256: str, attempt: int) -> None:
        with self._database.write() as unit:
            if row := self._current(unit.session, sha256, attempt):
                row.state, row.queued_at = AnalysisState.QUEUED, self._clock()
                self._enqueue(unit.session, row)

    def _missing(self, sha256: str, attempt: int) -> None:
        """An upload that was taken away again is forgotten; a job whose file is missing says so until staff retry."""
        with self._database.write() as unit:
            row = self._current(unit.session, sha256, attempt)
            if row is None:
                return
            if self.tell(unit, sha256):
                row.state, row.finished_at = AnalysisState.FAILED, self._clock()
                row.code, row.message = _FILE_MISSING, _NOT_IN_ARCHIVE
            else:
                unit.session.delete(row)

    def _again(self, unit: Unit, row: Analysis, place: int = LAST) -> None:
        row.attempt += 1
        row.lost = 0
        row.state = AnalysisState.QUEUED
        row.queued_at = self._clock()
        row.finished_at = None
        self._enqueue(unit.session, row, place)

    def _enqueue(self, session: Session, row: Analysis, place: int = FIRST) -> None:
        self._queue.analyse(session, _task(row), row.sha256, row.attempt, place)

    def _reject_jobs(self, sha256: str | None = None) -> None:
        """Reject the new jobs whose model (this one, or any) is none; what staff do to such a job meanwhile counts."""
        for _ in range(_TRIES):
            with self._database.read() as session:
                found = _to_reject(session, sha256)
            changed = [job_id for job_id, version, message in found if not self._reject(job_id, version, message)]
            if not changed:
                return
            _log.info("intake.not_rejected", jobs=changed)

    def _reject(self, job_id: int, version: int, message: str | None) -> bool:
        try:
            self._reject_job(job_id, version, message or _GONE)
        except Conflict:  # somebody changed the job: looked at once more
            return False
        except PrintLabError:  # the others are rejected all the same; this one by the next start
            _log.exception("intake.not_rejected", job_id=job_id)
        return True

    # ---------- rows and files ----------

    def _note(self, sha256: str, attempt: int, **facts: Any) -> bool:
        """Write down how far this attempt is; False when it is over, or another one has taken its place."""
        with self._database.write() as unit:
            row = self._current(unit.session, sha256, attempt)
            if row is None:
                return False
            row.sqlmodel_update(facts)
            self.tell(unit, sha256)
        return True

    def _current(self, session: Session, sha256: str, attempt: int) -> Analysis | None:
        row = self._row(session, sha256)
        return row if row is not None and row.attempt == attempt and not row.state.is_over else None

    @staticmethod
    def _row(session: Session, sha256: str) -> Analysis | None:
        return session.get(Analysis, (sha256, VERSION), with_for_update=True, populate_existing=True)

    def tell(self, unit: Unit, sha256: str) -> list[int]:
        """Tell everybody who watches a job with this content; return the numbers of those jobs."""
        query = select(Revision.job_id).where(col(Revision.sha256) == sha256).distinct()
        jobs = list(unit.session.exec(query))
        for job_id in jobs:
            announce(unit, self._live, Changed(job_id))
        return jobs

    def _bytes_of(self, sha256: str) -> Path | None:
        """A file with this content: in the archive of any job, or waiting to be sent."""
        with self._database.read() as session:
            revisions = session.exec(select(Revision).where(col(Revision.sha256) == sha256)).all()
        for revision in revisions:
            path = self._archive.find(revision.job_id, revision.number, revision.extension)
            if path is not None and disk.holds(path, revision.bytes, sha256):
                return path
        return self._staging.with_hash(sha256)

    def unwanted(self) -> int:
        """How many contents were looked at and never sent, or by an earlier version of the code and by this one too."""
        with self._database.read() as session:
            return len(session.exec(self._unwanted()).all())

    def _unwanted(self) -> SelectOfScalar[Analysis]:
        kept = select(Revision.sha256)
        unsent = (col(Analysis.queued_at) < self._clock() - _UNWANTED_AFTER) & col(Analysis.sha256).not_in(kept)
        again = select(Analysis.sha256).where(col(Analysis.version) == VERSION, col(Analysis.state).in_(_OVER))
        outdated = (col(Analysis.version) < VERSION) & col(Analysis.sha256).in_(again)
        return select(Analysis).where(unsent | outdated)

    def sweep(self) -> int:
        """Forget what was looked at and never sent, after a day, and what an earlier version of the code found where
        this one has looked again; return how many. What nobody works at any more is taken up again.
        """
        self._take_up_stranded()
        self._queue.forget(self._clock() - _TASKS_KEPT)
        with self._database.write() as unit:
            # Who sends one of them at this moment holds its row, or has made it young again.
            unwanted = unit.session.exec(self._unwanted().with_for_update(skip_locked=True)).all()
            for row in unwanted:
                unit.session.delete(row)
        self.drawings.sweep(self._archive.root)
        self.drop_drawings_of_nothing()
        return len(unwanted)

    def forget_drawings(self, session: Session, sha256s: Collection[str]) -> None:
        """The files with these contents are deleted: what no other file has is not drawn any more. What was measured
        stays. The drawings themselves go with ``drop_drawings_of_nothing``, after the commit.
        """
        kept = select(Revision.sha256).where(col(Revision.sha256).in_(sha256s), col(Revision.purged_at).is_(None))
        gone = set(sha256s) - set(session.exec(kept))
        rows = session.exec(select(Analysis).where(col(Analysis.sha256).in_(gone)).with_for_update()).all()
        for row in rows:
            row.has_model = row.has_thumbnail = row.has_tool_path = False
            if row.state is AnalysisState.DONE:
                row.code, row.message = _FILE_DELETED, _DELETED

    def drop_drawings_of_nothing(self) -> None:
        """A content has its row before it is drawn; so what was there before the rows are read, and is of none, is
        nobody's.
        """
        there = self.drawings.names()
        with self._database.read() as session:
            drawn = col(Analysis.code).is_distinct_from(_FILE_DELETED)
            rows = session.exec(select(Analysis.sha256, Analysis.version).where(drawn)).all()
        names = (Drawings.model, Drawings.thumbnail, Drawings.tool_path)
        for name in there - {name_of(*row) for row in rows for name_of in names}:
            self.drawings.remove(name)


def _task(row: Analysis) -> str:
    """The id of the task of this attempt; a content that was forgotten and is wanted again gets another one."""
    return f"{ANALYSE}:{row.sha256}:{row.version}:{row.attempt}:{row.queued_at.timestamp():.6f}"


_Counting = aliased(Revision)
"""The file of a job that counts; ``Revision`` beside it is the model that it is or was sliced from."""
_COUNTS = (col(_Counting.job_id) == col(Job.id)) & (col(_Counting.number) == col(Job.authoritative))
_MODEL = (col(Revision.job_id) == col(Job.id)) & (col(Revision.number) == col(_Counting.model))


def _to_reject(session: Session, sha256: str | None) -> list[tuple[int, int, str | None]]:
    """Number, version and reason of the new jobs whose student sent what is no model.

    A rejection that staff took back stands, and what they uploaded themselves is nothing that a student has to mend.
    """
    rejected = select(Event.id).where(
        col(Event.job_id) == col(Job.id),
        col(Event.to_status) == JobStatus.REJECTED,
        col(Event.at) > col(Revision.created_at),
    )
    query = (
        select(Job.id, Job.version, Analysis.message)
        .join(_Counting, _COUNTS)
        .join(Revision, _MODEL)
        .join(Analysis, (col(Analysis.sha256) == col(Revision.sha256)) & (col(Analysis.version) == VERSION))
        .where(
            col(Job.status) == JobStatus.UPLOADED,
            col(Analysis.state) == AnalysisState.REFUSED,
            col(Revision.origin).in_(STUDENTS_ORIGINS),
            *([] if sha256 is None else [col(Revision.sha256) == sha256]),
            ~rejected.exists(),
        )
    )
    return [(job_id or 0, version, message) for job_id, version, message in session.exec(query)]


def _model_of(session: Session, job_id: int) -> str:
    query = (
        select(Revision.sha256)
        .select_from(Job)
        .join(_Counting, _COUNTS)
        .join(Revision, _MODEL)
        .where(col(Job.id) == job_id)
    )
    found = session.exec(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no job {job_id}.")
    return found
