"""One corner where the file has several: triangles can only be neighbours when they share their corners."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printlab.geometry.mesh import Faces, Vertices

_NEAR = 2e-6
"""Share of the extent below which corners are one: the last bits of single precision, once a program moved the part."""

_MULTIPLIERS = tuple(np.uint64(m) for m in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(29)


def merge_equal(vertices: Vertices, faces: Faces) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The same triangles with corners that are equal in single precision taken for one.

    Gives (n, 3) coordinates as they were, and (m, 3) indices.
    """
    single = np.ascontiguousarray(vertices, np.float32) + np.float32(0)  # −0 becomes 0
    first, inverse = _groups(single)
    return np.asarray(vertices[first], np.float64), inverse[faces]


def merge_near(
    vertices: NDArray[np.float64], faces: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The same triangles with corners in one cell of a grid of 2e-6 of the extent taken for one."""
    low = vertices.min(axis=0)
    extent = float((vertices.max(axis=0) - low).max()) or 1.0
    cells = np.rint((vertices - low) / (extent * _NEAR)).astype(np.float32)
    first, inverse = _groups(cells)
    return vertices[first], inverse[faces]


def _groups(points: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For equal rows: the index of one of each group, and each row's group.

    Sorting one hash a row is several times as fast as sorting rows; should two different rows have one hash, which is
    looked for, the rows are sorted after all.
    """
    bits = points.view(np.uint32).astype(np.uint64)
    mixed = bits[:, 0] * _MULTIPLIERS[0]
    mixed ^= bits[:, 1] * _MULTIPLIERS[1]
    mixed += bits[:, 2] * _MULTIPLIERS[2]
    mixed ^= mixed >> _SHIFT
    mixed *= _MIX
    _, first, inverse = np.unique(mixed, return_index=True, return_inverse=True)
    if not np.array_equal(points[first][inverse], points):
        _, first, inverse = np.unique(points, axis=0, return_index=True, return_inverse=True)
    return first, inverse.reshape(-1)
