"""What is said about a measured model: will it print on this printer, and what is odd about it.

Every finding has a code for programs, a sentence for the student and, where staff need more or alone have to know, one
for them. Nothing here reads the file again: facts, printer and scale in, findings out, the worst first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, exp, log

from printlab.domain.fit import fits, which_poses_fit
from printlab.domain.model_facts import UNKNOWN_UNITS, BuildItem, ModelFacts, Remark, Size3
from printlab.domain.views import PrinterView

LIKELY_MM = (5.0, 300.0)
"""The longest side of what people print: no longer than a grain of rice is odd, and longer than a ruler is too."""
_ROUNDING = 1e-5  # 5.0000002 mm in single precision is 5 mm

TYPICAL_MM = 60.0
"""The median of the longest sides of printed parts: what fits in a hand."""
_TYPICAL_SPREAD = log(2.5)  # one standard deviation: 24 to 150 mm; two: 10 to 375 mm

THIN_SHARE = 0.05
"""The share of the surface that must be thinner than a limit. Every sharp edge is thin at
its tip: those around a pyramid of 45° make 4 % of its surface thinner than 0.45 mm if its base is 40 mm wide."""
GOOD_WALL_MM = 1.2
"""What the lab advises: three lines of 0.45 mm side by side, printing services ask for 1 to 1.2 mm."""
FLAT_MM = 0.05
"""Thinner than the thinnest layer of any of the lab's printers: there is nothing to print."""

OVERHANG_SHARE = 0.02
OVERHANG_MM2 = 25.0
"""An overhang is worth a word from 2 % of the surface and 5 × 5 mm; smaller ones are bridged or sag a little."""

MANY_TRIANGLES = 1_000_000
"""A part of 100 mm with triangles of 0.2 mm; a printer lays lines of 0.45 mm. The viewer thins such models out."""

_NAME_LENGTH = 40
_NAMED_ITEMS = 3


class Severity(StrEnum):
    """How bad it is. ``stops``: it cannot be printed like this. ``warning``: it may fail. ``hint``: good to know."""

    STOPS = "stops"
    WARNING = "warning"
    HINT = "hint"


