"""Carrying out one intent of the journal: idempotent, so that a crash at any point is finished by doing it again.

The archive holds every revision, so the working copy can always be made anew; the care here is for bytes that somebody
else wrote: a file that is in no revision is never overwritten or deleted before ``keep`` has put it into the archive.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from printlab.errors import StorageProblem
from printlab.files import disk, layout

_LOCK_TIMEOUT_S = 30
_LOCK_STRIPES = 64
_WINDOWS_NOT_SAME_DEVICE = 17
_RESERVE_TRIES = 5


@dataclass(frozen=True, slots=True)
class Order:
    """Revision bytes (``archived``, ``size``, ``sha256``) shall lie at ``target``, none of this job's at ``source``.

    Paths are below the storage root. ``known`` are the hashes of all revisions of the job: such bytes are safe.
    """

    job_id: int
    stem: str
    source: str | None
    target: str
    archived: Path
    size: int
    sha256: str
    known: frozenset[str]
    sidecar: bytes
    sidecar_only: bool = False


class Mover:
    """Moves working copies below ``root``. ``keep(job_id, path, name)`` puts unknown bytes into the archive."""

    def __init__(self, root: Path, locks: Path, keep: Callable[[int, Path, str], None]) -> None:
        self.root = root
        self._locks = locks
        self._keep = keep

    def lock(self, job_id: int) -> FileLock:
        """The lock that makes one process at a time touch a job's files."""
        self._locks.mkdir(parents=True, exist_ok=True)
        return FileLock(self._locks / f"job-{job_id % _LOCK_STRIPES}.lock", timeout=_LOCK_TIMEOUT_S)

    def carry_out(self, order: Order) -> None:
        """Make the disk agree with ``order``; call with the job's lock held. Raises StorageProblem when it refuses."""
        try:
            self._carry_out(order)
        except Timeout:
            raise StorageProblem("Another process is moving this job's files.") from None
        except OSError as error:
            raise StorageProblem(_in_words(error, order)) from error

    def _carry_out(self, order: Order) -> None:
        target = self.root / order.target
        source = self.root / order.source if order.source and order.source != order.target else None
        target.parent.mkdir(parents=True, exist_ok=True)
        self._finish_taking_away(target, order)
        if not self._in_place(target, order) and not self._rename(source, target, order):
            self._copy(target, order)
        self._write_sidecar(target, source, order)
        if source is not None:
            self._take_away(source, order)
            disk.reached("after_source_gone")
            disk.sync_folder(source.parent)
        disk.sync_folder(target.parent)

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
        size, sha256 = disk.copy(order.archived, part)
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
                os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
            except FileExistsError:
                continue
            return
        raise StorageProblem(f"{target.name} is being written by another program. It is tried again in a minute.")

    def _take_away(self, path: Path, order: Order) -> None:
        """Remove a file whose bytes are in the archive; other bytes go there first."""
        self._finish_taking_away(path, order)
        if not path.exists() and not path.is_symlink():
            return
        if not disk.is_regular(path):
            raise StorageProblem(f"A folder or link lies where {path.name} belongs. Move it away.")
        path.replace(_taken(path))
        disk.reached("after_taken")
        self._finish_taking_away(path, order)

    def _finish_taking_away(self, path: Path, order: Order) -> None:
        """Renamed first and looked at afterwards: what a slicer saves meanwhile is a new file, and is not lost."""
        taken = _taken(path)
        if not disk.is_regular(taken):
            return
        if taken.stat().st_size and disk.sha256_of(taken) not in order.known:
            self._keep(order.job_id, taken, path.name)
        taken.unlink()

    def _write_sidecar(self, target: Path, source: Path | None, order: Order) -> None:
        beside = layout.sidecar(target, order.stem)
        disk.write(beside, order.sidecar)
        disk.reached("after_sidecar")
        if source is not None and source.parent != target.parent:
            layout.sidecar(source, order.stem).unlink(missing_ok=True)


def _taken(path: Path) -> Path:
    return path.with_name(f".{path.name}.taken")


def _in_words(error: OSError, order: Order) -> str:
    name = Path(order.target).name
    if error.errno == errno.ENOSPC:
        return f"The disk is full: {name} could not be moved. Free space; it is tried again every minute."
    if isinstance(error, PermissionError):
        return f"{name} may be open on a PC: it could not be moved. Close it there; it is tried again every minute."
    return f"{name} could not be moved ({error.strerror or error}). It is tried again every minute."
