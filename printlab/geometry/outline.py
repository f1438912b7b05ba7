"""The shadow of a part on the plate, as a convex polygon."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from printlab.domain.model_facts import Point2, Pose

MAX_CORNERS = 64
FEWEST_CORNERS = 16
_EIGHT = np.array([(math.cos(k * math.pi / 4), math.sin(k * math.pi / 4)) for k in range(8)])
_TURNED = ((0, 1, 2), (0, 2, 1), (2, 1, 0))
"""Axes that become x, y and height: as it stands, a quarter about X, a quarter about Y."""


def poses(points: NDArray[np.float64], most_corners: int = MAX_CORNERS) -> tuple[Pose, Pose, Pose]:
    """The three ways in which (n, 3) points in mm can stand."""
    first, second, third = (_pose(points, axes, most_corners) for axes in _TURNED)
    return first, second, third


def _pose(points: NDArray[np.float64], axes: tuple[int, int, int], most_corners: int) -> Pose:
    height = points[:, axes[2]]
    return Pose(outline(points[:, axes[:2]], most_corners), float(height.max() - height.min()))


def outline(points: NDArray[np.float64], most_corners: int = MAX_CORNERS) -> tuple[Point2, ...]:
    """The convex polygon around (n, 2) points: counter-clockwise, never smaller than the points.

    One of more corners than ``most_corners``, a multiple of 4, gets just those: 64 make a circle 0.1 % larger, 16 make
    it 2 % larger. Points on a line give its two ends, one point gives that point.
    """
    corners = _hull(_outer(points))
    if len(corners) > most_corners:
        corners = _circumscribed(corners, most_corners)
    return tuple((float(x), float(y)) for x, y in corners)


def _outer(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without the points inside the octagon of the farthest ones (Akl and Toussaint, 1978): the hull is the same."""
    farthest = points[[int(np.argmax(points @ direction)) for direction in _EIGHT]]
    inside = np.full(len(points), bool(np.ptp(farthest, axis=0).any()))
    for start, end in zip(farthest, np.roll(farthest, -1, axis=0), strict=True):
        edge, to_point = end - start, points - start
        if edge.any():
            inside &= edge[0] * to_point[:, 1] - edge[1] * to_point[:, 0] > 0
    return points[~inside]


def _hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    try:
        return points[ConvexHull(points).vertices] if len(points) > 2 else np.unique(points, axis=0)
    except QhullError:  # on a line
        ordered = points[np.lexsort((points[:, 1], points[:, 0]))]
        return np.unique(ordered[[0, -1]], axis=0)


def _circumscribed(corners: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The polygon of so many tangents at even angles, the axes among them: it holds the hull and is exact along the
    axes.
    """
    angles = np.arange(count) * (2 * math.pi / count)
    normals = np.column_stack((np.cos(angles), np.sin(angles)))
    distance = (corners @ normals.T).max(axis=0)
    following, beyond = np.roll(normals, -1, axis=0), np.roll(distance, -1)
    across = normals[:, 0] * following[:, 1] - normals[:, 1] * following[:, 0]
    x = (distance * following[:, 1] - beyond * normals[:, 1]) / across
    y = (beyond * normals[:, 0] - distance * following[:, 0]) / across
    return np.column_stack((x, y))
