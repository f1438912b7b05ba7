"""What the API takes and gives, described field by field for its documentation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from printlab.domain.commands import (
    ApproveJob,
    CompleteJob,
    ConfirmJob,
    EditJob,
    HandOverJob,
    MoveJob,
    RejectJob,
    StartJob,
    SubmitJob,
)
from printlab.domain.policy import ActorKind
from printlab.domain.pricing import weight_cg
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import (
    EventView,
    JobView,
    Outcome,
    PaymentMethod,
    QuoteView,
    RevisionKind,
    RevisionView,
    Strength,
    Submitted,
)

MAX_INTEGER = 2**31 - 1
_MAX_WEIGHT_G = 100_000
_MAX_TIME_MIN = 86_400
_MAX_CENTS = 10_000_000


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain NUL characters")
    return text


Line = Annotated[str, Field(max_length=400), AfterValidator(_without_nul)]
Text = Annotated[str, Field(max_length=8000), AfterValidator(_without_nul)]
Number = Annotated[int, Field(strict=True, ge=1, le=MAX_INTEGER)]
Version = Annotated[
    Number,
    Field(description="The `version` of the job as you saw it; another one is refused with 409.", examples=[3]),
]
Weight = Annotated[float, Field(strict=True, gt=0, le=_MAX_WEIGHT_G, allow_inf_nan=False)]
Minutes = Annotated[int, Field(strict=True, ge=1, le=_MAX_TIME_MIN)]
Cents = Annotated[int, Field(strict=True, ge=0, le=_MAX_CENTS)]
Reason = Annotated[Line | None, Field(description="Why; it is kept in the job's history.")]


class _Sent(BaseModel):
    """Something that a client sends; fields we do not know are refused."""

    model_config = ConfigDict(extra="forbid")


class _Given(BaseModel):
    """Something that a client gets."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


# ---------- sent ----------


class SubmitForm(_Sent):
    """A student's order; an empty optional field counts as left out."""

    name: Annotated[Line, Field(description="First and last name, in any script.", examples=["Jane Doe"])]
    email: Annotated[Line, Field(description="Where the tracking link is sent.", examples=["jane.doe@example.edu"])]
    method: Annotated[Line, Field(description="Print method.", examples=["Filament"])]
    printer: Annotated[Line, Field(description="A printer of this method.", examples=["Prusa MK4S"])]
    material: Annotated[Line, Field(description="A material of this method.", examples=["PLA"])]
    color: Annotated[Line, Field(description="A colour of this method that is in stock.", examples=["Blue"])]
    quantity: Annotated[int, Field(ge=1, le=MAX_INTEGER, description="How many copies.", examples=[1])] = 1
    strength: Annotated[
        Literal["draft", "standard", "strong"] | None,
        Field(description="How solid the part is printed; the lab's default when left out.", examples=["standard"]),
    ] = None
    needed_by: Annotated[
        date | None, Field(description="The day when it is needed; not in the past.", examples=["2031-05-20"])
    ] = None
    course: Annotated[Line | None, Field(description="Course or department.", examples=["ME 2733"])] = None
    notes: Annotated[Text | None, Field(description="Anything that staff should know.")] = None
    accept_terms: Annotated[bool, Field(description="`true`: the student agrees to the lab's terms.", examples=[True])]

    def command(self, *, walk_in: bool) -> SubmitJob:
        """What the service takes."""
        strength = Strength(self.strength) if self.strength else None
        return SubmitJob(**self.model_dump(exclude={"strength"}), strength=strength, walk_in=walk_in)


class ApproveBody(_Sent):
    """A quote. What is left out stays as the student chose it."""

    version: Version
    weight_g: Annotated[Weight, Field(description="Weight of all copies in grams, kept to 0.01 g.", examples=[38.0])]
    time_min: Annotated[Minutes, Field(description="Printing time of all copies in minutes.", examples=[130])]
    material: Annotated[Line | None, Field(description="Another material.", examples=["PETG"])] = None
    printer: Annotated[Line | None, Field(description="Another printer.", examples=["Prusa XL"])] = None
    color: Annotated[Line | None, Field(description="Another colour.", examples=["Black"])] = None
    quantity: Annotated[
        Annotated[int, Field(strict=True)] | None, Field(description="Another number of copies.", examples=[2])
    ] = None
    revision: Annotated[Number | None, Field(description="The file revision that shall count.", examples=[2])] = None
    price_cents: Annotated[
        Cents | None, Field(description="A price in cents instead of the computed one; needs a reason.", examples=[500])
    ] = None
    skip_confirmation: Annotated[
        bool,
        Field(
            strict=True,
            description="Approve only: straight to `ReadyToPrint`, the student agreed; needs a reason.",
            examples=[False],
        ),
    ] = False
    reason: Reason = None

    def command(self, job_id: int) -> ApproveJob:
        """What the service takes."""
        facts = self.model_dump(exclude={"weight_g"})
        return ApproveJob(job_id, weight_cg=weight_cg(self.weight_g), **facts)


