"""How much may wait in staging: uploads that nobody sends must not fill the disk that the whole lab works on."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import structlog

from printlab.domain.retention import Amount
from printlab.errors import StorageProblem
from printlab.files import disk
from printlab.files.space import Space

_STAFF_PART = 5  # the public leaves a fifth
_IDLE_S = 3600
_UPLOADS = (".bin", ".part")
MARK_CHARACTERS = 7
_STAFF, _PUBLIC = "s", "p"
_log = structlog.get_logger(__name__)


class Room:
    """What fits into ``folder``: at most ``limit_mb`` in all, as long as the lab's disks take more.

    A file's name begins with its sender's mark. Of one public sender at most ``sender_mb`` wait, of all of them four
    fifths of the room; the rest is for staff.
    """

    def __init__(self, folder: Path, limit_mb: int, sender_mb: int, space: Space) -> None:
        self._folder = folder
        self._space = space
        self._limit_bytes = limit_mb * disk.MB
        self._sender_bytes = sender_mb * disk.MB

    def check(self, coming: int, sender: str) -> None:
        """Return when ``coming`` more bytes of this sender fit; uploads that wait for more than an hour make room when
        needed: the sender's own when it is the sender's room that is short.

        Raises StorageProblem, OSError.
        """
        for mark, lacking in ((sender, self._lacking_for_sender), ("", self._lacking)):
            if lacking(coming, sender) and self.drop_idle(_IDLE_S, mark):
                _log.warning("staging.idle_uploads_dropped")
            if problem := lacking(coming, sender):
                _log.warning("staging.refused", problem=problem)
                raise StorageProblem(problem)

    def drop_idle(self, longer_than_s: float, mark: str = "") -> int:
        """Remove what has lain here unchanged for so long, of one sender or of all; return how many files."""
        idle = self._idle(longer_than_s, mark)
        for path, _ in idle:
            disk.discard(path)
        return len(idle)

    def idle(self, longer_than_s: float) -> Amount:
        """The uploads, half ones too, that have lain here unchanged for so long."""
        uploads = [facts for path, facts in self._idle(longer_than_s) if path.suffix in _UPLOADS]
        oldest = min((datetime.fromtimestamp(facts.st_mtime, UTC) for facts in uploads), default=None)
        return Amount(len(uploads), sum(facts.st_size for facts in uploads), oldest)

    def _idle(self, longer_than_s: float, mark: str = "") -> list[tuple[Path, os.stat_result]]:
        now_s = time.time()
        return [(path, facts) for path, facts in self._files(mark) if now_s - facts.st_mtime > longer_than_s]

    def _lacking_for_sender(self, coming: int, sender: str) -> str | None:
        if is_public(sender) and self._waiting(sender) + coming > self._sender_bytes:
            return "Too many files from your network wait here to be sent. Send those first, or come back in an hour."
        return None

    def _lacking(self, coming: int, sender: str) -> str | None:
        if not self._space.takes(coming):
            return "The lab's disk is almost full: it takes no file now. Tell the lab and choose the file again later."
        publics_bytes = self._limit_bytes - self._limit_bytes // _STAFF_PART
        if (is_public(sender) and self._waiting(_PUBLIC) + coming > publics_bytes) or (
            self._waiting() + coming > self._limit_bytes
        ):
            return "Too many files wait here to be sent, so no more fit now. Choose the file again in an hour."
        return None

    def _waiting(self, mark: str = "") -> int:
        """The bytes of uploads, half ones too; each counts for 1 MB at least, so that their number is limited."""
        files = self._files(mark)
        return sum(max(facts.st_size, disk.MB) for path, facts in files if path.suffix in _UPLOADS)

    def _files(self, mark: str) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self._folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.name.startswith(mark):
                    yield path, path.lstat()


def mark_of(caller: str | None) -> str:
    """The mark of whoever uploads from an address, 7 characters for file names; None is staff."""
    digest = base64.urlsafe_b64encode(hashlib.sha256((caller or "").encode()).digest()).decode()
    return f"{_STAFF if caller is None else _PUBLIC}{digest[: MARK_CHARACTERS - 1]}"


def is_public(mark: str) -> bool:
    """Whether the mark is that of an address, not of staff."""
    return mark.startswith(_PUBLIC)
