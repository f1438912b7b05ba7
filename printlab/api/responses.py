"""What the API gives, described field by field for its documentation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from printlab.domain.analysis import AnalysisState
from printlab.domain.judging import Severity
from printlab.domain.policy import ActorKind
from printlab.domain.report import Report
from printlab.domain.report_values import report_values
from printlab.domain.sliced_facts import CAUTIONS, Caution, WeightSource
from printlab.domain.sliced_values import sliced_values
from printlab.domain.slicing import Outgrown
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import (
    EventView,
    JobView,
    Opened,
    OpenedFile,
    OpenLink,
    Outcome,
    QuoteView,
    RevisionKind,
    RevisionView,
    Strength,
    Submitted,
)


class _Given(BaseModel):
    """Something that a client gets."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


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


class ToolJson(_Given):
    """What one extruder, or one slot of a changer, takes."""

    number: int = Field(description="Its number in the file.", examples=[1])
    material: str | None = Field(description="What is loaded there.", examples=["PLA"])
    weight_g: float | None = Field(description="Grams.", examples=[38.0])
    filament_mm: float | None = Field(description="Length of filament in mm.", examples=[12730.0])


class PlateJson(_Given):
    """One of several plates."""

    number: int = Field(description="Its number in the file.", examples=[1])
    weight_g: float | None = Field(description="Grams.", examples=[38.0])
    time_s: int | None = Field(description="Printing time in seconds.", examples=[7800])
    filament_mm: float | None = Field(description="Length of filament in mm.", examples=[12730.0])
    material: str | None = Field(description="What it is printed in.", examples=["PLA"])


class CautionJson(_Given):
    """Why a figure is missing or not to be relied on."""

    code: str = Field(description="For programs; docs/inspect.md has all.", examples=["several_plates"])
    message: str = Field(description="A sentence for staff.", examples=[CAUTIONS[Caution.SEVERAL_PLATES]])


class SlicedJson(_Given):
    """What a slicer wrote into its file: all tools and plates of it together. What it does not say is null or empty."""

    slicer: str | None = Field(description="Which slicer.", examples=["PrusaSlicer"])
    slicer_version: str | None = Field(description="Which version of it.", examples=["2.9.4"])
    sliced: bool = Field(description="Whether there is a tool path, or there are layers, in it.", examples=[True])
    weight_g: float | None = Field(description="Weight in grams.", examples=[38.0])
    weight_source: WeightSource | None = Field(
        description="`slicer`, or `computed` from length, diameter and density.", examples=["slicer"]
    )
    filament_mm: float | None = Field(description="Length of filament in mm.", examples=[12730.0])
    volume_cm3: float | None = Field(description="Volume of filament in cm³.", examples=[30.6])
    resin_ml: float | None = Field(description="Resin in ml.", examples=[20.5])
    cost: float | None = Field(description="In whatever money the slicer was set to.", examples=[0.95])
    time_s: int | None = Field(description="Printing time in seconds, as the slicer estimates it.", examples=[7800])
    material: str | None = Field(description="Material; `PLA+PETG` for a print of both.", examples=["PLA"])
    printer_model: str | None = Field(description="The printer it was sliced for.", examples=["MK4S"])
    layer_height_mm: float | None = Field(description="Layer height in mm.", examples=[0.2])
    nozzle_mm: float | None = Field(description="Diameter of the nozzle in mm.", examples=[0.4])
    tools: list[ToolJson] = Field(description="Each tool that is used.")
    plates: int = Field(description="How many plates the slicer lists.", examples=[1])
    plates_one_by_one: list[PlateJson] = Field(description="Those plates.")
    thumbnails: list[str] = Field(description="Pictures in the file.", examples=[["220x124/png"]])
    warnings: list[CautionJson] = Field(description="What is not to be relied on.")


class OutgrownJson(_Given):
    """Why the accepted price no longer covers the file that counts: `start` needs a new quote, or staff's word."""

    revision: int = Field(description="Number of the file.", examples=[3])
    weight_g: float | None = Field(description="Weight of all copies in grams by that file.", examples=[76.0])
    time_min: int | None = Field(description="Minutes of all copies by that file.", examples=[260])
    price_cents: int | None = Field(
        description="What it would cost by the rates of the quote; null when the file does not say enough.",
        examples=[868],
    )
    reasons: list[str] = Field(
        description="What is wrong, in words.", examples=[["it costs $8.68, $4.34 was accepted"]]
    )
    only_unsaid: bool = Field(
        description="The file only does not say what it takes: with `price_holds` it can be started.", examples=[False]
    )

    @classmethod
    def of(cls, outgrown: Outgrown) -> OutgrownJson:
        """From the view."""
        return cls(
            revision=outgrown.revision,
            weight_g=_grams(outgrown.figures.weight_cg),
            time_min=outgrown.figures.time_min,
            price_cents=outgrown.price_cents,
            reasons=list(outgrown.reasons),
            only_unsaid=outgrown.only_unsaid,
        )


