"""Where files lie below the storage root. A person who browses it must understand it."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from printlab.domain.status import JobStatus
from printlab.errors import StorageProblem
from printlab.files import disk

ARCHIVE = "archive"
THUMBNAILS = "thumbnails"
INCOMING = ".incoming"
ORPHANS = ".orphans"
_MARKER = ".printlab-storage"
_ROOT_ACCOUNT = 0


def working_copy(status: JobStatus, stem: str, extension: str) -> str:
    """The authoritative file's place, relative to the storage root."""
    return status.place_of(f"{stem}{extension}")


def sidecar(working_copy_path: Path, stem: str) -> Path:
    """``<stem>.json`` beside the working copy."""
    return working_copy_path.with_name(f"{stem}.json")


def archived(job_id: int, number: int, extension: str) -> str:
    """A revision's place for good, relative to the storage root."""
    return f"{ARCHIVE}/{job_id}/r{number}{extension}"


def thumbnail(job_id: int) -> str:
    """Where people who browse the share find a job's picture, relative to the storage root."""
    return f"{THUMBNAILS}/{job_id}.webp"


def names(root: Path, status: JobStatus) -> list[str]:
    """The names of all plain files in a status folder; none when somebody removed it, the next move makes it again.

    Raises OSError when it cannot be read.
    """
    with contextlib.suppress(FileNotFoundError), os.scandir(root / status.value) as entries:
        return [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    return []


def prepare(root: Path, *, is_new: bool) -> None:
    """Make the folders, each with a status's name; only a new lab marks the root as its own.

    Raises StorageProblem when the mark is missing later: the share is not mounted, and files must not be written into
    the empty folder below it. Raises it too when the folders cannot be made.
    """
    try:
        if is_new:
            root.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                disk.reserve(root / _MARKER)
        check(root)
        for folder in (*JobStatus, ARCHIVE, THUMBNAILS):
            make_folder(root / folder, may_be_link=True)
        make_folder(root / ARCHIVE / INCOMING)
    except OSError as error:
        raise StorageProblem(
            f"The storage folder {root} cannot be used ({error.strerror or error}). Look at its rights and its disk."
        ) from error


def check(root: Path) -> None:
    """Return when the storage root is there; raise StorageProblem otherwise."""
    try:
        marked = disk.is_regular(root / _MARKER)
    except OSError as error:
        raise StorageProblem(
            f"The storage folder {root} does not answer ({error.strerror or error}). Look at the share."
        ) from error
    if not marked:
        raise StorageProblem(
            f"The storage folder {root} is not there (no {_MARKER} in it). Mount the share; files are moved then."
        )


def make_folder(folder: Path, *, may_be_link: bool = False) -> Path:
    """The folder, made unless it is there. Raises StorageProblem as ``check_folder`` does, OSError."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(parents=True, exist_ok=True)
    check_folder(folder, may_be_link=may_be_link)
    return folder


def check_folder(folder: Path, *, may_be_link: bool = False) -> None:
    """Return when a folder lies there, or nothing; raise StorageProblem for a link or anything else, OSError.

    ``may_be_link``: the operator may have put it on another disk, so a link of this account's or root's own is one.
    """
    try:
        found = folder.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISDIR(found.st_mode):
        return
    if not (may_be_link and stat.S_ISLNK(found.st_mode) and _is_operators(found) and folder.is_dir()):
        raise StorageProblem(f"A link or file lies where the folder “{folder.name}” belongs. Move it away.")


def _is_operators(link: os.stat_result) -> bool:
    """Windows knows no owner's number: making a link there takes an administrator."""
    return os.name == "nt" or link.st_uid in (_ROOT_ACCOUNT, os.geteuid())
