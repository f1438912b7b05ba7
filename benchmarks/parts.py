"""Parts as students bring them, made in code: vertices in mm (n, 3) and triangles (m, 3), closed, on the plate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import pi

import numpy as np
from numpy.typing import NDArray

Solid = tuple[NDArray[np.float64], NDArray[np.int64]]
Angle = NDArray[np.float64]

_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
_SIDES = {  # axis and direction → the four corners of that side of a cell, seen counter-clockwise from outside
    (0, -1): (0, 1, 3, 2),
    (0, 1): (4, 6, 7, 5),
    (1, -1): (0, 4, 5, 1),
    (1, 1): (2, 3, 7, 6),
    (2, -1): (0, 2, 6, 4),
    (2, 1): (1, 5, 7, 3),
}


def parts() -> dict[str, Solid]:
    """All of them by name: 54, from a washer to a desk organiser."""
    return _blocks() | _turned() | _rings() | _grown()


def blocks(
    xs: Sequence[float], ys: Sequence[float], zs: Sequence[float], filled: Callable[[int, int, int], bool]
) -> Solid:
    """A part of cells between the given planes: those sides of the filled ones that no filled one touches."""
    planes = [np.asarray(planes, float) for planes in (xs, ys, zs)]
    shape = tuple(len(each) - 1 for each in planes)
    cells = np.zeros(tuple(count + 2 for count in shape), bool)
    for at in np.ndindex(*shape):
        cells[at[0] + 1, at[1] + 1, at[2] + 1] = filled(*at)
    quads = [
        [np.array(at) - 1 + _CORNERS[corner] for corner in corners]
        for (axis, step), corners in _SIDES.items()
        for at in np.argwhere(cells & ~np.roll(cells, -step, axis))
    ]
    grid, index = np.unique(np.array(quads).reshape(-1, 3), axis=0, return_inverse=True)
    corners = index.reshape(-1, 4)
    vertices = np.column_stack([planes[axis][grid[:, axis]] for axis in range(3)])
    return vertices, np.vstack([corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]])


def turned(
    outline: Sequence[tuple[float, float]], around: int = 96, shape: Callable[[Angle], Angle] | None = None
) -> Solid:
    """A closed outline of (radius, height), counter-clockwise with the axis on its left, turned once around.

    ``shape`` multiplies the radius by the angle: fluted vases, stars.
    """
    angles = np.linspace(0, 2 * pi, around, endpoint=False)
    wide = np.ones(around) if shape is None else shape(angles)
    rings = [
        np.column_stack([radius * wide * np.cos(angles), radius * wide * np.sin(angles), np.full(around, height)])
        for radius, height in outline
    ]
    return _skin(rings, closed=True)


def ring(
    outer: Callable[[Angle], Angle], inner: Callable[[Angle], Angle], height: float, around: int = 96, twist: float = 0
) -> Solid:
    """A ring between two radii that change with the angle, turned by ``twist`` on its way up: gears, tubes, frames."""
    angles = np.linspace(0, 2 * pi, around, endpoint=False)
    steps = 1 if not twist else 24

    def edge(radius: Callable[[Angle], Angle], level: float) -> NDArray[np.float64]:
        at, wide = angles + twist * level, radius(angles)
        return np.column_stack([wide * np.cos(at), wide * np.sin(at), np.full(around, level * height)])

    levels = [step / steps for step in range(steps + 1)]
    return _skin(
        [*(edge(outer, level) for level in levels), *(edge(inner, level) for level in reversed(levels))], closed=True
    )


def blob(radius: float, rough: float, seed: int, flat: float = 1.0, detail: int = 40) -> Solid:
    """Something grown: a ball with bumps, standing on a cut foot. ``flat`` squeezes its height."""
    random = np.random.default_rng(seed)
    waves = random.normal(size=(7, 3)) * 2.2
    phases, heights = random.uniform(0, 2 * pi, 7), random.uniform(0.3, 1, 7) * rough / 3
    angles = np.linspace(0, 2 * pi, detail, endpoint=False)
    rings = []
    for polar in np.linspace(pi - 0.35, 0.02, detail // 2):
        way = np.column_stack(
            [np.sin(polar) * np.cos(angles), np.sin(polar) * np.sin(angles), np.full(detail, np.cos(polar))]
        )
        bumps = 1 + (heights * np.sin(way @ waves.T + phases)).sum(axis=1)
        rings.append(way * (radius * bumps)[:, None] * (1, 1, flat))
    foot = min(each[:, 2].min() for each in rings)
    rings[0][:, 2] = foot
    return _skin(rings, closed=False)


def _skin(rings: Sequence[NDArray[np.float64]], *, closed: bool) -> Solid:
    """Triangles between neighbouring rings of points; the ends are joined or each covered by a fan."""
    around = len(rings[0])
    vertices = np.vstack(rings)
    here = np.arange(around)
    there = (here + 1) % around
    pairs = list(pairwise(range(len(rings)))) + ([(len(rings) - 1, 0)] if closed else [])
    faces = [
        np.vstack(
            [
                np.column_stack([low * around + here, low * around + there, high * around + there]),
                np.column_stack([low * around + here, high * around + there, high * around + here]),
            ]
        )
        for low, high in pairs
    ]
    if not closed:
        middles = np.array([rings[0].mean(axis=0), rings[-1].mean(axis=0)])
        first, last = len(vertices), len(vertices) + 1
        top = (len(rings) - 1) * around
        faces.append(np.column_stack([there, here, np.full(around, first)]))
        faces.append(np.column_stack([top + here, top + there, np.full(around, last)]))
        vertices = np.vstack([vertices, middles])
    return vertices, np.vstack(faces)


def _box(x: float, y: float, z: float) -> Solid:
    return blocks((0, x), (0, y), (0, z), lambda *_: True)


def _open_box(x: float, y: float, z: float, wall: float, rooms: int = 1) -> Solid:
    """A box without a lid, with walls between its rooms."""
    inner = np.linspace(0, x - wall, rooms + 1)
    xs = sorted({*inner, *(inner + wall)})
    return blocks(xs, (0, wall, y - wall, y), (0, wall, z), lambda i, j, k: k == 0 or j != 1 or i % 2 == 0)


def _plate(x: float, y: float, z: float, holes: int, share: float = 0.5) -> Solid:
    """A plate with a grid of square holes."""

    def planes(length: float) -> list[float]:
        pitch = length / holes
        return [0, *(pitch * (at + side) for at in range(holes) for side in (0.5 - share / 2, 0.5 + share / 2)), length]

    return blocks(planes(x), planes(y), (0, z), lambda i, j, _: not (i % 2 and j % 2))


def _blocks() -> dict[str, Solid]:
    def steps(i: int, _: int, k: int) -> bool:
        return k <= i

    return {
        "cube 20": _box(20, 20, 20),
        "box 60 × 40 × 30": _box(60, 40, 30),
        "name plate": _box(90, 30, 3),
        "card": _box(85, 54, 1),
        "rod": _box(8, 8, 90),
        "blade": _box(2, 60, 40),
        "sheet on edge": _box(60, 0.8, 30),
        "large block": _box(90, 70, 40),
        "corner": blocks((0, 4, 40), (0, 40), (0, 4, 40), lambda i, _, k: i == 0 or k == 0),
        "bracket": blocks((0, 5, 50), (0, 5, 30, 35), (0, 5, 45), lambda i, j, k: i == 0 or k == 0 or j != 1),
        "U": blocks((0, 6, 40, 46), (0, 30), (0, 6, 40), lambda i, _, k: i != 1 or k == 0),
        "bridge": blocks((0, 10, 40, 50), (0, 20), (0, 20, 26), lambda i, _, k: i != 1 or k == 1),
        "table": blocks((0, 5, 45, 50), (0, 5, 45, 50), (0, 30, 34), lambda i, j, k: k == 1 or (i != 1 and j != 1)),
        "stairs": blocks(range(0, 61, 10), (0, 30), range(0, 61, 10), steps),
        "comb": blocks(range(0, 75, 3), (0, 8, 30), (0, 4), lambda i, j, _: j == 0 or i % 2 == 0),
        "fins": blocks(range(0, 50, 2), (0, 40), (0, 4, 25), lambda i, _, k: k == 0 or i % 2 == 0),
        "shelf": blocks((0, 3, 57, 60), (0, 25), (0, 3, 27, 30, 57, 60), lambda i, _, k: i != 1 or k % 2 == 0),
        "organiser": _open_box(80, 60, 45, 2, rooms=3),
        "tray": _open_box(100, 70, 12, 1.6),
        "pen box": _open_box(30, 30, 80, 1.2),
        "case": _open_box(70, 45, 25, 2.4),
        "sieve": _plate(60, 60, 4, 8),
        "grid": _plate(80, 50, 10, 5, 0.7),
        "drilled plate": _plate(70, 70, 6, 3, 0.3),
        "hollow cube": blocks((0, 4, 36, 40), (0, 4, 36, 40), (0, 4, 36, 40), lambda i, j, k: (i, j, k) != (1, 1, 1)),
        "tower": blocks((0, 5, 25, 30), (0, 5, 25, 30), (0, 100), lambda i, j, _: (i, j) != (1, 1)),
    }


def _turned() -> dict[str, Solid]:
    def cup(radius: float, height: float, wall: float) -> list[tuple[float, float]]:
        return [(0.01, 0), (radius, 0), (radius, height), (radius - wall, height), (radius - wall, wall), (0.01, wall)]

    def flutes(angle: Angle) -> Angle:
        return 1 + 0.08 * np.cos(12 * angle)

    belly = [(22 + 9 * np.sin(level / 80 * 2 * pi), level) for level in np.linspace(0, 80, 40)]
    vase = [
        (0.01, 0.0),
        *belly,
        *((radius - 1.6, height) for radius, height in reversed(belly) if height > 2),
        (0.01, 2),
    ]
    flat_vase = [(0.01, 0.0), (22, 0), (30, 20), (24, 50), (22.2, 50), (28.2, 20), (20.2, 2), (0.01, 2)]
    ball = [(25 * np.sin(angle) + 0.01, 25 - 25 * np.cos(angle)) for angle in np.linspace(0.3, pi - 0.02, 48)]
    dome = [(0.01, 0.0), *((30 * np.cos(angle) + 0.01, 30 * np.sin(angle)) for angle in np.linspace(0, pi / 2, 32))]
    tyre = [(24 + 8 * np.cos(angle), 8 + 8 * np.sin(angle)) for angle in np.linspace(0, 2 * pi, 40, endpoint=False)]
    knob = [(0.01, 0), (8, 0), (8, 12), (18, 16), (18, 26), (14, 30), (0.01, 30)]
    return {
        "cylinder": turned([(0.01, 0), (15, 0), (15, 40), (0.01, 40)]),
        "disc": turned([(0.01, 0), (40, 0), (40, 4), (0.01, 4)]),
        "pin": turned([(0.01, 0), (3, 0), (3, 50), (0.01, 50)]),
        "cone": turned([(0.01, 0), (25, 0), (0.5, 50), (0.01, 50)]),
        "funnel": turned([(6, 0), (40, 45), (38, 45), (4.5, 0)]),
        "cup": turned(cup(30, 70, 2.4)),
        "dish": turned(cup(45, 10, 3)),
        "vase": turned(vase),
        "fluted vase": turned(flat_vase, 96, flutes),
        "ball": turned([(0.01, ball[0][1]), *ball]),
        "dome": turned(dome),
        "tyre": turned(tyre),
        "knob": turned(knob),
        "chess pawn": turned([(0.01, 0), (14, 0), (14, 4), (7, 10), (5, 28), (9, 30), (9, 38), (4, 44), (0.01, 44)]),
    }


def _rings() -> dict[str, Solid]:
    def round_(radius: float) -> Callable[[Angle], Angle]:
        return lambda angle: np.full_like(angle, radius)

    def teeth(radius: float, count: int, depth: float) -> Callable[[Angle], Angle]:
        return lambda angle: radius + depth * np.clip(2.5 * np.cos(count * angle), -1, 1)

    def square(half: float) -> Callable[[Angle], Angle]:
        return lambda angle: half / np.maximum(np.abs(np.cos(angle)), np.abs(np.sin(angle)))

    return {
        "tube": ring(round_(15), round_(12), 60),
        "thin tube": ring(round_(20), round_(19.1), 50),
        "washer": ring(round_(12), round_(6.5), 2.5),
        "bushing": ring(round_(10), round_(4), 25),
        "gear": ring(teeth(25, 20, 2), round_(4), 8, around=200),
        "large gear": ring(teeth(45, 40, 1.8), round_(10), 10, around=320),
        "twisted gear": ring(teeth(20, 16, 2), round_(5), 20, around=160, twist=0.6),
        "frame": ring(square(35), square(30), 6),
        "flange": ring(square(22), round_(11), 9),
    }


def _grown() -> dict[str, Solid]:
    return {
        "organ": blob(28, 0.35, 1),
        "potato": blob(20, 0.2, 2, 0.8),
        "coral": blob(24, 0.55, 3),
        "relief": blob(40, 0.15, 4, 0.35),
        "bust": blob(30, 0.4, 5, 1.4),
    }
