"""Which way a surface looks at each corner, so that round things are drawn round and edges stay edges."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians

import numpy as np
from numpy.typing import NDArray

from printlab.geometry.linking import groups
from printlab.geometry.mesh import Faces, Vertices

_SHARP_DEGREES = 30


@dataclass(frozen=True, slots=True)
class Shaded:
    """A mesh whose corners each have one normal; a corner on a sharp edge is there once for each side.

    ``vertices`` and ``normals`` are (n, 3), the normals of length 1; ``faces`` is (m, 3), in the order of the input.
    """

    vertices: NDArray[np.float32]
    normals: NDArray[np.float32]
    faces: NDArray[np.int64]


def shaded(vertices: Vertices, faces: Faces, sharp_degrees: float = _SHARP_DEGREES) -> Shaded:
    """Smooth where two faces meet at less than ``sharp_degrees``, sharp elsewhere and where more than two meet.

    Sorts edges once, whatever hangs on them: VTK's own filter walks around each corner and takes minutes when hundreds
    of thousands of triangles share one edge. Weights are the angles at the corner (Thürmer and Wüthrich 1998).
    """
    points = vertices.astype(np.float64)
    flat = _face_normals(points, faces)
    corner = _corner_of_each(faces, flat, cos(radians(sharp_degrees)))
    corners = int(corner.max()) + 1
    weighted = np.repeat(flat, 3, axis=0) * _angles(points, faces).reshape(-1, 1)
    normals = np.empty((corners, 3), dtype=np.float64)
    for axis in range(3):
        normals[:, axis] = np.bincount(corner, weighted[:, axis], corners)
    where = np.empty(corners, dtype=np.int64)
    where[corner] = faces.ravel()
    return Shaded(
        vertices[where].astype(np.float32), _unit(normals).astype(np.float32), corner.reshape(-1, 3).astype(np.int64)
    )


def _face_normals(points: NDArray[np.float64], faces: Faces) -> NDArray[np.float64]:
    a, b, c = (points[faces[:, side]] for side in range(3))
    return _unit(np.cross(b - a, c - a))


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of length 1; what has no direction looks up."""
    lengths = np.linalg.norm(vectors, axis=1)
    result = np.zeros_like(vectors)
    result[:, 2] = 1
    some = lengths > np.finfo(np.float64).tiny
    result[some] = vectors[some] / lengths[some, None]
    return result


def _angles(points: NDArray[np.float64], faces: Faces) -> NDArray[np.float64]:
    """The angle of each face at each of its corners, in radians, (m, 3)."""
    corners = points[faces]
    ahead = _unit((np.roll(corners, -1, axis=1) - corners).reshape(-1, 3)).reshape(-1, 3, 3)
    cosines = np.einsum("ijk,ijk->ij", ahead, -np.roll(ahead, 1, axis=1))
    return np.arccos(np.clip(cosines, -1, 1))


def _corner_of_each(faces: Faces, flat: NDArray[np.float64], smooth_cosine: float) -> NDArray[np.int32]:
    """A number for the corner of every face, (3m,); faces that meet smoothly along an edge share both of its ends."""
    one, other = _pairs_along_edges(faces)
    smooth = np.einsum("ij,ij->i", flat[one // 3], flat[other // 3]) >= smooth_cosine
    one, other = one[smooth], other[smooth]
    one_end, other_end = _next_corner(one), _next_corner(other)
    return groups(faces.size, np.concatenate([one, one_end]), np.concatenate([other_end, other]))


def _pairs_along_edges(faces: Faces) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The half-edges of edges with exactly two faces that run against each other, as numbers of their first corner."""
    begin = faces.astype(np.int64)
    end = np.roll(begin, -1, axis=1)
    forward = begin < end
    edge = (np.where(forward, begin, end) * (int(begin.max()) + 1) + np.where(forward, end, begin)).ravel()
    order = np.argsort(edge, kind="stable")
    in_order = edge[order]
    starts = np.flatnonzero(np.concatenate([[True], in_order[1:] != in_order[:-1]]))
    two = starts[np.diff(np.append(starts, len(order))) == 2]
    one, other = order[two], order[two + 1]
    against = forward.ravel()[one] != forward.ravel()[other]
    return one[against], other[against]


def _next_corner(half_edge: NDArray[np.int64]) -> NDArray[np.int64]:
    return half_edge - half_edge % 3 + (half_edge + 1) % 3
