"""Walls that are too thin to print or to last, and overhangs that need supports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from printlab.domain.judging.case import FLAT_MM, Case
from printlab.domain.judging.finding import Code, Finding, Severity
from printlab.domain.judging.phrases import millimetres, percent
from printlab.domain.judging.units import likeliest_unit
from printlab.domain.model_facts import ModelFacts

THIN_SHARE = 0.05
"""The share of the surface that must be thinner than a limit. Every sharp edge is thin at
its tip: those around a pyramid of 45° make 4 % of its surface thinner than 0.45 mm if its base is 40 mm wide."""
GOOD_WALL_MM = 1.2
"""What the lab advises: three lines of 0.45 mm side by side, printing services ask for 1 to 1.2 mm."""

OVERHANG_SHARE = 0.02
OVERHANG_MM2 = 25.0
"""An overhang is worth a word from 2 % of the surface and 5 × 5 mm; smaller ones are bridged or sag a little."""


@dataclass(frozen=True, slots=True)
class WallLimits:
    """The thinnest wall in mm that can be printed at all, and the thinnest that lasts."""

    printable_mm: float
    sturdy_mm: float


# A 0.4 mm nozzle lays a line 0.45 mm wide, and two of them lie 0.86 mm across (they overlap by the round of their
# sides): PrusaSlicer leaves thinner walls out, or fills them with a single line.
FILAMENT_WALLS = WallLimits(0.45, 0.8)
# Our judgement: thinner than 0.3 mm seldom survives being peeled off the tank and washed; 0.6 mm also stands free.
RESIN_WALLS = WallLimits(0.3, 0.6)


def walls(case: Case) -> Iterator[Finding]:
    """Thin walls, unless the size itself is in doubt, as every wall of a part in inches would be too thin; nor of what
    has no thickness at all."""
    if not case.facts.thickness_mm or case.thinnest_mm < FLAT_MM or likeliest_unit(case) is not None:
        return
    limits = RESIN_WALLS if case.printer.prints_like.is_resin else FILAMENT_WALLS
    thin_mm = thin_wall_mm(case.facts, case.scale)
    if thin_mm < limits.printable_mm:
        yield Finding(
            Code.WALLS_TOO_THIN,
            Severity.WARNING,
            f"Some walls are thinner than {limits.printable_mm} mm, about {millimetres(thin_mm)} mm: they will be "
            f"missing from the print or break at once. Make them at least {GOOD_WALL_MM} mm thick.",
            _thin_share(case, limits.printable_mm),
        )
    elif thin_mm < limits.sturdy_mm:
        yield Finding(
            Code.THIN_WALLS,
            Severity.HINT,
            f"Some walls are only about {millimetres(thin_mm)} mm thick. They print but break easily; "
            f"{GOOD_WALL_MM} mm lasts.",
            _thin_share(case, limits.sturdy_mm),
        )


def thin_wall_mm(facts: ModelFacts, scale: float = 1.0) -> float:
    """The thickness in mm below which ``THIN_SHARE`` of the sampled surface lies; infinite where none was sampled."""
    if not facts.thickness_mm:
        return float("inf")
    return facts.thickness_mm[int(THIN_SHARE * (len(facts.thickness_mm) - 1))] * scale


def _thin_share(case: Case, limit_mm: float) -> str:
    thin = sum(thickness * case.scale < limit_mm for thickness in case.facts.thickness_mm)
    return f"{percent(thin / len(case.facts.thickness_mm))} of the surface is thinner than {limit_mm} mm."


def overhangs(case: Case) -> Iterator[Finding]:
    """Overhangs of a part in filament; one in resin stands on supports anyway, and inside out every top hangs."""
    facts = case.facts
    if case.printer.prints_like.is_resin or facts.inside_out or not facts.area_mm2:
        return
    share, area_mm2 = facts.overhang_area_mm2 / facts.area_mm2, facts.overhang_area_mm2 * case.scale**2
    if share >= OVERHANG_SHARE and area_mm2 >= OVERHANG_MM2:
        yield Finding(
            Code.OVERHANGS,
            Severity.HINT,
            f"About {percent(share)} of the surface hangs over nothing and needs supports. They cost time and "
            "material and leave marks; lying another way the part may need fewer.",
            f"{area_mm2 / 100:.1f} cm² look down steeper than 45°, as drawn.",
        )
