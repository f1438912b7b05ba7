"""How a file becomes a revision of a job, whichever way it came: one place for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from printlab.db import batched
from printlab.domain import naming
from printlab.domain.policy import takes_sliced_files
from printlab.domain.sliced_facts import SlicedFacts
from printlab.domain.views import NO_SCALE_MICRO, JobView, RevisionKind
from printlab.errors import Conflict
from printlab.files.archive import Archive, Incoming
from printlab.models import Job
from printlab.queue import FIRST, LAST
from printlab.services.desk import JobWork, find_revision
from printlab.services.filing import model_that_counts, new_revision, next_revision
from printlab.services.intake import Intake


@dataclass(frozen=True, slots=True)
class NewFile:
    """Bytes in the archive's entrance that are to be a job's next revision."""

    incoming: Incoming
    extension: str
    original_name: str
    origin: str
    kind: RevisionKind
    sliced: SlicedFacts | None = None


def kind_of(extension: str, sliced: SlicedFacts | None) -> RevisionKind:
    """What a file from staff is: a ``.3mf`` with a tool path in it is a slicer's result, whatever it is called."""
    return RevisionKind.SLICED if sliced is not None and sliced.sliced else naming.kind_of(extension)


def stems_for(session: Session, filenames: Iterable[str]) -> dict[int, str]:
    """The stems of all jobs, by number, that files of these names may be of."""
    numbers = {number for filename in filenames for number in naming.numbers_in(filename)}
    stems: dict[int, str] = {}
    for some in batched(sorted(numbers)):
        rows = session.exec(select(Job.id, Job.stem).where(col(Job.id).in_(some)))
        stems |= {job_id or 0: stem for job_id, stem in rows}
    return stems


class Adoption:
    """Makes the rows and gives the bytes their place, inside the transaction of the verb that does it."""

    def __init__(self, archive: Archive, intake: Intake) -> None:
        self._archive = archive
        self._intake = intake

    def add(self, work: JobWork, new: NewFile) -> int:
        """Make the file the job's next revision, which does not count yet; return its number."""
        number = next_revision(work.session, work.job_id)
        work.session.add(
            new_revision(
                new.incoming,
                work.job_id,
                number,
                new.extension,
                original_name=new.original_name,
                kind=new.kind,
                model=model_that_counts(work.session, work.job_id),
                origin=new.origin,
                created_by=work.actor.name,
                now=work.now,
                sliced=new.sliced,
            )
        )
        work.session.flush()
        place = LAST if new.kind is RevisionKind.SLICED else FIRST  # nobody waits for a tool path as for a model
        self._intake.want(work.unit, new.incoming.sha256, place)
        self._archive.keep(new.incoming, work.job_id, number, new.extension)
        return number

    def let_count(self, work: JobWork, number: int) -> None:
        """Make a revision the one that would be printed."""
        revision = find_revision(work.session, work.job_id, number)
        if work.before.counting_file.model != revision.model:
            self._intake.want(work.unit, find_revision(work.session, work.job_id, revision.model).sha256)
            work.row.scale_micro = NO_SCALE_MICRO  # what was said of the size was said of the file before
            work.row.size_is_right = False
            work.changed("scale", work.before.scale, 1.0)
        work.changed("authoritative", work.before.authoritative, number)
        work.changed("file", work.before.filename, f"{work.row.stem}{revision.extension}")
        work.row.authoritative = number


def refuse_after_start(job: JobView) -> None:
    """Raise Conflict once another file can no longer count."""
    if not takes_sliced_files(job.status):
        raise Conflict(f"Job {job.id} is “{job.status.label}”; its file can be replaced only before printing starts.")
