"""Bytes on disk, written so that a power cut cannot leave half of them, in folders that others may write to as well.

Whatever a name leads to is looked at through the opened descriptor: a link is never followed, a pipe never waited for.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from printlab.errors import StorageProblem

CHUNK = 1 << 20
MB = 1_000_000
LEAST_FREE_MB = 500  # below this the disk counts as full: uploads are refused, the health check says so

_BINARY: int = getattr(os, "O_BINARY", 0)
_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
_NONBLOCK: int = getattr(os, "O_NONBLOCK", 0)
_READ = os.O_RDONLY | _BINARY | _NOFOLLOW | _NONBLOCK
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY | _NOFOLLOW
_FOLDER: int = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_OTHERS = stat.S_IRWXO


def reached(point: str) -> None:
    """A named moment of a file operation. Does nothing; the crash tests replace it to kill the process right here."""


def refused(path: Path) -> StorageProblem:
    """What is said when no plain file lies where one belongs."""
    return StorageProblem(f"A folder or link lies where {path.name} belongs. Move it away.")


def mode_of(path: Path) -> int | None:
    """The mode of what lies there, a link's own; None when nothing does."""
    try:
        return path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None


def is_regular(path: Path) -> bool:
    """Whether a plain file lies there; a link, a folder or nothing does not count."""
    return stat.S_ISREG(mode_of(path) or 0)


def is_linked_twice(path: Path) -> bool:
    """Whether another name leads to the same bytes: whoever writes there writes here, and what lies there is read."""
    with contextlib.suppress(OSError):
        return path.lstat().st_nlink > 1
    return False


def open_plain(path: Path) -> BufferedReader:
    """The plain file that lies there, open for reading. Raises StorageProblem for anything else, OSError."""
    if not _NOFOLLOW and path.is_symlink():
        raise refused(path)
    try:
        descriptor = os.open(path, _READ)
    except OSError:
        if mode_of(path) is None or is_regular(path):
            raise
        raise refused(path) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise refused(path)
    return os.fdopen(descriptor, "rb")


def create(path: Path, mode: int = 0o666) -> BinaryIO:
    """A new file, open for writing; what a crash left under this name of ours goes first.

    Raises StorageProblem when a folder lies there, OSError.
    """
    clear(path)
    return os.fdopen(os.open(path, _CREATE, mode), "wb")


def reserve(path: Path, mode: int = 0o666) -> None:
    """Take a name with an empty file; raises FileExistsError when anything lies there."""
    os.close(os.open(path, _CREATE, mode))


def clear(path: Path) -> None:
    """Remove a file of ours, if it is there; of a link the link. Raises StorageProblem for a folder, OSError."""
    if stat.S_ISDIR(mode_of(path) or 0):
        raise refused(path)
    path.unlink(missing_ok=True)


def discard(path: Path) -> None:
    """Remove a file that nothing needs any more, unless the disk does not let go of it now; sweeps try again."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def holds(path: Path, size: int, sha256: str) -> bool:
    """Whether ``path`` is a plain file with just these bytes. Raises OSError when it cannot be read."""
    try:
        with open_plain(path) as file:
            same_size = os.fstat(file.fileno()).st_size == size
            return same_size and hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except (FileNotFoundError, NotADirectoryError, StorageProblem):
        return False


def sync_folder(folder: Path) -> None:
    """Make renames in ``folder`` durable, where the file system can (Windows and some shares cannot)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, _FOLDER)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def copy(reader: BinaryIO, target: Path) -> tuple[int, str]:
    """Copy to a new file, fsync it, read it back; return its size and SHA-256.

    Raises OSError, also when the copy differs, and StorageProblem; then nothing is left at ``target``.
    """
    try:
        return _copy(reader, target)
    except OSError:
        discard(target)
        raise


def _copy(reader: BinaryIO, target: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with create(target) as writer:
        while block := reader.read(CHUNK):
            writer.write(block)
            digest.update(block)
            size += len(block)
            if size == len(block):
                writer.flush()
                reached("mid_copy")
        writer.flush()
        os.fsync(writer.fileno())
    if not holds(target, size, digest.hexdigest()):
        raise OSError(errno.EIO, "the copy differs from its source")
    return size, digest.hexdigest()


def write(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Replace ``path`` by ``content`` in one step. Raises StorageProblem when a folder lies there, OSError."""
    if stat.S_ISDIR(mode_of(path) or 0):
        raise refused(path)
    part = path.with_name(f".{path.name}.part")
    with create(part, mode) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def private_folder(folder: Path) -> None:
    """Make a folder that only this account can look into; one that is there already is closed to strangers."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    hide(folder)


def close_folder(folder: Path) -> None:
    """Make a folder that only this account can enter; one that strangers could look into is closed to all others.

    One that is closed to strangers already stays as it is: its operator has opened it to a group.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(PermissionError):
        if stat.S_IMODE(folder.stat().st_mode) & _OTHERS:
            folder.chmod(0o700)


def hide(path: Path) -> None:
    """Take away what users outside its group may do with ``path``, if it is there and ours."""
    with contextlib.suppress(FileNotFoundError, PermissionError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS:
            path.chmod(mode & ~_OTHERS)


def free_bytes(folder: Path) -> int:
    """How much fits on the disk of ``folder``. Raises OSError."""
    return free_and_whole_bytes(folder)[0]


def free_and_whole_bytes(folder: Path) -> tuple[int, int]:
    """How many bytes are free on the disk of ``folder``, and how many it has. Raises OSError."""
    usage = shutil.disk_usage(folder)
    return usage.free, usage.total


def is_full(error: OSError) -> bool:
    """Whether the disk, or this account's share of it, is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