class Code(StrEnum):
    """What was found. The order within one severity is the order in which it is said."""

    DOES_NOT_FIT = "does_not_fit"
    FLAT = "flat"
    TRUNCATED = "truncated"
    FITS_TURNED_OVER = "fits_turned_over"
    LOOKS_LIKE_INCHES = "looks_like_inches"
    LOOKS_LIKE_METRES = "looks_like_metres"
    LOOKS_LIKE_CENTIMETRES = "looks_like_centimetres"
    LOOKS_LIKE_MICROMETRES = "looks_like_micrometres"
    LOOKS_CONVERTED_TWICE = "looks_converted_twice"
    NOT_WATERTIGHT = "not_watertight"
    FLIPPED_FACES = "flipped_faces"
    INSIDE_OUT = "inside_out"
    WALLS_TOO_THIN = "walls_too_thin"
    BAD_FACES = "bad_faces"
    SEVERAL_ITEMS = "several_items"
    SEPARATE_PIECES = "separate_pieces"
    THIN_WALLS = "thin_walls"
    OVERHANGS = "overhangs"
    MANY_TRIANGLES = "many_triangles"
    LEFT_OUT = "left_out"
    MIRRORED = "mirrored"
    WRONG_COUNT = "wrong_count"
    CROWDED_EDGES = "crowded_edges"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about the model. ``student`` is empty where only staff have to know.

    ``factor``: the scale to offer, where the size looks like another unit; None everywhere else.
    """

    code: Code
    severity: Severity
    student: str
    staff: str | None = None
    factor: float | None = None


@dataclass(frozen=True, slots=True)
class WallLimits:
    """The thinnest wall in mm that can be printed at all, and the thinnest that lasts."""

    printable_mm: float
    sturdy_mm: float


WALLS: dict[str, WallLimits] = {
    # A 0.4 mm nozzle lays a line 0.45 mm wide, and two of them lie 0.86 mm across (they overlap by the round of their
    # sides): PrusaSlicer leaves thinner walls out, or fills them with a single line.
    "Filament": WallLimits(0.45, 0.8),
    # Our judgement: thinner than 0.3 mm seldom survives being peeled off the tank and washed; 0.6 mm also stands free.
    "Resin": WallLimits(0.3, 0.6),
}
_DEFAULT_WALLS = WALLS["Filament"]


@dataclass(frozen=True, slots=True)
class _Unit:
    """What may have happened to a size, the factor that mends it, and how likely that is before the size is known."""

    code: Code
    factor: float
    times: str
    prior: float
    words: str


# Our judgement, in want of counts: inches are what CAD offers beside millimetres, metres what Blender works in,
# centimetres what is left. These weights decide only where two factors make a likely size.
_SMALLER = (
    _Unit(Code.LOOKS_LIKE_INCHES, 25.4, "× 25.4", 0.60, "was drawn in inches"),
    _Unit(Code.LOOKS_LIKE_METRES, 1000.0, "× 1000", 0.25, "was drawn in metres"),
    _Unit(Code.LOOKS_LIKE_CENTIMETRES, 10.0, "× 10", 0.15, "was drawn in centimetres"),
)
_LARGER = (
    _Unit(Code.LOOKS_CONVERTED_TWICE, 1 / 25.4, "÷ 25.4", 0.50, "was converted from inches twice"),
    _Unit(Code.LOOKS_LIKE_MICROMETRES, 0.001, "÷ 1000", 0.50, "was drawn in micrometres"),
)


@dataclass(frozen=True, slots=True)
class _Case:
    """What there is to judge."""

    facts: ModelFacts
    printer: PrinterView
    printers: Sequence[PrinterView]
    scale: float
    size_is_right: bool = False

    @property
    def longest_mm(self) -> float:
        """The longest side of the largest item, as it would be printed."""
        return max(max(item.size_mm) for item in self.facts.items) * self.scale


def judge(
    facts: ModelFacts,
    printer: PrinterView,
    printers: Sequence[PrinterView],
    scale: float = 1.0,
    *,
    size_is_right: bool = False,
) -> tuple[Finding, ...]:
    """Everything to say about a model on the chosen printer, the worst first.

    ``printers`` are those of the lab: the active ones are named where the part fits them. ``scale`` is the factor that
    was accepted for this job, 1 where none was; once one was, or somebody said that the ``size_is_right``, no other is
    offered.
    """
    case = _Case(facts, printer, printers, scale, size_is_right)
    findings = [finding for rule in _RULES for finding in rule(case)]
    order = {code: place for place, code in enumerate(Code)}
    severities = list(Severity)
    return tuple(sorted(findings, key=lambda found: (severities.index(found.severity), order[found.code])))


# Fit


def _fit(case: _Case) -> Iterator[Finding]:
    stand, turned = _fitting(case, case.printer)
    if all(stand):
        return
    others = _where_else(case)
    if all(turned):
        yield _fits_turned_over(case, stand, others)
    else:
        yield _does_not_fit(case, stand, turned, others)


def _fitting(case: _Case, printer: PrinterView) -> tuple[list[bool], list[bool]]:
    """For each item whether it fits as it stands, and whether it fits in any pose."""
    build = _build(printer)
    stand, turned = list[bool](), list[bool]()
    for item in case.facts.items:
        fits_so = fits(item.poses[0], build, case.scale)
        stand.append(fits_so)
        turned.append(fits_so or any(which_poses_fit(item.poses[1:], build, case.scale)))
    return stand, turned


def _build(printer: PrinterView) -> Size3:
    return float(printer.build_x_mm), float(printer.build_y_mm), float(printer.build_z_mm)


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """The other active printers that all items fit, by how they do."""

    standing: tuple[str, ...]
    turned: tuple[str, ...]


def _where_else(case: _Case) -> _Elsewhere:
    others = [other for other in case.printers if other.active and other.name != case.printer.name]
    standing, turned = list[str](), list[str]()
    for other in sorted(others, key=lambda other: other.method != case.printer.method):
        stand, any_way = _fitting(case, other)
        name = other.name if other.method == case.printer.method else f"{other.name} ({other.method.lower()})"
        if all(stand):
            standing.append(name)
        elif all(any_way):
            turned.append(name)
    return _Elsewhere(tuple(standing), tuple(turned))


def _fits_turned_over(case: _Case, stand: Sequence[bool], others: _Elsewhere) -> Finding:
    whom, name = _subject(case, stand), case.printer.name
    it = "it fits" if _singular(case, stand) else "they fit"
    sentence = f"{whom} {_does(case, stand)} not fit the {name} standing as drawn; turned onto another side {it}."
    if others.standing:
        sentence += f" Standing as drawn {it} the {_or(others.standing)}."
    advice = (
        f"Turn it over in the slicer, or use the {_or(others.standing)}."
        if others.standing
        else "Turn it over in the slicer."
    )
    return Finding(
        Code.FITS_TURNED_OVER,
        Severity.WARNING,
        f"{sentence} The layers will then run another way, which changes where the part is weak.",
        f"{_excess(case, stand)} {advice}",
    )


def _does_not_fit(case: _Case, stand: Sequence[bool], turned: Sequence[bool], others: _Elsewhere) -> Finding:
    whom = _subject(case, turned)
    if _singular(case, turned) and len(case.facts.items) == 1 and (tall := _too_tall_mm(case, case.facts.items[0])):
        sentence = f"{whom} is {_mm_up(tall)} mm too tall for the {case.printer.name}, also when it is turned over."
    else:
        sentence = f"{whom} {_does(case, turned)} not fit the {case.printer.name}, whichever way it is turned."
    return Finding(
        Code.DOES_NOT_FIT,
        Severity.STOPS,
        f"{sentence} {_way_out(case, others)}",
        _excess(case, stand),
    )


def _way_out(case: _Case, others: _Elsewhere) -> str:
    """Which printers take it; where none does, what to do about it."""
    it = "It" if len(case.facts.items) == 1 else "Everything"
    said = [f"{it} fits the {_and(others.standing)}."] if others.standing else []
    if others.turned:
        said.append(f"Turned over it{' also' if said else ''} fits the {_and(others.turned)}.")
    if said:
        return " ".join(said)
    if _likeliest_unit(case) is not None:
        return "Its size may be in another unit: look at that first."
    percent = _largest_percent(case)
    smaller = f" or scale it to {percent} %" if percent else ""
    return f"None of the lab’s printers is large enough. Split it into pieces{smaller}."


def _largest_percent(case: _Case) -> int | None:
    """The largest whole percentage at which all items fit the chosen printer; None below 25 %: that is another part."""
    low, high = 24, 100  # what fits still fits when it is made smaller, so halving the gap finds the edge
    while high - low > 1:
        percent = (low + high) // 2
        smaller = _Case(case.facts, case.printer, case.printers, case.scale * percent / 100)
        if all(_fitting(smaller, case.printer)[1]):
            low = percent
        else:
            high = percent
    return low if low >= 25 else None


def _too_tall_mm(case: _Case, item: BuildItem) -> float | None:
    """By how much the item is too tall as it stands, if that alone is the trouble."""
    width, depth, height = _build(case.printer)
    excess = item.poses[0].height_mm * case.scale - height
    if excess > 0 and fits(item.poses[0], (width, depth, height + excess), case.scale):
        return excess
    return None


def _excess(case: _Case, stand: Sequence[bool]) -> str:
    """For staff: what does not fit as it stands, with its size and the printer's."""
    sizes = [
        _size(item.size_mm, case.scale) for item, fits_so in zip(case.facts.items, stand, strict=True) if not fits_so
    ]
    listed = ", ".join(sizes[:_NAMED_ITEMS]) + (" …" if len(sizes) > _NAMED_ITEMS else "")
    return f"{listed} as drawn; the build volume of the {case.printer.name} is {case.printer.build_volume}."


