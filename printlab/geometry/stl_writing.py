"""A mesh as a binary STL, for programs that read nothing else."""

from __future__ import annotations

import numpy as np

from printlab.geometry.mesh import Faces, Vertices

_RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_LEAST = 1e-12


def write_stl(vertices: Vertices, faces: Faces) -> bytes:
    """The file, with normals: PrusaSlicer takes one whose first bytes are all below 128 for text."""
    corners = vertices[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    records = np.zeros(len(faces), _RECORD)
    records["corners"] = corners
    records["normal"] = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), _LEAST)
    return bytes(80) + len(faces).to_bytes(4, "little") + records.tobytes()
