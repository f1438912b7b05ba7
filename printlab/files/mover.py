"""Carrying out one intent of the journal: idempotent, so that a crash at any point is finished by doing it again.

The archive holds every revision, so the working copy can always be made anew; the care here is for bytes that somebody
else wrote: a file that is in no revision is never overwritten or deleted before ``keep`` has put it into the archive.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from printlab.errors import StorageProblem
from printlab.files import disk, layout
from printlab.files.watching import RESTS_S

_LOCK_TIMEOUT_S = 30
_LOCK_STRIPES = 64
_WINDOWS_NOT_SAME_DEVICE = 17
_RESERVE_TRIES = 5
_YOUNG_S = 60  # by which the clocks of a share and of this machine do not differ
_LONGEST_NAME = 255  # in bytes, of usual file systems
_LARGEST_KEPT_MB = 5000  # what a lab can allow its staff to upload at most


@dataclass(frozen=True, slots=True)
class Order:
    """Revision bytes (``archived``, ``size``, ``sha256``) shall lie at ``target``, none of this job's at ``source``.

    Paths are below the storage root. ``leaves``: nothing shall lie at ``target`` either. ``known`` says of every
    revision of the job, by its hash, where it is archived.
    """

    job_id: int
    stem: str
    source: str | None
    target: str
    archived: Path
    size: int
    sha256: str
    known: Mapping[str, Path]
    sidecar: bytes
    sidecar_only: bool = False
    leaves: bool = False


class Mover:
    """Moves working copies below ``root``. ``keep(job_id, path, name)`` puts unknown bytes into the archive."""

    def __init__(self, root: Path, locks: Path, keep: Callable[[int, Path, str], None]) -> None:
        self.root = root
        self._locks = locks
        self._keep = keep

    @contextmanager
    def lock(self, job_id: int) -> Generator[None]:
        """Hold what makes one process at a time touch a job's files. Raises StorageProblem when it cannot be had."""
        path = self._locks / f"job-{job_id % _LOCK_STRIPES}.lock"
        lock = FileLock(path, timeout=_LOCK_TIMEOUT_S, mode=0o600)
        try:
            disk.private_folder(self._locks)
            lock.acquire()
        except Timeout:
            raise StorageProblem("Another program is moving this job's files.") from None
        except OSError as error:
            raise StorageProblem(f"The lock {path} cannot be used ({error.strerror or error}).") from error
        try:
            yield
        finally:
            lock.release()

    def carry_out(self, order: Order) -> None:
        """Make the disk agree with ``order``; call with the job's lock held. Raises StorageProblem when it refuses."""
        try:
            self._carry_out(order)
        except OSError as error:
            raise StorageProblem(_in_words(error, order)) from error

    def _carry_out(self, order: Order) -> None:
        target = self.root / order.target
        source = self.root / order.source if order.source and order.source != order.target else None
        if order.leaves:
            self._leave([target] if source is None else [source, target], order)
            return
        layout.make_folder(target.parent, may_be_link=True)
        if source is not None:
            layout.check_folder(source.parent, may_be_link=True)
            if _is_spelled_otherwise(source, target):
                source.replace(target)
                source = None
        self._finish_taking_away(target, order)
        self._place(source, target, order)
        self._write_sidecar(target, source, order)
        if source is not None:
            self._take_away(source, order)
            disk.reached("after_source_gone")
            disk.sync_folder(source.parent)
        disk.sync_folder(target.parent)

    def _leave(self, places: Iterable[Path], order: Order) -> None:
        """Have neither the working copy nor the facts beside it in the status folders; the archive has the bytes."""
        for path in places:
            layout.check_folder(path.parent, may_be_link=True)
            self._take_away(path, order)
            disk.reached("after_left")
            disk.clear(layout.sidecar(path, order.stem))
            disk.sync_folder(path.parent)

    def _place(self, source: Path | None, target: Path, order: Order) -> None:
        try:
            if not self._in_place(target, order) and not self._rename(source, target, order):
                self._copy(target, order)
        except (OSError, StorageProblem):
            _unreserve(target)
            raise

    def _in_place(self, target: Path, order: Order) -> bool:
        if order.sidecar_only:
            return disk.is_regular(target)
        return disk.holds(target, order.size, order.sha256)

    def _rename(self, source: Path | None, target: Path, order: Order) -> bool:
        """Move within one file system; False when the source is another file or lies on another one."""
        if source is None or not disk.holds(source, order.size, order.sha256):
            return False
        self._reserve(target, order)
        disk.reached("after_reserve")
        try:
            source.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV and getattr(error, "winerror", None) != _WINDOWS_NOT_SAME_DEVICE:
                raise
            return False
        disk.reached("after_rename")
        return True

    def _copy(self, target: Path, order: Order) -> None:
        """Make the working copy out of the archive."""
        part = target.with_name(f".{target.name}.part")
        layout.check_folder(order.archived.parent)
        if disk.mode_of(order.archived) is None:
            raise StorageProblem(f"The archived file of job {order.job_id} is missing. Restore it from the backup.")
        with disk.open_plain(order.archived) as archived:
            size, sha256 = disk.copy(archived, part)
        if (size, sha256) != (order.size, order.sha256):
            part.unlink()
            raise StorageProblem(f"The archived file of job {order.job_id} is damaged. Restore it from the backup.")
        disk.reached("after_copy")
        self._reserve(target, order)
        part.replace(target)
        disk.reached("after_part_rename")

    def _reserve(self, target: Path, order: Order) -> None:
        """Take the name with an empty file, so that the rename can replace nothing but that."""
        for _ in range(_RESERVE_TRIES):
            self._take_away(target, order)
            try:
                disk.reserve(target)
            except FileExistsError:
                continue
            return
        raise _being_written(target)

    def _take_away(self, path: Path, order: Order) -> None:
        """Remove a file whose bytes are in the archive; other bytes go there first."""
        self._finish_taking_away(path, order)
        mode = disk.mode_of(path)
        if mode is None:
            return
        if not stat.S_ISREG(mode):
            raise disk.refused(path)
        _check_size(path, path.lstat().st_size)
        path.replace(_taken(path))
        disk.reached("after_taken")
        self._finish_taking_away(path, order)

    def _finish_taking_away(self, path: Path, order: Order) -> None:
        """Renamed first and looked at afterwards: what a slicer saves meanwhile is a new file, and is not lost.

        A program that has the file open still writes into the renamed one: then it stays until that has ended. Slicers
        write in bursts, so what is unknown and young is looked at twice.
        """
        taken = _taken(path)
        if disk.mode_of(taken) is None:
            return
        with disk.open_plain(taken) as file:
            before = os.fstat(file.fileno())
            _check_size(path, before.st_size)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            if before.st_size and not _is_archived(sha256, before.st_size, order):
                if abs(time.time() - before.st_mtime) < _YOUNG_S:
                    time.sleep(RESTS_S)
                _check_is_as_before(file, before, path)
                self._keep(order.job_id, taken, path.name)
            _check_is_as_before(file, before, path)
        disk.clear(taken)

    def _write_sidecar(self, target: Path, source: Path | None, order: Order) -> None:
        beside = layout.sidecar(target, order.stem)
        disk.write(beside, order.sidecar)
        disk.reached("after_sidecar")
        if source is not None and source.parent != target.parent:
            disk.clear(layout.sidecar(source, order.stem))


