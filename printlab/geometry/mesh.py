"""Triangles as arrays: what the readers give and everything else takes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from printlab.domain.model_facts import UNKNOWN_UNITS, ModelFormat, Remark

Vertices = NDArray[np.float64] | NDArray[np.float32]  # (n, 3), mm
Faces = NDArray[np.int64] | NDArray[np.int32]  # (m, 3), indices into the vertices


@dataclass(frozen=True, slots=True)
class Part:
    """One build item as a mesh of its own, in mm, where the file puts it."""

    name: str
    vertices: Vertices
    faces: Faces


@dataclass(frozen=True, slots=True)
class Model:
    """What a file holds: at least one part with at least one triangle, finite coordinates, indices that exist.

    Coincident corners need not be one yet (STL has three to a triangle); measuring merges them.
    """

    format: ModelFormat
    parts: tuple[Part, ...]
    units: str = UNKNOWN_UNITS
    application: str | None = None
    remarks: frozenset[Remark] = field(default_factory=frozenset[Remark])

    @property
    def triangles(self) -> int:
        """How many triangles all parts have."""
        return sum(len(part.faces) for part in self.parts)
