"""Model files made in code, in every layout that programs write."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from printlab.geometry.mesh import Model
from printlab.geometry.reading import read
from tests.files_made import archive

CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
PRODUCTION = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06"
ROOT_TYPE = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"

Corners = NDArray[np.float64]
Faces = NDArray[np.int64]

CUBE_CORNERS = np.array([[x, y, z] for z in (0, 1) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))], np.float64)
CUBE_QUADS = np.array([[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]])
CUBE_FACES = np.concatenate([CUBE_QUADS[:, [0, 1, 2]], CUBE_QUADS[:, [0, 2, 3]]])


def cube(edge: float = 10) -> tuple[Corners, Faces]:
    return CUBE_CORNERS * edge, CUBE_FACES


def binary_stl(triangles: Corners, header: bytes = b"made", count: int | None = None, behind: bytes = b"") -> bytes:
    records = np.zeros(len(triangles), [("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    records["corners"] = triangles
    return (
        header.ljust(80, b"\0")
        + struct.pack("<I", len(records) if count is None else count)
        + records.tobytes()
        + behind
    )


def text_stl(triangles: Corners, name: str = "cube", number: str = "{:.9g}", newline: str = "\n") -> bytes:
    lines = [f"solid {name}"]
    for corners in triangles.tolist():
        lines += ["  facet normal 0 0 1", "    outer loop"]
        lines += ["      vertex " + " ".join(number.format(value) for value in corner) for corner in corners]
        lines += ["    endloop", "  endfacet"]
    return newline.join([*lines, f"endsolid {name}", ""]).encode()


def obj(corners: Corners, polygons: Iterable[Sequence[int]], corner: str = "{0}") -> bytes:
    """``corner`` is how a face names one, from 1."""
    lines = ["v " + " ".join(repr(value) for value in place) for place in corners.tolist()]
    lines += ["f " + " ".join(corner.format(number + 1) for number in polygon) for polygon in polygons]
    return "\n".join([*lines, ""]).encode()


def mesh_xml(corners: Corners, faces: Faces) -> str:
    vertices = "\n".join(f'  <vertex x="{x!r}" y="{y!r}" z="{z!r}"/>' for x, y, z in corners.tolist())
    triangles = "\n".join(f'  <triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in faces.tolist())
    return f"<mesh>\n<vertices>\n{vertices}\n</vertices>\n<triangles>\n{triangles}\n</triangles>\n</mesh>"


CUBE_XML = mesh_xml(*cube())
CUBE_OBJECT = f'<object id="1" type="model" name="Cube">{CUBE_XML}</object>'


def model_xml(resources: str = CUBE_OBJECT, build: str = '<item objectid="1"/>', unit: str = "millimeter") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<model unit="{unit}" xmlns="{CORE}" xmlns:p="{PRODUCTION}">'
        f"<resources>{resources}</resources><build>{build}</build></model>"
    )


def threemf(model: str | bytes | None = None, root: str = "/3D/3dmodel.model", **members: str | bytes) -> bytes:
    """A package with ``model`` as its root; ``members`` are further parts, “__” for “/” and “_dot_” for “.”."""
    more = {name.replace("__", "/").replace("_dot_", "."): content for name, content in members.items()}
    return package({root.lstrip("/"): model if model is not None else model_xml(), **more}, root)


def package(parts: dict[str, str | bytes], root: str = "/3D/3dmodel.model") -> bytes:
    relationships = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Target="/Metadata/thumbnail.png" Id="rel0" Type="http://schemas.example/thumbnail"/>'
        f'<Relationship Target="{root}" Id="rel1" Type="{ROOT_TYPE}"/></Relationships>'
    )
    content = {"[Content_Types].xml": "<Types/>", "_rels/.rels": relationships, **parts}
    return archive({name: text.encode() if isinstance(text, str) else text for name, text in content.items()})


def read_bytes(folder: Path, content: bytes) -> Model:
    path = folder / "upload.bin"
    path.write_bytes(content)
    return read(path)


def triangles_of(model: Model) -> Corners:
    """All triangles, (n, 3, 3), in an order that does not depend on the file's."""
    found = np.concatenate([part.vertices[part.faces].astype(np.float64) for part in model.parts])
    return in_order(found)


def in_order(triangles: Corners) -> Corners:
    """The triangles with their smallest corner first, sorted; which way they look stays."""
    first = np.array([min(range(3), key=lambda at: tuple(one[at])) for one in triangles])
    turned = np.stack([np.roll(one, -at, axis=0) for one, at in zip(triangles, first, strict=True)])
    return turned[np.lexsort(turned.reshape(-1, 9).T[::-1])]


def volume_mm3(model: Model) -> float:
    """The signed volume, about the mean of the corners."""
    corners = np.concatenate([part.vertices[part.faces].astype(np.float64) for part in model.parts])
    a, b, c = np.moveaxis(corners - np.unique(corners.reshape(-1, 3), axis=0).mean(axis=0), 1, 0)
    return float(np.einsum("ij,ij", a, np.cross(b, c)) / 6)
