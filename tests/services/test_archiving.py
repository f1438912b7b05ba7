"""Jobs that ended long ago leave their status folders; nothing of them is lost, and whatever brings them back does."""

from __future__ import annotations

import pytest

from printlab.domain.commands import EditJob
from printlab.domain.retention import CleanupKind, CleanupRun, RetentionDays
from printlab.domain.status import ENDED, JobStatus, Verb
from printlab.domain.views import FileState
from printlab.errors import Conflict, InvalidInput, NotAllowed
from printlab.services import Services
from tests import files_made
from tests.workbench import ADMIN, STAFF, Clock, Workbench, change_lab

pytestmark = pytest.mark.usefixtures("database_url")

DAYS = 30


def archive(services: Services) -> CleanupRun:
    """What the cleanup of the day archived."""
    return next(run for run in services.retention.run_once() if run.kind is CleanupKind.ARCHIVE)


@pytest.mark.parametrize("status", ENDED)
def test_a_job_that_ended_long_ago_leaves_its_folder(
    bench: Workbench, services: Services, clock: Clock, status: JobStatus
) -> None:
    job = bench.at(status)
    content = bench.working_copy(job).read_bytes()
    clock.advance(days=DAYS, minutes=1)
    assert archive(services).amount.jobs == (job.id,)
    archived = bench.get(job.id)
    assert bench.on_disk(job) == []
    assert (archived.archived_at, archived.file_state) == (services.search.events(job.id, STAFF)[0].at, "settled")
    assert archived.version == job.version
    path, revision = services.revisions.content(job.id, None, STAFF)
    assert path.read_bytes() == content
    assert revision.number == 1


def test_before_its_time_it_stays(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.PAID_PICKED_UP)
    clock.advance(days=DAYS - 1, hours=23)
    assert archive(services).amount.count == 0
    assert bench.agrees(bench.get(job.id))


def test_open_jobs_stay_however_old(bench: Workbench, services: Services, clock: Clock) -> None:
    jobs = [bench.at(status) for status in JobStatus if status not in ENDED]
    clock.advance(days=1000)
    assert archive(services).amount.count == 0
    assert all(bench.agrees(bench.get(job.id)) for job in jobs)


def test_without_a_rule_nothing_is_archived(bench: Workbench, services: Services, clock: Clock) -> None:
    bench.at(JobStatus.PAID_PICKED_UP)
    change_lab(services, retention=RetentionDays(archive_after_days=None))
    clock.advance(days=1000)
    assert archive(services).amount.count == 0


def test_what_can_still_be_undone_stays(bench: Workbench, services: Services, clock: Clock) -> None:
    """The undo of a reopening brings the day back on which the job ended, long ago."""
    job = bench.at(JobStatus.REJECTED)
    clock.advance(days=DAYS + 1)
    job = bench.undo(bench.move(Verb.REOPEN, job))
    assert archive(services).amount.count == 0
    clock.advance(minutes=11)
    assert archive(services).amount.jobs == (job.id,)


def test_the_dry_run_says_what_the_run_does(bench: Workbench, services: Services, clock: Clock) -> None:
    jobs = [bench.at(JobStatus.REJECTED), bench.at(JobStatus.PAID_PICKED_UP)]
    bench.at(JobStatus.PRINTING)
    clock.advance(days=DAYS + 1)
    said = next(due for due in services.retention.dry_run() if due.kind is CleanupKind.ARCHIVE)
    assert all(bench.agrees(bench.get(job.id)) for job in jobs)
    assert said.amount.jobs == tuple(job.id for job in jobs)
    assert "2 jobs would be archived" in said.sentence
    assert archive(services).amount == said.amount
    assert archive(services).amount.count == 0


def test_a_reopened_job_comes_back(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.REJECTED)
    clock.advance(days=DAYS + 1)
    archive(services)
    job = bench.move(Verb.REOPEN, bench.get(job.id))
    assert job.archived_at is None
    assert bench.agrees(job)


def test_a_correction_brings_it_back_and_its_undo_does_not_hurt(
    bench: Workbench, services: Services, clock: Clock
) -> None:
    job = bench.at(JobStatus.REJECTED)
    clock.advance(days=DAYS + 1)
    archive(services)
    corrected = bench.correct(bench.get(job.id), files_made.stl(12))
    assert bench.agrees(corrected)
    assert bench.agrees(bench.undo(corrected, bench.student(corrected)))


