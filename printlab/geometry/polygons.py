"""Polygons into triangles, so that a concave one stays inside its own outline."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from printlab.geometry.mesh import Vertices

_MAX_STEPS = 20_000_000  # of cutting ears: corners² of every concave polygon; what is beyond gets fans
_TURNS = 8  # rounds about a polygon without finding all of its ears; ordinary ones need two
_ALIKE = 1e-9  # cosines of folds; the first diagonal is taken then
_AT_ONCE = 1 << 18  # corners

Corners = NDArray[np.float64]
Faces = NDArray[np.int32]


def triangulated(vertices: Vertices, polygons: Iterable[Faces]) -> Faces:
    """Triangles (k, 3) of all ``polygons``, arrays (m, n) of n corners each: fans of the convex, of others their ears.

    G. H. Meisters, "Polygons have ears", 1975. A polygon that crosses itself gets a fan where no ear is left.
    """
    pieces: list[Faces] = []
    steps = _MAX_STEPS
    for same in sorted(polygons, key=lambda array: array.shape[1]):
        if same.shape[1] == 3:
            pieces.append(same)
            continue
        at_once = max(1, _AT_ONCE // same.shape[1])
        for start in range(0, len(same), at_once):
            triangles, taken = _some(vertices, same[start : start + at_once], steps)
            pieces.append(triangles)
            steps -= taken
    return np.concatenate(pieces)


def _some(vertices: Vertices, polygons: Faces, steps: int) -> tuple[Faces, int]:
    """The triangles of the polygons, and how many of ``steps`` their ears have taken."""
    if polygons.shape[1] == 4:
        return _fans(_from_flatter_fold(vertices, polygons)), 0
    flat = _flattened(vertices[polygons].astype(np.float64))
    concave = (_turns(flat) < 0).any(axis=1)
    wanted = int(concave.sum()) * polygons.shape[1] ** 2
    if not 0 < wanted <= steps:
        return _fans(polygons), 0
    ears = _ears(flat[concave])
    cut = np.take_along_axis(polygons[concave], ears.reshape(len(ears), -1), axis=1).reshape(-1, 3)
    return np.concatenate([_fans(polygons[~concave]), cut]), wanted


def _fans(polygons: Faces) -> Faces:
    """Triangles from the first corner of each polygon."""
    first = np.broadcast_to(polygons[:, :1], (len(polygons), polygons.shape[1] - 2))
    return np.stack([first, polygons[:, 1:-1], polygons[:, 2:]], axis=-1).reshape(-1, 3)


def _from_flatter_fold(vertices: Vertices, quads: Faces) -> Faces:
    """The quads begun at the corner whose diagonal folds them less: a concave one there is folded right over."""
    corners = vertices[quads].astype(np.float64)
    other = _fold(np.roll(corners, -1, axis=1)) > _fold(corners) + _ALIKE
    return np.where(other[:, None], np.roll(quads, -1, axis=1), quads)


def _fold(quads: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cosine between the two triangles of each quad (m, 4, 3) cut at its first corner; 0 where one is flat."""
    across = quads[:, 2] - quads[:, 0]
    one, other = np.cross(quads[:, 1] - quads[:, 0], across), np.cross(across, quads[:, 3] - quads[:, 0])
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return (one * other).sum(axis=1) / np.where(lengths > 0, lengths, 1)


def _flattened(corners: NDArray[np.float64]) -> Corners:
    """The polygons (m, n, 3) seen along their normal, counter-clockwise, (m, n, 2). The normal is M. E. Newell's."""
    centred = corners - corners.mean(axis=1, keepdims=True)
    normal = np.cross(centred, np.roll(centred, -1, axis=1)).sum(axis=1)
    axis = np.argmax(np.abs(normal), axis=1)
    kept = np.array([[1, 2], [2, 0], [0, 1]])[axis]
    flat = np.take_along_axis(centred, kept[:, None, :], axis=2)
    down = np.take_along_axis(normal, axis[:, None], axis=1)[:, 0] < 0
    flat[down, :, 0] *= -1
    return flat


def _turns(flat: Corners) -> NDArray[np.float64]:
    """Twice the area of each corner with its two neighbours, (m, n); negative where it points inwards.

    What rounding makes of a straight corner is 0.
    """
    before, after = np.roll(flat, 1, axis=1), np.roll(flat, -1, axis=1)
    area = _area(before, flat, after)
    extent = np.square(np.ptp(flat, axis=1)).sum(axis=1)
    area[np.abs(area) <= 1e-12 * extent[:, None]] = 0
    return area


def _area(a: Corners, b: Corners, c: Corners) -> NDArray[np.float64]:
    """Twice the signed area of the triangles a, b, c."""
    ab, ac = b - a, c - a
    return ab[..., 0] * ac[..., 1] - ab[..., 1] * ac[..., 0]


def _ears(flat: Corners) -> NDArray[np.int64]:
    """Triangles (m, n−2, 3) of corner numbers: of all polygons at once, one corner of each is tried after the other."""
    count, corners = flat.shape[:2]
    numbers = np.arange(corners, dtype=np.int64)
    after = np.tile((numbers + 1) % corners, (count, 1))
    before = np.tile((numbers - 1) % corners, (count, 1))
    left = np.ones((count, corners), np.bool_)
    cut = np.zeros((count, corners - 2, 3), np.int64)
    done, tried, here = (np.zeros(count, np.int64) for _ in range(3))
    rounds = 0
    while (row := np.flatnonzero(done < corners - 2)).size:
        rounds += 1
        ear = np.stack([before[row, here[row]], here[row], after[row, here[row]]], axis=1)
        hopeless = (tried[row] >= corners - done[row]) | (rounds > _TURNS * corners)
        good = hopeless | _is_ear(flat[row], left[row], ear)
        chosen, taken = row[good], ear[good]
        cut[chosen, done[chosen]] = taken
        done[chosen] += 1
        left[chosen, taken[:, 1]] = False
        after[chosen, taken[:, 0]] = taken[:, 2]
        before[chosen, taken[:, 2]] = taken[:, 0]
        tried[row] = np.where(good, 0, tried[row] + 1)
        here[row] = ear[:, 2]
    return cut


def _is_ear(flat: Corners, left: NDArray[np.bool_], ear: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Of each polygon, whether the ear points outwards and holds no other corner that is left."""
    rows = np.arange(len(flat))
    a, b, c = (flat[rows, ear[:, at]][:, None, :] for at in range(3))
    outwards = _area(a, b, c)[:, 0] > 0
    inside = (_area(a, b, flat) >= 0) & (_area(b, c, flat) >= 0) & (_area(c, a, flat) >= 0) & left
    same_place = (flat == a).all(axis=2) | (flat == b).all(axis=2) | (flat == c).all(axis=2)
    return outwards & ~(inside & ~same_place).any(axis=1)