class RejectBody(_Sent):
    """At least one reason, or a note."""

    version: Version
    reasons: Annotated[
        list[Line],
        Field(
            max_length=20,
            description="Labels of the lab's reject reasons, or reasons of your own.",
            examples=[["too large", "walls too thin"]],
        ),
    ] = []
    note: Annotated[Text | None, Field(description="What the student reads besides.")] = None

    def command(self, job_id: int) -> RejectJob:
        """What the service takes."""
        return RejectJob(job_id, self.version, tuple(self.reasons), self.note)


class ConfirmBody(_Sent):
    """The student accepts, or staff on the student's behalf."""

    version: Version
    quote: Annotated[
        Number | None,
        Field(description="Number of the quote that was seen; a superseded one is refused with the new price."),
    ] = None

    def command(self, job_id: int) -> ConfirmJob:
        """What the service takes."""
        return ConfirmJob(job_id, self.version, self.quote)


class MoveBody(_Sent):
    """A move that needs nothing but the version."""

    version: Version
    reason: Reason = None

    def command(self, job_id: int) -> MoveJob:
        """What the service takes."""
        return MoveJob(job_id, self.version, self.reason)


class FailBody(_Sent):
    """A failed print."""

    version: Version
    reason: Annotated[Line, Field(description="What went wrong.", examples=["came off the bed after 2 h"])]

    def command(self, job_id: int) -> MoveJob:
        """What the service takes."""
        return MoveJob(job_id, self.version, self.reason)


class StartBody(_Sent):
    """The job goes on a machine."""

    version: Version
    machine: Annotated[
        Line | None, Field(description="Which one, when the lab has several of a kind.", examples=["MK4S no. 2"])
    ] = None

    def command(self, job_id: int) -> StartJob:
        """What the service takes."""
        return StartJob(job_id, self.version, self.machine)


class CompleteBody(_Sent):
    """What the print really took, when it differs from the quote."""

    version: Version
    actual_time_min: Annotated[Minutes | None, Field(description="Minutes it took.", examples=[141])] = None
    actual_weight_g: Annotated[Weight | None, Field(description="Grams it took.", examples=[39.5])] = None

    def command(self, job_id: int) -> CompleteJob:
        """What the service takes."""
        used_cg = None if self.actual_weight_g is None else weight_cg(self.actual_weight_g)
        return CompleteJob(job_id, self.version, used_cg, self.actual_time_min)


class HandOverBody(_Sent):
    """The part goes to the student, or is disposed of."""

    version: Version
    amount_cents: Annotated[
        Cents,
        Field(description="What was paid, in cents; another amount than the price needs a reason.", examples=[434]),
    ]
    payment_method: Annotated[
        PaymentMethod | None,
        Field(description="How it was paid; null only for `disposed`.", examples=["cash"]),
    ] = None
    outcome: Annotated[
        Outcome | None, Field(description="How the job ends; follows from the payment when left out.")
    ] = None
    reference: Annotated[Line | None, Field(description="Receipt or account number.", examples=["R-1042"])] = None
    collected_by: Annotated[Line | None, Field(description="Who took the part.", examples=["Jane Doe"])] = None
    reason: Reason = None

    def command(self, job_id: int) -> HandOverJob:
        """What the service takes."""
        return HandOverJob(job_id, **self.model_dump())


class EditBody(_Sent):
    """Details to correct. What is left out stays."""

    version: Version
    name: Annotated[Line | None, Field(description="The student's name; the file name stays.")] = None
    email: Annotated[Line | None, Field(description="The student's e-mail address.")] = None
    color: Annotated[Line | None, Field(description="Another colour in stock.", examples=["Black"])] = None
    quantity: Annotated[
        Annotated[int, Field(strict=True)] | None, Field(description="Another number of copies.", examples=[2])
    ] = None
    course: Annotated[Line | None, Field(description="Course or department; null or empty clears it.")] = None
    notes: Annotated[Text | None, Field(description="The student's notes; null or empty clears them.")] = None
    assignee: Annotated[
        Line | None,
        Field(description="Name or e-mail address of a colleague; null or empty: nobody.", examples=["Sam Lee"]),
    ] = None

    def command(self, job_id: int) -> EditJob:
        """What the service takes: None leaves a field, an empty text clears it."""
        facts = self.model_dump()
        for name in self.model_fields_set & {"course", "notes", "assignee"}:
            facts[name] = facts[name] or ""
        return EditJob(job_id, **facts)


