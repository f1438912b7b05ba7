"""The automatic estimate: parts are sliced on the server, one at a time, with the profile of the job's printer.

Nothing waits for it and nothing fails with it: a job without one keeps the estimate from the part's measures.
"""

from __future__ import annotations

import math
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlmodel import Session, col, select

from printlab.db import Database, Unit, add_if_new, batched
from printlab.domain.automatic import AutomaticState, Need, need_of
from printlab.domain.estimating import SOLIDITY
from printlab.domain.policy import takes_sliced_files
from printlab.domain.report import report_of
from printlab.domain.status import JobStatus
from printlab.domain.views import Catalog, JobView, Strength
from printlab.files import disk
from printlab.geometry.refusals import UNSURE, ModelRefused
from printlab.geometry.sandbox import Interrupted, Sandbox
from printlab.models import AutomaticEstimate, Job, PrinterProfile, Revision
from printlab.prusa.profile import Profile, read_profile
from printlab.prusa.running import NotSliced, PrusaSlicer, SlicerStopped
from printlab.queue import RECOVERIES, SLICE, Queue
from printlab.services.intake import Intake
from printlab.services.slicing import SlicedFiles
from printlab.services.views import ViewBuilder

_log = structlog.get_logger(__name__)
_ATTEMPTS = 2
_LEFT_BEHIND_S = 3600
_PERCENT = 100
_NOT_SLICED = "The lab’s computer could not slice it. Nothing is wrong with the file as far as is known."
_NO_FIGURES = "The slicer did not say what the part takes."
_OPEN = tuple(status for status in JobStatus if takes_sliced_files(status))


