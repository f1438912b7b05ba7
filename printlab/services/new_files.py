"""How bytes become a job's next revision, whichever way they came: one place for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from printlab.db import Unit
from printlab.domain import naming
from printlab.domain.sliced_facts import SlicedFacts, SlicedFormat
from printlab.domain.views import RevisionKind
from printlab.files.archive import Archive, Incoming
from printlab.models import Job, Revision
from printlab.queue import FIRST, LAST
from printlab.services.intake import Intake
from printlab.services.slicing import stored


@dataclass(frozen=True, slots=True)
class NewFile:
    """Bytes in the archive's entrance that are to be a job's next revision."""

    incoming: Incoming
    extension: str
    original_name: str
    origin: str
    kind: RevisionKind
    sliced: SlicedFacts | None = None


class NewFiles:
    """Makes the rows and gives the bytes their place, inside the caller's transaction."""

    def __init__(self, archive: Archive, intake: Intake) -> None:
        self.archive = archive
        self._intake = intake

    def add(self, unit: Unit, job_id: int, new: NewFile, created_by: str, now: datetime) -> int:
        """Make the file the job's next revision, which does not count yet, and have it looked into; return its number.

        The job's row is held by the caller, so that two at once get two numbers.
        """
        number = _next_number(unit.session, job_id)
        model = number if new.kind.is_model else _model_that_counts(unit.session, job_id)
        unit.session.add(new_revision(new, job_id, number, model, created_by, now))
        unit.session.flush()
        place = LAST if new.kind is RevisionKind.SLICED else FIRST  # nobody waits for a tool path as for a model
        self._intake.want(unit, new.incoming.sha256, place)
        self.archive.keep(new.incoming, job_id, number, new.extension)
        return number


def kind_of(extension: str, sliced: SlicedFacts | None) -> RevisionKind:
    """What a file from staff is: a ``.3mf`` with a tool path in it is a slicer's result, whatever it is called, and one
    with a slicer's settings its project. So is one of which that could not be told: the part stays the student's.
    """
    if sliced is not None and sliced.sliced:
        return RevisionKind.SLICED
    if sliced is not None and sliced.is_untold:
        return RevisionKind.PROJECT
    if sliced is not None and sliced.format is SlicedFormat.PROJECT_3MF and sliced.slicer is not None:
        return RevisionKind.PROJECT
    return naming.kind_of(extension)


def new_revision(new: NewFile, job_id: int, number: int, model: int, created_by: str, now: datetime) -> Revision:
    """The row of a file of a job, not yet added: size and SHA-256 are those of the bytes in the archive's entrance.

    ``model`` is the number of the model it was made from, its own for a model.
    """
    return Revision(
        job_id=job_id,
        number=number,
        model=model,
        kind=new.kind.value,
        extension=new.extension,
        original_name=new.original_name,
        bytes=new.incoming.bytes,
        sha256=new.incoming.sha256,
        origin=new.origin,
        created_by=created_by,
        created_at=now,
        sliced=stored(new.sliced),
    )


def _next_number(session: Session, job_id: int) -> int:
    newest = session.exec(select(func.max(Revision.number)).where(Revision.job_id == job_id)).one()
    return (newest or 0) + 1


def _model_that_counts(session: Session, job_id: int) -> int:
    """The number of a job's model: the file that counts, or what that was sliced from."""
    counting = (col(Job.id) == col(Revision.job_id)) & (col(Job.authoritative) == col(Revision.number))
    return session.exec(select(Revision.model).join(Job, counting).where(Revision.job_id == job_id)).one()