class RevisionJson(_Given):
    """One file of a job."""

    number: int = Field(description="1 is what the student sent.", examples=[1])
    filename: str = Field(description="Its name in the lab.", examples=["JaneDoe_Filament_Blue_123.stl"])
    kind: RevisionKind = Field(description="What it is.", examples=["original"])
    bytes: int = Field(description="Size in bytes.", examples=[684084])
    sha256: str = Field(description="SHA-256 of its content, in hex.")
    authoritative: bool = Field(description="Whether this is the file that counts; exactly one does.")
    model: int = Field(description="Number of the model that it is, or that it was sliced from.", examples=[1])
    one_copy: bool = Field(description="Whether staff said that it holds one copy, however many the job has.")
    sliced: SlicedJson | None = Field(
        description="What a slicer wrote into the file; null for a bare model, and where it cannot be read."
    )
    created_at: datetime = Field(description="When it arrived, in UTC.")

    @classmethod
    def of(cls, revision: RevisionView) -> RevisionJson:
        """From the view."""
        facts = revision.sliced
        return cls(
            number=revision.number,
            filename=revision.filename,
            kind=revision.kind,
            bytes=revision.bytes,
            sha256=revision.sha256,
            authoritative=revision.authoritative,
            model=revision.model,
            one_copy=revision.one_copy,
            sliced=None if facts is None else SlicedJson.model_validate(sliced_values(facts)),
            created_at=revision.created_at,
        )


class AmountRange(_Given):
    """An estimate in whole units: the truth lies between its ends nine times out of ten."""

    low: int = Field(description="The lower end.", examples=[112])
    likely: int = Field(description="What is likeliest.", examples=[130])
    high: int = Field(description="The upper end.", examples=[171])


class WeightRange(_Given):
    """An estimate in grams: the truth lies between its ends nine times out of ten."""

    low: float = Field(description="The lower end.", examples=[34.2])
    likely: float = Field(description="What is likeliest.", examples=[38.0])
    high: float = Field(description="The upper end.", examples=[40.3])


class EstimateJson(_Given):
    """What the ordered copies will roughly weigh, take and cost, before anybody sliced the file; no quote."""

    weight_g: WeightRange = Field(description="Weight of all copies in grams.")
    time_min: AmountRange = Field(description="Printing time of all copies in minutes.")
    price_cents: AmountRange = Field(description="Price of all copies in cents.")
    currency: str = Field(description="Currency of the price (ISO 4217).", examples=["USD"])
    certain: bool = Field(description="False where the surface is not closed: then all of it is a guess.")
    automatic: bool = Field(
        description="True for an automatic estimate: a slicer on the server worked it out with the printer's settings. "
        "Then the three figures of each range are the same."
    )


class _Found(_Given):
    code: str = Field(description="What was found, for programs; docs/inspect.md has all.", examples=["thin_walls"])
    severity: Severity = Field(
        description="`stops`: it cannot be printed so; `warning`: it may fail; `hint`: good to know.",
        examples=["warning"],
    )
    factor: float | None = Field(description="The scale to offer where the size looks like another unit.")


class FindingJson(_Found):
    """One thing about the model."""

    student: str | None = Field(
        description="A sentence for the student; null when only staff have to know.",
        examples=["Some walls are thinner than 0.8 mm. They may break."],
    )
    staff: str | None = Field(description="What staff read besides, or alone.")


class TrackedFinding(_Found):
    """One thing about the model that the student should know."""

    student: str = Field(description="A sentence for the student.", examples=["The model is not watertight."])


class ItemJson(_Given):
    """One of the things that the file puts on a plate."""

    name: str = Field(description="Its name in the file; may be empty.", examples=["Lid"])
    triangles: int = Field(description="How many triangles it has.", examples=[1280])
    size_mm: tuple[float, float, float] = Field(
        description="Length, width and height in mm, with the job's `scale`.", examples=[[65.2, 50.2, 26.5]]
    )


