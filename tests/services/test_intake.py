"""Every content is looked at once, whoever waits for it is told, and nobody's job hangs on it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOSClient
from sqlmodel import Session, SQLModel, col, delete, select, update

from printlab.db import add_if_new
from printlab.domain.analysis import AnalysisState, AnalysisView
from printlab.domain.commands import MoveJob
from printlab.domain.model_facts import ModelFacts
from printlab.domain.policy import ANONYMOUS
from printlab.domain.status import JobStatus
from printlab.domain.views import JobView
from printlab.errors import Conflict, InvalidFile, NotAllowed, NotFound, NotSignedIn
from printlab.geometry.measure import measure
from printlab.geometry.reading import read
from printlab.geometry.refusals import ModelRefused, Refusal
from printlab.geometry.sandbox import Interrupted, Sandbox
from printlab.models import Analysis, OutboxMail
from printlab.queue import ANALYSE, INTAKE, Queue
from printlab.services import Services, analyses, intake
from printlab.services.jobs import UNREADABLE
from tests import files_made
from tests.workbench import ADMIN, STAFF, Clock, Workbench

pytestmark = pytest.mark.usefixtures("database_url")

CRASHED = ModelRefused(Refusal.CRASHED, "The reader fell over.")
NO_MODEL = ModelRefused(Refusal.NO_TRIANGLES, "The file holds no triangles.")


@dataclass(eq=False)
class Readers(Sandbox):
    """Reads in this process, or meets what a test wants it to; with ``real`` it is the sandbox itself."""

    real: bool = False

    problem: Exception | None = None
    not_drawn: Exception | None = None
    no_picture: Exception | None = None
    before: Callable[[Path], object] = lambda _path: None
    measured: list[Path] = field(default_factory=list[Path])

    def __post_init__(self) -> None:
        super().__init__()

    def measure(self, path: Path) -> ModelFacts:
        if self.real:
            return super().measure(path)
        self.measured.append(path)
        self.before(path)
        if self.problem is not None:
            raise self.problem
        return measure(read(path))

    def draw_embedded_picture(self, path: Path, target: Path) -> None:
        if self.no_picture is not None:
            raise self.no_picture
        target.write_bytes(b"RIFF in " + path.name.encode())

    def draw_tool_path(self, path: Path, target: Path) -> None:
        if self.not_drawn is not None:
            raise self.not_drawn
        target.write_bytes(b"path of " + path.name.encode())

    def draw(self, path: Path, glb: Path, thumbnail: Path | None) -> None:
        if self.real:
            super().draw(path, glb, thumbnail)
            return
        glb.write_bytes(b"glTF of " + path.name.encode())
        if self.not_drawn is not None:
            raise self.not_drawn
        if thumbnail is not None:
            thumbnail.write_bytes(b"RIFF of " + path.name.encode())


@pytest.fixture
def readers() -> Readers:
    return Readers()


@pytest.fixture
def sandbox(readers: Readers) -> Readers:
    return readers


@pytest.fixture
def line(services: Services) -> Iterator[Line]:
    made = Line(services)
    yield made
    made.client.destroy()


class Line:
    """The tasks that wait, and a process that carries them out when a test says so."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.client = DBOSClient(system_database_url=services.settings.sqlalchemy_url)

    def waiting(self) -> list[tuple[str, str, int]]:
        """Id, content and attempt of each, the first in line first."""
        found = self.client.list_workflows(name=ANALYSE, status="ENQUEUED", queue_name=INTAKE)
        found.sort(key=lambda task: (task.priority or 0, task.created_at or 0))  # as the library takes them
        return [(task.workflow_id, *task.input["args"]) for task in found if task.input]

    def work_off(self) -> int:
        """Carry out what waits, also what comes while that is done; give how many tasks that were."""
        done = 0
        while tasks := self.waiting():
            for task, sha256, attempt in tasks:
                self._services.intake.carry_out(sha256, attempt)
                self.client.cancel_workflow(task)
                done += 1
        return done

    def lose(self) -> None:
        """What waits or runs is given up, as after too many kills."""
        for task, _, _ in self.waiting():
            self.client.cancel_workflow(task)


