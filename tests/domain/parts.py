"""Measured models made by hand, for the tests of what is said about them."""

from __future__ import annotations

from dataclasses import replace

from printlab.domain.model_facts import UNKNOWN_UNITS, BuildItem, ModelFacts, ModelFormat, Pose, Size3
from printlab.domain.views import PrinterView, PrintsLike

MK4S = PrinterView(1, "Prusa MK4S", "Filament", 250, 210, 220, 80_000, 10_000, True, PrintsLike.MK4S)
XL = PrinterView(2, "Prusa XL", "Filament", 360, 360, 360, 90_000, 11_000, True, PrintsLike.XL)
RAISE3D = PrinterView(3, "Raise3D Pro2 Plus", "Filament", 305, 305, 605, 100_000, 12_000, True, PrintsLike.PRO2_PLUS)
FORM3 = PrinterView(4, "Formlabs Form 3", "Resin", 145, 145, 175, 120_000, 8_000, True, PrintsLike.RESIN)
PRINTERS = (MK4S, XL, RAISE3D, FORM3)


def pose(width: float, depth: float, height: float) -> Pose:
    """A box as it stands."""
    return Pose(((0.0, 0.0), (width, 0.0), (width, depth), (0.0, depth)), height)


def item(size_mm: Size3, name: str = "", bodies: int = 1) -> BuildItem:
    """A box as a build item: as it stands, turned about X, turned about Y."""
    x, y, z = size_mm
    return BuildItem(name, 12, size_mm, x * y * z, bodies, (pose(x, y, z), pose(x, z, y), pose(z, y, x)))


def box(x: float, y: float, z: float) -> ModelFacts:
    """A solid box in a format without units."""
    return of_items(item((x, y, z)))


def of_items(*items: BuildItem) -> ModelFacts:
    """Solid boxes as one file."""
    sizes = [each.size_mm for each in items]
    return ModelFacts(
        format=ModelFormat.STL,
        units=UNKNOWN_UNITS,
        application=None,
        triangles=12 * len(items),
        degenerate_triangles=0,
        size_mm=(max(x for x, _, _ in sizes), max(y for _, y, _ in sizes), max(z for _, _, z in sizes)),
        volume_mm3=sum(x * y * z for x, y, z in sizes),
        area_mm2=sum(2 * (x * y + y * z + z * x) for x, y, z in sizes),
        closed=True,
        open_edges=0,
        crowded_edges=0,
        flipped_edges=0,
        inside_out=False,
        bodies=sum(each.bodies for each in items),
        side_area_mm2=sum(2 * z * (x + y) for x, y, z in sizes),
        top_area_mm2=sum(x * y for x, y, _ in sizes),
        bottom_area_mm2=sum(x * y for x, y, _ in sizes),
        overhang_area_mm2=0.0,
        turning_mm=sum(z for _, _, z in sizes),
        thickness_mm=tuple(sorted(min(size) for size in sizes for _ in range(20))),
        items=items,
        remarks=(),
    )


def scaled(facts: ModelFacts, factor: float) -> ModelFacts:
    """The same model, drawn ``factor`` times as large."""
    return replace(
        facts,
        size_mm=_times(facts.size_mm, factor),
        volume_mm3=facts.volume_mm3 * factor**3,
        area_mm2=facts.area_mm2 * factor**2,
        side_area_mm2=facts.side_area_mm2 * factor**2,
        top_area_mm2=facts.top_area_mm2 * factor**2,
        bottom_area_mm2=facts.bottom_area_mm2 * factor**2,
        overhang_area_mm2=facts.overhang_area_mm2 * factor**2,
        turning_mm=facts.turning_mm * factor,
        thickness_mm=tuple(thickness * factor for thickness in facts.thickness_mm),
        items=tuple(_scaled_item(each, factor) for each in facts.items),
    )


def _scaled_item(each: BuildItem, factor: float) -> BuildItem:
    first, second, third = (
        Pose(tuple((x * factor, y * factor) for x, y in each_pose.outline_mm), each_pose.height_mm * factor)
        for each_pose in each.poses
    )
    return replace(
        each,
        size_mm=_times(each.size_mm, factor),
        volume_mm3=each.volume_mm3 * factor**3,
        poses=(first, second, third),
    )


def _times(size_mm: Size3, factor: float) -> Size3:
    x, y, z = size_mm
    return x * factor, y * factor, z * factor
