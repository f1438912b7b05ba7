"""Fewer points that still look like the same path."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

_PASSES = 4
_LEAST_MM = 1e-9


@dataclass(frozen=True, slots=True)
class NozzlePath:
    """Places of the nozzle in order, each with what the move that ends there is for, and its layer.

    ``points``: (n, 3) in mm; ``kinds``: 0 for a move without plastic, else 1 + number of the feature; ``layers``:
    from 0, never falling.
    """

    points: NDArray[np.float32]
    kinds: NDArray[np.uint8]
    layers: NDArray[np.int32]

    def where(self, kept: Mask | slice) -> NozzlePath:
        """Some of its points."""
        return NozzlePath(self.points[kept], self.kinds[kept], self.layers[kept])


def joined(paths: list[NozzlePath]) -> NozzlePath:
    """One path of several, each of which goes on where the one before it ends."""
    return NozzlePath(
        np.concatenate([path.points for path in paths]),
        np.concatenate([path.kinds for path in paths]),
        np.concatenate([path.layers for path in paths]),
    )


def thinned(path: NozzlePath, tolerance_mm: float) -> NozzlePath:
    """The path without points that lie between their neighbours, as near as half a tolerance.

    Each pass takes every second such point of a row, so that no two neighbours go at once, and is half as strict with
    distance as the one before it: in all nothing moves by more than the tolerance.
    """
    allowed_mm = tolerance_mm / 2
    for _ in range(_PASSES):
        goes = _every_second(_is_between(path, allowed_mm))
        if not goes.any():
            break
        path = path.where(~goes)
        allowed_mm /= 2
    return path


def _is_between(path: NozzlePath, allowed_mm: float) -> Mask:
    """Which points lie that near to the line between their neighbours, in a run of one kind and layer."""
    found = np.zeros(len(path.points), np.bool_)
    if len(found) < 3:
        return found
    alike = (path.kinds[1:-1] == path.kinds[2:]) & (path.layers[1:-1] == path.layers[2:])
    inner = np.flatnonzero(alike) + 1
    before, here, after = path.points[inner - 1], path.points[inner], path.points[inner + 1]
    line, way = after - before, here - before
    length2 = np.einsum("ij,ij->i", line, line)
    share = np.clip(np.einsum("ij,ij->i", way, line) / np.maximum(length2, _LEAST_MM), 0, 1)
    off = way - line * share[:, None]
    found[inner] = np.einsum("ij,ij->i", off, off) <= allowed_mm**2
    return found


def _every_second(mask: Mask) -> Mask:
    """The first, third, fifth … of each run."""
    place = np.arange(len(mask))
    begun = np.maximum.accumulate(np.where(mask, 0, place + 1))
    return mask & ((place - begun) % 2 == 0)
