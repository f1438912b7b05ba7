"""The unit that a file without units was probably drawn in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, log

from printlab.domain.judging.case import FLAT_MM, Case
from printlab.domain.judging.finding import Code, Finding, Severity
from printlab.domain.judging.phrases import any_of, size
from printlab.domain.model_facts import UNKNOWN_UNITS

LIKELY_MM = (5.0, 300.0)
"""The longest side of what people print: no longer than a grain of rice is odd, and longer than a ruler is too."""
_ROUNDING = 1e-5  # 5.0000002 mm in single precision is 5 mm

TYPICAL_MM = 60.0
"""The median of the longest sides of printed parts: what fits in a hand."""
_TYPICAL_SPREAD = log(2.5)  # one standard deviation: 24 to 150 mm; two: 10 to 375 mm


@dataclass(frozen=True, slots=True)
class Unit:
    """What may have happened to a size, the factor that mends it, and how likely that is before the size is known."""

    code: Code
    factor: float
    times: str
    prior: float
    words: str


# Our judgement, in want of counts: inches are what CAD offers beside millimetres, metres what Blender works in,
# centimetres what is left. These weights decide only where two factors make a likely size.
_SMALLER = (
    Unit(Code.LOOKS_LIKE_INCHES, 25.4, "× 25.4", 0.60, "was drawn in inches"),
    Unit(Code.LOOKS_LIKE_METRES, 1000.0, "× 1000", 0.25, "was drawn in metres"),
    Unit(Code.LOOKS_LIKE_CENTIMETRES, 10.0, "× 10", 0.15, "was drawn in centimetres"),
)
_LARGER = (
    Unit(Code.LOOKS_CONVERTED_TWICE, 1 / 25.4, "÷ 25.4", 0.50, "was converted from inches twice"),
    Unit(Code.LOOKS_LIKE_MICROMETRES, 0.001, "÷ 1000", 0.50, "was drawn in micrometres"),
)


def size_of_another_unit(case: Case) -> Iterator[Finding]:
    """A size that people do not print, in a format without units: what it was probably drawn in.

    Each unit that brings the longest side among the likely ones is weighed: its prior times the density of sizes,
    log-normal around ``TYPICAL_MM``. The heaviest is offered.
    """
    unit = likeliest_unit(case)
    if unit is None:
        return
    size_mm = max((item.size_mm for item in case.facts.items), key=max)
    only = "only " if unit.factor > 1 else ""
    others = [
        f"it {other.words} ({other.times}: {size(size_mm, other.factor)})"
        for other in _candidates(case)
        if other is not unit
    ]
    yield Finding(
        unit.code,
        Severity.WARNING,
        f"The part is {only}{size(size_mm, 1.0)} if the file is in millimetres. If it {unit.words}, it is "
        f"{size(size_mm, unit.factor)}. Which is right?",
        f"The file states no unit. Likeliest: it {unit.words} ({unit.times})."
        + (f" Less likely: {any_of(others)}." if others else ""),
        unit.factor,
    )


def likeliest_unit(case: Case) -> Unit | None:
    """The unit that makes the likeliest size; None where the size is stated, accepted or likely as it is."""
    if case.facts.units != UNKNOWN_UNITS or case.scale != 1.0 or case.size_is_right:
        return None
    return max(_candidates(case), key=lambda unit: _weight(unit, case.longest_mm), default=None)


def _candidates(case: Case) -> list[Unit]:
    """The units that make a likely size of an unlikely one. What is long but fits some printer is meant to be long, and
    what has no thickness in any unit is no part at all.
    """
    longest, (least, most) = case.longest_mm, LIKELY_MM
    if longest <= least * (1 + _ROUNDING):
        units = _SMALLER
    elif longest > most and not case.fits_somewhere:
        units = _LARGER
    else:
        return []
    return [
        unit for unit in units if least <= longest * unit.factor <= most and case.thinnest_mm * unit.factor >= FLAT_MM
    ]


def _weight(unit: Unit, longest_mm: float) -> float:
    deviations = log(longest_mm * unit.factor / TYPICAL_MM) / _TYPICAL_SPREAD
    return unit.prior * exp(-deviations * deviations / 2)
