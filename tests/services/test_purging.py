"""Files of jobs that ended long ago are deleted; numbers stay, and nothing that is still of use goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from printlab.domain.commands import MoveJob
from printlab.domain.retention import CleanupKind, CleanupRun, RetentionDays
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import JobView
from printlab.errors import Conflict, NotFound
from printlab.models import Analysis, Revision
from printlab.services import Services
from tests import files_made
from tests.workbench import STAFF, Clock, Workbench, change_lab

pytestmark = pytest.mark.usefixtures("database_url")


@pytest.fixture(autouse=True)
def _rule(services: Services) -> None:
    change_lab(services, retention=RetentionDays(archive_after_days=30, purge_after_days=60))


def run(services: Services) -> CleanupRun:
    """What the cleanup of the day deleted."""
    return next(run for run in services.retention.run_once() if run.kind is CleanupKind.PURGE)


def archived(bench: Workbench, services: Services, job: JobView, number: int = 1) -> Path:
    return services.filing.archive.path(job.id, number, job.revisions[number - 1].extension)


def grown_old(services: Services, clock: Clock) -> None:
    """Long enough ago for both rules; archived already."""
    clock.advance(days=61)
    services.retention.run_once()


def test_files_go_and_numbers_stay(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.submit()
    job = bench.add_sliced(job)
    job = bench.hand_over(bench.complete(bench.start(bench.confirm(bench.approve(job)))))
    grown_old(services, clock)
    said = next(due for due in services.retention.dry_run() if due.kind is CleanupKind.PURGE)
    assert said.amount.count == 2
    assert archived(bench, services, job).exists()
    done = run(services)
    assert (done.amount, done.problem) == (said.amount, None)
    assert done.amount.bytes == sum(revision.bytes for revision in job.revisions)
    for number in (1, 2):
        assert not archived(bench, services, job, number).exists()
        with pytest.raises(NotFound, match="deleted under the lab’s retention rule"):
            services.revisions.content(job.id, number, STAFF)
    after = bench.get(job.id)
    assert [(r.sha256, r.bytes, r.original_name) for r in after.revisions] == [
        (r.sha256, r.bytes, r.original_name) for r in job.revisions
    ]
    assert (after.price_cents, after.payments, after.weight_cg) == (job.price_cents, job.payments, job.weight_cg)
    assert all(revision.purged_at is not None for revision in after.revisions)
    assert run(services).amount.count == 0
    assert services.filing.reconcile() == 0


def test_by_default_nothing_is_deleted(bench: Workbench, services: Services, clock: Clock) -> None:
    change_lab(services, retention=RetentionDays())
    job = bench.at(JobStatus.REJECTED)
    grown_old(services, clock)
    clock.advance(days=5000)
    assert run(services).amount.count == 0
    assert archived(bench, services, job).exists()


def test_what_is_only_archived_today_is_deleted_tomorrow(bench: Workbench, services: Services, clock: Clock) -> None:
    """The run does what the dry run said before it."""
    bench.at(JobStatus.REJECTED)
    clock.advance(days=61)
    assert run(services).amount.count == 0
    assert run(services).amount.count == 1


def test_files_of_a_reopened_job_stay(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.REJECTED)
    grown_old(services, clock)
    job = bench.move(Verb.REOPEN, bench.get(job.id))
    assert run(services).amount.count == 0
    assert bench.agrees(job)


def test_the_same_bytes_of_another_job_stay_with_their_pictures(
    bench: Workbench, services: Services, clock: Clock
) -> None:
    content = files_made.stl(12)
    old = bench.reject(bench.submit(content))
    grown_old(services, clock)
    young = bench.submit(content)
    drawing = drawn(services, young)
    run(services)
    assert not archived(bench, services, old).exists()
    assert archived(bench, services, young).read_bytes() == content
    assert drawing.exists()


def drawn(services: Services, job: JobView) -> Path:
    """As if the job's model had been looked at and drawn."""
    with services.database.write() as unit:
        row = unit.session.exec(select(Analysis).where(Analysis.sha256 == job.revisions[0].sha256)).one()
        row.state, row.has_model, row.finished_at = "done", True, services.clock()
        name = services.intake.drawings.model(row.sha256, row.version)
    path = services.settings.drawings / name
    path.write_bytes(b"glTF")
    return path


def test_pictures_go_with_the_last_file_and_come_back_with_it(
    bench: Workbench, services: Services, clock: Clock
) -> None:
    content = files_made.stl(12)
    job = bench.reject(bench.submit(content))
    picture, shared = drawn(services, job), bench.root / "thumbnails" / f"{job.id}.webp"
    shared.write_bytes(b"RIFF")
    grown_old(services, clock)
    run(services)
    assert not picture.exists()
    assert not shared.exists()
    assert bench.get(job.id).revisions[0].model_url is None
    again = bench.submit(content).analysis
    assert again is not None
    assert not again.state.is_over


def test_a_rejected_job_whose_file_is_gone_needs_a_new_one(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.REJECTED)
    grown_old(services, clock)
    run(services)
    job = bench.get(job.id)
    with pytest.raises(Conflict, match="Have the student send it again"):
        services.jobs.reopen(MoveJob(job.id, job.version), STAFF)
    corrected = bench.correct(job, files_made.stl(14))
    assert bench.agrees(corrected)
    with pytest.raises(Conflict, match="was deleted"):
        services.revisions.choose(job.id, corrected.version, 1, "the first was better", STAFF)
    undone = bench.undo(corrected, bench.student(corrected))
    assert bench.on_disk(undone) == []
    assert services.filing.reconcile() == 0


def test_a_file_that_came_later_stays_as_long(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.PAID_PICKED_UP)
    clock.advance(days=59)
    (bench.root / job.status.value / f"{job.stem}_again.gcode").write_bytes(files_made.prusa_gcode())
    for at_s in (0.0, 40.0, 80.0):
        services.noticing.look(at_s)
    clock.advance(days=2)
    services.retention.run_once()
    assert run(services).amount.count == 1
    assert archived(bench, services, bench.get(job.id), 2).exists()
    clock.advance(days=60)
    assert run(services).amount.count == 1


def test_a_disk_that_refuses_is_told_and_tried_again(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.REJECTED)
    grown_old(services, clock)
    path = archived(bench, services, job)
    path.unlink()
    path.mkdir()
    assert "could not be deleted" in str(run(services).problem)
    path.rmdir()
    assert run(services).problem is None
    with services.database.read() as session:
        assert session.exec(select(Revision)).one().bytes_gone
