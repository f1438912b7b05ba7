"""What a part will weigh, take and cost, from its measures, before anybody slices it.

Filament: a slicer lays walls along the sides, closed layers under tops and over bottoms, a thin pattern in the rest.
With W the area of the sides, T and B the upward and downward areas seen from above, V the volume and h the layer:

    shell  = min(V, W · perimeters · line width + T · top layers · h + B · bottom layers · h)
    weight = density · (shell + infill · (V − shell))
    time   = seconds per metre of each kind of line + per turn of the outlines + per layer + per print

where the outline of a column turns once in each layer, that of a fluted wall often: a nozzle slows down in corners, and
jumps from one outline to the next. No layer faster than the slicer lets it, so that it cools.

Resin: a layer takes as long as another, and the part is solid. What a printer is set to are ``PrintSettings``. Their
coefficients and the width of their ranges come from ``python -m benchmarks estimates``, which slices some fifty parts
with the same settings and fits the model to half of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil

from printlab.domain.model_facts import ModelFacts
from printlab.domain.pricing import Rates, price_cents
from printlab.domain.views import PrintsLike, Strength

_MG_PER_CG = 10  # a density of 1 mg/cm³ × 1 cm³ is 1 mg; weights are counted in 0.01 g
_MM3_PER_CM3 = 1000
_MM_PER_M = 1000


@dataclass(frozen=True, slots=True)
class Range:
    """What is likely, and between which figures it lies nine times out of ten."""

    low: int
    likely: int
    high: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """Weight in 0.01 g, printing time in minutes and price in cents, each for all copies.

    ``certain`` is False where the surface is not closed: then the volume, and with it everything here, is a guess.
    ``automatic``: a slicer on the server says so, with the printer's own settings.
    """

    weight_cg: Range
    time_min: Range
    price_cents: Range
    certain: bool
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Spread:
    """Between which multiples of the likely figure a slicer's lies for nine parts of ten."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Solidity:
    """What a strength means: lines around the outside, closed layers on top and below, filled share of the rest."""

    perimeters: int
    top_layers: int
    bottom_layers: int
    infill: float


@dataclass(frozen=True, slots=True)
class Lines:
    """Metres of each kind of line, full turns of the outlines in all layers together, and how many layers."""

    perimeter_m: float
    solid_m: float
    infill_m: float
    turns: float
    layers: int


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a printer is set: seconds for a metre of each kind of line, a turn, a layer, a print.

    A layer takes at least ``cooling_s``, for which the slicer slows down, though never below ``slowest_s_per_m``.
    """

    perimeter_s_per_m: float
    solid_s_per_m: float
    infill_s_per_m: float
    turn_s: float
    layer_s: float
    print_s: float
    cooling_s: float
    slowest_s_per_m: float

    def seconds(self, lines: Lines) -> float:
        """How long one print takes."""
        moving = (
            self.perimeter_s_per_m * lines.perimeter_m
            + self.solid_s_per_m * lines.solid_m
            + self.infill_s_per_m * lines.infill_m
            + self.turn_s * lines.turns
            + self.layer_s * lines.layers
            + self.print_s
        )
        metres = lines.perimeter_m + lines.solid_m + lines.infill_m
        return max(moving, min(self.cooling_s * lines.layers, self.slowest_s_per_m * metres))


@dataclass(frozen=True, slots=True)
class FilamentSettings:
    """How a filament printer is set."""

    layer_height_mm: float
    line_width_mm: float
    solidity: Mapping[Strength, Solidity]
    pace: Pace
    weight_spread: Spread
    time_spread: Spread


@dataclass(frozen=True, slots=True)
class ResinSettings:
    """How a resin printer is set; ``support_share`` of the part's weight goes into supports."""

    layer_height_mm: float
    layer_s: float
    print_s: float
    support_share: float
    weight_spread: Spread
    time_spread: Spread


PrintSettings = FilamentSettings | ResinSettings

SOLIDITY: Mapping[Strength, Solidity] = {
    Strength.DRAFT: Solidity(perimeters=2, top_layers=4, bottom_layers=3, infill=0.10),
    Strength.STANDARD: Solidity(perimeters=2, top_layers=5, bottom_layers=4, infill=0.15),
    Strength.STRONG: Solidity(perimeters=4, top_layers=6, bottom_layers=5, infill=0.40),
}

# Fitted by `python -m benchmarks estimates` (PrusaSlicer 2.5.0, speeds of benchmarks/slicing.py); the spreads are of
# parts that the fit had not seen. benchmarks/README.md says how good they are.
_MK4S = FilamentSettings(
    layer_height_mm=0.2,
    line_width_mm=0.45,
    solidity=SOLIDITY,
    pace=Pace(
        perimeter_s_per_m=10.3, solid_s_per_m=15.3, infill_s_per_m=8.0, turn_s=0.75, layer_s=1.88, print_s=9.4,
        cooling_s=6.0, slowest_s_per_m=66.7,
    ),
    weight_spread=Spread(0.90, 1.06),
    time_spread=Spread(0.79, 1.19),
)  # fmt: skip
_XL = replace(
    _MK4S,
    pace=Pace(
        perimeter_s_per_m=12.1, solid_s_per_m=16.5, infill_s_per_m=8.3, turn_s=0.76, layer_s=2.75, print_s=0.0,
        cooling_s=8.0, slowest_s_per_m=66.7,
    ),
    time_spread=Spread(0.82, 1.19),
)  # fmt: skip
_RAISE3D = replace(
    _MK4S,
    pace=Pace(
        perimeter_s_per_m=23.7, solid_s_per_m=25.1, infill_s_per_m=16.9, turn_s=1.01, layer_s=1.44, print_s=0.0,
        cooling_s=10.0, slowest_s_per_m=66.7,
    ),
    time_spread=Spread(0.83, 1.22),
)  # fmt: skip

