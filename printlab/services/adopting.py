"""Which file of a job counts, whichever way it came: one place for all of them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session, col, select

from printlab.db import batched
from printlab.domain import naming
from printlab.domain.policy import takes_sliced_files
from printlab.domain.views import NO_SCALE_MICRO, STUDENTS_ORIGINS, JobView
from printlab.errors import Conflict
from printlab.models import Event, Job, Revision
from printlab.services.desk import JobWork, find_revision
from printlab.services.intake import Intake
from printlab.services.new_files import NewFile, NewFiles


def stems_for(session: Session, filenames: Iterable[str]) -> dict[int, str]:
    """The stems of all jobs, by number, that files of these names may be of."""
    numbers = {number for filename in filenames for number in naming.numbers_in(filename)}
    stems: dict[int, str] = {}
    for some in batched(sorted(numbers)):
        rows = session.exec(select(Job.id, Job.stem).where(col(Job.id).in_(some)))
        stems |= {job_id or 0: stem for job_id, stem in rows}
    return stems


class Adoption:
    """Which of a job's files would be printed, inside the transaction of the verb that decides it."""

    def __init__(self, files: NewFiles, intake: Intake) -> None:
        self._files = files
        self._intake = intake

    def add(self, work: JobWork, new: NewFile) -> int:
        """Make the file the job's next revision, which does not count yet; return its number."""
        return self._files.add(work.unit, work.job_id, new, work.actor.name, work.now)

    def let_count(self, work: JobWork, number: int) -> None:
        """Make a revision the one that would be printed."""
        revision = find_revision(work.session, work.job_id, number)
        refuse_deleted(revision)
        if work.before.counting_file.model != revision.model:
            self._intake.want(work.unit, find_revision(work.session, work.job_id, revision.model).sha256)
            work.row.scale_micro = NO_SCALE_MICRO  # what was said of the size was said of the file before
            work.row.size_is_right = False
            work.changed("scale", work.before.scale, 1.0)
        work.changed("authoritative", work.before.authoritative, number)
        work.changed("file", work.before.filename, f"{work.row.stem}{revision.extension}")
        work.row.authoritative = number

    @staticmethod
    def doubt_of_part(work: JobWork) -> str | None:
        """Why what a slicer saves may be of a part that the student has replaced; None when nothing speaks for that.

        A slicer goes on with what it has open, and no file says what it was sliced from.
        """
        opened = work.session.get(Event, work.row.last_opened_id) if work.row.last_opened_id else None
        if opened is None:
            return None
        counting, (_, seen) = work.before.counting_file, opened.changes["revision"]
        if counting.origin not in STUDENTS_ORIGINS or counting.number <= seen:
            return None
        return (
            f"it does not count, for {opened.actor_name} opened file {seen} and the student has sent file "
            f"{counting.number} since. Let it count if it was sliced from that."
        )


def refuse_deleted(revision: Revision) -> None:
    """Raise Conflict for a file whose bytes were deleted: it can be neither printed nor looked at."""
    if revision.purged_at is not None:
        raise Conflict(
            f"File {revision.number} of job {revision.job_id} was deleted under the lab’s retention rule. "
            "Have the student send it again."
        )


def refuse_after_start(job: JobView) -> None:
    """Raise Conflict once another file can no longer count."""
    if not takes_sliced_files(job.status):
        raise Conflict(f"Job {job.id} is “{job.status.label}”; its file can be replaced only before printing starts.")