class TrackConfirmBody(_Sent):
    """The student accepts a quote."""

    quote: Annotated[
        Number | None,
        Field(
            description="Number of the quote that was seen; a superseded one is refused with the new price. It may be "
            "left out as long as there was only one."
        ),
    ] = None
    version: Annotated[
        Version | None, Field(description="The version that was seen; the current one when left out.")
    ] = None


class TrackMoveBody(_Sent):
    """The student declines or cancels."""

    version: Annotated[
        Version | None, Field(description="The version that was seen; the current one when left out.")
    ] = None
    reason: Reason = None


# ---------- given ----------


class Receipt(_Given):
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


class StudentJson(_Given):
    """Who ordered."""

    name: str = Field(description="First and last name.", examples=["Jane Doe"])
    email: str = Field(description="Where mails go.", examples=["jane.doe@example.edu"])


class RevisionJson(_Given):
    """One file of a job."""

    number: int = Field(description="1 is what the student sent.", examples=[1])
    filename: str = Field(description="Its name in the lab.", examples=["JaneDoe_Filament_Blue_123.stl"])
    kind: RevisionKind = Field(description="What it is.", examples=["original"])
    bytes: int = Field(description="Size in bytes.", examples=[684084])
    sha256: str = Field(description="SHA-256 of its content, in hex.")
    authoritative: bool = Field(description="Whether this is the file that counts; exactly one does.")
    created_at: datetime = Field(description="When it arrived, in UTC.")

    @classmethod
    def of(cls, revision: RevisionView) -> RevisionJson:
        """From the view."""
        return cls(
            number=revision.number,
            filename=revision.filename,
            kind=revision.kind,
            bytes=revision.bytes,
            sha256=revision.sha256,
            authoritative=revision.authoritative,
            created_at=revision.created_at,
        )


class JobJson(_Given):
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
    created_at: datetime = Field(description="When it was submitted, in UTC.")
    updated_at: datetime = Field(description="When anything about it last changed, in UTC.")

    @classmethod
    def of(cls, job: JobView, allowed: Sequence[Verb]) -> JobJson:
        """From the view, with the moves that this actor has."""
        same = {name: getattr(job, name) for name in cls.model_fields if name in _SAME}
        return cls(
            **same,
            student=StudentJson(name=job.student_name, email=job.student_email),
            weight_g=_grams(job.weight_cg),
            cost_cents=job.price_cents,
            quote=job.quote.number if job.quote else None,
            reject_reasons=list(job.reject_reasons),
            actual_weight_g=_grams(job.actual_weight_cg),
            allowed_moves=list(allowed),
            revisions=[RevisionJson.of(revision) for revision in job.revisions],
        )


# Fields that the JSON has under the view's own name and in its form.
_SAME = frozenset(
    {
        "id",
        "version",
        "status",
        "filename",
        "original_name",
        "method",
        "printer",
        "material",
        "color",
        "quantity",
        "strength",
        "needed_by",
        "course",
        "notes",
        "time_min",
        "currency",
        "reject_note",
        "machine",
        "actual_time_min",
        "outcome",
        "assignee",
        "walk_in",
        "created_at",
        "updated_at",
    }
)


class JobPage(_Given):
    """Some jobs of a list."""

    items: list[JobJson] = Field(description="The jobs, in the order asked for.")
    next_cursor: str | None = Field(description="Send it as `cursor` to get what follows; null at the end.")


class ChangeJson(_Given):
    """What one fact was, and what it is."""

    old: Any = Field(description="What it was.", examples=["Blue"])
    new: Any = Field(description="What it is.", examples=["Black"])


class ActorJson(_Given):
    """Who did it."""

    kind: ActorKind = Field(description="Student, staff, admin or the system.", examples=["staff"])
    name: str = Field(description="Name of the person or token.", examples=["Sam Lee"])


class EventJson(_Given):
    """One line of a job's history."""

    id: int = Field(description="Rises with time.", examples=[42])
    at: datetime = Field(description="When, in UTC.")
    action: str = Field(description="A verb, or `submit`, `edit`, `note`, `revision added`.", examples=["approve"])
    actor: ActorJson = Field(description="The person, token or system that did it.")
    workstation: str | None = Field(description="At which shared PC, when known.")
    from_status: JobStatus | None = Field(description="Status before, for a move.")
    to_status: JobStatus | None = Field(description="Status after, for a move.")
    changes: dict[str, ChangeJson] = Field(description="What changed besides, by name.")
    reason: str | None = Field(description="Why; for a note, its text.")

    @classmethod
    def of(cls, event: EventView) -> EventJson:
        """From the view."""
        return cls(
            id=event.id,
            at=event.at,
            action=event.action,
            actor=ActorJson(kind=event.actor_kind, name=event.actor_name),
            workstation=event.workstation,
            from_status=event.from_status,
            to_status=event.to_status,
            changes={name: ChangeJson(old=old, new=new) for name, (old, new) in event.changes.items()},
            reason=event.reason,
        )


