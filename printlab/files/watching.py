"""Watching the storage root for what slicers save there: files that are new or different, and how long they rest.

The root is looked through again and again, because a share tells nobody of what other PCs do. A file is known by its
size, its time of change in nanoseconds and its inode, so two saves within one second are two.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from printlab.domain.status import ENDED, JobStatus
from printlab.files import layout

RESTS_S = 3.0
"""A slicer writes in bursts; what is unchanged for so long is taken to be finished."""
_DEEPEST = 4
_OURS = re.compile(r"r[1-9][0-9]*\.\w+(\.\w+)?", re.IGNORECASE)
_PASSING = re.compile(
    r"[.~].*|.*\.(json|tmp|part|partial|crdownload|bak|lock)[0-9]*|Thumbs\.db|desktop\.ini", re.IGNORECASE
)
_STATUSES = frozenset(status.value for status in JobStatus)
_QUIET = frozenset({layout.ARCHIVE, *(status.value for status in ENDED)})
_QUIET_EVERY_S = 20.0
"""They grow for years, and slicers save there only when somebody opens what lies there."""
_MOST_SHARE = 0.05
"""Of a processor, for looking: through many files it is done less often."""


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
    """Remembers what it saw; ``know`` says that a file needs no more looking at until it changes, or for some time.

    ``next_look_s`` is when it is worth its time to look again, ``present`` the places of all files that were there.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._since: dict[str, tuple[Fingerprint, float]] = {}
        self._known: dict[str, Fingerprint] = {}
        self._until_s: dict[str, float] = {}
        self._looked_s = -math.inf
        self._quiet: tuple[Found, ...] = ()
        self._next_quiet_s = self.next_look_s = -math.inf
        self.present = frozenset[str]()

    def look(self, now_s: float) -> dict[Found, float]:
        """What is there and not known, each with the seconds for which it has been as it is.

        Raises OSError when the root cannot be read.
        """
        if now_s >= self._next_quiet_s:
            began_s = time.thread_time()
            self._quiet = tuple(self._scan_quiet())
            self._next_quiet_s = now_s + max(_QUIET_EVERY_S, (time.thread_time() - began_s) / _MOST_SHARE)
        self._looked_s = now_s
        for place in [place for place, until_s in self._until_s.items() if until_s <= now_s]:
            del self._until_s[place]
            self._known.pop(place, None)
        began_s = time.thread_time()
        present = {found.place: found for found in (*self._scan(), *self._quiet)}
        self.next_look_s = now_s + (time.thread_time() - began_s) / _MOST_SHARE
        self.present = frozenset(present)
        for gone in self._since.keys() - present.keys():
            del self._since[gone]
            self._known.pop(gone, None)
            self._until_s.pop(gone, None)
        rests_s: dict[Found, float] = {}
        for found in present.values():
            if self._known.get(found.place) == found.fingerprint:
                self._since.setdefault(found.place, (found.fingerprint, now_s))
                continue
            seen, since = self._since.get(found.place, (None, now_s))
            if seen != found.fingerprint:
                self._since[found.place] = (found.fingerprint, now_s)
                since = now_s
            rests_s[found] = now_s - since
        return rests_s

    def know(self, found: Found, for_s: float = math.inf) -> None:
        """This file, as it was found, needs no more looking at, or not for so many seconds."""
        self._known[found.place] = found.fingerprint
        self._until_s.pop(found.place, None)
        if for_s < math.inf:
            self._until_s[found.place] = self._looked_s + for_s

    def is_as_found(self, found: Found) -> bool:
        """Whether the file still is what it was when it was found."""
        with contextlib.suppress(OSError):
            return _fingerprint((self._root / found.place).lstat()) == found.fingerprint
        return False

    def _scan(self) -> Iterator[Found]:
        with os.scandir(self._root) as entries:
            for entry in entries:
                if entry.name in _QUIET or entry.name == layout.THUMBNAILS:
                    continue
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=entry.name in _STATUSES):
                        yield from _below(entry.path, entry.name, _DEEPEST)
                    else:
                        yield from _file(entry, entry.name)

    def _scan_quiet(self) -> Iterator[Found]:
        for status in ENDED:
            yield from _below(str(self._root / status.value), status.value, _DEEPEST)
        yield from self._scan_archive()

    def _scan_archive(self) -> Iterator[Found]:
        with contextlib.suppress(OSError), os.scandir(self._root / layout.ARCHIVE) as folders:
            for folder in folders:
                if folder.name.isascii() and folder.name.isdigit():
                    found = _below(folder.path, f"{layout.ARCHIVE}/{folder.name}", 1)
                    yield from (each for each in found if not _OURS.fullmatch(each.name))


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
    if not _is_text(place):
        return
    found = os.lstat(entry.path) if os.name == "nt" else entry.stat(follow_symlinks=False)  # there it knows no inode
    if found.st_size:
        yield Found(place, _fingerprint(found))


def _is_text(place: str) -> bool:
    """A name in another system's letters can be kept nowhere."""
    try:
        place.encode()
    except UnicodeEncodeError:
        return False
    return True


def _fingerprint(found: os.stat_result) -> Fingerprint:
    return Fingerprint(found.st_size, found.st_mtime_ns, found.st_ino)