class _Analysis(_Given):
    """What is known of the model file; the measures are null until it was measured."""

    state: AnalysisState = Field(
        description="`queued`, `measuring`, `drawing`, then `done`, `refused` (the file is no model) or `failed` (it "
        "could not be told; staff can have it analysed again).",
        examples=["done"],
    )
    code: str | None = Field(
        description="Why it was refused or failed, or why a picture is missing; for programs.",
        examples=["no_triangles"],
    )
    message: str | None = Field(
        description="The same as a sentence for a person.", examples=["There are no triangles in the file."]
    )
    format: str | None = Field(description="`STL`, `OBJ` or `3MF`, told from the content.", examples=["STL"])
    units: str | None = Field(description="The file's own unit; `mm?` where the format has none.", examples=["mm?"])
    triangles: int | None = Field(description="How many triangles it has.", examples=[3476])
    size_mm: tuple[float, float, float] | None = Field(
        description="Length, width and height in mm, with the job's `scale`, as all measures here.",
        examples=[[65.2, 50.2, 26.5]],
    )
    volume_mm3: float | None = Field(
        description="Volume in mm³, negative for a part that is inside out.", examples=[11628.4]
    )
    area_mm2: float | None = Field(description="Area of the surface in mm².", examples=[5382.7])
    closed: bool | None = Field(description="Whether the surface is closed.", examples=[True])
    open_edges: int | None = Field(description="How many edges have one face only.", examples=[0])
    bodies: int | None = Field(description="How many separate pieces it has.", examples=[1])
    items: list[ItemJson] = Field(
        description="What the file puts on its plates, one by one; of more than 300 the longest."
    )
    remarks: list[str] = Field(description="What the reader met and went on without.", examples=[["wrong_count"]])
    estimate: EstimateJson | None = Field(
        description="For the job's printer, material, strength, copies and scale; null while the file is not measured."
    )
    thumbnail_url: str | None = Field(
        description="Picture of the part: WebP, 512 × 512 px, transparent. The address is a path of this site, needs "
        "no token and never shows anything else.",
        examples=["/drawings/Jt0…/9f2c…-v1.webp"],
    )
    model_url: str | None = Field(
        description="The part for a 3D viewer: binary glTF in mm without scale, at most 200,000 triangles. An address "
        "like `thumbnail_url`.",
        examples=["/drawings/b8Q…/9f2c…-v1.glb"],
    )


class AnalysisJson(_Analysis):
    """What is known of the job's model file; the measures are null until it was measured."""

    findings: list[FindingJson] = Field(description="What was found, the worst first.")

    @classmethod
    def of(cls, report: Report, currency: str) -> AnalysisJson:
        """From the report."""
        return cls.model_validate(_analysed(report, currency))


class TrackedAnalysis(_Analysis):
    """What is known of the student's model file; the measures are null until it was measured."""

    findings: list[TrackedFinding] = Field(description="What the student should know, the worst first.")

    @classmethod
    def of(cls, report: Report, currency: str) -> TrackedAnalysis:
        """From the report, without what is for staff."""
        values = _analysed(report, currency)
        values["findings"] = [finding for finding in values["findings"] if finding["student"]]
        return cls.model_validate(values)


def _analysed(report: Report, currency: str) -> dict[str, Any]:
    analysis = report.analysis
    own = {name: getattr(analysis, name) for name in ("state", "code", "message", "thumbnail_url", "model_url")}
    return own | report_values(report, currency)


_SCALE = Field(
    description="The factor by which the part is printed larger than its file says in mm; 25.4 for a file in inches.",
    examples=[1.0],
)
_NO_ANALYSIS = "null when nobody looked into the file"


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
    outgrown: OutgrownJson | None = Field(
        description="Why it cannot be started at the accepted price; null as long as that covers the file that counts."
    )
    scale: float = _SCALE
    opened: OpenedJson | None = Field(description="Who opened the file that counts last, if anybody did.")
    analysis: AnalysisJson | None = Field(description=f"What is known of its newest model file; {_NO_ANALYSIS}.")
    created_at: datetime = Field(description="When it was submitted, in UTC.")
    updated_at: datetime = Field(description="When anything about it last changed, in UTC.")

    @classmethod
    def of(cls, job: JobView, allowed: Sequence[Verb], report: Report | None) -> JobJson:
        """From the view, with the moves that this actor has and what is known of the model."""
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
            opened=OpenedJson.of(job.opened) if job.opened else None,
            outgrown=job.outgrown and OutgrownJson.of(job.outgrown),
            analysis=report and AnalysisJson.of(report, job.currency),
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
        "scale",
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


