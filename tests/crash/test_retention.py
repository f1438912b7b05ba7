"""kill -9 while jobs are archived and their files deleted: the next run ends it, and nothing else is touched."""

from __future__ import annotations

import signal
from datetime import timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from printlab.domain.retention import CleanupKind, RetentionDays
from printlab.domain.status import JobStatus
from tests.browser.lab import running_lab, until
from tests.crash import driver
from tests.crash.lab import Lab
from tests.workbench import ADMIN, STAFF, Clock, Workbench, change_lab

pytestmark = pytest.mark.serial

_JOBS = 3


def _old_lab(lab: Lab, *, archived: bool) -> dict[int, bytes]:
    """Jobs that ended long ago, and an open one, by number with what their working copies hold."""
    services, clock = lab.open(), Clock()
    bench = Workbench(services, clock)
    change_lab(services, retention=RetentionDays(archive_after_days=1, purge_after_days=2))
    jobs = [bench.at(JobStatus.REJECTED) for _ in range(_JOBS)] + [bench.submit()]
    contents = {job.id: bench.working_copy(job).read_bytes() for job in jobs}
    driver.made_older(services, timedelta(days=3))
    if archived:
        services.archiving.plan().carry_out()
    services.close()
    return contents


def _clean_up_until(lab: Lab, processes: ForkServerContext, point: str, occurrence: int) -> None:
    """Clean up in a process of its own, which is killed there."""
    process = processes.Process(target=driver.clean_up_until_point, args=(lab, point, occurrence))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


@pytest.mark.parametrize("occurrence", [1, 2, 3])
@pytest.mark.parametrize("point", ["after_taken", "after_left", "before_settle"])
def test_killed_while_jobs_are_archived(lab: Lab, processes: ForkServerContext, point: str, occurrence: int) -> None:
    contents = _old_lab(lab, archived=False)
    _clean_up_until(lab, processes, point, occurrence)
    services = lab.open()
    bench = Workbench(services, Clock())
    services.filing.reconcile()
    services.archiving.plan().carry_out()
    *ended, still_open = contents
    for job_id in ended:
        job = bench.get(job_id)
        assert job.archived_at is not None
        assert bench.on_disk(job) == []
        assert services.revisions.content(job_id, 1, STAFF)[0].read_bytes() == contents[job_id]
        assert len(job.revisions) == 1
    assert bench.agrees(bench.get(still_open))
    assert services.filing.reconcile() == 0
    services.close()


@pytest.mark.parametrize("occurrence", [1, 2, 3])
@pytest.mark.parametrize("point", ["after_purge_marked", "after_purged"])
def test_killed_while_files_are_deleted(lab: Lab, processes: ForkServerContext, point: str, occurrence: int) -> None:
    contents = _old_lab(lab, archived=True)
    _clean_up_until(lab, processes, point, occurrence)
    services = lab.open()
    bench = Workbench(services, Clock())
    runs = services.retention.run_once()
    assert [run.problem for run in runs if run.problem] == []
    *ended, still_open = contents
    for job_id in ended:
        assert [revision.purged_at is not None for revision in bench.get(job_id).revisions] == [True]
        assert list((lab.root / "archive" / str(job_id)).iterdir()) == []
    assert services.revisions.content(still_open, 1, STAFF)[0].read_bytes() == contents[still_open]
    assert services.retention.run_once()[1].amount.count == 0
    services.close()


def test_a_server_cleans_up_once_a_day_however_often_it_is_asked(tmp_path: Path) -> None:
    with running_lab(tmp_path / "lab") as lab:
        retention = lab.bench.services.retention
        for _ in range(3):
            retention.request()
        until(lambda: retention.history(CleanupKind.ANONYMISE, ADMIN), "the cleanup of the day", 60.0)
        retention.request()
        for kind in (CleanupKind.ARCHIVE, CleanupKind.PURGE, CleanupKind.ANONYMISE):
            (run,) = retention.history(kind, ADMIN)
            assert run.problem is None