class EventList(_Given):
    """A job's history."""

    items: list[EventJson] = Field(description="The newest first.")


class QuoteJson(_Given):
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


class TrackedJob(_Given):
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
    reject_reasons: list[str] = Field(description="Why it was rejected.")
    reject_note: str | None = Field(description="What was written to the rejection.")
    allowed_moves: list[Verb] = Field(description="What the student can do now.", examples=[["confirm", "decline"]])
    created_at: datetime = Field(description="When it was submitted, in UTC.")
    updated_at: datetime = Field(description="When anything about it last changed, in UTC.")

    @classmethod
    def of(cls, job: JobView, allowed: Sequence[Verb]) -> TrackedJob:
        """From the view, with the student's moves."""
        same = {name: getattr(job, name) for name in cls.model_fields if name in _SAME}
        return cls(
            **same,
            status_label=job.status.label,
            quote=QuoteJson.of(job.quote) if job.quote else None,
            reject_reasons=list(job.reject_reasons),
            allowed_moves=list(allowed),
        )


class CostPreview(_Given):
    """What a job would cost."""

    cost: str = Field(description="The price with two decimals.", examples=["4.20"])
    cost_cents: int = Field(description="The same in cents.", examples=[420])
    currency: str = Field(description="Currency (ISO 4217).", examples=["USD"])


class Alive(_Given):
    """The process answers."""

    status: Literal["alive"] = Field(description="Always `alive`.", examples=["alive"])


class Readiness(_Given):
    """Whether the app can work."""

    ready: bool = Field(description="Whether every check is good.", examples=[True])
    checks: dict[str, Literal["ok", "failing"]] = Field(
        description="Each check: database, migrations, storage, disk. What is wrong stands in the log.",
        examples=[{"database": "ok", "migrations": "ok", "storage": "ok", "disk": "ok"}],
    )


class FieldProblem(_Given):
    """One wrong field."""

    field: str = Field(description="Its name.", examples=["weight_g"])
    detail: str = Field(description="What is wrong with it.", examples=["“weight_g” is missing."])


class Problem(_Given):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    type: str = Field(description="Sort of the problem, for programs.", examples=["urn:printlab:problem:stale-version"])
    title: str = Field(description="The same in words.", examples=["Changed meanwhile"])
    status: int = Field(description="The HTTP status.", examples=[409])
    detail: str = Field(
        description="A sentence for a person: what happened and what to do.",
        examples=["Sam Lee was faster: job 123 changed after you opened it and is now “Rejected”."],
    )
    instance: str | None = Field(None, description="With 500: names this one occurrence.")
    error_id: str | None = Field(None, description="With 500: the number under which the log has it.")
    field: str | None = Field(None, description="With 422: the field to blame, when there is one.", examples=["email"])
    errors: list[FieldProblem] | None = Field(None, description="With 422: every wrong field.")
    current_status: JobStatus | None = Field(None, description="With 409: where the job stands.", examples=["Rejected"])
    version: int | None = Field(None, description="With 409: the job's version now.", examples=[4])
    allowed_moves: list[Verb] | None = Field(None, description="With 409: what can be done now.", examples=[["reopen"]])
    quote: int | None = Field(None, description="With 409 for a superseded quote: the number of the new one.")
    cost_cents: int | None = Field(None, description="With 409 for a superseded quote: the new price in cents.")
    currency: str | None = Field(None, description="With 409 for a superseded quote: currency of the price.")


def _grams(weight: int | None) -> float | None:
    return None if weight is None else weight / 100


_ERRORS: dict[int, str] = {
    400: "The request cannot be read.",
    401: "No valid staff token.",
    403: "Not for this person; or, for a submission, the lab is closed (the detail says until when).",
    404: "There is no such thing.",
    408: "The request stopped arriving.",
    409: "Stale version, or not possible in this status. The document has the status, version and moves of now.",
    413: "Too many bytes.",
    422: "A field is missing or wrong.",
    429: "Too many requests; see Retry-After.",
    500: "Unexpected error, logged.",
    503: "The storage does not answer, or is full; nothing was lost.",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documentation of these error statuses, and of 500."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _ERRORS[status], "content": content} for status in (*statuses, 500)}