class OpenedJson(_Given):
    """Who opened the file that counts; nobody moved the job or changed the file since."""

    by: str = Field(description="Name of the person or token.", examples=["Sam Lee"])
    workstation: str = Field(description="On which computer.", examples=["Front Desk"])
    at: datetime = Field(description="When, in UTC.")
    until: datetime = Field(description="Until when it counts as open, in UTC: no slicer tells when it is closed.")

    @classmethod
    def of(cls, opened: Opened) -> OpenedJson:
        """From the view."""
        return cls(by=opened.actor_name, workstation=opened.workstation, at=opened.at, until=opened.until)


class OpenLinkJson(_Given):
    """A link for the helper on a staff PC."""

    url: str = Field(description="Opens the file in the slicer there; good once.", examples=["printlab://open/4rZb0…"])
    expires_at: datetime = Field(description="Until when it is good, in UTC: one minute.")
    path: str = Field(
        description="Where the file lies below the storage root.",
        examples=["ReadyToPrint/JaneDoe_Filament_Blue_123.gcode"],
    )
    elsewhere: OpenedJson | None = Field(description="Who else has the file open; null when nobody is known to.")

    @classmethod
    def of(cls, link: OpenLink, elsewhere: Opened | None) -> OpenLinkJson:
        """From what the service answered."""
        return cls(
            url=link.url,
            expires_at=link.expires_at,
            path=link.path,
            elsewhere=OpenedJson.of(elsewhere) if elsewhere else None,
        )


class FileToOpen(_Given):
    """The file that counts, as it is now, for the helper to compare with what lies there."""

    job: int = Field(description="The job's number.", examples=[123])
    filename: str = Field(description="Its name in the lab.", examples=["JaneDoe_Filament_Blue_123.gcode"])
    path: str = Field(
        description="Where it lies below the storage root, with forward slashes.",
        examples=["ReadyToPrint/JaneDoe_Filament_Blue_123.gcode"],
    )
    bytes: int = Field(description="Size in bytes.", examples=[684084])
    sha256: str = Field(description="SHA-256 of its content, in hex.")


class Redeemed(_Given):
    """What a link was good for."""

    file: FileToOpen | None = Field(description="The file to open; null for a trial, or when there was a problem.")

    @classmethod
    def of(cls, opened: OpenedFile | None) -> Redeemed:
        """From what the service answered."""
        if opened is None:
            return cls(file=None)
        return cls(
            file=FileToOpen(
                job=opened.job_id,
                filename=opened.filename,
                path=opened.path,
                bytes=opened.bytes,
                sha256=opened.sha256,
            )
        )


class Concluded(_Given):
    """That the history says what came of a link."""

    opened: bool = Field(description="Whether it says that the file was opened.")


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
    action: str = Field(
        description="A verb, or `submit`, `edit`, `note`, `revision added`, `file chosen`, `file saved`.",
        examples=["approve"],
    )
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
    scale: float = _SCALE
    analysis: TrackedAnalysis | None = Field(description=f"What is known of the model file; {_NO_ANALYSIS}.")
    created_at: datetime = Field(description="When it was submitted, in UTC.")
    updated_at: datetime = Field(description="When anything about it last changed, in UTC.")

    @classmethod
    def of(cls, job: JobView, allowed: Sequence[Verb], report: Report | None) -> TrackedJob:
        """From the view, with the student's moves and what is known of the model."""
        same = {name: getattr(job, name) for name in cls.model_fields if name in _SAME}
        return cls(
            **same,
            status_label=job.status.label,
            quote=QuoteJson.of(job.quote) if job.quote else None,
            reject_reasons=list(job.reject_reasons),
            allowed_moves=list(allowed),
            analysis=report and TrackedAnalysis.of(report, job.currency),
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

    ready: bool = Field(description="Whether no check is `failing`.", examples=[True])
    checks: dict[str, Literal["ok", "failing", "limited"]] = Field(
        description="Each check: database, migrations, storage, disk, and thumbnails where this process analyses "
        "files. What is failing stands in the log; `limited` stops nobody.",
        examples=[{"database": "ok", "migrations": "ok", "storage": "ok", "disk": "ok", "thumbnails": "ok"}],
    )
    limitations: list[str] = Field(
        description="What is limited, and what to do about it.",
        examples=[["Thumbnails cannot be drawn: libegl1 is missing. “apt-get install libegl1” installs it."]],
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
