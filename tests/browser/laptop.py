"""A browser on a computer that can be sent to sleep: none of its processes runs meanwhile."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from tests.browser.chromium import launched
from tests.processes import descendants

_MARK = "PRINTLAB_LAPTOP"


@contextmanager
def laptop(playwright: Playwright) -> Generator[tuple[Browser, Callable[[], AbstractContextManager[None]]]]:
    """A browser, and what makes it sleep while a block runs."""
    name = uuid.uuid4().hex
    browser = launched(playwright, {_MARK: name})
    try:
        yield browser, lambda: _asleep(name)
    finally:
        browser.close()


@contextmanager
def _asleep(name: str) -> Generator[None]:
    everything = _processes(f"{_MARK}={name}".encode())
    assert len(everything) > 3
    _send(signal.SIGSTOP, everything)
    try:
        yield
    finally:
        _send(signal.SIGCONT, everything)


def _send(what: signal.Signals, pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, what)


def _processes(marked: bytes) -> list[int]:
    """All that were started with this in their environment, and those below: Chromium's children overwrite theirs."""
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if marked in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return sorted({below for pid in found for below in (pid, *descendants(pid))})
