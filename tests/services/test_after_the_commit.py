"""What is committed is done: whatever fails afterwards is logged, and nobody is told that nothing was changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from printlab.domain.commands import ConfirmJob
from printlab.domain.status import JobStatus
from printlab.domain.views import FileState
from printlab.live import Changed
from printlab.services import Services, build_services
from tests.workbench import COLLEAGUE, Workbench

pytestmark = pytest.mark.usefixtures("database_url")


def test_one_callback_that_fails_stops_neither_the_move_nor_the_others(bench: Workbench, services: Services) -> None:
    heard: list[Changed] = []
    job = bench.submit()
    services.live.subscribe(heard.append)

    def broken() -> None:
        raise RuntimeError("a bug")

    with capture_logs() as lines, services.database.write() as unit:
        unit.after_commit(broken)
        unit.after_commit(lambda: heard.append(Changed(job.id)))
    assert heard == [Changed(job.id)]
    assert [line["event"] for line in lines] == ["database.after_commit_failed"]


def test_a_database_that_goes_away_right_after_the_commit_fails_no_move(
    bench: Workbench, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.submit()

    def gone(_job_id: int) -> None:
        raise OperationalError("SELECT", None, ConnectionError("gone"))

    with monkeypatch.context() as patched, capture_logs() as lines:
        patched.setattr(services.filing, "carry_out", gone)
        moved = bench.approve(job)
        sent = bench.submit(name="Zoë Roe")
    assert (moved.status, moved.file_state) == (JobStatus.PENDING, FileState.MOVING)
    assert sent.status is JobStatus.UPLOADED
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["filing.failed"] * 2
    services.filing.reconcile()
    assert bench.agrees(bench.get(moved.id))
    assert bench.agrees(bench.get(sent.id))


def test_a_verb_answers_with_its_own_version_whoever_is_faster_afterwards(
    bench: Workbench, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the commit and the answer a colleague moves the job on."""
    job = bench.submit()
    colleague = build_services(services.settings)
    real: Callable[[int], None] = services.filing.carry_out

    def overtaken(job_id: int) -> None:
        real(job_id)
        now = bench.get(job_id)
        colleague.quotes.confirm(ConfirmJob(job_id, now.version, 1), COLLEAGUE)

    with monkeypatch.context() as patched:
        patched.setattr(services.filing, "carry_out", overtaken)
        moved = bench.approve(job)
    colleague.close()
    now = bench.get(job.id)
    assert (moved.status, now.status) == (JobStatus.PENDING, JobStatus.READY_TO_PRINT)
    assert moved.version < now.version