def _subject(case: _Case, fitting: Sequence[bool]) -> str:
    """Who does not fit: ``Your part``, ``“Lid”``, ``3 of the 7 items (“Lid”, “Base” …)``."""
    items = case.facts.items
    if len(items) == 1:
        return "Your part"
    names = [_name(item, place) for place, item in enumerate(items, start=1) if not fitting[place - 1]]
    if len(names) == 1:
        return names[0]
    listed = ", ".join(names[:_NAMED_ITEMS]) + (" …" if len(names) > _NAMED_ITEMS else "")
    return f"{len(names)} of the {case.facts.item_count} items ({listed})"


def _singular(case: _Case, fitting: Sequence[bool]) -> bool:
    return len(case.facts.items) == 1 or list(fitting).count(False) == 1


def _does(case: _Case, fitting: Sequence[bool]) -> str:
    return "does" if _singular(case, fitting) else "do"


# Size


def _size_of_another_unit(case: _Case) -> Iterator[Finding]:
    """A size that people do not print, in a format without units: what it was probably drawn in.

    Each unit that brings the longest side among the likely ones is weighed: its prior times the density of sizes,
    log-normal around ``TYPICAL_MM``. The heaviest is offered.
    """
    unit = _likeliest_unit(case)
    if unit is None:
        return
    size_mm = max((item.size_mm for item in case.facts.items), key=max)
    only = "only " if unit.factor > 1 else ""
    others = [
        f"it {other.words} ({other.times}: {_size(size_mm, other.factor)})"
        for other in _candidates(case)
        if other is not unit
    ]
    yield Finding(
        unit.code,
        Severity.WARNING,
        f"The part is {only}{_size(size_mm, 1.0)} if the file is in millimetres. If it {unit.words}, it is "
        f"{_size(size_mm, unit.factor)}. Which is right?",
        f"The file states no unit. Likeliest: it {unit.words} ({unit.times})."
        + (f" Less likely: {_or(others)}." if others else ""),
        unit.factor,
    )


