"""Eight writers on the same few jobs: every move that was acknowledged happened, once, after the one before it."""

from __future__ import annotations

import threading
from collections import Counter
from multiprocessing.context import ForkServerContext
from random import Random

import pytest

from printlab.domain.status import Verb
from printlab.services import Services
from tests.crash.driver import Shuffler, made_moves, move_times
from tests.crash.invariants import check
from tests.crash.lab import Lab
from tests.workbench import ADMIN

pytestmark = pytest.mark.serial

WRITERS = 8
JOBS = 10


@pytest.fixture
def moves(scale: float) -> int:
    """How many moves each writer makes."""
    return max(10, int(500 * scale))


def with_jobs(lab: Lab) -> Services:
    """Services of the lab, with a few jobs in it."""
    services, ledger = lab.open(), lab.ledger
    for _ in range(JOBS):
        Shuffler(services, ledger, Random(1)).submit()
    ledger.close()
    return services


def every_move_happened_once(services: Services, lab: Lab, expected: int) -> None:
    """The histories have exactly the moves that the writers were told of."""
    jobs = check(services, lab)
    ledger = lab.ledger
    happened = Counter(
        (job.id, event.action)
        for job in jobs
        for event in services.search.events(job.id, ADMIN)
        if event.action in list(Verb)
    )
    assert happened == ledger.moves()
    assert happened.total() == expected
    ledger.close()
    services.close()


def test_eight_threads(lab: Lab, moves: int) -> None:
    services, ledger = with_jobs(lab), lab.ledger
    failures: list[BaseException] = []

    def write(seed: int) -> None:
        try:
            made_moves(services, ledger, seed, moves)
        except BaseException as error:  # noqa: BLE001  (looked at below)
            failures.append(error)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.close()
    assert failures == []
    every_move_happened_once(services, lab, WRITERS * moves)


def test_eight_processes(lab: Lab, moves: int, processes: ForkServerContext) -> None:
    services = with_jobs(lab)
    writers = [processes.Process(target=move_times, args=(lab, seed, moves)) for seed in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    every_move_happened_once(services, lab, WRITERS * moves)
