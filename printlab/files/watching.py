"""Watching the storage root for what slicers save there: files that are new or different and have come to rest.

The root is looked through again and again, because a share tells nobody of what other PCs do. A file is known by its
size, its time of change in nanoseconds and its inode, so two saves within one second are two.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from printlab.domain.status import JobStatus
from printlab.files import layout

RESTS_S = 3.0
"""A slicer writes in bursts; what is unchanged for so long is looked at."""
_DEEPEST = 4
_OURS = re.compile(r"r[1-9][0-9]*\.\w+(\.\w+)?", re.IGNORECASE)
_PASSING = re.compile(
    r"[.~].*|.*\.(json|tmp|part|partial|crdownload|bak|lock)[0-9]*|Thumbs\.db|desktop\.ini", re.IGNORECASE
)
_SETTLED_NS = 2_000_000_000
"""So coarse may a share's times be: a folder that changed within it may change again without a new time."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a file's folder says of it; another one means other bytes, or may."""

    bytes: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Found:
    """A file below the storage root; ``place`` is its path from there, with forward slashes."""

    place: str
    fingerprint: Fingerprint

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.place.rpartition("/")[2]


class Watch:
    """Remembers what it saw; ``know`` says that a file needs no more looking at until it changes."""

    def __init__(self, root: Path, rests_s: float = RESTS_S) -> None:
        self._root = root
        self._rests_s = rests_s
        self._since: dict[str, tuple[Fingerprint, float]] = {}
        self._known: dict[str, Fingerprint] = {}
        self._archive: dict[str, tuple[int, tuple[Found, ...]]] = {}

    def look(self, now_s: float) -> tuple[list[Found], list[Found]]:
        """What has come to rest and is not known, and what has not; raises OSError when the root cannot be read."""
        present = {found.place: found for found in self._scan()}
        for gone in self._since.keys() - present.keys():
            del self._since[gone]
            self._known.pop(gone, None)
        rested: list[Found] = []
        restless: list[Found] = []
        for found in present.values():
            if self._known.get(found.place) == found.fingerprint:
                self._since.setdefault(found.place, (found.fingerprint, now_s))
                continue
            seen, since = self._since.get(found.place, (None, now_s))
            if seen != found.fingerprint:
                self._since[found.place] = (found.fingerprint, now_s)
                since = now_s
            (rested if now_s - since >= self._rests_s else restless).append(found)
        return rested, restless

    def know(self, found: Found) -> None:
        """This file, as it was found, needs no more looking at."""
        self._known[found.place] = found.fingerprint

    def forget(self, place: str) -> None:
        """Look at this file once more."""
        self._known.pop(place, None)

    def is_as_found(self, found: Found) -> bool:
        """Whether the file still is what it was when it was found."""
        with contextlib.suppress(OSError):
            return _fingerprint((self._root / found.place).lstat()) == found.fingerprint
        return False

    def _scan(self) -> Iterator[Found]:
        with os.scandir(self._root) as entries:
            for entry in entries:
                if entry.name in (layout.ARCHIVE, layout.THUMBNAILS):
                    continue
                if entry.is_dir(follow_symlinks=entry.name in set(JobStatus)):
                    yield from _below(entry.path, entry.name, _DEEPEST)
                else:
                    yield from _file(entry, entry.name)
        yield from self._scan_archive()

    def _scan_archive(self) -> Iterator[Found]:
        """A lab's archive grows for years: a folder that says it is unchanged is not read again."""
        with contextlib.suppress(OSError), os.scandir(self._root / layout.ARCHIVE) as folders:
            for folder in folders:
                if folder.name.isascii() and folder.name.isdigit() and folder.is_dir(follow_symlinks=False):
                    yield from self._archived(folder)

    def _archived(self, folder: os.DirEntry[str]) -> tuple[Found, ...]:
        changed_ns = folder.stat(follow_symlinks=False).st_mtime_ns
        known_ns, found = self._archive.get(folder.name, (None, ()))
        if known_ns == changed_ns and not found:
            return ()
        found = tuple(
            each for each in _below(folder.path, f"{layout.ARCHIVE}/{folder.name}", 1) if not _OURS.fullmatch(each.name)
        )
        if time.time_ns() - changed_ns > _SETTLED_NS:
            self._archive[folder.name] = (changed_ns, found)
        return found


def _below(folder: str, place: str, depth: int) -> Iterator[Found]:
    """All files below a folder, not through links; what vanishes meanwhile is left out."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    if depth > 1 and not entry.name.startswith("."):
                        yield from _below(entry.path, f"{place}/{entry.name}", depth - 1)
                else:
                    yield from _file(entry, f"{place}/{entry.name}")


def _file(entry: os.DirEntry[str], place: str) -> Iterator[Found]:
    """Plain files with something in them; what programs write beside theirs, and our own facts, are none."""
    if _PASSING.fullmatch(entry.name) or not entry.is_file(follow_symlinks=False):
        return
    found = entry.stat(follow_symlinks=False)
    if found.st_size:
        yield Found(place, _fingerprint(found))


def _fingerprint(found: os.stat_result) -> Fingerprint:
    return Fingerprint(found.st_size, found.st_mtime_ns, found.st_ino)
