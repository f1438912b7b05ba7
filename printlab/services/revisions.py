"""File revisions: a sliced file from staff, a corrected one from the student, which of them counts, and their bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from printlab.domain import naming
from printlab.domain.policy import Action, Actor
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import AT_THE_DESK, BY_THE_STUDENT, JobView, RevisionKind, RevisionView
from printlab.errors import InvalidFile, InvalidInput, NotFound
from printlab.files.staging import Staging
from printlab.services import fields
from printlab.services.adopting import Adoption, NewFile, kind_of, refuse_after_start
from printlab.services.desk import Desk, find_revision
from printlab.services.history import FILE_CHOSEN, REVISION_ADDED
from printlab.services.intake import Intake
from printlab.services.jobs import start_over
from printlab.services.search import Search
from printlab.services.slicing import SlicedFiles


class Revisions:
    """Bytes go into the archive first; then the revision exists and counts."""

    def __init__(
        self,
        desk: Desk,
        search: Search,
        staging: Staging,
        intake: Intake,
        adoption: Adoption,
        sliced_files: SlicedFiles,
        allowed: Callable[[], tuple[str, ...]],
    ) -> None:
        self._desk = desk
        self._intake = intake
        self._adoption = adoption
        self._search = search
        self._staging = staging
        self._sliced_files = sliced_files
        self._allowed = allowed

    def add(self, job_id: int, version: int, browser: str, staged_id: str, actor: Actor) -> JobView:
        """A file from staff becomes the authoritative one.

        Raises NotFound (the upload), Conflict once printing has begun, StorageProblem.
        """
        staged, path = self._staging.get(browser, staged_id)
        sliced = self._sliced_files.read(path, staged.extension)
        incoming = self._desk.filing.archive.take_in(path, staged.sha256)
        kind = kind_of(staged.extension, sliced)
        new = NewFile(incoming, staged.extension, staged.original_name, "uploaded", kind, sliced)
        try:
            with self._desk.work(job_id, version, actor, Action.ADD_REVISION) as work:
                refuse_after_start(work.before)
                self._adoption.let_count(work, self._adoption.add(work, new))
                work.record(REVISION_ADDED)
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
        sliced = self._sliced_files.read(path, staged.extension)
        incoming = self._desk.filing.archive.take_in(path, staged.sha256)
        origin = AT_THE_DESK if actor.is_staff else BY_THE_STUDENT
        new = NewFile(incoming, staged.extension, staged.original_name, origin, RevisionKind.CORRECTED, sliced)
        try:
            with self._desk.work(job_id, version, actor, Verb.CORRECT) as work:
                self._adoption.let_count(work, self._adoption.add(work, new))
                work.row.original_name = staged.original_name
                start_over(work)
                work.move(Verb.CORRECT, JobStatus.UPLOADED)
        finally:
            self._desk.filing.archive.drop(incoming)
        self._staging.discard(browser, staged_id)
        return work.result

    def choose(self, job_id: int, version: int, number: int, reason: str | None, actor: Actor) -> JobView:
        """Let another of the job's files count, and say why.

        Raises InvalidInput without a reason, NotFound, Conflict once printing has begun.
        """
        said = fields.line(reason, "reason")
        if said is None:
            raise InvalidInput("Say why this file counts now, for example “sliced with supports”.", "reason")
        with self._desk.work(job_id, version, actor, Action.ADD_REVISION) as work:
            refuse_after_start(work.before)
            if number != work.before.authoritative:
                work.reason = said
                self._adoption.let_count(work, number)
                work.record(FILE_CHOSEN)
        return work.result

    def holds_one_copy(self, job_id: int, version: int, number: int, actor: Actor, *, one_copy: bool) -> JobView:
        """Say whether a sliced file holds one copy or, as is usual, all of them. Raises NotFound."""
        with self._desk.work(job_id, version, actor, Action.ADD_REVISION) as work:
            revision = find_revision(work.session, job_id, number)
            if revision.one_copy != one_copy:
                work.changed(f"copies in file {number}", *(_copies(one) for one in (revision.one_copy, one_copy)))
                revision.one_copy = one_copy
                work.row.updated_at = work.now  # the job is another for whoever looks at it
                work.record("edit")
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


def _copies(one_copy: bool) -> str:
    return "one" if one_copy else "all"