def analysis(bench: Workbench, job: JobView) -> AnalysisView:
    found = bench.get(job.id).analysis
    assert found is not None
    return found


def facts_of(bench: Workbench, job: JobView) -> ModelFacts:
    found = analysis(bench, job).facts
    assert found is not None
    return found


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# ---------- wanting ----------


def test_a_new_job_waits_for_its_analysis_and_then_has_it(bench: Workbench, line: Line) -> None:
    job = bench.submit(files_made.stl(20))
    assert analysis(bench, job).state is AnalysisState.QUEUED
    assert line.work_off() == 1
    found = analysis(bench, job)
    assert found.state is AnalysisState.DONE
    assert found.facts is not None
    assert found.facts.size_mm == pytest.approx((20, 20, 20))
    assert found.code is None
    assert found.thumbnail_url
    assert found.model_url


def test_a_submission_that_is_rolled_back_leaves_no_task(services: Services, bench: Workbench, line: Line) -> None:
    content = files_made.stl()

    def fail(*_: object) -> None:
        raise RuntimeError("after the task was put in line")

    services.outbox.write, write = fail, services.outbox.write
    with pytest.raises(RuntimeError, match="put in line"):
        bench.submit(content)
    assert line.waiting() == []
    with pytest.raises(NotFound):
        services.intake.view(sha256(content))
    services.outbox.write = write
    bench.submit(content)
    assert len(line.waiting()) == 1


def test_two_jobs_with_one_file_are_looked_at_once(bench: Workbench, line: Line, readers: Readers) -> None:
    content = files_made.stl()
    one, other = bench.submit(content), bench.submit(content)
    assert line.work_off() == 1
    assert len(readers.measured) == 1
    assert analysis(bench, one) == analysis(bench, other)
    later = bench.submit(content)
    assert line.waiting() == []
    assert analysis(bench, later).state is AnalysisState.DONE


def test_an_upload_is_looked_at_before_it_is_sent(services: Services, bench: Workbench, line: Line) -> None:
    staged = bench.stage(files_made.stl(15))
    assert services.intake.want_upload(staged.sha256).state is AnalysisState.QUEUED
    line.work_off()
    assert services.intake.view(staged.sha256).state is AnalysisState.DONE


def test_an_upload_may_be_sent_while_it_is_looked_at(bench: Workbench, line: Line, readers: Readers) -> None:
    content = files_made.stl()
    staged = bench.stage(content)
    bench.services.intake.want_upload(staged.sha256)
    jobs: list[JobView] = []

    def send_once(path: Path) -> None:
        if not jobs:
            jobs.append(bench.submit(content))
            path.unlink()

    readers.before = send_once
    line.work_off()
    assert analysis(bench, jobs[0]).state is AnalysisState.DONE
    assert analysis(bench, jobs[0]).attempt == 1
    assert [path.parent.name for path in readers.measured] == ["staging", str(jobs[0].id)]


