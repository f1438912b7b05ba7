"""How thick the walls are, by rays."""

from __future__ import annotations

import numpy as np
import trimesh
from numpy.typing import NDArray

_SAMPLES = 600
_STARTS_BELOW = 1e-4
"""Share of the extent by which a ray starts below its face, lest it hits that."""


def sample_thickness(vertices: NDArray[np.float64], faces: NDArray[np.int64]) -> tuple[float, ...]:
    """For up to 600 points spread evenly over a closed surface: how far the other side is, straight through, in mm.

    Smallest first. The same model gives the same figures. A ray that leaves through nothing (which a closed surface
    does not have, rounding apart) gives none.
    """
    mesh = trimesh.Trimesh(vertices, faces, process=False, validate=False)
    points, normals = _spread(vertices, faces)
    if not len(points):
        return ()
    inset = float(np.ptp(vertices, axis=0).max()) * _STARTS_BELOW
    origins = points - normals * inset
    hits, rays, _ = mesh.ray.intersects_location(origins, -normals, multiple_hits=False)
    distances = np.einsum("ij,ij->i", hits - points[rays], -normals[rays])
    return tuple(float(distance) for distance in np.sort(distances))


def _spread(vertices: NDArray[np.float64], faces: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points at even steps of the area summed up over the faces, and the direction out of the surface at each."""
    a, b, c = (vertices[faces[:, corner]] for corner in range(3))
    doubled = np.cross(b - a, c - a)
    length = np.linalg.norm(doubled, axis=1)
    total = np.cumsum(length)
    if not total[-1] > 0:
        return np.empty((0, 3)), np.empty((0, 3))
    steps = (np.arange(_SAMPLES) + 0.5) / _SAMPLES * total[-1]
    chosen = np.minimum(np.searchsorted(total, steps), len(faces) - 1)
    within = np.random.default_rng(0).dirichlet((1.0, 1.0, 1.0), len(chosen))  # the same points each time
    points = np.einsum("ij,ijk->ik", within, np.stack((a[chosen], b[chosen], c[chosen]), axis=1))
    return points, doubled[chosen] / length[chosen, None]
