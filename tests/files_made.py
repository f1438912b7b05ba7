"""Small real files, made in code: meshes as students send them, slicer results as staff do."""

from __future__ import annotations

import io
import itertools
import struct
import zipfile

_counter = itertools.count(1)
_CORNERS = tuple(itertools.product((0.0, 1.0), repeat=3))
# Each side of a cube as two triangles, corners counted as _CORNERS lists them.
_FACES = (
    (0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1),
    (2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3),
)  # fmt: skip


def _edge_mm(edge_mm: float | None) -> float:
    """A size of its own for every file that asks for none, so that no two files have the same bytes."""
    return edge_mm if edge_mm is not None else 10 + next(_counter) / 64


def stl(edge_mm: float | None = None, header: bytes = b"made for a test") -> bytes:
    """A cube as binary STL."""
    edge = _edge_mm(edge_mm)
    facets = b"".join(
        struct.pack("<12fH", 0, 0, 0, *(edge * value for corner in face for value in _CORNERS[corner]), 0)
        for face in _FACES
    )
    return header.ljust(80, b"\0") + struct.pack("<I", len(_FACES)) + facets


def ascii_stl(edge_mm: float | None = None) -> bytes:
    """A cube as text STL."""
    edge = _edge_mm(edge_mm)
    lines = ["solid cube"]
    for face in _FACES:
        lines += ["facet normal 0 0 0", "outer loop"]
        lines += ["vertex " + " ".join(f"{edge * value:g}" for value in _CORNERS[corner]) for corner in face]
        lines += ["endloop", "endfacet"]
    return "\n".join([*lines, "endsolid cube", ""]).encode()


def obj(edge_mm: float | None = None) -> bytes:
    """A cube as OBJ."""
    edge = _edge_mm(edge_mm)
    vertices = ["v " + " ".join(f"{edge * value:g}" for value in corner) for corner in _CORNERS]
    faces = ["f " + " ".join(str(corner + 1) for corner in face) for face in _FACES]
    return "\n".join(["# cube", *vertices, *faces, ""]).encode()


def archive(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


def threemf(edge_mm: float | None = None) -> bytes:
    """A cube as 3MF."""
    edge = _edge_mm(edge_mm)
    vertices = "".join(f'<vertex x="{edge * x:g}" y="{edge * y:g}" z="{edge * z:g}"/>' for x, y, z in _CORNERS)
    triangles = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in _FACES)
    model = (
        '<?xml version="1.0" encoding="UTF-8"?><model unit="millimeter" '
        'xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"><resources><object id="1" type="model">'
        f"<mesh><vertices>{vertices}</vertices><triangles>{triangles}</triangles></mesh></object></resources>"
        '<build><item objectid="1"/></build></model>'
    )
    return archive({"[Content_Types].xml": b"<Types/>", "3D/3dmodel.model": model.encode()})


def gcode(lines: int = 20) -> bytes:
    """A few moves of a printer; no two calls give the same bytes."""
    number = next(_counter)
    moves = "".join(f"G1 X{n % 200} Y{n % 180} E{n * 0.05:.2f}\n" for n in range(lines))
    return f"; made for a test, file {number}\nG28\n{moves}M104 S0\n".encode()


def sliced_3mf() -> bytes:
    """A sliced 3MF: the G-code lies inside."""
    return archive({"3D/3dmodel.model": b"<model/>", "Metadata/plate_1.gcode": gcode()})


def bgcode() -> bytes:
    """The first bytes of a binary G-code file."""
    return b"GCDE" + struct.pack("<IH", 1, 1) + gcode()


def sl1() -> bytes:
    """A resin printer's archive."""
    return archive({"config.ini": b"action = print\n", "part00000.png": b"\x89PNG"})


def png() -> bytes:
    """A picture, 1 × 1."""
    return (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89"
        b"\0\0\0\rIDATx\x9cc\xf8\x0f\0\x01\x01\x01\0\x1b\xb6\xeeV\0\0\0\0IEND\xaeB`\x82"
    )


MADE = {
    ".stl": stl,
    ".obj": obj,
    ".3mf": threemf,
    ".gcode": gcode,
    ".gcode.3mf": sliced_3mf,
    ".bgcode": bgcode,
    ".sl1": sl1,
    ".sl1s": sl1,
}
