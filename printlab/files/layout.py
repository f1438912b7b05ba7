"""Where files lie below the storage root. A person who browses it must understand it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from printlab.domain.status import JobStatus
from printlab.errors import StorageProblem

ARCHIVE = "archive"
INCOMING = ".incoming"
_MARKER = ".printlab-storage"


def working_copy(status: JobStatus, stem: str, extension: str) -> str:
    """The authoritative file's place, relative to the storage root."""
    return f"{status.value}/{stem}{extension}"


def sidecar(working_copy_path: Path, stem: str) -> Path:
    """``<stem>.json`` beside the working copy."""
    return working_copy_path.with_name(f"{stem}.json")


def archived(job_id: int, number: int, extension: str) -> str:
    """A revision's place for good, relative to the storage root."""
    return f"{ARCHIVE}/{job_id}/r{number}{extension}"


def names(root: Path, status: JobStatus) -> list[str]:
    """The names of all files in a status folder; none when somebody removed it, the next move makes it again."""
    with contextlib.suppress(FileNotFoundError), os.scandir(root / status.value) as entries:
        return [entry.name for entry in entries]
    return []


def prepare(root: Path, *, is_new: bool) -> None:
    """Make the folders, each with a status's name; only a new lab marks the root as its own.

    Raises StorageProblem when the mark is missing later: the share is not mounted, and files must not be written into
    the empty folder below it.
    """
    if is_new:
        root.mkdir(parents=True, exist_ok=True)
        (root / _MARKER).touch()
    check(root)
    for status in JobStatus:
        (root / status.value).mkdir(parents=True, exist_ok=True)
    (root / ARCHIVE / INCOMING).mkdir(parents=True, exist_ok=True)


def check(root: Path) -> None:
    """Return when the storage root is there; raise StorageProblem otherwise."""
    if not (root / _MARKER).is_file():
        raise StorageProblem(
            f"The storage folder {root} is not there (no {_MARKER} in it). Mount the share; files are moved then."
        )
