"""What the API gives about a model: what was found in it, and what it will roughly take."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from printlab.api.responses.base import Given
from printlab.domain.analysis import AnalysisState
from printlab.domain.judging import Severity
from printlab.domain.report import Report
from printlab.domain.report_values import report_values


class AmountRange(Given):
    """An estimate in whole units: the truth lies between its ends nine times out of ten."""

    low: int = Field(description="The lower end.", examples=[112])
    likely: int = Field(description="What is likeliest.", examples=[130])
    high: int = Field(description="The upper end.", examples=[171])


class WeightRange(Given):
    """An estimate in grams: the truth lies between its ends nine times out of ten."""

    low: float = Field(description="The lower end.", examples=[34.2])
    likely: float = Field(description="What is likeliest.", examples=[38.0])
    high: float = Field(description="The upper end.", examples=[40.3])


class EstimateJson(Given):
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


class _Found(Given):
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


class ItemJson(Given):
    """One of the things that the file puts on a plate."""

    name: str = Field(description="Its name in the file; may be empty.", examples=["Lid"])
    triangles: int = Field(description="How many triangles it has.", examples=[1280])
    size_mm: tuple[float, float, float] = Field(
        description="Length, width and height in mm, with the job's `scale`.", examples=[[65.2, 50.2, 26.5]]
    )


class _Analysis(Given):
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
