"""OBJ: corners and polygons as text. Of everything else in it nothing is read; ``mtllib`` is never opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from printlab.domain.model_facts import ModelFormat, Remark
from printlab.geometry import parts
from printlab.geometry.limits import MAX_TRIANGLES
from printlab.geometry.mesh import Model
from printlab.geometry.numerals import Decimals, Integers, decimals, integers
from printlab.geometry.polygons import Faces, triangulated
from printlab.geometry.refusals import ModelRefused, Refusal
from printlab.geometry.text import blocks, in_utf8

_MAX_VERTICES = 3 * MAX_TRIANGLES
_CONTINUED = re.compile(rb"\\[ \t]*\n")
_NEVER_CONTINUED = re.compile(rb"^ *[#a-eg-uw-zA-Z][^\n]*\\ *\n", re.MULTILINE)
"""Comments, names of groups and of other files: on Windows they end in a backslash that belongs to them."""
_COMMENT = re.compile(rb"#[^\n]*")
_INDENT = re.compile(rb"^ +", re.MULTILINE)
_OTHER_SPACE = bytes.maketrans(b"\t\v\f", b"   ")
_VERTEX, _FACE = b"v ", b"f "
_SPACE, _NEW_LINE, _SLASH = ord(" "), ord("\n"), ord("/")


@dataclass(slots=True)
class _Found:
    """What the file holds so far: corners, and polygons by how many corners they have."""

    vertices: list[NDArray[np.float64]] = field(default_factory=list[Decimals])
    polygons: dict[int, list[Integers]] = field(default_factory=dict[int, list[Integers]])
    vertex_count: int = 0
    triangle_count: int = 0

    def check(self) -> None:
        parts.check_count(max(self.triangle_count, 1))
        if self.vertex_count > _MAX_VERTICES:
            parts.check_count(self.vertex_count)


def read(path: Path) -> Model:
    """The mesh of an OBJ file, polygons split into triangles; raises ModelRefused."""
    found = _Found()
    with path.open("rb") as file:
        for text in _whole_lines(blocks(_plain(in_utf8(file)), b"\n")):
            _take(text, found)
            found.check()
    parts.check_count(found.triangle_count)
    vertices = np.concatenate(found.vertices) if found.vertices else np.zeros((0, 3))
    polygons, remarks = _existing(found.polygons, len(vertices))
    _check_named(vertices, polygons)
    return Model(ModelFormat.OBJ, (parts.part("", vertices, triangulated(vertices, polygons)),), remarks=remarks)


def _plain(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The text with one kind of line end and one kind of space."""
    held = b""
    for piece in pieces:
        whole = held + piece
        held = whole[-1:] if whole.endswith(b"\r") else b""
        whole = whole[: len(whole) - len(held)]
        yield whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").translate(_OTHER_SPACE)
    yield b"\n"


def _whole_lines(texts: Iterator[bytes]) -> Iterator[bytes]:
    """The texts with lines that go on behind a backslash made one, also across two texts."""
    waiting: list[bytes] = []
    for text in texts:
        if text[-64:].rstrip(b"\n ").endswith(b"\\"):
            waiting.append(text)
            continue
        whole = b"".join([*waiting, text]) if waiting else text
        waiting = []
        yield _CONTINUED.sub(b" ", _NEVER_CONTINUED.sub(b"\n", whole)) if b"\\" in whole else whole
    yield b"".join(waiting)


def _take(text: bytes, found: _Found) -> None:
    """Add the corners and polygons of whole lines; raises ModelRefused."""
    if b"\n " in text or text.startswith(b" "):
        text = _INDENT.sub(b"", text)
    corners, faces = _rows(text, _VERTEX), _rows(text, _FACE)
    if faces:
        rows = _first_fields(_without_comments(faces))
        numbers, per_line = integers(rows), _words_per_line(rows)
        if (numbers < 0).any():
            seen = found.vertex_count + _vertices_before_faces(text)
            numbers = np.where(numbers < 0, numbers + np.repeat(seen, per_line) + 1, numbers)
        _add_polygons(numbers - 1, per_line, found)
    if corners:
        rows = _without_comments(corners)
        found.vertices.append(_first_three(decimals(rows), _words_per_line(rows)))
        found.vertex_count += len(found.vertices[-1])


