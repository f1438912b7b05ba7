"""How triangles hang together: edges, bodies, and which way they look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

_ONE = np.uint64(1)
_LOW = np.uint64(33)


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
    start, end = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    keys = (np.minimum(start, end).astype(np.uint64) << _LOW) | (np.maximum(start, end).astype(np.uint64) << _ONE)
    keys |= (start < end).astype(np.uint64)
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
