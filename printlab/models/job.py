"""A job: one student's order, from the upload to the hand-over."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

from printlab.domain.status import JobStatus
from printlab.domain.views import FileState, Outcome, Strength
from printlab.models.base import enum_type


class Job(SQLModel, table=True):
    """``id`` is the SimpleJobID; ``version`` rises with every change; ``search_text`` is what the search looks in."""

    __tablename__ = "job"
    __table_args__ = (
        sa.Index("ix_job_status_since", "status", "status_since", "id"),
        sa.Index("ix_job_created", "created_at", "id"),
        {"sqlite_autoincrement": True},
    )

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]

    id: int | None = Field(default=None, primary_key=True)
    version: int = Field(default=0, nullable=False)  # counted by the mapper
    status: JobStatus = Field(sa_type=enum_type(JobStatus))
    status_since: datetime
    created_at: datetime
    updated_at: datetime

    student_name: str
    student_email: str = Field(index=True)
    printer_id: int = Field(foreign_key="printer.id")
    material_id: int = Field(foreign_key="material.id")
    color_id: int = Field(foreign_key="color.id")
    quantity: int
    strength: Strength = Field(sa_type=enum_type(Strength))
    needed_by: date | None = None
    course: str | None = None
    notes: str | None = None
    size_is_right: bool = False  # somebody said so: the file is in millimetres, however odd its size
    scale_micro: int = Field(default=1_000_000, sa_type=sa.BigInteger)  # millionths; 25.4 for a file in inches
    requested_printer_id: int = Field(foreign_key="printer.id")
    requested_material_id: int = Field(foreign_key="material.id")
    requested_color_id: int = Field(foreign_key="color.id")
    requested_quantity: int
    requested_strength: Strength = Field(sa_type=enum_type(Strength))

    stem: str = Field(unique=True)
    original_name: str
    authoritative: int
    file_state: FileState = Field(sa_type=enum_type(FileState))
    file_problem: str | None = None

    quote_number: int | None = None
    reject_reasons: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    reject_note: str | None = None
    machine: str | None = None
    actual_weight_cg: int | None = None
    actual_time_min: int | None = None
    failed_prints: int = 0
    outcome: Outcome | None = Field(default=None, sa_type=enum_type(Outcome))
    assignee_id: int | None = Field(default=None, foreign_key="user_account.id")
    last_move_id: int | None = None
    last_opened_id: int | None = None
    looked_at: datetime | None = None  # by the first of the staff who did, since the student sent it
    looked_by: str | None = None
    kept_until: date | None = None  # the student of a part that is ready asked for it

    walk_in: bool = False
    submission_key: str | None = Field(default=None, unique=True)
    submission_digest: str | None = None
    terms_version: int
    terms_accepted_at: datetime
    minimum_charge_cents: int
    track_generation: int = 1
    search_text: str
    archived_at: datetime | None = None  # since when no working copy lies in a status folder
    anonymised_at: datetime | None = None


class Revision(SQLModel, table=True):
    """One file of a job; its bytes lie in the archive, until the lab's retention rule deletes them."""

    __tablename__ = "revision"
    __table_args__ = (sa.UniqueConstraint("job_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    job_id: int = Field(foreign_key="job.id", index=True)
    number: int
    model: int  # the number of the model that this file is, or that it was sliced from
    kind: str
    extension: str
    original_name: str
    bytes: int = Field(sa_type=sa.BigInteger)
    sha256: str = Field(index=True)
    origin: str
    created_by: str
    created_at: datetime
    sliced: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)  # what a slicer's result says of itself
    one_copy: bool = False  # staff said so: it holds one copy, however many the job has
    purged_at: datetime | None = None  # its bytes were deleted under the lab's retention rule
    bytes_gone: bool = False  # and the disk agrees


class Quote(SQLModel, table=True):
    """One numbered quote of a job, with the rates that it was made with."""

    __tablename__ = "quote"
    __table_args__ = (sa.UniqueConstraint("job_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    job_id: int = Field(foreign_key="job.id", index=True)
    number: int
    revision: int  # the number of the file that it was told for
    holds_for_revision: int | None = None  # of the newer file that costs the same, by the word of staff
    printer_id: int = Field(foreign_key="printer.id")
    material_id: int = Field(foreign_key="material.id")
    color_id: int = Field(foreign_key="color.id")
    quantity: int
    strength: Strength = Field(sa_type=enum_type(Strength))
    weight_cg: int
    time_min: int
    price_cents: int
    computed_cents: int
    per_gram_micro: int
    per_minute_micro: int
    minimum_cents: int
    override_reason: str | None = None
    changes: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    created_at: datetime
    created_by: str
    accepted_at: datetime | None = None


class Payment(SQLModel, table=True):
    """One booking of a job in cents. Never changed; a mistake is reversed by a counter-entry."""

    __tablename__ = "payment"

    id: int | None = Field(default=None, primary_key=True)
    job_id: int = Field(foreign_key="job.id", index=True)
    amount_cents: int
    method: str | None = None
    reference: str | None = None
    collected_by: str | None = None
    received_by: str
    reason: str | None = None
    at: datetime
    reverses_id: int | None = Field(default=None, foreign_key="payment.id", unique=True)


class Event(SQLModel, table=True):
    """One line of the history. ``undo`` holds what a move replaced, so that it can be taken back."""

    __tablename__ = "event"
    __table_args__ = (sa.Index("ix_event_job", "job_id", "id"), sa.Index("ix_event_action_at", "action", "at"))

    id: int | None = Field(default=None, primary_key=True)
    job_id: int | None = Field(default=None, foreign_key="job.id")
    at: datetime
    action: str
    actor_kind: str
    actor_key: str
    actor_name: str
    workstation: str | None = None
    from_status: JobStatus | None = Field(default=None, sa_type=enum_type(JobStatus))
    to_status: JobStatus | None = Field(default=None, sa_type=enum_type(JobStatus))
    changes: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    reason: str | None = None
    undo: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)


class FileMove(SQLModel, table=True):
    """An intent of the journal: revision ``number`` shall be the working copy at ``target``, nothing at ``source``.

    Paths are relative to the storage root. ``sidecar_only``: the file stays, only the facts beside it changed.
    ``leaves``: nothing shall lie at ``target`` either, for the job is archived. ``done_at`` is set once the disk
    agrees.
    """

    __tablename__ = "file_move"
    __table_args__ = (sa.Index("ix_file_move_open", "done_at", "job_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    job_id: int = Field(foreign_key="job.id")
    revision: int
    source: str | None = None
    target: str
    sidecar_only: bool = False
    leaves: bool = False
    created_at: datetime
    done_at: datetime | None = None
    attempts: int = 0
    problem: str | None = None
