"""Fewer triangles that still look like the part: what the viewer and the thumbnail show.

Corners are rounded to a grid of 65,534 steps along the longest side. That welds the loose triangles of an STL, seams
that are one rounding error wide included, and is far below what a screen can show. Nothing here raises for a mesh that
keeps the contract of ``mesh.py``: what the better way cannot do, a coarser one does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import fast_simplification
import numpy as np
from numpy.typing import NDArray

from printlab.geometry.linking import groups
from printlab.geometry.mesh import Faces, Model, Vertices

MAX_SHOWN_TRIANGLES = 200_000
GRID_STEPS = 32_767
"""From the middle of a model to either end of its longest side."""

Points = NDArray[np.float64]  # (n, 3), mm
Triangles = NDArray[np.int32]  # (m, 3)
GridPoints = NDArray[np.int16]  # (n, 3)

_LEAST_EXTENT_MM = 1e-6
_MOST_LAYERS = 50
"""The surface of a part, in boxes around it: a lattice has about ten, what was made to be slow thousands."""
_SAMPLED = 500_000
_KEPT_SHARE = 0.25  # of the triangles allowed, for the smallest bodies as they are
_AIMED_SHARE = 0.95  # quadrics end a little above or below what they aim at
_ADDED_SHARE = 0.04  # of the triangles of a body, for what stuck out of it
_MAX_BODIES = 5000  # reduced one by one
_BOUNDS_TOLERANCE = 0.005  # of the longest side of the model
_MAX_NEIGHBOUR_PAIRS = 400_000_000
_MAX_QUADRICS = 1_500_000  # triangles, each of which takes 200 bytes
_CLUSTER_ROUNDS = 24
_MAX_CELLS = 1 << 20  # along one axis: three of them fit a key of 64 bits


@dataclass(frozen=True, slots=True)
class Grid:
    """Where a model lies on the grid: ``mm = centre_mm + step_mm × whole number``."""

    centre_mm: tuple[float, float, float]
    step_mm: float

    @classmethod
    def around(cls, vertices: Vertices) -> Grid:
        """The grid that just holds all of ``vertices``."""
        low, high = vertices.min(axis=0).astype(np.float64), vertices.max(axis=0).astype(np.float64)
        x, y, z = ((low + high) / 2).tolist()
        return cls((x, y, z), max(float((high - low).max()), _LEAST_EXTENT_MM) / 2 / GRID_STEPS)

    def points(self, vertices: Vertices) -> GridPoints:
        """The nearest points of the grid."""
        return np.rint((vertices - np.asarray(self.centre_mm)) / self.step_mm).astype(np.int16)

    def mm(self, points: GridPoints) -> Points:
        """Back to millimetres."""
        return points.astype(np.float64) * self.step_mm + np.asarray(self.centre_mm)


def drawable_triangles(vertices: Vertices, faces: Faces) -> int:
    """How many triangles of a mesh may be drawn: fewer where they lie over each other so often that a card, or a
    computer without one, would paint each pixel thousands of times.
    """
    step = 1 + len(faces) // _SAMPLED
    a, b, c = (vertices[faces[::step, corner]] for corner in range(3))
    area = float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()) / 2 * step
    x, y, z = np.ptp(vertices, axis=0).astype(np.float64).tolist()
    layers = area / max(2 * (x * y + y * z + z * x), _LEAST_EXTENT_MM**2)
    return max(1000, int(MAX_SHOWN_TRIANGLES * _MOST_LAYERS / max(layers, _MOST_LAYERS)))


def one_mesh(model: Model) -> tuple[Points, NDArray[np.int64]]:
    """All parts of a model as one mesh, where the file puts them."""
    starts = np.cumsum([0, *(len(part.vertices) for part in model.parts)])
    faces = [part.faces.astype(np.int64) + start for part, start in zip(model.parts, starts[:-1], strict=True)]
    return np.concatenate([part.vertices.astype(np.float64) for part in model.parts]), np.concatenate(faces)


def reduced(vertices: Vertices, faces: Faces, most: int = MAX_SHOWN_TRIANGLES) -> tuple[Points, Triangles]:
    """The mesh with at most ``most`` triangles (at least 1000), welded, without degenerate ones; vertices in mm.

    Every body is reduced on its own, so that none vanishes beside a larger one; its bounds stay within 0.5 % of the
    model's longest side. Quadric edge collapse (Garland and Heckbert 1997) where it works, vertex clustering
    (Rossignac and Borrel 1993) where it does not.
    """
    points, triangles = welded(vertices, faces)
    if len(triangles) <= most:
        return points, triangles
    for way in (_body_by_body, _by_clusters):
        result = way(points, triangles, most)
        if result is not None and len(result[1]) <= most:
            return result
    return _every_nth(points, triangles, most)


def welded(vertices: Vertices, faces: Faces) -> tuple[Points, Triangles]:
    """Corners that share a point of the grid become one; triangles that lose a corner by it go, all but one if need be.

    Corners come back in ascending order (x, y, z), triangles in the order of their first corner: neighbours are near
    each other.
    """
    vertices, faces = _without_unused(vertices, faces)
    grid = Grid.around(vertices)
    points = grid.points(vertices)
    _, first, place = np.unique(_keys(points), return_index=True, return_inverse=True)
    triangles = place.astype(np.int32)[faces]
    kept = triangles[~_degenerate(triangles)]
    kept = kept if len(kept) else triangles[:1]
    kept = kept[np.argsort(kept.min(axis=1), kind="stable")]
    return _without_unused(grid.mm(points[first]), kept)


def _without_unused(vertices: Vertices, faces: Faces) -> tuple[Points, Triangles]:
    used = np.zeros(len(vertices), dtype=np.bool_)
    used[faces.ravel()] = True
    if used.all():
        return cast(Points, vertices), cast(Triangles, faces)
    place = np.cumsum(used, dtype=np.int32) - 1
    return cast(Points, vertices[used]), place[faces]


def _keys(points: GridPoints) -> NDArray[np.int64]:
    shifted = points.astype(np.int64) + (1 << 15)
    return (shifted[:, 0] << 32) | (shifted[:, 1] << 16) | shifted[:, 2]


def _degenerate(triangles: Triangles) -> NDArray[np.bool_]:
    a, b, c = triangles.T
    return (a == b) | (b == c) | (c == a)


def _body_by_body(points: Points, triangles: Triangles, most: int) -> tuple[Points, Triangles] | None:
    """None when there are too many bodies for that."""
    bodies = _Bodies.of(points, triangles)
    wanted = _wanted(bodies.counts, most)
    if np.count_nonzero(wanted < bodies.counts) > _MAX_BODIES:
        return None
    tolerance_mm = _BOUNDS_TOLERANCE * float(np.ptp(points, axis=0).max())
    return _joined(
        body if wanted_now >= len(body[1]) else _one_body(*body, int(wanted_now), tolerance_mm)
        for body, wanted_now in zip(bodies, wanted, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Bodies:
    """A mesh with its corners and triangles sorted by the body that they belong to."""

    points: Points
    triangles: Triangles
    corners: NDArray[np.int64]  # (bodies,), how many corners each has
    counts: NDArray[np.int64]  # (bodies,), how many triangles each has

    @classmethod
    def of(cls, points: Points, triangles: Triangles) -> _Bodies:
        a, b, c = triangles.T
        body = groups(len(points), np.concatenate([a, b]), np.concatenate([b, c]))
        order = np.argsort(body, kind="stable")
        place = np.empty(len(order), dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        body_of_triangle = body[triangles[:, 0]]
        sorted_triangles = place[triangles[np.argsort(body_of_triangle, kind="stable")]]
        bodies = int(body.max()) + 1
        return cls(
            points[order],
            sorted_triangles,
            np.bincount(body, minlength=bodies),
            np.bincount(body_of_triangle, minlength=bodies),
        )

    def __iter__(self) -> Iterator[tuple[Points, Triangles]]:
        corner = triangle = 0
        for corners, count in zip(self.corners.tolist(), self.counts.tolist(), strict=True):
            yield (
                self.points[corner : corner + corners],
                self.triangles[triangle : triangle + count] - np.int32(corner),
            )
            corner, triangle = corner + corners, triangle + count


def _wanted(counts: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """How many triangles each body may have: the smallest keep theirs, the others shrink by one factor."""
    order = np.argsort(counts, kind="stable")
    whole = np.cumsum(counts[order]) <= most * _KEPT_SHARE
    wanted = counts.copy()
    shrunk = order[~whole]
    left = _AIMED_SHARE * (most - int(counts[order[whole]].sum()))
    wanted[shrunk] = np.maximum(4, counts[shrunk] * (left / counts[shrunk].sum())).astype(np.int64)
    return wanted


def _one_body(points: Points, triangles: Triangles, wanted: int, tolerance_mm: float) -> tuple[Points, Triangles]:
    for way in (_by_quadrics, _by_clusters):
        result = way(points, triangles, wanted)
        if result is None:
            continue
        result = _with_what_stuck_out(points, triangles, result, tolerance_mm / 2)
        added = len(result[1]) - wanted
        if added <= wanted * _ADDED_SHARE and _bounds_differ_mm(points, result[0]) <= tolerance_mm:
            return result
    return _every_nth(points, triangles, wanted)


def _with_what_stuck_out(
    points: Points, triangles: Triangles, result: tuple[Points, Triangles], tolerance_mm: float
) -> tuple[Points, Triangles]:
    """The reduced body, and as they were those triangles that reach out of its bounds: a lone spike or fin is lost."""
    low, high = result[0].min(axis=0) - tolerance_mm, result[0].max(axis=0) + tolerance_mm
    outside = ((points < low) | (points > high)).any(axis=1)
    lost = triangles[outside[triangles].any(axis=1)]
    return _joined(iter([result, _without_unused(points, lost)])) if len(lost) else result


def _by_quadrics(points: Points, triangles: Triangles, wanted: int) -> tuple[Points, Triangles] | None:
    """None when the work would grow with the square of the triangles around one corner, or nothing is left."""
    neighbours = np.bincount(triangles.ravel()).astype(np.float64)
    if neighbours @ neighbours > _MAX_NEIGHBOUR_PAIRS:
        return None
    if len(triangles) > _MAX_QUADRICS:
        clustered = _by_clusters(points, triangles, _MAX_QUADRICS)
        return None if clustered is None else _by_quadrics(*clustered, wanted)
    low = points.min(axis=0)
    extent_mm = max(float(np.ptp(points, axis=0).max()), _LEAST_EXTENT_MM)
    # Its thresholds are absolute: the same part in metres would be reduced otherwise.
    unit = ((points - low) / extent_mm).astype(np.float32)
    fewer_points, simplified = fast_simplification.simplify(unit, triangles, target_count=wanted)[:2]
    fewer = simplified.astype(np.int32)
    fewer = fewer[~_degenerate(fewer)]
    if not len(fewer):
        return None
    return _without_unused(fewer_points.astype(np.float64) * extent_mm + low, fewer)


def _by_clusters(points: Points, triangles: Triangles, wanted: int) -> tuple[Points, Triangles] | None:
    """All corners in one cell become one; None when every size of cell leaves nothing or too much."""
    size_mm = np.ptp(points, axis=0)
    a, b, c = points[triangles[:, 0]], points[triangles[:, 1]], points[triangles[:, 2]]
    area_mm2 = float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()) / 2
    longest_mm = max(float(size_mm.max()), _LEAST_EXTENT_MM)
    # Two triangles to a cell; faces that lie in each other have more area than cells.
    cell_mm = max(min(np.sqrt(2 * area_mm2 / wanted), 2 * longest_mm / np.sqrt(wanted)), longest_mm / _MAX_CELLS)
    for _ in range(_CLUSTER_ROUNDS):
        # A thin side keeps three cells, so that a wall or rod along an axis keeps its two faces.
        cells_mm = np.where(size_mm > 0, np.minimum(cell_mm, size_mm / 3), 1.0)
        result = _clustered(points, triangles, np.maximum(cells_mm, size_mm / _MAX_CELLS))
        if result is None or len(result[1]) <= wanted:
            return result
        if cell_mm > longest_mm:
            break
        cell_mm *= max(1.1, np.sqrt(len(result[1]) / wanted))
    return None


def _clustered(points: Points, triangles: Triangles, cells_mm: Points) -> tuple[Points, Triangles] | None:
    low, high = points.min(axis=0), points.max(axis=0)
    cell = np.minimum((points - low) / cells_mm, _MAX_CELLS).astype(np.int64)
    _, place, count = np.unique(
        (cell[:, 0] << 42) | (cell[:, 1] << 21) | cell[:, 2], return_inverse=True, return_counts=True
    )
    means = np.stack([np.bincount(place, points[:, axis]) / count for axis in range(3)], axis=1)
    fewer = place.astype(np.int32)[triangles]
    fewer = _without_doubles(fewer[~_degenerate(fewer)])
    if not len(fewer):
        return None
    means, fewer = _without_unused(means, fewer)
    return _stretched(means, low, high, cells_mm), fewer


def _stretched(points: Points, low: Points, high: Points, cells_mm: Points) -> Points:
    """Means lie inside what they are means of: along axes where no more than that was lost, the part keeps its size."""
    have_low, have = points.min(axis=0), np.ptp(points, axis=0)
    near = (have > 0) & (have_low - low <= cells_mm) & (high - points.max(axis=0) <= cells_mm)
    factor = np.where(near, (high - low) / np.where(near, have, 1), 1)
    return np.where(near, (points - have_low) * factor + low, points)


def _without_doubles(triangles: Triangles) -> Triangles:
    """Each triangle once, whichever corner it begins with; the two sides of a sheet both stay."""
    turn = (np.argmin(triangles, axis=1)[:, None] + np.arange(3)) % 3
    turned = np.take_along_axis(triangles, turn, axis=1)
    turned = turned[np.lexsort(turned.T)]
    another = np.ones(len(turned), dtype=np.bool_)
    another[1:] = (turned[1:] != turned[:-1]).any(axis=1)
    return turned[another]


def _every_nth(points: Points, triangles: Triangles, wanted: int) -> tuple[Points, Triangles]:
    step = -(-len(triangles) // max(1, wanted))
    return _without_unused(points, triangles[::step])


def _bounds_differ_mm(some: Points, others: Points) -> float:
    low = np.abs(some.min(axis=0) - others.min(axis=0)).max()
    high = np.abs(some.max(axis=0) - others.max(axis=0)).max()
    return float(max(low, high))


def _joined(meshes: Iterator[tuple[Points, Triangles]]) -> tuple[Points, Triangles]:
    points: list[Points] = []
    triangles: list[Triangles] = []
    start = 0
    for some_points, some_triangles in meshes:
        points.append(some_points)
        triangles.append(some_triangles + np.int32(start))
        start += len(some_points)
    return np.concatenate(points), np.concatenate(triangles)
