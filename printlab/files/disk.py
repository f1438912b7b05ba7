"""Bytes on disk, written so that a power cut cannot leave half of them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from pathlib import Path

CHUNK = 1 << 20


def reached(point: str) -> None:
    """A named moment of a file operation. Does nothing; the crash tests replace it to kill the process right here."""


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_regular(path: Path) -> bool:
    """Whether a plain file lies there; a link, a folder or nothing does not count."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def holds(path: Path, size: int, sha256: str) -> bool:
    """Whether ``path`` is a plain file with just these bytes."""
    return is_regular(path) and path.stat().st_size == size and sha256_of(path) == sha256


def sync_folder(folder: Path) -> None:
    """Make renames in ``folder`` durable, where the file system can (Windows and some shares cannot)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def copy(source: Path, target: Path) -> tuple[int, str]:
    """Copy to ``target``, fsync it, read it back; return its size and SHA-256. Raises OSError when they differ."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as reader, target.open("wb") as writer:
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
        target.unlink()
        raise OSError(f"The copy of {source.name} does not match its source.")
    return size, digest.hexdigest()


def write(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content`` in one step."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