def test_what_is_forgotten_in_the_moment_in_which_it_is_wanted_is_looked_at_all_the_same(
    services: Services, bench: Workbench, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = files_made.stl(12)
    services.intake.want_upload(bench.stage(content).sha256)
    line.work_off()
    added: list[bool] = []

    def add_and_forget(session: Session, row: type[SQLModel], values: Mapping[str, object]) -> bool:
        added.append(add_if_new(session, row, values))
        if len(added) == 1:
            session.exec(delete(Analysis).where(col(Analysis.sha256) == values["sha256"]))
        return added[-1]

    monkeypatch.setattr(intake, "add_if_new", add_and_forget)
    job = bench.submit(content)
    assert added == [False, True]
    assert line.work_off() == 1
    assert analysis(bench, job).state is AnalysisState.DONE


def test_a_corrected_file_has_its_own_analysis(bench: Workbench, line: Line) -> None:
    job = bench.submit(files_made.stl(10))
    line.work_off()
    job = bench.correct(bench.get(job.id), files_made.stl(30))
    assert analysis(bench, job).state is AnalysisState.QUEUED
    line.work_off()
    found = analysis(bench, job).facts
    assert found is not None
    assert found.size_mm[0] == pytest.approx(30)


def test_the_job_may_be_moved_while_it_is_looked_at(bench: Workbench, line: Line, readers: Readers) -> None:
    job = bench.submit()
    readers.before = lambda _path: bench.approve(bench.get(job.id))
    readers.problem = NO_MODEL
    line.work_off()
    assert bench.get(job.id).status is JobStatus.PENDING
    assert analysis(bench, job).state is AnalysisState.REFUSED


def test_what_was_looked_up_last_is_remembered_longest(
    services: Services, bench: Workbench, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analyses, "_KEPT", 2)
    first, second, third = (bench.submit(files_made.stl(10 + number)) for number in range(3))
    line.work_off()
    for job in (first, second, first, third):
        facts_of(bench, job)
    with services.database.write() as unit:  # whoever is asked for again from here on has no facts any more
        unit.session.exec(update(Analysis).values(facts=None))
    assert analysis(bench, second).facts is None
    assert facts_of(bench, first)
    assert facts_of(bench, third)


# ---------- no model ----------


def test_a_job_whose_file_is_no_model_is_rejected_and_its_student_told(
    services: Services, bench: Workbench, line: Line, readers: Readers
) -> None:
    job = bench.submit()
    readers.problem = NO_MODEL
    line.work_off()
    after = bench.get(job.id)
    assert after.status is JobStatus.REJECTED
    assert after.reject_reasons == (UNREADABLE,)
    assert services.search.events(job.id, STAFF)[0].actor_name == "PrintLab"
    found = analysis(bench, job)
    assert (found.state, found.code) == (AnalysisState.REFUSED, "no_triangles")
    assert found.message == NO_MODEL.message
    with services.database.read() as session:
        mails = session.exec(select(OutboxMail).order_by(col(OutboxMail.id).desc())).all()
    assert mails[0].kind == "rejected"
    seen, _ = services.search.by_token(job.track_url.rsplit("/", 1)[1])
    assert NO_MODEL.message in (seen.reject_note or "")


def test_what_is_known_to_be_no_model_is_not_taken(bench: Workbench, line: Line, readers: Readers) -> None:
    content = files_made.stl()
    bench.submit(content)
    readers.problem = NO_MODEL
    line.work_off()
    with pytest.raises(InvalidFile, match="no triangles"):
        bench.submit(content)


def test_a_job_that_comes_in_the_same_moment_is_rejected_too(
    services: Services, bench: Workbench, line: Line, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = files_made.stl()
    bench.submit(content)
    readers.problem = NO_MODEL
    line.work_off()
    monkeypatch.setattr(services.intake, "refuse_known", lambda _sha256: None)  # asked a moment before the verdict
    late = bench.submit(content)
    assert bench.get(late.id).status is JobStatus.REJECTED


def test_only_jobs_whose_model_it_is_still_are_rejected(bench: Workbench, line: Line, readers: Readers) -> None:
    content = files_made.stl()
    job, untouched = bench.submit(content), bench.submit(content)
    readers.before = lambda _path: bench.correct(bench.get(job.id)) if len(readers.measured) == 1 else None
    readers.problem = NO_MODEL
    ((_, first, attempt),) = line.waiting()
    bench.services.intake.carry_out(first, attempt)
    assert bench.get(job.id).status is JobStatus.UPLOADED
    assert bench.get(untouched.id).status is JobStatus.REJECTED


def test_a_rejection_that_staff_took_back_stands(bench: Workbench, line: Line, readers: Readers) -> None:
    job = bench.submit()
    readers.problem = NO_MODEL
    line.work_off()
    bench.undo(bench.get(job.id), ADMIN)
    bench.services.intake.take_up()
    assert bench.get(job.id).status is JobStatus.UPLOADED


def test_a_kill_between_verdict_and_rejection_is_made_good(
    services: Services, bench: Workbench, line: Line, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.submit()
    readers.problem = NO_MODEL
    with monkeypatch.context() as killed:
        killed.setattr(services.jobs, "reject_unreadable", lambda *_: None)
        line.work_off()
    assert bench.get(job.id).status is JobStatus.UPLOADED
    services.intake.take_up()
    assert bench.get(job.id).status is JobStatus.REJECTED


def test_a_change_in_between_does_not_save_the_job(
    services: Services, bench: Workbench, line: Line, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.submit()
    readers.problem = NO_MODEL
    reject = services.jobs.reject_unreadable
    calls: list[int] = []

    def reject_late(job_id: int, version: int, message: str) -> None:
        calls.append(version)
        reject(job_id, version - (len(calls) == 1), message)

    monkeypatch.setattr(services.jobs, "reject_unreadable", reject_late)
    line.work_off()
    assert len(calls) == 2
    assert bench.get(job.id).status is JobStatus.REJECTED


# ---------- not sure ----------


@pytest.mark.parametrize("problem", [CRASHED, RuntimeError("nobody thought of that")])
def test_what_could_not_be_told_is_tried_three_times(
    bench: Workbench, line: Line, readers: Readers, problem: Exception
) -> None:
    job = bench.submit()
    readers.problem = problem
    assert line.work_off() == 3
    found = analysis(bench, job)
    assert (found.state, found.attempt, found.code) == (AnalysisState.FAILED, 3, "crashed")
    assert found.message
    assert bench.get(job.id).status is JobStatus.UPLOADED


def test_staff_may_try_it_again(services: Services, bench: Workbench, line: Line, readers: Readers) -> None:
    job = bench.submit()
    readers.problem = CRASHED
    line.work_off()
    services.intake.retry(job.id, STAFF)
    assert analysis(bench, job).state is AnalysisState.QUEUED
    readers.problem = None
    assert line.work_off() == 1
    found = analysis(bench, job)
    assert (found.state, found.attempt, found.code) == (AnalysisState.DONE, 4, None)


def test_what_staff_have_tried_again_is_tried_three_times_too(
    services: Services, bench: Workbench, line: Line, readers: Readers
) -> None:
    job = bench.submit()
    readers.problem = CRASHED
    line.work_off()
    services.intake.retry(job.id, STAFF)
    assert line.work_off() == 3
    found = analysis(bench, job)
    assert (found.state, found.attempt) == (AnalysisState.FAILED, 6)


def test_pictures_that_are_made_later_are_tried_three_times_too(
    services: Services, bench: Workbench, line: Line, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.submit()
    readers.problem = CRASHED
    for _ in range(2):
        ((task, content, attempt),) = line.waiting()
        services.intake.carry_out(content, attempt)
        line.client.cancel_workflow(task)
    readers.problem = None
    with monkeypatch.context() as without:
        without.setattr(services.thumbnails, "problem", lambda: "There is no graphics card.")
        line.work_off()
    readers.problem = CRASHED
    assert services.intake.draw_missing() == 1
    assert line.work_off() == 3
    assert analysis(bench, job).state is AnalysisState.FAILED


def test_nobody_tries_again_what_is_done_or_in_line(services: Services, bench: Workbench, line: Line) -> None:
    job = bench.submit()
    with pytest.raises(Conflict):
        services.intake.retry(job.id, STAFF)
    line.work_off()
    with pytest.raises(Conflict):
        services.intake.retry(job.id, STAFF)
    with pytest.raises(NotSignedIn):
        services.intake.retry(job.id, ANONYMOUS)
    with pytest.raises(NotAllowed):
        services.intake.retry(job.id, bench.student(job))
    with pytest.raises(NotFound):
        services.intake.retry(999, STAFF)
    assert line.waiting() == []


def test_without_a_picture_the_numbers_stand(bench: Workbench, line: Line, readers: Readers) -> None:
    job = bench.submit()
    readers.not_drawn = CRASHED
    assert line.work_off() == 1
    found = analysis(bench, job)
    assert found.state is AnalysisState.DONE
    assert found.facts is not None
    assert (found.thumbnail_url, bool(found.model_url), found.code) == (None, True, "crashed")


def test_a_stop_of_the_server_uses_up_no_attempt(bench: Workbench, line: Line, readers: Readers) -> None:
    job = bench.submit()
    readers.problem = Interrupted()
    ((task, content, attempt),) = line.waiting()
    bench.services.intake.carry_out(content, attempt)
    line.client.cancel_workflow(task)
    found = analysis(bench, job)
    assert (found.state, found.attempt) == (AnalysisState.QUEUED, 1)
    readers.problem = None
    assert line.work_off() == 1
    assert analysis(bench, job).state is AnalysisState.DONE


def test_an_attempt_that_was_replaced_changes_nothing(bench: Workbench, line: Line, readers: Readers) -> None:
    job = bench.submit()
    readers.problem = CRASHED
    line.work_off()
    before = analysis(bench, job)
    readers.problem = None
    bench.services.intake.carry_out(sha256_of(job), 1)
    assert analysis(bench, job) == before


def sha256_of(job: JobView) -> str:
    return job.revisions[0].sha256


# ---------- what is missing ----------


def test_a_file_that_is_not_in_the_archive_is_said_to_be_missing(
    services: Services, bench: Workbench, line: Line
) -> None:
    job = bench.submit()
    archived, _ = services.revisions.content(job.id, None, STAFF)
    aside = archived.rename(archived.with_suffix(".aside"))
    line.work_off()
    found = analysis(bench, job)
    assert (found.state, found.code) == (AnalysisState.FAILED, "file_missing")
    assert "archive" in (found.message or "")
    aside.rename(archived)
    services.intake.retry(job.id, STAFF)
    line.work_off()
    assert analysis(bench, job).state is AnalysisState.DONE


def test_bytes_that_changed_in_the_archive_are_not_taken_for_the_file(
    services: Services, bench: Workbench, line: Line
) -> None:
    job = bench.submit()
    archived, _ = services.revisions.content(job.id, None, STAFF)
    archived.chmod(0o600)
    archived.write_bytes(files_made.stl(99))
    line.work_off()
    assert analysis(bench, job).code == "file_missing"


def test_an_upload_that_is_gone_is_forgotten_and_may_come_again(
    services: Services, bench: Workbench, line: Line
) -> None:
    content = files_made.stl()
    staged = bench.stage(content)
    services.intake.want_upload(staged.sha256)
    services.submissions.discard("browser", staged.id)
    line.work_off()
    with pytest.raises(NotFound):
        services.intake.view(staged.sha256)
    job = bench.submit(content)
    assert line.work_off() == 1
    assert analysis(bench, job).state is AnalysisState.DONE


# ---------- which model counts ----------


def test_after_an_undo_the_model_before_counts_again(services: Services, bench: Workbench, line: Line) -> None:
    job = bench.submit(files_made.stl(20))
    bench.correct(job, files_made.stl(30))
    line.work_off()
    corrected = bench.get(job.id)
    assert facts_of(bench, job).size_mm == pytest.approx((30, 30, 30))
    services.jobs.undo(MoveJob(job.id, corrected.version), bench.student(corrected))
    assert facts_of(bench, job).size_mm == pytest.approx((20, 20, 20))
    bench.add_sliced(bench.get(job.id))
    assert facts_of(bench, job).size_mm == pytest.approx((20, 20, 20))


def test_a_3mf_from_staff_is_a_model(bench: Workbench, line: Line) -> None:
    job = bench.submit(files_made.stl(20))
    bench.add_sliced(job, files_made.threemf(30), "repaired.3mf")
    line.work_off()
    assert facts_of(bench, job).size_mm == pytest.approx((30, 30, 30))


def test_what_staff_uploaded_rejects_no_students_job(bench: Workbench, line: Line, readers: Readers) -> None:
    job = bench.submit(files_made.stl(20))
    line.work_off()
    readers.problem = NO_MODEL
    bench.add_sliced(bench.get(job.id), files_made.stl(30), "repaired.stl")
    line.work_off()
    assert analysis(bench, job).state is AnalysisState.REFUSED
    assert bench.get(job.id).status is JobStatus.UPLOADED


# ---------- whose turn it is ----------


def test_one_file_of_somebody_comes_before_many_of_another(services: Services, bench: Workbench, line: Line) -> None:
    many = [bench.stage(files_made.stl(10 + number)).sha256 for number in range(3)]
    for uploads, content in enumerate(many, start=1):
        services.intake.want_upload(content, uploads)
    one = bench.stage(files_made.stl(30), browser="another").sha256
    services.intake.want_upload(one, 1)
    assert [content for _, content, _ in line.waiting()] == [many[0], one, many[1], many[2]]


def test_what_is_tried_again_by_itself_waits_for_everybody_and_for_staff_for_nobody(
    services: Services, bench: Workbench, line: Line, readers: Readers
) -> None:
    readers.problem = CRASHED
    job = bench.submit()
    task, content, attempt = line.waiting()[0]
    services.intake.carry_out(content, attempt)
    line.client.cancel_workflow(task)
    other = bench.stage(files_made.stl(30)).sha256
    services.intake.want_upload(other, 40)
    assert [waiting for _, waiting, _ in line.waiting()] == [other, content]
    line.work_off()
    assert analysis(bench, job).state is AnalysisState.FAILED
    services.intake.want_upload(bench.stage(files_made.stl(31)).sha256, 40)
    services.intake.retry(job.id, STAFF)
    assert line.waiting()[0][1] == content


# ---------- at the start, and by the clock ----------


def test_what_no_task_works_at_is_taken_up_again(services: Services, bench: Workbench, line: Line) -> None:
    job, waiting = bench.submit(), bench.submit()
    line.client.cancel_workflow(line.waiting()[0][0])
    services.intake.take_up()
    assert analysis(bench, job).attempt == 2
    assert analysis(bench, waiting).attempt == 1
    line.work_off()
    assert analysis(bench, job).state is AnalysisState.DONE


def test_the_tool_path_of_a_sliced_file_is_drawn(bench: Workbench, line: Line, readers: Readers) -> None:
    job = bench.add_sliced(bench.submit(), files_made.prusa_gcode())
    assert job.counting_file.tool_path_url is None
    line.work_off()
    now = bench.get(job.id)
    assert now.counting_file.tool_path_url
    assert now.counting_file.model_url is None
    assert now.analysis is not None
    assert now.analysis.model_url  # the model that it was sliced from is shown as before
    assert [path.name for path in readers.measured] == ["r1.stl"]


def test_a_tool_path_that_cannot_be_drawn_is_no_fault_of_the_job(
    services: Services, bench: Workbench, line: Line, readers: Readers
) -> None:
    job = bench.add_sliced(bench.submit(), files_made.prusa_gcode())
    readers.not_drawn = CRASHED
    line.work_off()
    now = bench.get(job.id)
    assert (now.status, now.counting_file.tool_path_url) == (JobStatus.UPLOADED, None)
    assert services.intake.view(now.counting_file.sha256).state is AnalysisState.DONE


def test_the_slicers_picture_of_a_sliced_file_is_shown_with_it(bench: Workbench, line: Line, readers: Readers) -> None:
    readers.not_drawn = ModelRefused(Refusal.NO_TOOL_PATH, "There is no G-code in this file.")
    job = bench.add_sliced(bench.submit(), files_made.prusa_gcode())
    line.work_off()
    now = bench.get(job.id)
    assert now.counting_file.thumbnail_url
    assert now.counting_file.tool_path_url is None
    assert now.analysis is not None
    assert now.analysis.thumbnail_url != now.counting_file.thumbnail_url  # the card shows the part itself


def test_a_picture_that_breaks_the_reader_is_nothing(
    services: Services, bench: Workbench, line: Line, readers: Readers
) -> None:
    readers.no_picture = CRASHED
    job = bench.add_sliced(bench.submit(), files_made.prusa_gcode())
    line.work_off()
    now = bench.get(job.id).counting_file
    assert (now.thumbnail_url, bool(now.tool_path_url)) == (None, True)
    found = services.intake.view(now.sha256)
    assert (found.state, found.code) == (AnalysisState.DONE, None)


def test_an_attempt_is_taken_up_again_three_times(services: Services, bench: Workbench, line: Line) -> None:
    job = bench.submit()
    content = analysis(bench, job).sha256
    assert [services.intake.lost(content, 1) for _ in range(4)] == [True, True, True, False]
    assert (analysis(bench, job).state, analysis(bench, job).attempt) == (AnalysisState.QUEUED, 2)
    assert not services.intake.lost(content, 1)  # over long ago
    for attempt in (2, 3):
        assert [services.intake.lost(content, attempt) for _ in range(4)] == [True, True, True, False]
    assert analysis(bench, job).state is AnalysisState.FAILED


def test_what_is_lost_again_and_again_is_given_up(services: Services, bench: Workbench, line: Line) -> None:
    job = bench.submit()
    for _ in range(3):
        line.lose()
        services.intake.sweep()
    assert analysis(bench, job).state is AnalysisState.FAILED
    assert line.waiting() == []


def test_jobs_of_before_are_looked_at(services: Services, bench: Workbench, line: Line) -> None:
    job, over = bench.submit(), bench.submit()
    line.lose()
    bench.reject(over)
    with services.database.write() as unit:
        for row in unit.session.exec(select(Analysis)).all():
            unit.session.delete(row)
    assert services.intake.take_up() == 1
    assert bench.get(over.id).analysis is None
    line.work_off()
    assert analysis(bench, job).state is AnalysisState.DONE
    assert services.intake.take_up() == 0


def test_what_was_never_sent_is_forgotten_after_a_day(
    services: Services, bench: Workbench, line: Line, clock: Clock
) -> None:
    job, staged = bench.submit(), bench.stage(files_made.stl(12))
    services.intake.want_upload(staged.sha256)
    line.work_off()
    folder = services.settings.drawings
    assert len(list(folder.iterdir())) == 4
    assert services.intake.sweep() == 0
    clock.advance(hours=25)
    assert services.intake.sweep() == 1
    assert sorted(path.suffix for path in folder.iterdir()) == [".glb", ".webp"]
    assert analysis(bench, job).state is AnalysisState.DONE
    with pytest.raises(NotFound):
        services.intake.view(staged.sha256)


def test_what_is_sent_while_the_unsent_is_forgotten_stays(
    services: Services, bench: Workbench, line: Line, clock: Clock
) -> None:
    staged = bench.stage(files_made.stl(12))
    services.intake.want_upload(staged.sha256)
    line.work_off()
    clock.advance(hours=25)
    with ThreadPoolExecutor(1) as pool:
        with services.database.write() as unit:
            services.intake.want(unit, staged.sha256)
            sweeping = pool.submit(services.intake.sweep)
            time.sleep(0.3)
        assert sweeping.result(10) == 0
    assert services.intake.view(staged.sha256).state is AnalysisState.DONE


def test_drawings_of_nothing_are_swept(services: Services, bench: Workbench, line: Line) -> None:
    job = bench.submit()
    line.work_off()
    folder = services.settings.drawings
    orphan = folder / f"{'0' * 64}-v1.glb"
    orphan.write_bytes(b"glTF")
    services.intake.sweep()
    assert not orphan.exists()
    assert {path.name[:64] for path in folder.iterdir()} == {sha256_of(job)}


def test_tasks_that_ended_are_forgotten_after_a_week(services: Services, bench: Workbench, line: Line) -> None:
    done = bench.submit()
    line.work_off()
    waiting = bench.submit(files_made.stl(12))
    queue, now = Queue(services.settings.sqlalchemy_url), datetime.now(UTC)  # the queue has its own clock
    assert queue.forget(now - timedelta(days=7)) == 0
    assert queue.forget(now + timedelta(minutes=1)) == 1
    assert queue.forget(now + timedelta(minutes=1)) == 0
    assert len(line.waiting()) == 1
    line.work_off()
    for job in (done, waiting):
        assert analysis(bench, job).state is AnalysisState.DONE
    queue.close()


def test_what_an_earlier_version_found_is_forgotten_where_this_one_looked_too(
    services: Services, bench: Workbench, line: Line
) -> None:
    job = bench.submit()
    line.work_off()
    earlier = found_before(services, job)
    assert services.intake.sweep() == 1
    assert not earlier.exists()
    assert analysis(bench, job).state is AnalysisState.DONE


def test_ended_jobs_keep_the_pictures_that_an_earlier_version_drew(
    services: Services, bench: Workbench, line: Line
) -> None:
    job = bench.at(JobStatus.PAID_PICKED_UP)
    line.work_off()
    facts = analysis(bench, job).facts
    earlier = found_before(services, job, alone=True)
    assert (services.intake.take_up(), services.intake.sweep()) == (0, 0)
    assert earlier.exists()
    assert analysis(bench, job).facts == facts
    assert earlier.name in (analysis(bench, job).thumbnail_url or "")


def test_what_an_earlier_version_kept_less_of_still_has_its_picture(
    services: Services, bench: Workbench, line: Line
) -> None:
    job = bench.at(JobStatus.PAID_PICKED_UP)
    line.work_off()
    earlier = found_before(services, job, alone=True, facts={"triangles": 12})
    assert analysis(bench, job).facts is None
    assert earlier.name in (analysis(bench, job).thumbnail_url or "")


def test_what_an_earlier_version_found_is_shown_until_this_one_is_done(
    services: Services, bench: Workbench, line: Line
) -> None:
    job = bench.submit()
    line.work_off()
    earlier = found_before(services, job, alone=True)
    assert services.intake.take_up() == 1
    assert earlier.name in (analysis(bench, job).thumbnail_url or "")
    line.work_off()
    assert earlier.name not in (analysis(bench, job).thumbnail_url or "")
    assert services.intake.sweep() == 1
    assert not earlier.exists()


def test_a_verdict_of_an_earlier_version_does_not_stand_while_this_one_looks(
    services: Services, bench: Workbench, line: Line
) -> None:
    job = bench.submit()
    line.work_off()
    found_before(services, job, alone=True, state=AnalysisState.REFUSED)
    services.intake.take_up()
    assert analysis(bench, job).state is AnalysisState.QUEUED


def found_before(services: Services, job: JobView, *, alone: bool = False, **values: Any) -> Path:
    """A row and a picture of version 0, beside what this version found or ``alone``; the picture's path."""
    with services.database.write() as unit:
        (row,) = unit.session.exec(select(Analysis)).all()
        unit.session.add(Analysis(**row.model_dump() | {"version": 0} | values))
        if alone:
            unit.session.delete(row)
    path = services.settings.drawings / f"{sha256_of(job)}-v0.webp"
    path.write_bytes(b"RIFF")
    return path


def test_the_board_is_told_of_every_step(services: Services, bench: Workbench, line: Line) -> None:
    told: list[AnalysisState] = []
    job = bench.submit()
    stop = services.live.subscribe(lambda _change: told.append(analysis(bench, job).state))
    line.work_off()
    stop()
    assert told == [AnalysisState.MEASURING, AnalysisState.DRAWING, AnalysisState.DONE]


def test_with_the_real_sandbox(bench: Workbench, line: Line, readers: Readers) -> None:
    readers.real = True
    good = bench.submit(files_made.stl(25))
    bad = bench.submit(b"solid empty\nfacet normal 0 0 1\nendsolid empty\n", "empty.stl")
    line.work_off()
    facts = analysis(bench, good).facts
    assert facts is not None
    assert facts.volume_mm3 == pytest.approx(25**3)
    assert analysis(bench, good).model_url
    assert bench.get(bad.id).status is JobStatus.REJECTED
