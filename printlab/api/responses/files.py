"""What the API gives about the files of a job."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from printlab.api.responses.base import Given, grams
from printlab.domain.sliced_facts import CAUTIONS, Caution, WeightSource
from printlab.domain.sliced_values import sliced_values
from printlab.domain.slicing import Outgrown
from printlab.domain.views import RevisionKind, RevisionView


class ToolJson(Given):
    """What one extruder, or one slot of a changer, takes."""

    number: int = Field(description="Its number in the file.", examples=[1])
    material: str | None = Field(description="What is loaded there.", examples=["PLA"])
    weight_g: float | None = Field(description="Grams.", examples=[38.0])
    filament_mm: float | None = Field(description="Length of filament in mm.", examples=[12730.0])


class PlateJson(Given):
    """One of several plates."""

    number: int = Field(description="Its number in the file.", examples=[1])
    weight_g: float | None = Field(description="Grams.", examples=[38.0])
    time_s: int | None = Field(description="Printing time in seconds.", examples=[7800])
    filament_mm: float | None = Field(description="Length of filament in mm.", examples=[12730.0])
    material: str | None = Field(description="What it is printed in.", examples=["PLA"])


class CautionJson(Given):
    """Why a figure is missing or not to be relied on."""

    code: str = Field(description="For programs; docs/inspect.md has all.", examples=["several_plates"])
    message: str = Field(description="A sentence for staff.", examples=[CAUTIONS[Caution.SEVERAL_PLATES]])


class SlicedJson(Given):
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


class OutgrownJson(Given):
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
            weight_g=grams(outgrown.figures.weight_cg),
            time_min=outgrown.figures.time_min,
            price_cents=outgrown.price_cents,
            reasons=list(outgrown.reasons),
            only_unsaid=outgrown.only_unsaid,
        )


class RevisionJson(Given):
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
    purged_at: datetime | None = Field(description="When its bytes were deleted by the lab's rule, in UTC.")

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
            purged_at=revision.purged_at,
        )
