"""What the API gives a student about their own job."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import Field

from printlab.api.responses.base import NO_ANALYSIS, SAME, SCALE, Given
from printlab.api.responses.models import TrackedAnalysis
from printlab.domain.report import Report
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import JobView, QuoteView, Submitted
from printlab.domain.waiting import Milestone, Outlook, Unsaid


class Receipt(Given):
    """A new job."""

    id: int = Field(description="The job's number.", examples=[123])
    status: JobStatus = Field(description="Where it stands.", examples=["Uploaded"])
    filename: str = Field(description="The name the file has in the lab.", examples=["JaneDoe_Filament_Blue_123.stl"])
    version: int = Field(description="Rises with every change; send it with the next one.", examples=[1])
    track_url: str = Field(
        description="The student's private link: whoever has it can see and answer the quote.",
        examples=["https://print.example.edu/track/123-1-…"],
    )

    @classmethod
    def of(cls, submitted: Submitted) -> Receipt:
        """From what the service answered."""
        job = submitted.job
        return cls(
            id=job.id, status=job.status, filename=job.filename, version=job.version, track_url=submitted.track_url
        )


class QuoteJson(Given):
    """What the student is asked to accept."""

    number: int = Field(description="Send it with `confirm`.", examples=[1])
    weight_g: float = Field(description="Weight of all copies in grams.", examples=[38.0])
    time_min: int = Field(description="Printing time of all copies in minutes.", examples=[130])
    price_cents: int = Field(description="Price in cents.", examples=[434])
    changes: list[str] = Field(description="What differs from the request.", examples=[["was Blue, now Black"]])
    accepted: bool = Field(description="Whether it was accepted.")

    @classmethod
    def of(cls, quote: QuoteView) -> QuoteJson:
        """From the view."""
        return cls(
            number=quote.number,
            weight_g=quote.weight_cg / 100,
            time_min=quote.time_min,
            price_cents=quote.price_cents,
            changes=list(quote.changes),
            accepted=quote.accepted_at is not None,
        )


class QueueJson(Given):
    """Where the job stands in the queue, and when it is likely ready, from what the lab did in the last 30 days."""

    milestone: Milestone = Field(
        description="What the times are of: until staff have looked at the file, their decision.", examples=["ready"]
    )
    before: int | None = Field(
        description="How many jobs are before it, or would be if the quote were accepted now; null on a machine.",
        examples=[3],
    )
    earliest: datetime | None = Field(description="Begin of the likely range, in UTC; about 6 of 10 end within it.")
    latest: datetime | None = Field(description="End of the likely range, in UTC.")
    unsaid: Unsaid | None = Field(description="Why there is no range.", examples=[None])

    @classmethod
    def of(cls, outlook: Outlook) -> QueueJson:
        """From what can be said of the job."""
        likely = outlook.likely
        return cls(
            milestone=outlook.milestone,
            before=outlook.before,
            earliest=likely and likely.earliest,
            latest=likely and likely.latest,
            unsaid=outlook.unsaid,
        )


class TrackedJob(Given):
    """One job, for its student."""

    id: int = Field(description="The job's number.", examples=[123])
    version: int = Field(description="Rises with every change.", examples=[2])
    status: JobStatus = Field(description="Where it stands.", examples=["Pending"])
    status_label: str = Field(description="The same in plain words.", examples=["Awaiting confirmation"])
    filename: str = Field(description="Name of the file in the lab.", examples=["JaneDoe_Filament_Blue_123.stl"])
    original_name: str = Field(description="The student's own name for the file.", examples=["bracket v2.stl"])
    method: str = Field(description="Print method.", examples=["Filament"])
    printer: str = Field(description="Printer.", examples=["Prusa MK4S"])
    material: str = Field(description="Material.", examples=["PLA"])
    color: str = Field(description="Colour.", examples=["Blue"])
    quantity: int = Field(description="How many copies.", examples=[1])
    currency: str = Field(description="Currency of prices (ISO 4217).", examples=["USD"])
    quote: QuoteJson | None = Field(description="The current quote.")
    kept_until: date | None = Field(description="The day until which you need to collect it, if you said so.")
    reject_reasons: list[str] = Field(description="Why it was rejected.")
    reject_note: str | None = Field(description="What was written to the rejection.")
    allowed_moves: list[Verb] = Field(description="What the student can do now.", examples=[["confirm", "decline"]])
    scale: float = SCALE
    analysis: TrackedAnalysis | None = Field(description=f"What is known of the model file; {NO_ANALYSIS}.")
    queue: QueueJson | None = Field(
        description="Its place and likely finish; null once it waits for nobody in the lab."
    )
    created_at: datetime = Field(description="When it was submitted, in UTC.")
    updated_at: datetime = Field(description="When anything about it last changed, in UTC.")

    @classmethod
    def of(cls, job: JobView, allowed: Sequence[Verb], report: Report | None, outlook: Outlook | None) -> TrackedJob:
        """From the view, with the student's moves, what is known of the model, and of its place in the queue."""
        same = {name: getattr(job, name) for name in cls.model_fields if name in SAME}
        return cls(
            **same,
            status_label=job.status.label,
            quote=QuoteJson.of(job.quote) if job.quote else None,
            reject_reasons=list(job.reject_reasons),
            allowed_moves=list(allowed),
            analysis=report and TrackedAnalysis.of(report, job.currency),
            queue=outlook and QueueJson.of(outlook),
        )