def _likeliest_unit(case: _Case) -> _Unit | None:
    if case.facts.units != UNKNOWN_UNITS or case.scale != 1.0 or case.size_is_right:
        return None
    return max(_candidates(case), key=lambda unit: _weight(unit, case.longest_mm), default=None)


def _candidates(case: _Case) -> list[_Unit]:
    """The units that make a likely size of an unlikely one. What is long but fits some printer is meant to be long."""
    longest, (least, most) = case.longest_mm, LIKELY_MM
    if longest <= least * (1 + _ROUNDING):
        units = _SMALLER
    elif longest > most and not _fits_somewhere(case):
        units = _LARGER
    else:
        return []
    return [unit for unit in units if least <= longest * unit.factor <= most]


def _weight(unit: _Unit, longest_mm: float) -> float:
    deviations = log(longest_mm * unit.factor / TYPICAL_MM) / _TYPICAL_SPREAD
    return unit.prior * exp(-deviations * deviations / 2)


def _fits_somewhere(case: _Case) -> bool:
    return any(all(_fitting(case, printer)[1]) for printer in (case.printer, *case.printers) if printer.active)


# Surface


def _surface(case: _Case) -> Iterator[Finding]:
    facts = case.facts
    if facts.open_edges or (not facts.closed and not facts.flipped_edges):
        edges = f"{_count(facts.open_edges, 'open edge')}" if facts.open_edges else "places where it does not close"
        yield Finding(
            Code.NOT_WATERTIGHT,
            Severity.WARNING,
            f"The surface has {edges}: what is inside and what is outside is a guess there, and walls may be missing "
            "in the print. Repair it in the program that you drew it in and export it again.",
            f"Not watertight: {edges}. Small holes are often closed by the slicer’s repair; look at the layers.",
        )
    if facts.flipped_edges:
        yield Finding(
            Code.FLIPPED_FACES,
            Severity.WARNING,
            "Some faces of the surface look the wrong way. The slicer mostly turns them; if parts are missing in the "
            "preview, recalculate the outside in the program that you drew it in.",
            f"{_count(facts.flipped_edges, 'edge')} between faces that look different ways.",
        )
    if facts.inside_out:
        yield Finding(
            Code.INSIDE_OUT,
            Severity.WARNING,
            "The surface is turned inside out, as if the part were a hollow in solid material. Slicers mostly turn it "
            "back; the lab checks that before it prints.",
            "Inside out: closed, with a negative volume. Check that the slicer fills it.",
        )
    if facts.crowded_edges:
        yield Finding(
            Code.CROWDED_EDGES,
            Severity.HINT,
            "",
            f"{_count(facts.crowded_edges, 'edge')} of more than two faces, where bodies touch. It slices as it is.",
        )


