"""Labs to crash in, and processes to kill."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests import scaling
from tests.crash.lab import Lab

_ELSEWHERE = ("ReadyToPrint", "Rejected", "Completed")


@pytest.fixture(scope="session")
def scale() -> float:
    """How much of the full counts to do."""
    return scaling.scale()


@pytest.fixture(scope="session")
def processes() -> ForkServerContext:
    """Starts real processes, forked from one that has all modules loaded and nothing open."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crash.driver"])
    return context


@pytest.fixture
def lab(data_dir: Path, database_url: str) -> Lab:
    """An empty lab, all its folders on one file system, on each database."""
    return Lab(data_dir, database_url).prepared()


@pytest.fixture(params=["one file system", "two file systems"])
def sqlite_lab(request: pytest.FixtureRequest, data_dir: Path, sqlite_url: str) -> Iterator[Lab]:
    """An empty lab on SQLite; the second time half of its status folders lie on another file system."""
    made = Lab(data_dir, sqlite_url).prepared()
    if request.param == "one file system":
        yield made
        return
    elsewhere = _other_file_system(data_dir)
    for name in _ELSEWHERE:
        (elsewhere / name).mkdir()
        (made.root / name).rmdir()
        (made.root / name).symlink_to(elsewhere / name)
    yield made
    shutil.rmtree(elsewhere)


def _other_file_system(here: Path) -> Path:
    """A folder on another device than ``here``; a machine that has none cannot run these tests."""
    for candidate in (Path("/dev/shm"), Path("/run"), Path.home(), Path(tempfile.gettempdir()), Path.cwd()):  # noqa: S108
        if candidate.is_dir() and candidate.stat().st_dev != here.stat().st_dev and os.access(candidate, os.W_OK):
            return Path(tempfile.mkdtemp(prefix="printlab-elsewhere-", dir=candidate))
    pytest.fail("No second file system to write to: mount a tmpfs at /dev/shm.")
