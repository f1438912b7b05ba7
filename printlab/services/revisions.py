"""File revisions: a sliced file from staff, a corrected one from the student, which of them counts, and their bytes."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from printlab.domain import naming
from printlab.domain.policy import Action, Actor, require
from printlab.domain.sliced_facts import damage_of
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import AT_THE_DESK, BY_THE_STUDENT, JobView, RevisionKind, RevisionView
from printlab.errors import InvalidFile, InvalidInput, NotFound
from printlab.files.staging import Staging
from printlab.services import fields
from printlab.services.adopting import Adoption, refuse_after_start
from printlab.services.desk import Desk
from printlab.services.history import FILE_CHOSEN, REVISION_ADDED
from printlab.services.intake import Intake
from printlab.services.jobs import start_over
from printlab.services.new_files import NewFile, kind_of
from printlab.services.search import Search
from printlab.services.slicing import SlicedFiles
from printlab.services.told import storage_told_to


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

        Raises NotFound (the upload), InvalidFile for one that is damaged or cut off, UnsureContent, Conflict once
        printing has begun, StorageProblem.
        """
        with (
            self._brought_in(browser, staged_id, "uploaded") as new,
            self._desk.work(job_id, version, actor, Action.ADD_REVISION) as work,
        ):
            refuse_after_start(work.before)
            self._adoption.let_count(work, self._adoption.add(work, new))
            work.record(REVISION_ADDED)
        return work.result

    def send(self, browser: str, staged_id: str, slicer: str, actor: Actor) -> tuple[JobView, RevisionView]:
        """A file that a slicer sends to the job that its name names; it counts, whatever counted before. Return the job
        and what the file is to it.

        Content that the job has already is not kept twice: it counts again, or still. The file is kept and does not
        count where only the number is the job's, which is easily mistyped, or where it may be of a part that the
        student has replaced.

        Raises NotFound (the upload, the job), InvalidFile for a name of no job and for what is damaged, UnsureContent,
        Conflict once printing has begun, StorageProblem.
        """
        require(actor, Action.ADD_REVISION)
        job_id = naming.job_id_of(self._staging.get(browser, staged_id)[0].original_name)
        if job_id is None:
            raise InvalidFile("The file's name names no job. Begin it with a job's, such as JaneDoe_Filament_Blue_123.")
        refuse_after_start(self._desk.seen(job_id))  # before anything is read or copied; and again in the transaction
        with (
            self._brought_in(browser, staged_id, f"sent by {slicer}") as new,
            self._desk.work(job_id, None, actor, Action.ADD_REVISION) as work,
        ):
            refuse_after_start(work.before)
            known = next((r.number for r in work.before.revisions if r.sha256 == new.incoming.sha256), None)
            number = known or self._adoption.add(work, new)
            doubt = _doubt_of_name(new, work.before) or self._adoption.doubt_of_part(work)
            work.reason = f"{new.origin} as {new.original_name}: {doubt}" if doubt else new.origin
            if doubt is None:
                if number != work.before.authoritative:
                    self._adoption.let_count(work, number)
                    work.record(FILE_CHOSEN if known else REVISION_ADDED)
            elif known is None:
                work.record(REVISION_ADDED)
                work.row.updated_at = work.now  # the job is another for whoever looks at it
        return work.result, next(r for r in work.result.revisions if r.number == number)

    def correct(self, job_id: int, version: int, browser: str, staged_id: str, actor: Actor) -> JobView:
        """A corrected file from the student: the next revision, and the job starts over as Uploaded.

        Raises NotFound (the upload), InvalidFile, StorageProblem.
        """
        staged, _ = self._staging.get(browser, staged_id)
        if staged.extension not in self._allowed():
            raise InvalidFile(naming.accepted_sentence(self._allowed()))
        self._intake.refuse_known(staged.sha256)
        origin = AT_THE_DESK if actor.is_staff else BY_THE_STUDENT
        with (
            storage_told_to(actor),
            self._brought_in(browser, staged_id, origin, RevisionKind.CORRECTED) as new,
            self._desk.work(job_id, version, actor, Verb.CORRECT) as work,
        ):
            self._adoption.let_count(work, self._adoption.add(work, new))
            work.row.original_name = new.original_name
            start_over(work)
            work.move(Verb.CORRECT, JobStatus.UPLOADED)
        return work.result

    @contextmanager
    def _brought_in(
        self, browser: str, staged_id: str, origin: str, kind: RevisionKind | None = None
    ) -> Generator[NewFile]:
        """An upload in the archive's entrance while the block lasts; the upload itself is gone unless that raises."""
        staged, path = self._staging.get(browser, staged_id)
        # What a student's file says of prices is not asked.
        sliced = None if kind is RevisionKind.CORRECTED else self._sliced_files.read_brought(path, staged.extension)
        if sliced is not None and (damage := damage_of(sliced)):
            raise InvalidFile(damage)
        incoming = self._desk.filing.archive.take_in(path, staged.sha256)
        try:
            yield NewFile(
                incoming,
                staged.extension,
                staged.original_name,
                origin,
                kind or kind_of(staged.extension, sliced),
                sliced,
            )
        finally:
            self._desk.filing.archive.drop(incoming)
        self._staging.discard(browser, staged_id)

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

    def content(self, job_id: int, number: int | None, actor: Actor) -> tuple[Path, RevisionView]:
        """The path of a revision's bytes and its facts; None means the authoritative one.

        Raises NotFound, StorageProblem when something else lies there.
        """
        job = self._search.get(job_id, actor)
        wanted = job.authoritative if number is None else number
        revision = next((r for r in job.revisions if r.number == wanted), None)
        if revision is None:
            raise NotFound(f"Job {job_id} has no file revision {wanted}.")
        if revision.purged_at is not None:
            raise NotFound(f"File {wanted} of job {job_id} was deleted under the lab’s retention rule.")
        path = self._desk.filing.archive.find(job_id, wanted, revision.extension)
        if path is None:
            what_to_do = "Look whether the share is mounted." if actor.is_staff else "Tell the lab."
            raise NotFound(f"The archived file of job {job_id} is not there. {what_to_do}")
        return path, revision


def _doubt_of_name(new: NewFile, job: JobView) -> str | None:
    """Why a file may be another job's; None for one that has the job's name."""
    if naming.begins_with_stem(new.original_name, job.stem):
        return None
    return "only the number in it is this job’s, so it does not count"
