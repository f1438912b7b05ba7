"""File revisions: a sliced file from staff, a corrected one from the student, and the way to any of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from printlab.domain import naming
from printlab.domain.policy import Action, Actor, takes_sliced_files
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import (
    AT_THE_DESK,
    BY_THE_STUDENT,
    NO_SCALE_MICRO,
    JobView,
    RevisionKind,
    RevisionView,
    StagedFile,
)
from printlab.errors import Conflict, InvalidFile, NotFound
from printlab.files.archive import Incoming
from printlab.files.staging import Staging
from printlab.services.desk import Desk, JobWork
from printlab.services.filing import model_that_counts, new_revision, next_revision
from printlab.services.intake import Intake
from printlab.services.jobs import start_over
from printlab.services.search import Search


class Revisions:
    """Bytes go into the archive first; then the revision exists and counts."""

    def __init__(
        self, desk: Desk, search: Search, staging: Staging, intake: Intake, allowed: Callable[[], tuple[str, ...]]
    ) -> None:
        self._desk = desk
        self._intake = intake
        self._search = search
        self._staging = staging
        self._allowed = allowed

    def add(self, job_id: int, version: int, browser: str, staged_id: str, actor: Actor) -> JobView:
        """A file from staff becomes the authoritative one.

        Raises NotFound (the upload), Conflict once printing has begun, StorageProblem.
        """
        staged, path = self._staging.get(browser, staged_id)
        incoming = self._desk.filing.archive.take_in(path, staged.sha256)
        try:
            with self._desk.work(job_id, version, actor, Action.ADD_REVISION) as work:
                self._refuse_after_start(work.before)
                self._adopt(work, incoming, staged, naming.kind_of(staged.extension), origin="uploaded")
                work.record("revision added")
        finally:
            self._desk.filing.archive.drop(incoming)
        self._staging.discard(browser, staged_id)
        return work.result

    def correct(self, job_id: int, version: int, browser: str, staged_id: str, actor: Actor) -> JobView:
        """A corrected file from the student: the next revision, and the job starts over as Uploaded.

        Raises NotFound (the upload), InvalidFile, StorageProblem.
        """
        staged, path = self._staging.get(browser, staged_id)
        if staged.extension not in self._allowed():
            raise InvalidFile(naming.accepted_sentence(self._allowed()))
        self._intake.refuse_known(staged.sha256)
        incoming = self._desk.filing.archive.take_in(path, staged.sha256)
        try:
            with self._desk.work(job_id, version, actor, Verb.CORRECT) as work:
                origin = AT_THE_DESK if actor.is_staff else BY_THE_STUDENT
                self._adopt(work, incoming, staged, RevisionKind.CORRECTED, origin)
                work.row.original_name = staged.original_name
                start_over(work)
                work.move(Verb.CORRECT, JobStatus.UPLOADED)
        finally:
            self._desk.filing.archive.drop(incoming)
        self._staging.discard(browser, staged_id)
        return work.result

    def content(self, job_id: int, number: int | None, actor: Actor) -> tuple[Path, RevisionView]:
        """The path of a revision's bytes and its facts; None means the authoritative one.

        Raises NotFound, StorageProblem when something else lies there.
        """
        job = self._search.get(job_id, actor)
        wanted = job.authoritative if number is None else number
        revision = next((r for r in job.revisions if r.number == wanted), None)
        if revision is None:
            raise NotFound(f"Job {job_id} has no file revision {wanted}.")
        extension = revision.filename.removeprefix(job.stem)
        path = self._desk.filing.archive.find(job_id, wanted, extension)
        if path is None:
            raise NotFound(f"The archived file of job {job_id} is not there. Look whether the share is mounted.")
        return path, revision

    @staticmethod
    def _refuse_after_start(job: JobView) -> None:
        if not takes_sliced_files(job.status):
            raise Conflict(
                f"Job {job.id} is “{job.status.label}”; its file can be replaced only before printing starts."
            )

    def _adopt(self, work: JobWork, incoming: Incoming, staged: StagedFile, kind: RevisionKind, origin: str) -> None:
        """Make the row, give the bytes their place, let this revision count."""
        number = next_revision(work.session, work.job_id)
        revision = new_revision(
            incoming,
            work.job_id,
            number,
            staged.extension,
            original_name=staged.original_name,
            kind=kind,
            model=model_that_counts(work.session, work.job_id),
            origin=origin,
            created_by=work.actor.name,
            now=work.now,
        )
        work.session.add(revision)
        work.session.flush()
        if kind is not RevisionKind.SLICED:
            self._intake.want(work.unit, staged.sha256)
            work.row.scale_micro = NO_SCALE_MICRO  # what was said of the size was said of the file before
            work.row.size_is_right = False
            work.changed("scale", work.before.scale, 1.0)
        self._desk.filing.archive.keep(incoming, work.job_id, number, staged.extension)
        work.changed("authoritative", work.before.authoritative, number)
        work.changed("file", work.before.filename, f"{work.row.stem}{staged.extension}")
        work.row.authoritative = number
