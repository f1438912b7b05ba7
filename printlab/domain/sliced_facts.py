"""What a sliced file says of itself: the slicer's own figures, and what about them is not to be relied on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

_Figure = TypeVar("_Figure", int, float)
_HEAVIEST_G, _LONGEST_MM, _LONGEST_S, _LARGEST_MM, _DEAREST = 1e6, 1e9, 366 * 86_400, 1000, 1e9
_MOST = 100

USUAL_DIAMETER_MM = 1.75
"""Of filament where the file does not say: that of the printers of Prusa, Raise3D, Bambu Lab and most others."""


class SlicedFormat(StrEnum):
    """What kind of file it is, told from the content where the format is public."""

    GCODE = "gcode"
    BGCODE = "bgcode"
    GCODE_3MF = "gcode.3mf"
    PROJECT_3MF = "3mf"
    SL1 = "sl1"
    FORM = "form"
    IDEA = "idea"
    UNKNOWN = "unknown"


class WeightSource(StrEnum):
    """Who worked the weight out: the slicer, or we from the length, diameter and density that it wrote."""

    SLICER = "slicer"
    COMPUTED = "computed"


class Caution(StrEnum):
    """Why a figure is missing or wrong."""

    PLACEHOLDERS = "placeholders"
    TRUNCATED = "truncated"
    CRC_BROKEN = "crc_broken"
    UNKNOWN_SLICER = "unknown_slicer"
    NOT_SLICED = "not_sliced"
    CLOSED_FORMAT = "closed_format"
    SEVERAL_PLATES = "several_plates"
    UNREADABLE = "unreadable"
    NOT_TOLD = "not_told"


CAUTIONS: dict[Caution, str] = {
    Caution.PLACEHOLDERS: "The slicer left placeholders where time and filament belong: a quote needs both typed in.",
    Caution.TRUNCATED: "The file ends too early: it was cut off while it was saved or copied. Save it again.",
    Caution.CRC_BROKEN: "The file is damaged: a checksum in it does not hold. Save it again.",
    Caution.UNKNOWN_SLICER: "No known slicer wrote this file: a quote needs weight and time typed in.",
    Caution.NOT_SLICED: "This is a project that was saved and not sliced: there is no tool path in it.",
    Caution.CLOSED_FORMAT: "This format is closed: a quote needs weight and time typed in as the slicer shows them.",
    Caution.SEVERAL_PLATES: "The file holds several plates. Weight and time are those of all of them.",
    Caution.UNREADABLE: "The file cannot be read. Save it again.",
    Caution.NOT_TOLD: "It could not be told whether there is a tool path in this .3mf. Look at it in the slicer first.",
}
"""A sentence for staff each."""

DAMAGE = frozenset({Caution.TRUNCATED, Caution.CRC_BROKEN, Caution.UNREADABLE})
"""What would not print to its end: such a file does not come to count by itself, and is not taken as an upload."""


@dataclass(frozen=True, slots=True)
class Tool:
    """What one extruder or one slot of a changer takes; None is what the file does not say."""

    number: int
    material: str | None = None
    weight_g: float | None = None
    filament_mm: float | None = None


@dataclass(frozen=True, slots=True)
class Plate:
    """One plate of a file that holds several."""

    number: int
    weight_g: float | None = None
    time_s: int | None = None
    filament_mm: float | None = None
    material: str | None = None


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture in the file; ``format`` is png, jpg or qoi."""

    width_px: int
    height_px: int
    format: str


@dataclass(frozen=True, slots=True)
class SlicedFacts:
    """A sliced file as it describes itself. None is what it does not say; nothing is guessed.

    ``weight_g``, ``filament_mm``, ``volume_cm3`` and ``time_s`` are for the whole file: all tools, all plates.
    ``sliced``: there is a tool path, or there are layers, in it. ``cost`` is in whatever money the slicer was set to.
    ``ends`` is False where nothing says that the text is whole: some slicers write nothing at its end.
    """

    format: SlicedFormat
    slicer: str | None = None
    slicer_version: str | None = None
    sliced: bool = False
    weight_g: float | None = None
    weight_source: WeightSource | None = None
    filament_mm: float | None = None
    volume_cm3: float | None = None
    resin_ml: float | None = None
    cost: float | None = None
    time_s: int | None = None
    material: str | None = None
    printer_model: str | None = None
    layer_height_mm: float | None = None
    nozzle_mm: float | None = None
    tools: tuple[Tool, ...] = ()
    plates: tuple[Plate, ...] = ()
    thumbnails: tuple[Thumbnail, ...] = ()
    cautions: tuple[Caution, ...] = ()
    ends: bool = True

    @property
    def is_untold(self) -> bool:
        """Whether nobody knows what the file is."""
        return Caution.NOT_TOLD in self.cautions


def damage_of(facts: SlicedFacts) -> str | None:
    """Why the file would not print to its end, as a sentence; None for one that is whole as far as it says."""
    found = DAMAGE.intersection(facts.cautions)
    return CAUTIONS[min(found)] if found else None


def doubt_about(facts: SlicedFacts) -> str | None:
    """Why somebody should look at the file before it counts, as a sentence: damage, or that nobody knows what it is."""
    return CAUTIONS[Caution.NOT_TOLD] if facts.is_untold else damage_of(facts)


def slicer_of(facts: SlicedFacts) -> str:
    """``PrusaSlicer 2.9.4``; empty where the file does not say what wrote it."""
    return " ".join(filter(None, (facts.slicer, facts.slicer_version)))


def believable(facts: SlicedFacts) -> SlicedFacts:
    """The same without figures that no print has, whoever wrote them: they would be in prices and on the board."""
    return replace(
        facts,
        weight_g=_up_to(_HEAVIEST_G, facts.weight_g),
        filament_mm=_up_to(_LONGEST_MM, facts.filament_mm),
        volume_cm3=_up_to(_HEAVIEST_G, facts.volume_cm3),
        resin_ml=_up_to(_HEAVIEST_G, facts.resin_ml),
        cost=_up_to(_DEAREST, facts.cost),
        time_s=_up_to(_LONGEST_S, facts.time_s),
        layer_height_mm=_up_to(_LARGEST_MM, facts.layer_height_mm),
        nozzle_mm=_up_to(_LARGEST_MM, facts.nozzle_mm),
        tools=tuple(
            replace(
                tool, weight_g=_up_to(_HEAVIEST_G, tool.weight_g), filament_mm=_up_to(_LONGEST_MM, tool.filament_mm)
            )
            for tool in facts.tools[:_MOST]
        ),
        plates=tuple(
            replace(
                plate,
                weight_g=_up_to(_HEAVIEST_G, plate.weight_g),
                time_s=_up_to(_LONGEST_S, plate.time_s),
                filament_mm=_up_to(_LONGEST_MM, plate.filament_mm),
            )
            for plate in facts.plates[:_MOST]
        ),
    )


def _up_to(most: float, figure: _Figure | None) -> _Figure | None:
    return figure if figure is not None and 0 <= figure <= most else None


def filament_cm3(length_mm: float, diameter_mm: float) -> float:
    """The volume of a length of filament, a cylinder."""
    return math.pi * (diameter_mm / 2) ** 2 * length_mm / 1000


def joined(materials: list[str]) -> str | None:
    """``PLA+PETG``: each material once, in the order of the tools; None when there is none."""
    return "+".join(dict.fromkeys(name for name in materials if name)) or None
