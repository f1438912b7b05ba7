"""Whether a part fits a printer: standing as it does, turned any way about the vertical.

The part's shadow on the plate is a convex polygon. Between two angles at which an edge of it comes to lie along or
across the bed, its width and its depth are each the length of one fixed diagonal, seen from the side: a cosine. So the
angles that fit are bounded by those angles and by the ones at which such a cosine meets the bed's limit; looking at
these is enough, and nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import acos, atan2, cos, hypot, pi, sin

from printlab.domain.model_facts import BuildItem, Point2, Pose, Size3
from printlab.domain.views import PrinterView

TOLERANCE_MM = 1e-6
"""What a part may be larger than the build volume: far below what any printer resolves."""
_ROUNDING_MM = 1e-9  # a candidate meets a limit up to the last digits
SINGLE_PRECISION = 2.0**-22
"""An STL keeps corners to 24 binary digits: two of them, relative to the largest coordinate."""


@lru_cache(maxsize=4096)  # a board judges the same parts for the same printers with every card
def fits(pose: Pose, build: Size3, scale: float = 1.0) -> bool:
    """Whether the part in this pose, ``scale`` times as large, fits the build volume (mm) in some rotation about Z."""
    corners = [(x * scale, y * scale) for x, y in pose.outline_mm]
    height = pose.height_mm * scale
    slack = TOLERANCE_MM + SINGLE_PRECISION * max(height, *(abs(value) for corner in corners for value in corner), 0.0)
    if height > build[2] + slack:
        return False
    return lies_on(corners, build[0] + slack, build[1] + slack)


def fitting(items: Sequence[BuildItem], build: Size3, scale: float = 1.0) -> tuple[list[bool], list[bool]]:
    """For each item whether it fits as it stands, and whether it fits in any pose: also turned over about X or Y."""
    stand = [fits(item.poses[0], build, scale) for item in items]
    turned = [
        fits_so or any(fits(pose, build, scale) for pose in item.poses[1:])
        for item, fits_so in zip(items, stand, strict=True)
    ]
    return stand, turned


def build_volume_mm(printer: PrinterView) -> Size3:
    """Width, depth and height of what a printer can print."""
    return float(printer.build_x_mm), float(printer.build_y_mm), float(printer.build_z_mm)


def lies_on(corners: Sequence[Point2], width: float, depth: float) -> bool:
    """Whether a convex polygon, counter-clockwise, fits a rectangle in some rotation. All in mm.

    The hands point at the outermost corners while the bed turns below the part, as in Shamos' rotating calipers: the
    whole takes as many steps as there are corners, a few tenths of a millisecond for 64.
    """
    glance = _at_a_glance(corners, width, depth)
    if glance is not None:
        return glance
    right, left, back, front = (_Hand(corners, turn) for turn in (0.0, pi, pi / 2, 3 * pi / 2))
    for start, end in pairwise(_turning_points(corners)):
        middle = (start + end) / 2
        across = _from(left.at(middle), right.at(middle))
        along = _from(front.at(middle), back.at(middle))
        if _fits_between(across, along, (start, end), width, depth):
            return True
    return False


def _at_a_glance(corners: Sequence[Point2], width: float, depth: float) -> bool | None:
    """True if it lies there as it is or turned by a quarter, False if no rotation can help, else None."""
    if not corners:
        return True
    wide = max(x for x, _ in corners) - min(x for x, _ in corners)
    deep = max(y for _, y in corners) - min(y for _, y in corners)
    if (wide <= width and deep <= depth) or (wide <= depth and deep <= width):
        return True
    return False if max(wide, deep) > hypot(width, depth) + _ROUNDING_MM else None


class _Hand:
    """Points at the corner that is outermost in a direction, which only ever turns counter-clockwise."""

    def __init__(self, corners: Sequence[Point2], turn: float) -> None:
        self._corners, self._turn = corners, turn
        self._place = max(range(len(corners)), key=lambda place: _reach(corners[place], turn))

    def at(self, angle: float) -> Point2:
        """The outermost corner at an angle; the angles of all calls ascend."""
        direction = angle + self._turn
        here = _reach(self._corners[self._place], direction)
        for _ in self._corners:
            following = (self._place + 1) % len(self._corners)
            there = _reach(self._corners[following], direction)
            if there < here:
                break
            self._place, here = following, there
        return self._corners[self._place]


def _turning_points(corners: Sequence[Point2]) -> list[float]:
    """The angles from 0 to π at which other corners become the outermost; after π everything repeats."""
    edges = zip(corners, [*corners[1:], corners[0]], strict=True)
    along = [atan2(y2 - y1, x2 - x1) for (x1, y1), (x2, y2) in edges if (x1, y1) != (x2, y2)]
    return sorted({0.0, pi, *(angle % pi for angle in along), *((angle + pi / 2) % pi for angle in along)})


def _fits_between(across: Point2, along: Point2, angles: tuple[float, float], width: float, depth: float) -> bool:
    """Whether it fits at some angle between two turning points, where the outermost corners stay these two pairs."""
    start, end = angles
    candidates = [start, end, *_meetings(across, width), *(angle - pi / 2 for angle in _meetings(along, depth))]
    middle = (start + end) / 2
    return any(
        _reach(across, angle) <= width + _ROUNDING_MM and _reach(along, angle + pi / 2) <= depth + _ROUNDING_MM
        for angle in (_nearest_turn(candidate, middle) for candidate in candidates)
        if start <= angle <= end
    )


def _from(first: Point2, last: Point2) -> Point2:
    return last[0] - first[0], last[1] - first[1]


def _reach(point: Point2, angle: float) -> float:
    """How far a point or a diagonal reaches in the direction of ``angle``."""
    return point[0] * cos(angle) + point[1] * sin(angle)


def _meetings(diagonal: Point2, limit: float) -> Iterator[float]:
    """The two angles at which a diagonal is exactly as long as the limit."""
    length = hypot(*diagonal)
    if length > limit >= 0:
        towards, aside = atan2(diagonal[1], diagonal[0]), acos(limit / length)
        yield towards + aside
        yield towards - aside


def _nearest_turn(angle: float, middle: float) -> float:
    """The same angle, whole turns away, as near to ``middle`` as can be."""
    return angle - 2 * pi * round((angle - middle) / (2 * pi))
