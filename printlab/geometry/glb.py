"""The file that the viewer loads: binary glTF 2.0, small enough to be there at once."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from printlab.geometry.mesh import Faces, Vertices
from printlab.geometry.reducing import MAX_SHOWN_TRIANGLES, Grid, GridPoints, Triangles, reduced

MAX_GLB_BYTES = 2_500_000

Primitive = tuple[NDArray[np.int32], NDArray[np.uint16]]
"""Which corners a run of triangles uses, (n,), and the triangles as indices into those, (m, 3)."""

_CORNER_BYTES, _TRIANGLE_BYTES = 8, 6
_MOST_CORNERS = 65_535  # of a primitive: index 65,535 itself means "begin anew" to a graphics card
_GLB_MAGIC, _GLB_VERSION = 0x46546C67, 2
_JSON_CHUNK, _BINARY_CHUNK = 0x4E4F534A, 0x004E4942
_SHORT, _UNSIGNED_SHORT = 5122, 5123
_ARRAY_BUFFER, _ELEMENT_ARRAY_BUFFER = 34962, 34963
_ROOM_FOR_JSON = 20_000
_QUANTIZATION = "KHR_mesh_quantization"


def write_glb(vertices: Vertices, faces: Faces) -> bytes:
    """The mesh as a GLB of at most 200,000 triangles and 2.5 MB, in mm with Z up, as the lab's files have it.

    One node, whose scale and translation turn 16-bit positions (``KHR_mesh_quantization``) into mm; one mesh of
    primitives with at most 65,535 corners and 16-bit indices. There are no normals: the viewer shades flat or makes its
    own. Lengths are right to one step, the longest side / 65,534, and to 0.5 % of it where triangles were left out.
    """
    points, triangles = reduced(vertices, faces, MAX_SHOWN_TRIANGLES)
    primitives = list(_primitives(triangles))
    while (share := (MAX_GLB_BYTES - _ROOM_FOR_JSON) / _size_bytes(primitives)) < 1:
        # Triangles that share no corners take more than twice the room of others.
        points, triangles = reduced(points, triangles, int(0.9 * share * len(triangles)))
        primitives = list(_primitives(triangles))
    grid = Grid.around(points)
    return _packed(grid, grid.points(points), primitives)


def _size_bytes(primitives: list[Primitive]) -> int:
    return sum(_CORNER_BYTES * len(used) + _TRIANGLE_BYTES * len(local) for used, local in primitives)


def _primitives(triangles: Triangles) -> Iterator[Primitive]:
    """Runs of triangles with few enough corners."""
    used, local = np.unique(triangles, return_inverse=True)
    if len(used) <= _MOST_CORNERS:
        yield used, local.reshape(-1, 3).astype(np.uint16)
        return
    half = len(triangles) // 2
    yield from _primitives(triangles[:half])
    yield from _primitives(triangles[half:])


def _packed(grid: Grid, points: GridPoints, primitives: list[Primitive]) -> bytes:
    binary = _Binary()
    described = [
        {
            "attributes": {"POSITION": binary.add_positions(points[used])},
            "indices": binary.add_indices(local),
            "material": 0,
        }
        for used, local in primitives
    ]
    document = {
        "asset": {"version": "2.0", "generator": "PrintLab"},
        "extensionsUsed": [_QUANTIZATION],
        "extensionsRequired": [_QUANTIZATION],
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "translation": list(grid.centre_mm), "scale": [grid.step_mm] * 3}],
        "meshes": [{"primitives": described}],
        "materials": [{"pbrMetallicRoughness": {"metallicFactor": 0, "roughnessFactor": 0.75}, "doubleSided": True}],
        "buffers": [{"byteLength": len(binary.content)}],
        "bufferViews": binary.views,
        "accessors": binary.accessors,
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    chunks = _chunk(_JSON_CHUNK, text + b" " * (-len(text) % 4)) + _chunk(_BINARY_CHUNK, bytes(binary.content))
    return struct.pack("<III", _GLB_MAGIC, _GLB_VERSION, 12 + len(chunks)) + chunks


def _chunk(kind: int, content: bytes) -> bytes:
    return struct.pack("<II", len(content), kind) + content


class _Binary:
    """The binary chunk with the views and accessors that describe it."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.views: list[dict[str, int]] = []
        self.accessors: list[dict[str, object]] = []

    def add_positions(self, points: GridPoints) -> int:
        """Add corners; give the number of their accessor."""
        padded = np.zeros((len(points), 4), dtype="<i2")  # a corner begins at a multiple of four bytes
        padded[:, :3] = points
        bounds = {"min": points.min(axis=0).tolist(), "max": points.max(axis=0).tolist()}
        view = self._add(padded.tobytes(), {"byteStride": _CORNER_BYTES, "target": _ARRAY_BUFFER})
        return self._describe(view, _SHORT, "VEC3", len(points), bounds)

    def add_indices(self, local: NDArray[np.uint16]) -> int:
        """Add triangles; give the number of their accessor."""
        view = self._add(local.astype("<u2").tobytes(), {"target": _ELEMENT_ARRAY_BUFFER})
        return self._describe(view, _UNSIGNED_SHORT, "SCALAR", local.size, {})

    def _add(self, content: bytes, more: dict[str, int]) -> int:
        self.views.append({"buffer": 0, "byteOffset": len(self.content), "byteLength": len(content)} | more)
        self.content += content + bytes(-len(content) % 4)
        return len(self.views) - 1

    def _describe(self, view: int, component: int, kind: str, count: int, more: dict[str, object]) -> int:
        self.accessors.append({"bufferView": view, "componentType": component, "count": count, "type": kind} | more)
        return len(self.accessors) - 1
