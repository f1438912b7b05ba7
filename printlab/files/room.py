"""How much may wait in staging: uploads that nobody sends must not fill the disk that the whole lab works on."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import structlog

from printlab.errors import StorageProblem
from printlab.files import disk

# Twenty of the largest files that the default settings allow.
LIMIT_MB = 10_000
_IDLE_S = 3600
_log = structlog.get_logger(__name__)


class Room:
    """What fits into ``folder``: at most ``limit_mb`` in all, and ``disk.LEAST_FREE_MB`` of its disk stay free."""

    def __init__(self, folder: Path, limit_mb: int) -> None:
        self._folder = folder
        self._limit_bytes = limit_mb * disk.MB

    def check(self, coming: int) -> None:
        """Return when ``coming`` more bytes fit; uploads that wait for more than an hour make room when needed.

        Raises StorageProblem, OSError.
        """
        if self._lacking(coming) and self.drop_idle(_IDLE_S):
            _log.warning("staging.idle_uploads_dropped")
        if problem := self._lacking(coming):
            _log.warning("staging.refused", problem=problem)
            raise StorageProblem(problem)

    def drop_idle(self, longer_than_s: float) -> int:
        """Remove what has lain here unchanged for so long; return how many files."""
        idle = [path for path, facts in self._files() if time.time() - facts.st_mtime > longer_than_s]
        for path in idle:
            disk.discard(path)
        return len(idle)

    def _lacking(self, coming: int) -> str | None:
        if disk.free_bytes(self._folder) - coming < disk.LEAST_FREE_MB * disk.MB:
            return "The lab's disk is almost full: it takes no file now. Tell the lab and choose the file again later."
        if self._waiting() + coming > self._limit_bytes:
            return "Too many files wait here to be sent, so no more fit now. Choose the file again in an hour."
        return None

    def _waiting(self) -> int:
        """The bytes of all uploads, half ones too; each counts for 1 MB at least, so that their number is limited."""
        return sum(max(facts.st_size, disk.MB) for path, facts in self._files() if path.suffix in (".bin", ".part"))

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self._folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                yield path, path.lstat()