def _rows(text: bytes, kind: bytes) -> bytes:
    """What stands on the lines of one kind; most pieces of a large file are all of one."""
    lines = b"\n" + text.strip(b"\n")
    found = lines.count(b"\n" + kind)
    if found == 0:
        return b""
    if found == lines.count(b"\n"):
        return lines.replace(b"\n" + kind, b"\n")[1:]
    return b"\n".join([line[2:] for line in lines.split(b"\n") if line[:2] == kind])


def _without_comments(rows: bytes) -> bytes:
    return _COMMENT.sub(b"", rows) if b"#" in rows else rows


def _words_per_line(rows: bytes) -> Integers:
    """How many words each line of ``rows`` has, (lines,)."""
    characters = np.frombuffer(b"\n" + rows + b"\n", np.uint8)
    blank = characters <= _SPACE
    first = np.flatnonzero(blank[:-1] & ~blank[1:])
    line_ends = np.flatnonzero(characters == _NEW_LINE)
    return np.diff(np.searchsorted(first, line_ends))


def _first_three(numbers: Decimals, per_line: Integers) -> NDArray[np.float64]:
    """x, y and z of each line, (lines, 3); weights and colours may follow them."""
    if int(per_line.min()) < 3:
        raise ModelRefused(
            Refusal.BAD_NUMBER, "The file has a corner with fewer than three coordinates. Export the part again."
        )
    if int(per_line.max()) == int(per_line.min()):
        return np.ascontiguousarray(numbers.reshape(len(per_line), -1)[:, :3])
    starts = np.cumsum(per_line) - per_line
    return numbers[starts[:, None] + np.arange(3)]


def _first_fields(rows: bytes) -> bytes:
    """``v/vt/vn`` without what follows the first slash of each word."""
    if b"/" not in rows:
        return rows
    characters = np.frombuffer(rows, np.uint8).copy()
    place = np.arange(len(characters), dtype=np.int32) * 2
    is_slash = characters == _SLASH
    marks = np.where(is_slash, place + 1, np.where(characters <= _SPACE, place, 0))
    characters[(np.maximum.accumulate(marks) & 1).astype(np.bool_)] = _SPACE
    return characters.tobytes()


def _vertices_before_faces(text: bytes) -> Integers:
    """Of each face, how many corners stand above it in ``text``."""
    letters = b"".join([line[:1] for line in text.split(b"\n") if line.startswith((_VERTEX, _FACE))])
    kinds = np.frombuffer(letters, np.uint8)
    return np.cumsum(kinds == ord("v"))[kinds == ord("f")]


def _add_polygons(numbers: Integers, per_line: Integers, found: _Found) -> None:
    """Sort the polygons by their number of corners; those with fewer than three are points and lines."""
    starts = np.cumsum(per_line) - per_line
    for corners in np.unique(per_line).tolist():
        if corners < 3:
            continue
        first = starts[per_line == corners]
        found.triangle_count += len(first) * (corners - 2)
        parts.check_count(found.triangle_count)
        rows = numbers.reshape(-1, corners) if len(first) * corners == len(numbers) else None
        found.polygons.setdefault(corners, []).append(
            rows if rows is not None else numbers[first[:, None] + np.arange(corners)]
        )


def _existing(polygons: dict[int, list[Integers]], vertices: int) -> tuple[list[Faces], frozenset[Remark]]:
    """The polygons whose corners all are there; raises ModelRefused where no polygon has them."""
    kept: list[Faces] = []
    remarks: set[Remark] = set()
    for same in polygons.values():
        corners = np.concatenate(same)
        good = ((corners >= 0) & (corners < vertices)).all(axis=1)
        if not good.all():
            remarks.add(Remark.BAD_FACES)
        if good.any():
            kept.append(corners[good].astype(np.int32))
    if not kept:
        raise ModelRefused(
            Refusal.BAD_INDEX, "All faces of the file name corners that are not in it. Export the part again."
        )
    return kept, frozenset(remarks)


def _check_named(vertices: NDArray[np.float64], polygons: list[Faces]) -> None:
    named = np.zeros(len(vertices), np.bool_)
    for corners in polygons:
        named[corners.ravel()] = True
    parts.check_coordinates(vertices[named])
