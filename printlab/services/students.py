"""All that is held about one student: looked up, exported and anonymised by an admin, on the student's request."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlmodel import Session, SQLModel, col, func, select

from printlab.db import Database
from printlab.domain.policy import UNDO_WINDOW, Action, Actor, require
from printlab.domain.retention import Amount, Anonymised, CleanupKind, CleanupRun, HeldJobs
from printlab.domain.status import ENDED
from printlab.domain.views import FileState
from printlab.errors import NotFound, StorageProblem
from printlab.files import disk
from printlab.files.archive import Archive
from printlab.models import Event, Job, Message, OutboxMail, Payment, Quote, Revision
from printlab.services import fields
from printlab.services.anonymising import Anonymising
from printlab.services.archiving import Archiving
from printlab.services.history import new_event
from printlab.services.identity import authorise

_log = structlog.get_logger(__name__)
_PARTS: tuple[tuple[str, type[SQLModel]], ...] = (
    ("files", Revision),
    ("quotes", Quote),
    ("payments", Payment),
    ("history", Event),
    ("messages", Message),
    ("mails", OutboxMail),
)
_SECRET = frozenset({"submission_key", "submission_digest", "search_text", "track_generation", "undo", "dedupe_key"})
"""What is about our own workings and says nothing of the student that does not stand elsewhere."""

Record = Callable[[CleanupKind, Callable[[], Amount], Actor], CleanupRun]


class Students:
    """A student is an e-mail address, whatever the case of its letters."""

    def __init__(
        self,
        database: Database,
        archive: Archive,
        archiving: Archiving,
        anonymising: Anonymising,
        record: Record,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._archive = archive
        self._archiving = archiving
        self._anonymising = anonymising
        self._record = record
        self._clock = clock

    def held(self, email: str, actor: Actor) -> HeldJobs:
        """The numbers of the student's jobs. Raises InvalidInput, NotFound when there is none, NotAllowed."""
        require(actor, Action.MANAGE_STUDENTS)
        address = fields.email(email)
        with self._database.read() as session:
            jobs = _jobs(session, address)
        ended = tuple(job.id or 0 for job in jobs if job.status in ENDED)
        return HeldJobs(address, tuple(job.id or 0 for job in jobs if job.status not in ENDED), ended)

    def anonymise(self, email: str, actor: Actor) -> Anonymised:
        """Anonymise the student's jobs that ended; what is left says why. It cannot be taken back.

        Raises InvalidInput, NotFound, NotAllowed.
        """
        ended = self.held(email, actor).ended
        with self._database.write() as unit:
            authorise(unit.session, actor, Action.MANAGE_STUDENTS, self._clock())
        self._archiving.at_once(ended)
        run = self._record(CleanupKind.ANONYMISE, self._anonymising.plan_of(ended, actor).carry_out, actor)
        if run.problem:
            raise StorageProblem(run.problem)
        done = run.amount.jobs
        address = fields.email(email)
        with self._database.read() as session:
            left = {job.id or 0: self._why_left(session, job) for job in _found(session, address)}
        return Anonymised(done, left)

    def _why_left(self, session: Session, job: Job) -> str:
        if job.status not in ENDED:
            return f"Job {job.id} is still “{job.status.label}”. Anonymise again once it ended."
        move = session.get(Event, job.last_move_id) if job.last_move_id else None
        if move is not None and move.at >= self._clock() - UNDO_WINDOW:
            return f"Job {job.id} can still be taken back. Anonymise again in ten minutes."
        if job.file_state is not FileState.SETTLED:
            return f"The file of job {job.id} cannot leave its folder: {job.file_problem or 'it is still moving.'}"
        return f"Something of job {job.id} is under way. Anonymise again in a few minutes."

    def export(self, email: str, actor: Actor) -> Iterator[bytes]:
        """A zip of all that is held, in pieces as it is made: ``about.json`` and the files that are still there.

        Raises InvalidInput, NotFound, NotAllowed before the first piece. That it was made stands in the lab's history.
        """
        address = self.held(email, actor).email
        with self._database.write() as unit:
            authorise(unit.session, actor, Action.MANAGE_STUDENTS, self._clock())
            unit.session.add(new_event(actor, "student exported", self._clock()))
        with self._database.read() as session:
            about = [_about(session, job) for job in _jobs(session, address)]
        return self._zipped({"email": address, "made_at": self._clock(), "jobs": about})

    def _zipped(self, about: dict[str, Any]) -> Iterator[bytes]:
        written = _Written()
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as bundle:
            for job in about["jobs"]:
                for file in job["files"]:
                    place = f"files/{job['id']}/{file['number']}-{job['stem']}{file['extension']}"
                    path = self._archive.path(job["id"], file["number"], file["extension"])
                    file["in_zip"] = None
                    if file["purged_at"] is None:
                        yield from self._added(bundle, written, path, place)
                        file["in_zip"] = place
            bundle.writestr("about.json", json.dumps(about, indent=1, ensure_ascii=False, default=str))
        yield written.taken()

    @staticmethod
    def _added(bundle: zipfile.ZipFile, written: _Written, path: Path, place: str) -> Iterator[bytes]:
        """One file; where it cannot be read, what there is of it, so that the rest still arrives."""
        with bundle.open(place, "w", force_zip64=True) as entry:
            try:
                with disk.open_plain(path) as file:
                    while block := file.read(disk.CHUNK):
                        entry.write(block)
                        yield written.taken()
            except (OSError, StorageProblem):
                _log.warning("export.file_unreadable", path=str(path), exc_info=True)


class _Written(io.RawIOBase):
    """What the zip has written so far and nobody has taken; there is no way back in it."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, block: Any, /) -> int:  # noqa: ANN401  (whatever holds bytes)
        self._blocks.append(bytes(block))
        return len(self._blocks[-1])

    def taken(self) -> bytes:
        """The bytes since it was last asked."""
        blocks, self._blocks = self._blocks, []
        return b"".join(blocks)


def _found(session: Session, address: str) -> Sequence[Job]:
    """The address as it was typed at each job, whatever the case of its letters."""
    of_student = func.lower(col(Job.student_email)) == address.lower()
    return session.exec(select(Job).where(of_student).order_by(col(Job.id))).all()


def _jobs(session: Session, address: str) -> Sequence[Job]:
    jobs = _found(session, address)
    if not jobs:
        raise NotFound(f"There is no job with the e-mail address {address}.")
    return jobs


def _about(session: Session, job: Job) -> dict[str, Any]:
    parts = {
        name: [_plain(row) for row in session.exec(select(table).where(table.job_id == job.id).order_by(table.id))]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]  (each of them has both)
        for name, table in _PARTS
    }
    return _plain(job) | parts


def _plain(row: SQLModel) -> dict[str, Any]:
    return {name: value for name, value in row.model_dump().items() if name not in _SECRET}
