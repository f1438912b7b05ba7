"""What a server does to the machine and to others while it works: its memory, and how long a small request takes."""

from __future__ import annotations

import asyncio
import http.client
import os
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

_MB = 1_000_000
_MEMORY_EVERY_S = 0.02
_PROBE_EVERY_S = 0.01
_IDLE_S = 3.0
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def rss_mb(pid: int) -> float:
    """The resident memory of a process, in MB of 1,000,000 bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * _PAGE_BYTES / _MB


def cpu_s(pid: int) -> float:
    """The processor time that all threads of a process have had, in seconds; those that ended are left out."""
    spent = (Path(task, "schedstat").read_text(encoding="ascii") for task in Path(f"/proc/{pid}/task").iterdir())
    return sum(int(text.split()[0]) for text in spent) / 1e9


async def idle_share(pid: int, seconds: float) -> float:
    """How much of one core a process takes while nothing is asked of it."""
    before, began = cpu_s(pid), time.monotonic()
    await asyncio.sleep(seconds)
    return (cpu_s(pid) - before) / (time.monotonic() - began)


async def beyond_idle(pid: int, seconds: float = _IDLE_S) -> Callable[[], float]:
    """What tells the processor time of a process from now on, in seconds, without what it takes idle."""
    idle = await idle_share(pid, seconds)
    before, began = cpu_s(pid), time.monotonic()
    return lambda: cpu_s(pid) - before - idle * (time.monotonic() - began)


@contextmanager
def memory_watched(pid: int, every_s: float = _MEMORY_EVERY_S) -> Generator[list[float]]:
    """The resident memory while the block runs, in MB, every 20 ms; the first sample is from before."""
    samples = [rss_mb(pid)]
    with _repeated(lambda: samples.append(rss_mb(pid)), every_s):
        yield samples
    samples.append(rss_mb(pid))


@contextmanager
def probed(port: int) -> Generator[list[float]]:
    """How long ``/healthz/live`` takes while the block runs, in seconds, on one connection."""
    samples: list[float] = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    round_trip(connection)
    with _repeated(lambda: samples.append(round_trip(connection)), _PROBE_EVERY_S):
        yield samples
    connection.close()
    assert samples


def round_trip(connection: http.client.HTTPConnection) -> float:
    """Seconds of one ``GET /healthz/live``."""
    started = time.perf_counter()
    connection.request("GET", "/healthz/live")
    response = connection.getresponse()
    response.read()
    assert response.status == 200
    return time.perf_counter() - started


@contextmanager
def _repeated(act: Callable[[], object], every_s: float) -> Generator[None]:
    stop = threading.Event()

    def run() -> None:
        act()
        while not stop.wait(every_s):
            act()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
