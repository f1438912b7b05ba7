"""How triangles hang together: edges, bodies, and which way they look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

_ONE = np.uint64(1)
_LOW = np.uint64(33)
_LEVEL = 1e-3
"""Slope below which a face is level: which way it looks is rounding."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Counts of edges: of one face (``open``), of more than two (``crowded``), of two that look different ways
    (``flipped``). ``closed``: every directed edge has as many counterparts, so there is an inside."""

    open: int
    crowded: int
    flipped: int
    closed: bool


def count_edges(faces: NDArray[np.int64]) -> Edges:
    """The edges of (m, 3) indices in which no face names a corner twice; m may be 0, which is not closed."""
    if not len(faces):
        return Edges(0, 0, 0, closed=False)
    start, end = _edges(faces)
    keys = _keys(start, end) | (start < end).astype(np.uint64)
    keys.sort()
    edges = keys >> _ONE
    begins = np.flatnonzero(np.concatenate(([True], edges[1:] != edges[:-1])))
    uses = np.diff(np.append(begins, len(edges)))
    forward = np.add.reduceat((keys & _ONE).astype(np.int64), begins)
    return Edges(
        open=int((uses == 1).sum()),
        crowded=int((uses > 2).sum()),
        flipped=int(((uses == 2) & (forward != 1)).sum()),
        closed=bool((2 * forward == uses).all()),
    )


def turning_mm(vertices: NDArray[np.float64], faces: NDArray[np.int64], normals: NDArray[np.float64]) -> float:
    """How far the outlines of all layers turn, in full turns, summed over the height in mm.

    A column or a pipe's inside turns once in every layer, whatever its outline, as long as that has no notch; fluted
    walls turn often. It is Σ|Δz|·φ/2π over the edges between two faces whose horizontal normals are φ apart.
    """
    start, end = _edges(faces)
    keys = _keys(start, end)
    order = np.argsort(keys)
    keys = keys[order]
    of_two = np.flatnonzero(keys[1:] == keys[:-1])
    one, other = order[of_two], order[of_two + 1]
    heading = np.arctan2(normals[:, 1], normals[:, 0])
    turn = np.abs(np.remainder(heading[one // 3] - heading[other // 3] + np.pi, 2 * np.pi) - np.pi)
    upright = np.hypot(normals[:, 0], normals[:, 1]) > _LEVEL * np.abs(normals[:, 2])
    turn *= upright[one // 3] & upright[other // 3]
    return float(np.abs(vertices[start[one], 2] - vertices[end[one], 2]) @ turn / (2 * np.pi))


def _edges(faces: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each of the three edges of each face begins and ends."""
    return faces.ravel(), np.roll(faces, -1, axis=1).ravel()


def _keys(start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The same number, and an even one, for an edge and its counterpart."""
    return (np.minimum(start, end).astype(np.uint64) << _LOW) | (np.maximum(start, end).astype(np.uint64) << _ONE)


def body_of_faces(faces: NDArray[np.int64], corners: int) -> tuple[int, NDArray[np.int64]]:
    """How many bodies (m, 3) faces of ``corners`` corners make, and the number of each face's body, from 0."""
    if not len(faces):
        return 0, np.empty(0, np.int64)
    ones = np.ones(2 * len(faces), np.int8)
    pairs = (np.concatenate((faces[:, 0], faces[:, 1])), np.concatenate((faces[:, 1], faces[:, 2])))
    graph = coo_matrix((ones, pairs), shape=(corners, corners))
    _, labels = connected_components(graph, directed=False)
    used, of_face = np.unique(labels[faces[:, 0]], return_inverse=True)
    return len(used), of_face.astype(np.int64)