def _flat(case: _Case) -> Iterator[Finding]:
    thinnest, unit = _thinnest_mm(case), _likeliest_unit(case)
    if thinnest * (unit.factor if unit else 1.0) < FLAT_MM:
        yield Finding(
            Code.FLAT,
            Severity.STOPS,
            "The part has no thickness: it is a surface, and there is nothing to print. Give it a thickness of at "
            f"least {GOOD_WALL_MM} mm.",
            f"{_mm(thinnest)} mm in one direction.",
        )


def _thinnest_mm(case: _Case) -> float:
    return min(min(item.size_mm) for item in case.facts.items) * case.scale


# Pieces


def _pieces(case: _Case) -> Iterator[Finding]:
    items, count = case.facts.items, case.facts.item_count
    if len(items) > 1:
        judged = f"The {len(items)} longest are judged" if case.facts.more_items else "Each is judged"
        yield Finding(
            Code.SEVERAL_ITEMS,
            Severity.HINT,
            f"The file holds {count:,} items. {judged} by itself; the estimate is for all of them.",
            f"{count:,} items; they may need more than one plate.",
        )
    several = [(_name(item, place), item.bodies) for place, item in enumerate(items, start=1) if item.bodies > 1]
    if several:
        yield _separate_pieces(several, alone=len(items) == 1)


def _separate_pieces(several: Sequence[tuple[str, int]], *, alone: bool) -> Finding:
    if alone:
        what = f"The part consists of {several[0][1]} separate pieces"
    else:
        listed = ", ".join(f"{name} of {bodies}" for name, bodies in several[:_NAMED_ITEMS])
        what = f"Some items consist of separate pieces: {listed}{' …' if len(several) > _NAMED_ITEMS else ''}"
    return Finding(
        Code.SEPARATE_PIECES,
        Severity.HINT,
        f"{what}. If they should be one solid, join them before you export; if they are to be loose, all is well.",
        "Look whether a piece hangs in the air or lies inside another.",
    )


# Walls and overhangs


def _walls(case: _Case) -> Iterator[Finding]:
    """Thin walls, unless the size itself is in doubt, as every wall of a part in inches would be too thin; nor of what
    has no thickness at all."""
    if not case.facts.thickness_mm or _thinnest_mm(case) < FLAT_MM or _likeliest_unit(case) is not None:
        return
    limits = WALLS.get(case.printer.method, _DEFAULT_WALLS)
    thin_mm = thin_wall_mm(case.facts, case.scale)
    if thin_mm < limits.printable_mm:
        yield Finding(
            Code.WALLS_TOO_THIN,
            Severity.WARNING,
            f"Some walls are thinner than {limits.printable_mm} mm, about {_mm(thin_mm)} mm: they will be missing from "
            f"the print or break at once. Make them at least {GOOD_WALL_MM} mm thick.",
            _thin_share(case, limits.printable_mm),
        )
    elif thin_mm < limits.sturdy_mm:
        yield Finding(
            Code.THIN_WALLS,
            Severity.HINT,
            f"Some walls are only about {_mm(thin_mm)} mm thick. They print but break easily; {GOOD_WALL_MM} mm lasts.",
            _thin_share(case, limits.sturdy_mm),
        )


def thin_wall_mm(facts: ModelFacts, scale: float = 1.0) -> float:
    """The thickness in mm below which ``THIN_SHARE`` of the sampled surface lies; infinite where none was sampled."""
    if not facts.thickness_mm:
        return float("inf")
    return facts.thickness_mm[int(THIN_SHARE * (len(facts.thickness_mm) - 1))] * scale


def _thin_share(case: _Case, limit_mm: float) -> str:
    thin = sum(thickness * case.scale < limit_mm for thickness in case.facts.thickness_mm)
    return f"{_percent(thin / len(case.facts.thickness_mm))} of the surface is thinner than {limit_mm} mm."


