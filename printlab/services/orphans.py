"""Files below the storage root that are no revision's: listed once a day, deleted by an admin's word and never by the
clock. What slicers save into the shared folder is another matter (``noticing.py``).
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from printlab.db import Database
from printlab.domain.policy import Action, Actor, require
from printlab.domain.retention import Amount, CleanupKind, CleanupRun
from printlab.domain.views import OrphanView
from printlab.errors import Conflict, StorageProblem
from printlab.files import disk, layout
from printlab.live import Changed, Live, announce
from printlab.models import Job, OrphanFile, Revision
from printlab.services.history import new_event
from printlab.services.identity import authorise

_log = structlog.get_logger(__name__)
_YOUNG_S = 24 * 3600
"""Bytes get their place before the revision is committed, and clocks of shares differ: only what is older counts."""
_ARCHIVED = re.compile(r"archive/([1-9][0-9]{0,9})/r([1-9][0-9]{0,5})(\.[A-Za-z0-9.]+)")
_PICTURE = re.compile(r"thumbnails/([1-9][0-9]{0,9})\.webp")
_OF_NO_REVISION = "No job has a file of this number."
_MOVED_ASIDE = "It lay where a new file belonged, and was moved aside."
_OF_NO_JOB = "A picture of a job that there is not."

Record = Callable[[CleanupKind, Callable[[], Amount], Actor], CleanupRun]


class _Found(NamedTuple):
    """A file that may be of no job: its place below the root, and what it was when it was seen."""

    place: str
    bytes: int
    mtime_ns: int


class Orphans:
    """The list is kept in the database, so that every process and the next start have it."""

    def __init__(
        self, database: Database, root: Path, record: Record, live: Live, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._root = root
        self._record = record
        self._live = live
        self._clock = clock

    def listed(self, actor: Actor) -> tuple[OrphanView, ...]:
        """Those that the last look found, by their place. Raises NotSignedIn, NotAllowed."""
        require(actor, Action.MANAGE_LAB)
        with self._database.read() as session:
            rows = session.exec(select(OrphanFile).order_by(col(OrphanFile.place))).all()
        return tuple(OrphanView(row.place, row.bytes, row.why) for row in rows)

    def look(self) -> Amount:
        """Look through the archive and keep what is of no job; return how much that is. Raises StorageProblem."""
        layout.check(self._root)
        files = list(self._files())  # before the rows are read: what becomes a revision meanwhile is none
        with self._database.read() as session:
            jobs = _Jobs(
                {(job_id, number, ext) for job_id, number, ext in session.exec(_OF_REVISIONS)},
                {job_id or 0 for job_id in session.exec(select(Job.id))},
            )
        orphans = [OrphanFile(**file._asdict(), why=why) for file in files if (why := jobs.why_not(file.place))]
        with self._database.write() as unit:
            unit.session.exec(sa.delete(OrphanFile))
            unit.session.add_all(orphans)
        return Amount(len(orphans), sum(orphan.bytes for orphan in orphans))

    def delete(self, place: str, actor: Actor) -> CleanupRun:
        """Delete a listed file for good, if it still is what it was and still of no job.

        Raises NotSignedIn, NotAllowed; Conflict when it is of a job by now, was changed or is gone; StorageProblem.
        """
        with self._database.write() as unit:
            authorise(unit.session, actor, Action.MANAGE_LAB, self._clock())
        deleted = self._delete(place, actor)
        return self._record(CleanupKind.ORPHANS, lambda: deleted, actor)

    def _delete(self, place: str, actor: Actor) -> Amount:
        """In one transaction that holds the job's row: a revision of this place is written before or after it."""
        with self._database.write() as unit:
            session = unit.session
            row = session.get(OrphanFile, place, with_for_update=True)
            if row is None:
                raise Conflict("This file is not on the list any more. Look again.")
            path = self._root / place
            if _still_of(session, place).why_not(place) is None or not _is_as_listed(path, row):
                raise Conflict(
                    f"{place} is of a job by now, was changed or is gone, so it was not deleted. Look again."
                )
            try:
                layout.check_folder(path.parent)
                disk.clear(path)
                disk.sync_folder(path.parent)
            except OSError as error:
                raise StorageProblem(f"{place} could not be deleted ({error.strerror or error}).") from error
            session.delete(row)
            session.add(new_event(actor, "file of no job deleted", self._clock(), reason=place))
            announce(unit, self._live, Changed())
            _log.info("orphan.deleted", place=place, bytes=row.bytes, actor=actor.key)
            return Amount(1, row.bytes)

    def _files(self) -> Iterator[_Found]:
        """All that lies where only PrintLab writes, and has for a day."""
        archive = self._root / layout.ARCHIVE
        folders = [f"{layout.ARCHIVE}/{layout.ORPHANS}", layout.THUMBNAILS]
        with contextlib.suppress(OSError), os.scandir(archive) as entries:
            folders += [f"{layout.ARCHIVE}/{entry.name}" for entry in entries if entry.name.isdigit()]
        for folder in folders:
            yield from self._below(folder)

    def _below(self, folder: str) -> Iterator[_Found]:
        with contextlib.suppress(OSError), os.scandir(self._root / folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    facts = entry.stat(follow_symlinks=False)
                    if entry.is_file(follow_symlinks=False) and time.time() - facts.st_mtime > _YOUNG_S:
                        yield _Found(f"{folder}/{entry.name}", facts.st_size, facts.st_mtime_ns)


class _Jobs(NamedTuple):
    """The files that jobs have (number of the job, of the file, extension), and the numbers of all jobs."""

    files: set[tuple[int, int, str]]
    numbers: set[int]

    def why_not(self, place: str) -> str | None:
        """Why the file at this place is none of theirs; None when it is one, or nothing that PrintLab wrote."""
        if place.startswith(f"{layout.ARCHIVE}/{layout.ORPHANS}/"):
            return _MOVED_ASIDE
        if match := _ARCHIVED.fullmatch(place):
            return None if (int(match[1]), int(match[2]), match[3]) in self.files else _OF_NO_REVISION
        if match := _PICTURE.fullmatch(place):
            return None if int(match[1]) in self.numbers else _OF_NO_JOB
        return None


_OF_REVISIONS = select(Revision.job_id, Revision.number, Revision.extension)


def _job_of(place: str) -> int:
    match = _ARCHIVED.fullmatch(place) or _PICTURE.fullmatch(place)
    return int(match[1]) if match else 0


def _still_of(session: Session, place: str) -> _Jobs:
    """The job that the file at this place would be of, as it is now; held until the end of the transaction."""
    job_id = _job_of(place)
    numbers = session.exec(select(Job.id).where(col(Job.id) == job_id).with_for_update()).all()
    files = session.exec(_OF_REVISIONS.where(col(Revision.job_id) == job_id)).all()
    return _Jobs({(job_id, number, extension) for job_id, number, extension in files}, {n or 0 for n in numbers})


def _is_as_listed(path: Path, row: OrphanFile) -> bool:
    with contextlib.suppress(OSError):
        found = path.lstat()
        return disk.is_regular(path) and (found.st_size, found.st_mtime_ns) == (row.bytes, row.mtime_ns)
    return False