def _is_spelled_otherwise(source: Path, target: Path) -> bool:
    """On a share that takes ``A.stl`` and ``a.stl`` for one, taking the one away would take the other."""
    if source.parent != target.parent or source.name.casefold() != target.name.casefold():
        return False
    with contextlib.suppress(OSError):
        return source.samefile(target)
    return False


def _taken(path: Path) -> Path:
    """Where it lies until its bytes are known to be kept; anybody may have given it the longest name that there is."""
    taken = path.with_name(f".{path.name}.taken")
    if len(taken.name.encode()) <= _LONGEST_NAME:
        return taken
    return path.with_name(f".{hashlib.sha256(path.name.encode()).hexdigest()}.taken")


def _unreserve(target: Path) -> None:
    """Nobody must find an empty file where a move did not come to its end."""
    with contextlib.suppress(OSError):
        found = target.lstat()
        if stat.S_ISREG(found.st_mode) and not found.st_size:
            target.unlink()


def _is_archived(sha256: str, size: int, order: Order) -> bool:
    """Looked at and not believed: these may be the last good bytes of a revision whose archived file was damaged."""
    archived = order.known.get(sha256)
    if archived is None:
        return False
    layout.check_folder(archived.parent)
    return disk.holds(archived, size, sha256)


def _check_is_as_before(file: BinaryIO, before: os.stat_result, path: Path) -> None:
    after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise _being_written(path)


def _check_size(path: Path, size: int) -> None:
    """What nobody could have uploaded would fill the disk, and keep the job's lock for hours."""
    if size > _LARGEST_KEPT_MB * disk.MB:
        raise StorageProblem(f"{path.name} is larger than {_LARGEST_KEPT_MB} MB, too large to be kept. Move it away.")


def _being_written(path: Path) -> StorageProblem:
    return StorageProblem(f"{path.name} is being written by another program. Close it there.")


def _in_words(error: OSError, order: Order) -> str:
    name = Path(order.target).name
    if disk.is_full(error):
        return f"The disk is full: {name} could not be moved. Free space."
    if isinstance(error, PermissionError):
        return f"{name} may be open on a PC: it could not be moved. Close it there."
    return f"{name} could not be moved ({error.strerror or error}). Look at the storage disk."
