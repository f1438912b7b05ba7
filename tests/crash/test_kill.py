"""kill -9, at every named point of a file operation and at random moments: nothing is lost, nothing is left over."""

from __future__ import annotations

import re
import signal
import time
import zlib
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from random import Random

import pytest

import printlab
from printlab.domain.commands import JobFilter
from tests.crash import driver
from tests.crash.invariants import recover, saved_files_survive
from tests.crash.lab import Lab
from tests.workbench import ADMIN

pytestmark = pytest.mark.serial

_SOURCES = sorted(Path(printlab.__file__).parent.rglob("*.py"))
_OF_THE_CLEANUP = {"after_left", "after_purge_marked", "after_purged"}  # test_retention.py
POINTS = sorted(
    {point for path in _SOURCES for point in re.findall(r'reached\("(\w+)"\)', path.read_text())} - _OF_THE_CLEANUP
)


def test_the_points_are_known() -> None:
    """A renamed or new point shows up here and in the tests below by itself."""
    assert len(POINTS) >= 9


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point(point: str, sqlite_lab: Lab, processes: ForkServerContext, scale: float) -> None:
    kills = max(1, int(10 * scale))
    for number in range(kills):
        occurrence = 1 + number * 3
        arguments = (sqlite_lab, zlib.crc32(point.encode()) + number, point, occurrence, 3000)
        process = processes.Process(target=driver.shuffle_until_point, args=arguments)
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL, f"{point} was never reached"
        recover(sqlite_lab)
    ledger = sqlite_lab.ledger
    assert [entry["at"] for entry in ledger.of("killed")] == [point] * kills
    ledger.close()


def test_killed_at_random_moments_under_load(sqlite_lab: Lab, processes: ForkServerContext, scale: float) -> None:
    _kill_often(sqlite_lab, processes, max(10, int(200 * scale)))


def test_killed_at_random_moments_on_postgresql(
    data_dir: Path, postgres_url: str, processes: ForkServerContext, scale: float
) -> None:
    _kill_often(Lab(data_dir, postgres_url).prepared(), processes, max(5, int(50 * scale)))


def _kill_often(lab: Lab, processes: ForkServerContext, kills: int) -> None:
    random = Random(kills)
    for number in range(kills):
        process = processes.Process(target=driver.shuffle_until_killed, args=(lab, number * 10, 3))
        process.start()
        _wait_until_ready(lab, number + 1, process)
        time.sleep(random.uniform(0.02, 0.6))
        process.kill()
        process.join()
        ledger = lab.ledger
        assert list(ledger.of("surprise")) == []
        assert process.exitcode == -signal.SIGKILL
        ledger.close()
        recover(lab)
        _check_saved(lab)


def _wait_until_ready(lab: Lab, times: int, process: ForkServerProcess) -> None:
    ledger, deadline = lab.ledger, time.monotonic() + 60
    while len(list(ledger.of("ready"))) < times:
        assert process.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    ledger.close()


def _check_saved(lab: Lab) -> None:
    services = lab.open()
    saved_files_survive(lab, list(services.search.find(JobFilter(sort="id", limit=200), ADMIN).items))
    services.close()