class Estimates:
    """Wants and carries out automatic estimates; without a slicer none are wanted."""

    def __init__(
        self,
        database: Database,
        queue: Queue,
        intake: Intake,
        sandbox: Sandbox,
        sliced_files: SlicedFiles,
        slicer: PrusaSlicer | None,
        folder: Path,
        catalog: Callable[[], Catalog],
        views: ViewBuilder,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._queue = queue
        self._intake = intake
        self._sandbox = sandbox
        self._sliced_files = sliced_files
        self._slicer = slicer
        self._folder = folder
        self._catalog = catalog
        self._views = views
        self._clock = clock
        self._version: str | None = None

    def begin(self) -> None:
        """Make the folder and ask the slicer who it is. Raises NotSliced when that is no PrusaSlicer."""
        if self._slicer is not None:
            disk.private_folder(self._folder)
            self._version = self._slicer.version()

    def close(self) -> None:
        """End the slicer, also in the middle: nothing is sliced after it."""
        if self._slicer is not None:
            self._slicer.close()

    # ---------- wanting ----------

    def want(self, unit: Unit, job: JobView) -> None:
        """Have the job's part sliced as it is ordered now, unless the same was or waits to be: part of the caller's
        transaction. Nothing is sliced that somebody sliced by hand, or that the slicer would get wrong.
        """
        if (need := self._need(job)) is not None:
            self._put_in_line(unit, need)

    def _put_in_line(self, unit: Unit, need: Need) -> None:
        values = {
            "key": need.key,
            "sha256": need.sha256,
            "scale_micro": need.scale_micro,
            "profile_sha256": need.profile_sha256,
            "strength": need.strength,
            "state": AutomaticState.QUEUED,
            "attempt": 1,
            "lost": 0,
            "queued_at": self._clock(),
        }
        if add_if_new(unit.session, AutomaticEstimate, values) and (row := _row(unit.session, need.key)) is not None:
            self._enqueue(unit.session, row)

    def _need(self, job: JobView) -> Need | None:
        if self._slicer is None or job.is_sliced or job.status not in _OPEN:
            return None
        catalog = self._catalog()
        need = need_of(job, catalog)
        found = None if need is None else report_of(job, catalog)
        return need if found is not None and found.is_settled and found.not_automatic is None else None

    def want_content(self, sha256: str) -> None:
        """The model with this content was measured: have it sliced for the open jobs that it counts for."""
        if self._slicer is not None:
            self._want_open(col(Job.id).in_(select(Revision.job_id).where(col(Revision.sha256) == sha256)))

    def want_missing(self) -> None:
        """Have all open jobs' parts sliced whose printers have a profile."""
        profiles = select(PrinterProfile.printer_id)
        if self._slicer is not None:
            self._want_open(col(Job.printer_id).in_(profiles))

    def _want_open(self, which: Any) -> None:  # noqa: ANN401  (a condition of a query)
        with self._database.read() as session:
            rows = session.exec(select(Job).where(col(Job.status).in_(_OPEN), which).order_by(col(Job.id))).all()
            jobs = self._views.jobs(session, rows)
        needs = dict.fromkeys(need for job in jobs if job.automatic is None and (need := self._need(job)) is not None)
        for some in batched(list(needs)):  # nobody waits for the judging of thousands of parts
            with self._database.write() as unit:
                for need in some:
                    self._put_in_line(unit, need)

    def take_up(self) -> None:
        """At the start: what another slicer said, and what no task works at any more, is done again; what is missing is
        wanted.
        """
        if self._slicer is None:
            return
        _remove_left_behind(self._folder)
        another = col(AutomaticEstimate.slicer).is_not(None) & (col(AutomaticEstimate.slicer) != self._version)
        with self._database.write() as unit:
            for row in unit.session.exec(select(AutomaticEstimate).where(another)).all():
                unit.session.delete(row)
        self._take_up_stranded()
        self.want_missing()

    def _take_up_stranded(self) -> None:
        """What a process gave up is queued with nobody at work at it; one that was put in line just now is not yet."""
        waiting = select(AutomaticEstimate).where(col(AutomaticEstimate.state) == AutomaticState.QUEUED)
        with self._database.read() as session:
            unfinished = {_task(row): row.key for row in session.exec(waiting)}
        stranded = set(unfinished) - self._queue.at_work(SLICE) if unfinished else set[str]()
        for task in stranded:
            with self._database.write() as unit:
                row = _row(unit.session, unfinished[task])
                if row is not None and _task(row) == task and row.state is AutomaticState.QUEUED:
                    self._unsure(unit, row)

    def unwanted(self) -> int:
        """How many no job and no printer needs any more, or an earlier version of the code asked for."""
        with self._database.read() as session:
            return len(_unwanted(session))

    def sweep(self) -> int:
        """Forget what no job and no printer needs any more, and what an earlier version of the code asked for; return
        how many. What is missing is wanted.
        """
        with self._database.write() as unit:
            unwanted = _unwanted(unit.session)
            for row in unwanted:
                unit.session.delete(row)
        if self._slicer is not None:
            self._take_up_stranded()
            self.want_missing()
        return len(unwanted)

    # ---------- carrying out ----------

    def carry_out(self, key: str, attempt: int) -> None:
        """One attempt at one need, from the task of that name; the same again does nothing once it is over."""
        try:
            self._carry_out(key, attempt)
        except (Interrupted, SlicerStopped):  # the server stops: no attempt is used up by that
            self._change(key, attempt, lambda unit, row: self._again(unit, row, row.attempt))
        except Exception:  # noqa: BLE001  (a task that ends otherwise would leave the estimate waiting for good)
            _log.exception("estimates.failed", key=key)
            self._change(key, attempt, self._unsure)

    def lost(self, key: str, attempt: int) -> bool:
        """The process that was at this attempt is gone. Return whether the same attempt is to be taken up again."""
        with self._database.write() as unit:
            row = _current(unit.session, key, attempt)
            if row is None:
                return False
            row.lost += 1
            if row.lost <= RECOVERIES:
                return True
            self._unsure(unit, row)
            return False

    def _carry_out(self, key: str, attempt: int) -> None:
        with self._database.read() as session:
            row = session.get(AutomaticEstimate, key)
            profile = None if row is None else _profile(session, row.profile_sha256)
        if row is None or not _is_at(row, attempt):
            return
        if self._slicer is None or profile is None:  # switched off, or replaced meanwhile
            self._change(key, attempt, _forget)
            return
        try:
            figures = self._slice(self._slicer, row, profile)
        except FileNotFoundError:
            self._change(key, attempt, _forget)
        except ModelRefused as refusal:
            self._refused(key, attempt, refusal)
        except NotSliced as problem:
            _log.info("estimates.not_sliced", key=key, problem=str(problem))
            self._note(key, attempt, state=AutomaticState.FAILED, message=str(problem))
        else:
            self._note(key, attempt, state=AutomaticState.DONE, **figures)

    def _refused(self, key: str, attempt: int, refusal: ModelRefused) -> None:
        """What could not be told of the model, or of the slicer's G-code, is tried again as intake does."""
        _log.info("estimates.refused", key=key, code=refusal.code.value)
        if refusal.code in UNSURE:
            self._change(key, attempt, self._unsure)
        else:
            self._note(key, attempt, state=AutomaticState.FAILED, message=refusal.message)

    def _slice(self, slicer: PrusaSlicer, row: AutomaticEstimate, profile: Profile) -> dict[str, Any]:
        """Volume of the filament in mm³ and time in s, as the row has them.

        Raises NotSliced, ModelRefused, Interrupted, SlicerStopped, FileNotFoundError.
        """
        scale = row.scale_micro / 1_000_000
        with tempfile.TemporaryDirectory(prefix="part-", dir=self._folder) as name:
            stl, gcode = Path(name) / "part.stl", Path(name) / "part.gcode"
            self._intake.with_bytes(row.sha256, lambda path: self._sandbox.copy(path, stl, scale))
            slicer.slice(stl, profile, gcode, **solidity_settings(row.strength))
            facts = self._sliced_files.read(gcode, gcode.suffix)
        if facts is None or not facts.filament_mm or not facts.time_s:
            raise NotSliced(_NO_FIGURES)
        return {"volume_mm3": facts.filament_mm * math.pi * profile.filament_mm**2 / 4, "time_s": facts.time_s}

    def _note(self, key: str, attempt: int, **facts: Any) -> None:
        def note(unit: Unit, row: AutomaticEstimate) -> None:
            row.sqlmodel_update({**facts, "slicer": self._version})
            self._intake.tell(unit, row.sha256)

        self._change(key, attempt, note)

    def _change(self, key: str, attempt: int, change: Callable[[Unit, AutomaticEstimate], None]) -> None:
        """Do something with this attempt's row, unless the attempt is over."""
        with self._database.write() as unit:
            if (row := _current(unit.session, key, attempt)) is not None:
                change(unit, row)

    def _unsure(self, unit: Unit, row: AutomaticEstimate) -> None:
        """What could not be told is tried again, not for ever: it may be what ends the processes."""
        if row.attempt < _ATTEMPTS:
            self._again(unit, row, row.attempt + 1)
        else:
            row.state, row.message, row.slicer = AutomaticState.FAILED, _NOT_SLICED, self._version
            self._intake.tell(unit, row.sha256)

    def _again(self, unit: Unit, row: AutomaticEstimate, attempt: int) -> None:
        row.attempt, row.lost, row.queued_at = attempt, 0, self._clock()
        self._enqueue(unit.session, row)

    def _enqueue(self, session: Session, row: AutomaticEstimate) -> None:
        self._queue.slice(session, _task(row), row.key, row.attempt)


def solidity_settings(strength: Strength) -> dict[str, object]:
    """What a strength sets in place of the profile's own; a vase has no infill, so nothing is one."""
    solidity = SOLIDITY[strength]
    return {
        "fill_density": f"{solidity.infill * _PERCENT:g}%",
        "perimeters": solidity.perimeters,
        "top_solid_layers": solidity.top_layers,
        "bottom_solid_layers": solidity.bottom_layers,
        "spiral_vase": 0,
    }


def _task(row: AutomaticEstimate) -> str:
    """The id of the task of this attempt; what was forgotten or put back and is wanted again gets another one."""
    return f"{SLICE}:{row.key}:{row.attempt}:{row.queued_at.timestamp():.6f}"


def _need_of(row: AutomaticEstimate) -> Need:
    """The row's need as this version of the code has it."""
    return Need(row.sha256, row.scale_micro, row.profile_sha256, row.strength)


def _row(session: Session, key: str) -> AutomaticEstimate | None:
    return session.get(AutomaticEstimate, key, with_for_update=True, populate_existing=True)


def _current(session: Session, key: str, attempt: int) -> AutomaticEstimate | None:
    row = _row(session, key)
    return row if row is not None and _is_at(row, attempt) else None


def _is_at(row: AutomaticEstimate, attempt: int) -> bool:
    return row.attempt == attempt and row.state is AutomaticState.QUEUED


def _profile(session: Session, sha256: str) -> Profile | None:
    found = session.exec(select(PrinterProfile).where(col(PrinterProfile.sha256) == sha256).limit(1)).first()
    return None if found is None else read_profile(found.settings.encode())


def _forget(unit: Unit, row: AutomaticEstimate) -> None:
    unit.session.delete(row)


def _remove_left_behind(folder: Path) -> None:
    """What a killed process was at; another process of the installation may be at work beside it."""
    for left in folder.iterdir():
        if left.is_dir() and left.stat().st_mtime < time.time() - _LEFT_BEHIND_S:
            shutil.rmtree(left, ignore_errors=True)


def _unwanted(session: Session) -> list[AutomaticEstimate]:
    used = col(AutomaticEstimate.sha256).in_(select(Revision.sha256))
    current = col(AutomaticEstimate.profile_sha256).in_(select(PrinterProfile.sha256))
    rows = session.exec(select(AutomaticEstimate, used & current)).all()
    return [row for row, is_used in rows if not is_used or row.key != _need_of(row).key]
