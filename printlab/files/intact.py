"""Files that are given out only when they hold just the bytes that were recorded."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from io import BufferedReader
from pathlib import Path

from printlab.errors import StorageProblem
from printlab.files import disk

_MOST_KNOWN = 256
_KNOWN_S = 60.0
_SETTLED_S = 2.0

_Facts = tuple[str, int, int, int, int, int]


class ContentChanged(StorageProblem):
    """Other bytes than those that were written lie under this name, or they have another name beside it."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The file {path.name} in the lab's archive was changed or replaced, so it is not given out. "
            "Whoever looks after the lab's storage can bring it back from a backup."
        )


class IntactFiles:
    """Opens files and reads all of each, a piece at a time; one that was read within a minute is not read again.

    The same one is of the same inode, size and times. One that was written to in the last seconds is read every time:
    two writes within a tick of the clock leave the same time behind.
    """

    def __init__(self) -> None:
        self._known: dict[_Facts, float] = {}
        self._lock = threading.Lock()

    def open(self, path: Path, size: int, sha256: str) -> BufferedReader:
        """The plain file that lies there, at its beginning, when it holds just these bytes under this one name.

        Raises ContentChanged, StorageProblem when no plain file lies there, OSError.
        """
        file = disk.open_plain(path)
        try:
            self._check(file, path, size, sha256)
        except BaseException:
            file.close()
            raise
        return file

    def _check(self, file: BufferedReader, path: Path, size: int, sha256: str) -> None:
        facts = os.fstat(file.fileno())
        if facts.st_nlink > 1 or facts.st_size != size:
            raise ContentChanged(path)
        known = (sha256, facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
        if self._is_known(known):
            return
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise ContentChanged(path)
        file.seek(0)
        if time.time() - max(facts.st_mtime, facts.st_ctime) > _SETTLED_S:
            self._keep(known)

    def _is_known(self, facts: _Facts) -> bool:
        with self._lock:
            read_at = self._known.get(facts)
        return read_at is not None and time.monotonic() - read_at < _KNOWN_S

    def _keep(self, facts: _Facts) -> None:
        with self._lock:
            self._known.pop(facts, None)
            self._known[facts] = time.monotonic()
            while len(self._known) > _MOST_KNOWN:
                del self._known[next(iter(self._known))]
