"""The archive: every revision's bytes, until the lab's rule deletes them. Bytes come in first; only then does a
revision exist.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

import structlog

from printlab.errors import InvalidFile, NotFound, StorageProblem
from printlab.files import disk, layout

_LEFTOVER_S = 3600
_LONGEST_EXTENSION = 20  # of what is moved aside: anybody may have named it
_FULL = "The lab's storage is full, so the file was not taken. Try again when space has been freed there."
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Incoming:
    """Bytes that lie in the archive's entrance: copied, fsynced and read back."""

    path: Path
    bytes: int
    sha256: str


class Archive:
    """``<root>/archive/<job id>/r<number><ext>``. Whatever the disk refuses is a StorageProblem."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, job_id: int, number: int, extension: str) -> Path:
        """Where a revision's bytes lie."""
        return self.root / layout.archived(job_id, number, extension)

    def find(self, job_id: int, number: int, extension: str) -> Path | None:
        """Where a revision's bytes lie; None when they do not. Raises StorageProblem when something else does."""
        path = self.path(job_id, number, extension)
        with _in_words("read from"):
            layout.check_folder(path.parent)
            if disk.mode_of(path) is None:
                return None
            if not disk.is_regular(path):
                raise disk.refused(path)
            return path

    def take_in(self, source: Path, sha256: str | None = None) -> Incoming:
        """Copy ``source`` into the archive's entrance; the source stays.

        Raises NotFound when the source is gone, InvalidFile when its bytes are not those of ``sha256`` or lie under
        another name too, StorageProblem.
        """
        layout.check(self.root)
        with _in_words("put into"):
            entrance = self._folder(layout.INCOMING)
            path = entrance / f"{uuid.uuid4().hex}.part"
            with _opened(source) as reader:
                facts = os.fstat(reader.fileno())
                if facts.st_nlink > 1:
                    raise InvalidFile("The file is the same as one elsewhere. Save it as a file of its own.")
                self._check_room(facts.st_size)
                size, copied = disk.copy(reader, path)
        if sha256 not in (None, copied):
            disk.discard(path)
            raise InvalidFile("The uploaded file changed on its way. Send it again.")
        return Incoming(path, size, copied)

    def keep(self, incoming: Incoming, job_id: int, number: int, extension: str) -> None:
        """Give the bytes their place. Called inside the transaction that makes the revision's row.

        A file of this number that lies there already, whatever its extension, belongs to no revision that the database
        knows: it has just given out the number. It may be of a transaction that never committed, or of a time before
        the database was restored from a backup. It is moved aside. Raises StorageProblem.
        """
        with _in_words("put into"):
            folder = self._folder(str(job_id))
            self._move_aside(folder, job_id, number)
            if not disk.is_regular(incoming.path) or incoming.path.stat().st_size != incoming.bytes:
                raise StorageProblem("The file was changed on its way into the archive. Send it again.")
            incoming.path.replace(self.path(job_id, number, extension))
            disk.sync_folder(folder)
            disk.sync_folder(folder.parent)
        disk.reached("after_archive")

    def remove(self, job_id: int, number: int, extension: str) -> None:
        """Delete a revision's bytes for good, if they are there. Raises StorageProblem."""
        with _in_words("deleted from"):
            layout.check(self.root)
            path = self.path(job_id, number, extension)
            layout.check_folder(path.parent)
            disk.clear(path)
            disk.sync_folder(path.parent)

    def drop(self, incoming: Incoming) -> None:
        """Forget bytes that became no revision; what the disk does not let go of now is swept later."""
        disk.discard(incoming.path)

    def sweep(self) -> None:
        """Remove what a crash left in the entrance more than an hour ago. Raises StorageProblem."""
        with _in_words("swept from"), os.scandir(self._folder(layout.INCOMING)) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    if entry.name.endswith(".part") and _is_old(entry):
                        disk.discard(Path(entry))

    def _folder(self, name: str) -> Path:
        layout.make_folder(self.root / layout.ARCHIVE, may_be_link=True)
        return layout.make_folder(self.root / layout.ARCHIVE / name)

    def _check_room(self, coming: int) -> None:
        """A disk that is filled to the last byte would stop what is only moved, too."""
        if disk.free_bytes(self.root) - coming < disk.LEAST_FREE_MB * disk.MB:
            raise StorageProblem(_FULL)

    def _move_aside(self, folder: Path, job_id: int, number: int) -> None:
        """Compared without regard to case: on some shares R2.stl and r2.stl are one file."""
        with os.scandir(folder) as entries:
            found = [Path(entry) for entry in entries if entry.name.lower().startswith(f"r{number}.")]
        for path in found:
            extension = path.name[len(f"r{number}") :][:_LONGEST_EXTENSION]
            aside = self._folder(layout.ORPHANS) / f"{job_id}-r{number}-{secrets.token_hex(8)}{extension}"
            path.replace(aside)
            _log.warning("archive.moved_aside", job_id=job_id, path=str(path), to=str(aside))


def _is_old(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False) and time.time() - entry.stat().st_mtime > _LEFTOVER_S


def _opened(source: Path) -> BufferedReader:
    try:
        return disk.open_plain(source)
    except FileNotFoundError:
        raise NotFound("The file is no longer here. Choose it again.") from None


@contextmanager
def _in_words(doing: str) -> Generator[None]:
    """What the disk refuses, as a sentence for whoever sent the file."""
    try:
        yield
    except OSError as error:
        if disk.is_full(error):
            raise StorageProblem(_FULL) from error
        raise StorageProblem(
            f"The file could not be {doing} the archive ({error.strerror or error}). Look at the lab's storage."
        ) from error
