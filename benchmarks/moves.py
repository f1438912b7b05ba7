"""Moves a second through the services, against the least that any move must do on the same disk."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.databases import DATABASES
from benchmarks.figures import in_ms, paired_ratio, percentile, scaled
from benchmarks.sending import stl
from benchmarks.upload import ORDER
from printlab.domain.commands import ApproveJob, CompleteJob, ConfirmJob, HandOverJob, StartJob, SubmitJob
from printlab.domain.policy import Actor, ActorKind
from printlab.domain.views import JobView, PaymentMethod
from printlab.files import disk
from printlab.log import configure_logging
from printlab.services import Services
from printlab.settings import load_settings
from printlab.start import open_services

_FILE_BYTES = 1_000_000
_ROUNDS = 7
_THREADS_AND_JOBS = ((1, 4), (8, 16))
_STAFF = Actor(ActorKind.STAFF, "token:1", "Sam Rivera")
_ORDER = SubmitJob(
    name=ORDER["name"],
    email=ORDER["email"],
    method=ORDER["method"],
    printer=ORDER["printer"],
    material=ORDER["material"],
    color=ORDER["color"],
    accept_terms=True,
    walk_in=True,
)


def measure(scale: float) -> dict[str, object]:
    """Moves on SQLite and on PostgreSQL, alone and with eight at once."""
    figures: dict[str, object] = {"file_bytes": _FILE_BYTES}
    for database, running in DATABASES.items():
        with (
            tempfile.TemporaryDirectory(prefix="printlab-benchmark-") as name,
            running(Path(name)) as settings,
            _opened(Path(name), settings) as services,
        ):
            configure_logging(Path(name) / "logs", "WARNING")
            least = _LeastMove(Path(name))
            _line(services, _submitted(services))
            figures[database] = {
                f"{threads}_threads" if threads > 1 else "1_thread": _compare(services, least, threads, jobs, scale)
                for threads, jobs in _THREADS_AND_JOBS
            }
            least.close()
    return figures


def _compare(services: Services, least: _LeastMove, threads: int, jobs: int, scale: float) -> dict[str, object]:
    """Rounds of moves, each followed by as many of the least that a move must do."""
    jobs, rounds = max(threads, scaled(jobs, scale)), scaled(_ROUNDS, scale)
    ours, bare = _Series(), _Series()
    for _ in range(rounds):
        waiting = [_submitted(services) for _ in range(jobs)]
        ours.add(*_timed(threads, [lambda job=job: _line(services, job) for job in waiting]))
        bare.add(*_timed(threads, [least.five_times] * jobs))
    return {
        "of_bare_minimum": paired_ratio(ours.per_s, bare.per_s),
        "p50_against_bare_minimum": round(percentile(ours.seconds, 50) / percentile(bare.seconds, 50), 2),
        "moves_per_s": round(percentile(ours.per_s, 50), 1),
        "bare_minimum_per_s": round(percentile(bare.per_s, 50), 1),
        "move": in_ms(ours.seconds),
        "bare_minimum": in_ms(bare.seconds),
        "moves": len(ours.seconds),
    }


@dataclass
class _Series:
    """How long each move took, and how many there were a second in each round."""

    seconds: list[float] = field(default_factory=list[float])
    per_s: list[float] = field(default_factory=list[float])

    def add(self, seconds: list[float], wall_s: float) -> None:
        """One round."""
        self.seconds += seconds
        self.per_s.append(len(seconds) / wall_s)


def _timed(threads: int, works: list[Callable[[], list[float]]]) -> tuple[list[float], float]:
    """Do all works in so many threads; the seconds of each step, and of the whole."""
    with ThreadPoolExecutor(threads) as pool:
        started = time.perf_counter()
        running = [pool.submit(work) for work in works]
        steps = [step for future in running for step in future.result()]
        wall_s = time.perf_counter() - started
    return steps, wall_s


# ---------- our moves ----------


def _submitted(services: Services) -> JobView:
    """A new job, not timed: it is an upload, not a move."""

    async def receive() -> str:
        async def blocks() -> AsyncIterator[bytes]:
            for block in stl(_FILE_BYTES).blocks():
                yield bytes(block)

        return (await services.submissions.receive("browser", "part.stl", blocks())).id

    staged_id = asyncio.run(receive())
    return services.submissions.submit(_ORDER, "browser", staged_id, _STAFF, staged_id).job


def _line(services: Services, job: JobView) -> list[float]:
    """The five moves from Uploaded to PaidPickedUp; the seconds of each, files in their folder included."""
    student = services.search.by_token(job.track_url.rsplit("/", 1)[1])[1]
    moves: tuple[Callable[[JobView], JobView], ...] = (
        lambda job: services.quotes.approve(ApproveJob(job.id, job.version, weight_cg=3800, time_min=130), _STAFF),
        lambda job: services.quotes.confirm(ConfirmJob(job.id, job.version, 1), student),
        lambda job: services.jobs.start(StartJob(job.id, job.version), _STAFF),
        lambda job: services.jobs.complete(CompleteJob(job.id, job.version), _STAFF),
        lambda job: services.jobs.hand_over(
            HandOverJob(job.id, job.version, job.price_cents or 0, PaymentMethod.CASH), _STAFF
        ),
    )
    seconds: list[float] = []
    for move in moves:
        started = time.perf_counter()
        job = move(job)
        seconds.append(time.perf_counter() - started)
    return seconds


@contextmanager
def _opened(folder: Path, settings: dict[str, str]) -> Generator[Services]:
    services = open_services(load_settings(_env_file=None, data_dir=folder / "data", **settings))
    yield services
    services.close()


# ---------- the least ----------


class _LeastMove:
    """One durable SQLite commit, one rename, one fsync of the folder."""

    def __init__(self, folder: Path) -> None:
        self._folders = (folder / "from", folder / "to")
        for side in self._folders:
            side.mkdir()
        self._database = sqlite3.connect(folder / "least.db", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute("CREATE TABLE job (id INTEGER PRIMARY KEY, status TEXT)")
        self._database.execute("CREATE TABLE event (id INTEGER PRIMARY KEY, job_id INTEGER, status TEXT)")
        self._one_writer = threading.Lock()
        self._numbers = itertools.count(1)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def five_times(self) -> list[float]:
        """As many as a job makes moves; the seconds of each."""
        number = next(self._numbers)
        source, target = (side / str(number) for side in self._folders)
        source.touch()
        seconds: list[float] = []
        for _ in range(5):
            started = time.perf_counter()
            self._commit(number, target.parent.name)
            source.replace(target)
            disk.sync_folder(target.parent)
            seconds.append(time.perf_counter() - started)
            source, target = target, source
        return seconds

    def _commit(self, number: int, status: str) -> None:
        with self._one_writer:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.execute("INSERT OR REPLACE INTO job VALUES (?, ?)", (number, status))
            self._database.execute("INSERT INTO event (job_id, status) VALUES (?, ?)", (number, status))
            self._database.execute("COMMIT")