# Assumed, not measured: no resin slicer can be run here. A lab that knows its printer's times per layer and its
# supports corrects them; until then the spreads are wide.
_RESIN = ResinSettings(
    layer_height_mm=0.05,
    layer_s=14.0,
    print_s=600.0,
    support_share=0.2,
    weight_spread=Spread(0.9, 1.15),
    time_spread=Spread(0.7, 1.45),
)

_SETTINGS: Mapping[PrintsLike, PrintSettings] = {
    PrintsLike.MK4S: _MK4S,
    PrintsLike.XL: _XL,
    PrintsLike.PRO2_PLUS: _RAISE3D,
    PrintsLike.RESIN: _RESIN,
}


def settings_of(prints_like: PrintsLike) -> PrintSettings:
    """How the printer is set that was measured."""
    return _SETTINGS[prints_like]


def estimate(
    facts: ModelFacts,
    settings: PrintSettings,
    density_mg_cm3: int,
    strength: Strength,
    quantity: int,
    rates: Rates,
    scale: float = 1.0,
) -> Estimate:
    """Weight, time and price of ``quantity`` copies, the model made ``scale`` times as large.

    Supports of filament are not in it: whether there are any is decided in the slicer.
    """
    body = measured(facts, scale)
    if isinstance(settings, ResinSettings):
        volume_mm3, seconds = _in_resin(body, settings)
    else:
        volume_mm3, seconds = _in_filament(body, settings, strength)
    weight = _weight_range(quantity * volume_mm3 / _MM3_PER_CM3 * density_mg_cm3 / _MG_PER_CG, settings.weight_spread)
    time = _time_range(quantity * seconds, settings.time_spread)
    price = Range(
        price_cents(rates, weight.low, time.low),
        price_cents(rates, weight.likely, time.likely),
        price_cents(rates, weight.high, time.high),
    )
    return Estimate(weight, time, price, facts.closed)


@dataclass(frozen=True, slots=True)
class Body:
    """What the model needs to know of a part: mm, mm² and mm³, at the scale at which it is printed."""

    volume_mm3: float
    side_area_mm2: float
    top_area_mm2: float
    bottom_area_mm2: float
    turning_mm: float
    height_mm: float


def measured(facts: ModelFacts, scale: float = 1.0) -> Body:
    """The body of a model. The volume counts whichever way the surface looks, and no more than its box holds:
    pieces that overlap are printed once. Items stand beside each other, so the tallest gives the height."""
    kept = sum(item.volume_mm3 for item in facts.items)
    beyond = abs(facts.volume_mm3 - kept) if facts.more_items else 0.0
    return Body(
        (sum(min(abs(item.volume_mm3), _box_mm3(item.size_mm)) for item in facts.items) + beyond) * scale**3,
        facts.side_area_mm2 * scale**2,
        facts.top_area_mm2 * scale**2,
        facts.bottom_area_mm2 * scale**2,
        facts.turning_mm * scale,
        max(item.size_mm[2] for item in facts.items) * scale,
    )


def _box_mm3(size_mm: tuple[float, float, float]) -> float:
    return size_mm[0] * size_mm[1] * size_mm[2]


def lines_of(body: Body, solidity: Solidity, layer_height_mm: float, line_width_mm: float) -> tuple[float, Lines]:
    """Printed volume in mm³, and the lines that it is laid in.

    Where walls and closed layers would need more than there is, the part is solid. The walls come first, as in slicers:
    what is as thin as they are has no room for closed layers, and beside a steep wall those lie within it.
    """
    walls = body.side_area_mm2 * solidity.perimeters * line_width_mm
    closed = (body.top_area_mm2 * solidity.top_layers + body.bottom_area_mm2 * solidity.bottom_layers) * layer_height_mm
    shell = min(body.volume_mm3, walls + closed)
    walls = min(walls, shell)
    filling = solidity.infill * (body.volume_mm3 - shell)
    line_mm2 = line_width_mm * layer_height_mm
    layers = max(1, ceil(body.height_mm / layer_height_mm - 1e-6))

    def metres(volume_mm3: float) -> float:
        return volume_mm3 / line_mm2 / _MM_PER_M

    turns = body.turning_mm / layer_height_mm
    return shell + filling, Lines(metres(walls), metres(shell - walls), metres(filling), turns, layers)


def _in_filament(body: Body, settings: FilamentSettings, strength: Strength) -> tuple[float, float]:
    """Printed volume in mm³ and seconds of one copy."""
    volume_mm3, lines = lines_of(body, settings.solidity[strength], settings.layer_height_mm, settings.line_width_mm)
    return volume_mm3, settings.pace.seconds(lines)


def _in_resin(body: Body, settings: ResinSettings) -> tuple[float, float]:
    """Printed volume in mm³, with supports, and seconds of one copy."""
    layers = max(1, ceil(body.height_mm / settings.layer_height_mm - 1e-6))
    return body.volume_mm3 * (1 + settings.support_share), settings.print_s + layers * settings.layer_s


def _weight_range(weight_cg: float, spread: Spread) -> Range:
    """At least 0.01 g: everything weighs something."""
    low, likely, high = (max(1, round(weight_cg * factor)) for factor in (spread.low, 1.0, spread.high))
    return Range(low, likely, high)


def _time_range(seconds: float, spread: Spread) -> Range:
    """Whole minutes, begun ones counted, at least one."""
    low, likely, high = (max(1, ceil(seconds * factor / 60)) for factor in (spread.low, 1.0, spread.high))
    return Range(low, likely, high)
