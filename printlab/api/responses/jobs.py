"""What the API gives staff about a job."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import Field

from printlab.api.responses.base import NO_ANALYSIS, SAME, SCALE, Given, grams
from printlab.api.responses.files import OutgrownJson, RevisionJson
from printlab.api.responses.models import AnalysisJson
from printlab.api.responses.opening import OpenedJson
from printlab.domain.report import Report
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import JobView, Outcome, Strength


class StudentJson(Given):
    """Who ordered."""

    name: str = Field(description="First and last name.", examples=["Jane Doe"])
    email: str = Field(description="Where mails go.", examples=["jane.doe@example.edu"])


class JobJson(Given):
    """One job, for staff."""

    id: int = Field(description="The job's number.", examples=[123])
    version: int = Field(description="Rises with every change; send it with the next one.", examples=[3])
    status: JobStatus = Field(description="Where it stands.", examples=["Pending"])
    filename: str = Field(
        description="Name of the file that counts; in its status folder it has this name.",
        examples=["JaneDoe_Filament_Blue_123.stl"],
    )
    original_name: str = Field(description="The student's own name for the file.", examples=["bracket v2.stl"])
    student: StudentJson = Field(description="The student who ordered it.")
    method: str = Field(description="Print method.", examples=["Filament"])
    printer: str = Field(description="Printer.", examples=["Prusa MK4S"])
    material: str = Field(description="Material.", examples=["PLA"])
    color: str = Field(description="Colour.", examples=["Blue"])
    quantity: int = Field(description="How many copies.", examples=[1])
    strength: Strength = Field(description="How solid the part is printed.", examples=["standard"])
    needed_by: date | None = Field(description="The day when it is needed.")
    kept_until: date | None = Field(description="The day until which its student needs to collect it, if they said so.")
    course: str | None = Field(description="Course or department.")
    notes: str | None = Field(description="What the student wrote.")
    weight_g: float | None = Field(description="Quoted weight of all copies in grams.", examples=[38.0])
    time_min: int | None = Field(description="Quoted printing time of all copies in minutes.", examples=[130])
    cost_cents: int | None = Field(description="Quoted price in cents.", examples=[434])
    currency: str = Field(description="Currency of the price (ISO 4217).", examples=["USD"])
    quote: int | None = Field(description="Number of the current quote; `confirm` can name it.", examples=[1])
    reject_reasons: list[str] = Field(description="Why it was rejected.", examples=[["too large"]])
    reject_note: str | None = Field(description="What staff or the student wrote to the rejection.")
    machine: str | None = Field(description="The machine it is or was printed on, when named.")
    actual_weight_g: float | None = Field(description="Grams it really took, when staff said so.")
    actual_time_min: int | None = Field(description="Minutes it really took, when staff said so.")
    outcome: Outcome | None = Field(description="How it ended.")
    assignee: str | None = Field(description="The colleague who looks after it.")
    walk_in: bool = Field(description="Whether staff took it in at the desk.")
    allowed_moves: list[Verb] = Field(
        description="What you can do with it now: the last parts of the addresses to post to.",
        examples=[["reject", "confirm", "requote"]],
    )
    revisions: list[RevisionJson] = Field(description="All its files, the oldest first.")
    outgrown: OutgrownJson | None = Field(
        description="Why it cannot be started at the accepted price; null as long as that covers the file that counts."
    )
    scale: float = SCALE
    opened: OpenedJson | None = Field(description="Who opened the file that counts last, if anybody did.")
    analysis: AnalysisJson | None = Field(description=f"What is known of its newest model file; {NO_ANALYSIS}.")
    archived_at: datetime | None = Field(description="Since when its file is in no folder any more, in UTC.")
    anonymised_at: datetime | None = Field(description="Since when nothing says whose it was, in UTC.")
    created_at: datetime = Field(description="When it was submitted, in UTC.")
    updated_at: datetime = Field(description="When anything about it last changed, in UTC.")

    @classmethod
    def of(cls, job: JobView, allowed: Sequence[Verb], report: Report | None) -> JobJson:
        """From the view, with the moves that this actor has and what is known of the model."""
        same = {name: getattr(job, name) for name in cls.model_fields if name in SAME}
        return cls(
            **same,
            student=StudentJson(name=job.student_name, email=job.student_email),
            weight_g=grams(job.weight_cg),
            cost_cents=job.price_cents,
            quote=job.quote.number if job.quote else None,
            reject_reasons=list(job.reject_reasons),
            actual_weight_g=grams(job.actual_weight_cg),
            allowed_moves=list(allowed),
            revisions=[RevisionJson.of(revision) for revision in job.revisions],
            opened=OpenedJson.of(job.opened) if job.opened else None,
            outgrown=job.outgrown and OutgrownJson.of(job.outgrown),
            analysis=report and AnalysisJson.of(report, job.currency),
        )


class JobPage(Given):
    """Some jobs of a list."""

    items: list[JobJson] = Field(description="The jobs, in the order asked for.")
    next_cursor: str | None = Field(description="Send it as `cursor` to get what follows; null at the end.")
