"""What the API takes, described field by field for its documentation."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

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
from printlab.domain.limits import MAX_CENTS, MAX_INTEGER, MAX_TIME_MIN, MAX_WEIGHT_G
from printlab.domain.pricing import weight_cg
from printlab.domain.views import Outcome, PaymentMethod, Strength


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
Weight = Annotated[float, Field(strict=True, gt=0, le=MAX_WEIGHT_G, allow_inf_nan=False)]
Minutes = Annotated[int, Field(strict=True, ge=1, le=MAX_TIME_MIN)]
Cents = Annotated[int, Field(strict=True, ge=0, le=MAX_CENTS)]
Reason = Annotated[Line | None, Field(description="Why; it is kept in the job's history.")]


class _Sent(BaseModel):
    """Something that a client sends; fields we do not know are refused."""

    model_config = ConfigDict(extra="forbid")


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
    scale: Annotated[
        float | None,
        Field(
            allow_inf_nan=False,
            description="The factor that makes millimetres of the file's numbers, where they are something else: 25.4 "
            "for inches. The file stays as it is; fit and estimate follow.",
            examples=[25.4],
        ),
    ] = None
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
    strength: Annotated[Strength | None, Field(description="Another strength.", examples=["strong"])] = None
    revision: Annotated[Number | None, Field(description="The file revision that shall count.", examples=[2])] = None
    one_copy: Annotated[
        Annotated[bool, Field(strict=True)] | None,
        Field(
            description="Whether the sliced file that counts holds one copy instead of all; stays when left out. "
            "`weight_g` and `time_min` are those of all copies either way.",
            examples=[False],
        ),
    ] = None
    price_cents: Annotated[
        Cents | None, Field(description="A price in cents instead of the computed one; needs a reason.", examples=[500])
    ] = None
    seen_cents: Annotated[
        Cents | None,
        Field(
            description="The computed price, in cents, that whoever quotes was shown: when the lab's rates make "
            "another one of it by now, the quote is refused with 409. Left out, it is not compared.",
            examples=[434],
        ),
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


class ChooseBody(_Sent):
    """Another of the job's files shall count."""

    version: Version
    reason: Annotated[
        Line, Field(description="Why; it is kept in the job's history.", examples=["sliced with supports"])
    ]


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
    price_holds: Annotated[
        bool, Field(description="A newer file that does not say what it takes costs what was accepted: see `outgrown`.")
    ] = False

    def command(self, job_id: int) -> StartJob:
        """What the service takes."""
        return StartJob(job_id, self.version, self.machine, self.price_holds)


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
    strength: Annotated[
        Strength | None, Field(description="How solid the part is printed; stays once a price was told.")
    ] = None
    needed_by: Annotated[
        Line | None,
        Field(description="The day when it is needed, in ISO 8601; null or empty clears it.", examples=["2030-05-17"]),
    ] = None
    course: Annotated[Line | None, Field(description="Course or department; null or empty clears it.")] = None
    notes: Annotated[Text | None, Field(description="The student's notes; null or empty clears them.")] = None
    assignee: Annotated[
        Line | None,
        Field(description="Name or e-mail address of a colleague; null or empty: nobody.", examples=["Sam Lee"]),
    ] = None
    scale: Annotated[
        float | None,
        Field(
            strict=True,
            allow_inf_nan=False,
            description="The factor that makes millimetres of the file's numbers; 1 takes it back. Stays once a price "
            "was told.",
            examples=[25.4],
        ),
    ] = None

    def command(self, job_id: int) -> EditJob:
        """What the service takes: None leaves a field, an empty text clears it."""
        facts = self.model_dump()
        for name in self.model_fields_set & {"needed_by", "course", "notes", "assignee"}:
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


class _FromHelper(_Sent):
    """A link, and the computer on which the helper took it up."""

    token: Annotated[str, Field(max_length=200, description="What follows `printlab://open/`; it is the credential.")]
    workstation: Annotated[
        Line, Field(description="What the computer is called in the helper's configuration.", examples=["Front Desk"])
    ]


class RedeemBody(_FromHelper):
    """A link, and who redeems it."""

    problem: Annotated[
        Line | None,
        Field(description="Why the helper can open nothing: the link is used up, and the page that made it says so."),
    ] = None


class ConcludeBody(_FromHelper):
    """A link that was redeemed, and what came of it."""

    problem: Annotated[
        Line | None, Field(description="Why the file was not opened; null, or left out, when the slicer has it.")
    ] = None
