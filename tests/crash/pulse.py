"""``python -m tests.crash.pulse PORT PROCESS OUT``: ask a server every 50 ms whether it lives.

It is a process of its own, lest it wait for what the test does. Each line of OUT is an ``Answer``.
"""

from __future__ import annotations

import http.client
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import NamedTuple

EVERY_S = 0.05


class Answer(NamedTuple):
    """When it was asked (seconds of the monotonic clock), how long the answer took, how much of that time the host
    kept the machine's processors for others (both summed), and what the server's process holds in memory then.
    """

    at_s: float
    took_s: float
    stolen_s: float
    memory_kb: int


def main(port: int, process: int, out: Path) -> None:
    """Ask until this process is ended."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with out.open("w", buffering=1) as file:
        while True:
            began, stolen = time.monotonic(), stolen_s()
            connection.request("GET", "/healthz/live")
            answer = connection.getresponse()
            answer.read()
            took = time.monotonic() - began
            assert answer.status == 200
            file.write(f"{began} {took} {stolen_s() - stolen} {memory_kb(process)}\n")
            time.sleep(max(0.0, EVERY_S - took))


def memory_kb(process: int) -> int:
    """What a process holds in memory."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0])


def stolen_s() -> float:
    """Seconds since the machine's start that its host gave to others while a processor here had work (``steal`` of
    proc(5), counted in ticks).
    """
    return int(Path("/proc/stat").read_text(encoding="ascii").split(maxsplit=9)[8]) / os.sysconf("SC_CLK_TCK")


@dataclass
class Pulse:
    """What was answered, and the moments that count."""

    out: Path
    windows: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])

    @contextmanager
    def counting(self) -> Iterator[None]:
        """What is asked while the block runs counts."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.windows.append((began, time.monotonic()))

    def answers(self) -> list[Answer]:
        """All that counts."""
        lines = [line.split() for line in self.out.read_text(encoding="ascii").splitlines()]
        found = [Answer(float(at), float(took), float(stolen), int(kb)) for at, took, stolen, kb in lines]
        return [one for one in found if any(begin <= one.at_s <= end for begin, end in self.windows)]


@contextmanager
def pulse_of(port: int, process: int, out: Path) -> Iterator[Pulse]:
    """A server is asked while the block runs; AssertionError when it once did not answer."""
    out.touch()
    asking = Popen([sys.executable, "-m", "tests.crash.pulse", str(port), str(process), str(out)], cwd=_ROOT)
    try:
        yield Pulse(out)
        assert asking.poll() is None, "the server did not answer once"
    finally:
        asking.kill()
        asking.wait()


_ROOT = Path(__file__).parents[2]

if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