def test_what_is_edited_stays_archived(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.PAID_PICKED_UP)
    clock.advance(days=DAYS + 1)
    archive(services)
    job = bench.get(job.id)
    edited = services.jobs.edit(EditJob(job.id, job.version, course="ART 101"), STAFF)
    assert edited.archived_at == job.archived_at
    assert bench.on_disk(job) == []
    assert services.filing.reconcile() == 0


def test_bytes_that_somebody_saved_over_it_are_kept_first(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.PAID_PICKED_UP)
    bench.working_copy(job).write_bytes(files_made.stl(17))
    clock.advance(days=DAYS + 1)
    archive(services)
    assert bench.on_disk(job) == []
    kept = bench.get(job.id).revisions[-1]
    assert kept.number == 2
    assert services.revisions.content(job.id, 2, STAFF)[0].read_bytes() == files_made.stl(17)


def test_what_is_saved_for_an_archived_job_is_taken_in_and_leaves_too(
    bench: Workbench, services: Services, clock: Clock
) -> None:
    job = bench.at(JobStatus.PAID_PICKED_UP)
    clock.advance(days=DAYS + 1)
    archive(services)
    path = bench.root / job.status.value / f"{job.stem}_again.gcode"
    path.write_bytes(files_made.prusa_gcode())
    for at_s in (0.0, 40.0, 80.0):
        services.noticing.look(at_s)
    assert [revision.original_name for revision in bench.get(job.id).revisions[1:]] == [path.name]
    assert bench.on_disk(job) == []


def test_a_disk_that_refuses_is_tried_again(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.REJECTED)
    sidecar = bench.working_copy(job).with_suffix(".json")
    sidecar.unlink()
    sidecar.mkdir()
    clock.advance(days=DAYS + 1)
    archive(services)
    assert bench.get(job.id).file_state is FileState.PROBLEM
    sidecar.rmdir()
    assert services.filing.reconcile() == 1
    assert bench.get(job.id).file_state is FileState.SETTLED
    assert bench.on_disk(job) == []


def test_it_cannot_be_opened_in_place(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.REJECTED)
    clock.advance(days=DAYS + 1)
    archive(services)
    with pytest.raises(Conflict, match="is in the archive"):
        services.opening.mint(job.id, STAFF)


@pytest.mark.parametrize(
    ("days", "field"),
    [
        (RetentionDays(0), "archive_after_days"),
        (RetentionDays(30, purge_after_days=29), "purge_after_days"),
        (RetentionDays(None, purge_after_days=29), "purge_after_days"),
        (RetentionDays(30, anonymise_after_days=10), "anonymise_after_days"),
        (RetentionDays(10**6), "archive_after_days"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_at_its_field(services: Services, days: RetentionDays, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        change_lab(services, retention=days)
    assert refusal.value.field == field


def test_admins_see_what_the_last_runs_did(bench: Workbench, services: Services, clock: Clock) -> None:
    bench.at(JobStatus.REJECTED)
    clock.advance(days=DAYS + 1)
    services.retention.run()
    runs = {run.kind: run for run in services.retention.runs(ADMIN)}
    assert runs[CleanupKind.ARCHIVE].sentence.startswith("1 job archived (")
    assert runs[CleanupKind.SESSIONS].sentence == "Nothing was removed."
    assert all(run.problem is None for run in runs.values())
    with pytest.raises(NotAllowed):
        services.retention.runs(STAFF)


def test_a_run_that_fails_says_so_and_stops_no_other(
    bench: Workbench, services: Services, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.at(JobStatus.REJECTED)
    clock.advance(days=DAYS + 1)

    def broken() -> None:
        raise RuntimeError

    monkeypatch.setattr(services.filing, "carry_out", lambda _job_id: broken())
    runs = {run.kind: run for run in services.retention.run()}
    assert runs[CleanupKind.ARCHIVE].problem
    assert runs[CleanupKind.LINKS].problem is None
    monkeypatch.undo()
    assert services.filing.reconcile() == 1


def test_of_many_runs_the_newest_are_kept(services: Services) -> None:
    for _ in range(35):
        services.retention.sweep()
    assert len(services.retention.history(CleanupKind.LINKS, ADMIN)) == 30