def _overhangs(case: _Case) -> Iterator[Finding]:
    """Overhangs of a part in filament; one in resin stands on supports anyway, and inside out every top hangs."""
    facts = case.facts
    if case.printer.method == "Resin" or facts.inside_out or not facts.area_mm2:
        return
    share, area_mm2 = facts.overhang_area_mm2 / facts.area_mm2, facts.overhang_area_mm2 * case.scale**2
    if share >= OVERHANG_SHARE and area_mm2 >= OVERHANG_MM2:
        yield Finding(
            Code.OVERHANGS,
            Severity.HINT,
            f"About {_percent(share)} of the surface hangs over nothing and needs supports. They cost time and "
            "material and leave marks; lying another way the part may need fewer.",
            f"{area_mm2 / 100:.1f} cm² look down steeper than 45°, as drawn.",
        )


# The file


def _file(case: _Case) -> Iterator[Finding]:
    if case.facts.triangles > MANY_TRIANGLES:
        yield Finding(
            Code.MANY_TRIANGLES,
            Severity.HINT,
            f"The model has {case.facts.triangles / 1e6:.1f} million triangles, far more than a printer can show. It "
            "prints; exported more coarsely (0.05 mm is fine) everything goes faster.",
            "Slicing will be slow; simplify it if the slicer struggles.",
        )
    yield from (_REMARKS[remark] for remark in Remark if remark in case.facts.remarks and remark in _REMARKS)


# Corners that were merged at 2e-6 of the extent are rounding in the file: nothing to say.
_REMARKS: dict[Remark, Finding] = {
    Remark.TRUNCATED: Finding(
        Code.TRUNCATED,
        Severity.WARNING,
        "The file ends too early, so some of the model is missing. Export it again and send the new file.",
        "Fewer triangles than the file promises; what is there was read.",
    ),
    Remark.BAD_FACES: Finding(
        Code.BAD_FACES,
        Severity.WARNING,
        "",
        "Faces that name corners which do not exist were left out; look for holes.",
    ),
    Remark.WRONG_COUNT: Finding(
        Code.WRONG_COUNT, Severity.HINT, "", "The file’s own count of triangles is wrong. All that are there were read."
    ),
    Remark.LEFT_OUT: Finding(
        Code.LEFT_OUT, Severity.HINT, "", "Items that are not for printing (supports, helpers) were left out."
    ),
    Remark.MIRRORED: Finding(
        Code.MIRRORED, Severity.HINT, "", "An item is mirrored by its placement; its faces were turned back."
    ),
}


# Words


def _mm(value: float) -> str:
    """``120``, ``45.5``, ``0.32``: a tenth of a millimetre, a hundredth below one."""
    if value < 1:
        return f"{value:.2f}".rstrip("0").removesuffix(".")
    return f"{value:,.1f}".removesuffix(".0")


def _mm_up(value: float) -> str:
    """The same, never less than it is: an excess that is cut away must be enough."""
    return _mm(ceil(value * 10 - 1e-6) / 10 if value >= 1 else ceil(value * 100 - 1e-6) / 100)


def _size(size_mm: Size3, scale: float) -> str:
    return " × ".join(_mm(side * scale) for side in size_mm) + " mm"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %" if share >= 0.01 else "under 1 %"


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"


def _name(item: BuildItem, place: int) -> str:
    """An item by its own name in quotes, or by its place; names come from the file and may be anything."""
    name = " ".join("".join(c if c.isprintable() else " " for c in item.name).split())
    return f"“{name[:_NAME_LENGTH]}”" if name else f"item {place}"


def _and(names: Iterable[str]) -> str:
    return _listed(list(names), "and")


def _or(names: Iterable[str]) -> str:
    return _listed(list(names), "or")


def _listed(names: list[str], word: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"


_RULES: tuple[Callable[[_Case], Iterator[Finding]], ...] = (
    _fit,
    _flat,
    _size_of_another_unit,
    _surface,
    _pieces,
    _walls,
    _overhangs,
    _file,
)
