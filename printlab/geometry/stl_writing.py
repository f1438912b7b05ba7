"""A mesh as a binary STL, for programs that read nothing else."""

from __future__ import annotations

import numpy as np

from printlab.geometry.mesh import Faces, Vertices
from printlab.geometry.stl import RECORD

_LEAST = 1e-12


def write_stl(vertices: Vertices, faces: Faces) -> bytes:
    """The file, with normals: PrusaSlicer takes one whose first bytes are all below 128 for text."""
    corners = vertices[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    records = np.zeros(len(faces), RECORD)
    records["corners"] = corners
    records["normal"] = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), _LEAST)
    return bytes(80) + len(faces).to_bytes(4, "little") + records.tobytes()
