"""Tool paths in tests: read as the viewer reads them, and G-code followed one command after the other."""

from __future__ import annotations

import gzip
import json
import math
import re
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"([A-Z])([-+]?(?:\d+\.?\d*|\.\d+))")
_MM = 25.4


@dataclass(frozen=True)
class Shown:
    """A tool path as its file says it: points in mm, the kind of the segment that ends at each, and the header."""

    header: dict[str, Any]
    points: NDArray[np.float64]
    kinds: list[str | None]

    @property
    def layers(self) -> list[float]:
        """The heights in mm."""
        return self.header["layers"]["z_mm"]

    def of_layer(self, number: int) -> list[str | None]:
        """What the segments of a layer are."""
        first = [*self.header["layers"]["first"], len(self.kinds)]
        return self.kinds[first[number] : first[number + 1]]

    def laid_mm(self) -> float:
        """The length of all segments that leave plastic behind."""
        lengths = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        return float(sum(length for length, kind in zip(lengths, self.kinds[1:], strict=True) if kind))


def opened(content: bytes) -> Shown:
    """The file of a single plate as its description says, byte by byte."""
    (path,) = plates(content)
    return path


def plates(content: bytes) -> list[Shown]:
    """The path of each plate of the file."""
    raw, found = gzip.decompress(content), list[Shown]()
    while raw:
        path, end = _first(raw)
        found.append(path)
        raw = raw[end:]
    return found


def _first(raw: bytes) -> tuple[Shown, int]:
    """The path that the bytes begin with, and where it ends."""
    assert raw[:4] == b"PLTP"
    version, length = struct.unpack_from("<II", raw, 4)
    assert version == 1
    header = json.loads(raw[12 : 12 + length])
    count = header["points"]
    end = 12 + length + 7 * count
    body = raw[12 + length : end]
    assert len(body) == 7 * count
    columns = []
    for axis in range(3):
        low, high = (body[(2 * axis + half) * count : (2 * axis + half + 1) * count] for half in range(2))
        place, column = -32768, []
        for one, other in zip(low, high, strict=True):
            place = (place + one + 256 * other + 32768) % 65536 - 32768
            column.append(header["origin_mm"][axis] + header["step_mm"] * (place + 32768))
        columns.append(column)
    kinds = [header["features"][kind - 1] if kind else None for kind in body[6 * count :]]
    return Shown(header, np.array(columns).T, kinds), end


@dataclass
class Follower:
    """The commands one by one, as a printer carries them out; ``moves`` are (x, y, z, whether plastic is laid)."""

    moves: list[tuple[float, float, float, bool]] = field(default_factory=list)
    said: dict[str, float] = field(default_factory=lambda: dict.fromkeys("XYZE", 0.0))
    shift: dict[str, float] = field(default_factory=lambda: dict.fromkeys("XYZE", 0.0))
    relative: bool = False
    relative_e: bool = False
    inches: bool = False

    def follow(self, lines: list[str]) -> None:
        """Carry out lines of one command each; arcs are not known."""
        for line in lines:
            words = dict(_WORD.findall(line.split(";")[0]))
            self._do(line.split()[0], {name: float(value) for name, value in words.items()})

    def _do(self, command: str, words: dict[str, float]) -> None:
        modes = {
            "G90": ("relative", False),
            "G91": ("relative", True),
            "M82": ("relative_e", False),
            "M83": ("relative_e", True),
            "G20": ("inches", True),
            "G21": ("inches", False),
        }
        if command in modes:
            setattr(self, *modes[command])
        given = {name: words[name] * (_MM if self.inches else 1) for name in "XYZE" if name in words}
        if command == "G92":
            for name, value in (given or dict.fromkeys("XYZE", 0.0)).items():
                self.shift[name] += self.said[name] - value
                self.said[name] = value
        if command in ("G0", "G1"):
            self._move(given)

    def _move(self, given: dict[str, float]) -> None:
        before = self._place()
        for name, value in given.items():
            adds = self.relative or (name == "E" and self.relative_e)
            self.said[name] = self.said[name] * adds + value
        after = self._place()
        flat = math.dist(before[:2], after[:2]) > 1e-6
        if flat or abs(after[2] - before[2]) > 1e-6:
            self.moves.append((*after[:3], flat and after[3] - before[3] > 1e-6))

    def _place(self) -> tuple[float, float, float, float]:
        x, y, z, e = (self.said[name] + self.shift[name] for name in "XYZE")
        return x, y, z, e
