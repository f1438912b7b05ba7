"""STL: triangles as bytes, or as text in whatever layout a program wrote them."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from printlab.domain.model_facts import ModelFormat, Remark
from printlab.geometry import parts
from printlab.geometry.limits import MAX_COORDINATE_MM, MAX_TRIANGLES
from printlab.geometry.mesh import Model, Part
from printlab.geometry.numerals import decimals
from printlab.geometry.text import blocks, in_utf8

HEADER, FACET = 84, 50
RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
"""One facet of a binary STL: numbers are little-endian, as in the format."""
_AT_ONCE = 1 << 16  # facets: small enough to stay in the processor's cache
_LONGEST_NORMAL = 1.1

_END = b"endfacet"
# “solid” or “endsolid” and the name behind it, which ends with the line or where the first facet begins.
_NAMES = re.compile(rb"(?<![^\s])(?:end)?solid(?![^\s])(?:(?!facet\s+normal)[^\r\n])*")
_WORDS = {
    0: b"facet",
    1: b"normal",
    5: b"outer",
    6: b"loop",
    7: b"vertex",
    11: b"vertex",
    15: b"vertex",
    19: b"endloop",
}
_WORDS_A_FACET = 21
_SHORTEST_FACET = 80  # characters; counting first spares reading what is refused anyway
_COORDINATES = (8, 9, 10, 12, 13, 14, 16, 17, 18)

Corners = NDArray[np.float32]  # (3n, 3): three in a row are a triangle
Records = NDArray[np.void]


def binary_length(head: bytes) -> int:
    """How many bytes a binary STL has that begins with ``head`` (84 bytes at least) and tells the truth."""
    return HEADER + FACET * struct.unpack_from("<I", head, HEADER - 4)[0]


def looks_binary(head: bytes) -> bool:
    """Whether the first facets in ``head`` could be some, as bytes of other files are not."""
    records = (
        np.frombuffer(head, RECORD, (len(head) - HEADER) // FACET, HEADER) if len(head) >= HEADER + FACET else None
    )
    return records is not None and float(_plausible(records).mean()) >= 1 / 2


def read_binary(path: Path) -> Model:
    """The triangles of a binary STL, three corners of their own each; raises ModelRefused.

    As many as there are where the file promises more; as many as it promises where what follows are no facets.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        promised = (binary_length(file.read(HEADER)) - HEADER) // FACET
        there, rest = divmod(size - HEADER, FACET)
        remarks = {Remark.WRONG_COUNT} if promised != there or rest else set[Remark]()
        count = there
        if promised > there:
            remarks.add(Remark.TRUNCATED)
        elif 0 < promised < there and (rest or not _are_facets(file, promised, there)):
            count = promised
        parts.check_count(count)
        corners = _corners(file, count)
    return _model(corners, remarks)


def read_text(path: Path) -> Model:
    """The triangles of a text STL, three corners of their own each; raises ModelRefused."""
    if path.stat().st_size > MAX_TRIANGLES * _SHORTEST_FACET:
        parts.check_count(sum(text.count(_END) for text in _facets(path)) or 1)
    found: list[Corners] = []
    remarks: set[Remark] = set()
    count = 0
    for text in _facets(path):
        corners = _regular(text)
        if corners is None:
            corners = _irregular(text, remarks)
        count += len(corners) // 3
        if count > MAX_TRIANGLES:
            break
        found.append(corners)
    parts.check_count(count)
    return _model(np.concatenate(found), remarks)


def _model(corners: Corners, remarks: set[Remark]) -> Model:
    parts.check_coordinates(corners)
    faces = np.arange(len(corners), dtype=np.int32).reshape(-1, 3)
    return Model(ModelFormat.STL, (Part("", corners, faces),), remarks=frozenset(remarks))


def _corners(file: BinaryIO, count: int) -> Corners:
    file.seek(HEADER)
    corners = np.empty((count, 3, 3), np.float32)
    for start in range(0, count, _AT_ONCE):
        records = np.fromfile(file, RECORD, min(_AT_ONCE, count - start))
        corners[start : start + len(records)] = records["corners"]
    return corners.reshape(-1, 3)


def _are_facets(file: BinaryIO, first: int, end: int) -> bool:
    """Whether the bytes behind the promised facets are facets too: some programs append and forget the count."""
    file.seek(HEADER + first * FACET)
    records = np.fromfile(file, RECORD, min(_AT_ONCE, end - first))
    return bool(_plausible(records).all())


def _plausible(records: Records) -> NDArray[np.bool_]:
    """Whether each record may be a facet: coordinates of this world, a normal no longer than one, not all zero."""
    numbers = np.concatenate([records["normal"], records["corners"].reshape(-1, 9)], axis=1)
    with np.errstate(invalid="ignore", over="ignore"):
        sane = (np.abs(numbers) <= MAX_COORDINATE_MM).all(axis=1)
        sane &= np.square(numbers[:, :3]).sum(axis=1) <= _LONGEST_NORMAL
        return sane & (numbers != 0).any(axis=1)


def _facets(path: Path) -> Iterator[bytes]:
    """The text in lower case and without names, in pieces that each end behind a facet; the last one may not."""
    with path.open("rb") as file:
        for block in blocks(in_utf8(file), _END):
            plain = block if b"solid" in block or _END in block else block.lower()
            yield _NAMES.sub(b" ", plain) if b"solid" in plain else plain


def _regular(text: bytes) -> Corners | None:
    """The corners where word after word is what the format wants there; None anywhere else."""
    words = text.split()
    count, rest = divmod(len(words), _WORDS_A_FACET)
    if rest or count == 0 or any(words[at::_WORDS_A_FACET] != [word] * count for at, word in _WORDS.items()):
        return None
    corners = np.empty((count, 9), np.float32)
    with np.errstate(over="ignore"):
        for column, at in enumerate(_COORDINATES):
            corners[:, column] = decimals(b" ".join(words[at::_WORDS_A_FACET]))
    return corners.reshape(-1, 3)


def _irregular(text: bytes, remarks: set[Remark]) -> Corners:
    """The corners in a layout that is not quite STL's: facet by facet, and only those with three corners."""
    numbers: list[bytes] = []
    facets = text.lower().split(_END)
    for place, facet in enumerate(facets):
        corners = [corner.split(None, 3)[:3] for corner in facet.split(b"vertex")[1:]]
        whole = len(corners) == 3 and all(len(corner) == 3 for corner in corners)
        if whole:
            numbers += [number for corner in corners for number in corner]
        elif corners:
            remarks.add(Remark.TRUNCATED if place == len(facets) - 1 else Remark.BAD_FACES)
    with np.errstate(over="ignore"):
        return decimals(b" ".join(numbers)).astype(np.float32).reshape(-1, 3)
