"""The way of the nozzle in the file that the viewer shows: layers, features, moves without plastic.

The file is gzip. Unpacked it is one of these for each plate, one behind the other, in little endian:

| bytes | what |
|---|---|
| 4 | ``PLTP`` |
| 4 | version of the format, 1 |
| 4 | length of the header, padded with spaces to a multiple of four |
| … | the header, JSON |
| 7 × points | the columns: x, y, z, each all low bytes and then all high bytes; at last the kinds |

The points are one chain: a segment goes from each point to the next, and what it is stands with the point it ends at.
``kind`` is 0 for a move without plastic, else 1 + index into ``features``; the first point has 0. A coordinate is the
16-bit difference to the point before, which wraps around; the first one's is to −32,768. So many steps above −32,768
from ``origin_mm`` is the place in mm. Header:

| key | what |
|---|---|
| ``plate`` | its number, nothing in a file that has no plates |
| ``points`` | how many |
| ``origin_mm``, ``step_mm`` | ``mm = origin_mm + step_mm × (coordinate + 32,768)`` |
| ``low_mm``, ``high_mm`` | bounds of the print, without skirt and what stands outside of it where there is more |
| ``features`` | names of the features present, of ``features.FEATURES`` |
| ``layers`` | ``z_mm`` of each layer and ``first``, the point that its first segment ends at |

Arcs are chords. Coordinates are right to 0.025 mm, for more than 800,000 points on all plates to what fits that many.
"""

from __future__ import annotations

import gzip
import json
import struct
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from printlab.geometry.refusals import ModelRefused, Refusal
from printlab.slicers.features import FEATURES, OTHER, Mark, marks
from printlab.slicers.gcode import commands, line_starts
from printlab.slicers.lines import plates
from printlab.slicers.motion import Moves, Nozzle
from printlab.slicers.thinning import NozzlePath, joined, thinned

MAGIC, VERSION = b"PLTP", 1
MAX_BYTES = 8_000_000
MAX_POINTS = 800_000

_TOLERANCE_MM = 0.02
_COARSEST_MM = 20.0
_MOST_READ = 16_000_000
"""Points before they are thinned out as a whole: what 500 MB of G-code hold, and 2 GB of memory."""
_FARTHEST_MM = 10_000.0
_STEP_MM = 0.01
_HALF, _STEPS = 32_768, 65_535
_THINNEST_LAYER_MM = 0.04
_SAME_Z_MM = 1e-4
_LEVEL = 6
_BESIDE = tuple(1 + FEATURES.index(name) for name in ("skirt", "tower", "other"))


def tool_path(file: Path) -> bytes:
    """The tool path in a sliced file, that of each plate that plastic is laid on; at most 8 MB for all of them.

    Raises ModelRefused for a file without G-code that extrudes, a damaged one, or one that holds too much; OSError.
    """
    shown = _read(file)
    if not shown:
        raise ModelRefused(Refusal.NO_TOOL_PATH, "There is no G-code in this file that lays plastic.")
    tolerance_mm = _TOLERANCE_MM
    while sum(len(plate.path.points) for plate in shown) > MAX_POINTS or len(content := _packed(shown)) > MAX_BYTES:
        tolerance_mm *= 2
        if tolerance_mm > _COARSEST_MM:
            raise _too_many()
        shown = [replace(plate, path=thinned(plate.path, tolerance_mm)) for plate in shown]
    return content


def _too_many() -> ModelRefused:
    return ModelRefused(
        Refusal.TOO_MANY_MOVES, "The file holds more moves than can be shown: its tool path is not drawn."
    )


# Reading


@dataclass(frozen=True, slots=True)
class _Plate:
    """What is printed in one go; ``heights_mm`` are those of its layers."""

    number: int | None
    path: NozzlePath
    heights_mm: list[float]


def _read(file: Path) -> list[_Plate]:
    """The plates that plastic is laid on. How much there may be before it is thinned out, counts for all together."""
    found: list[_Plate] = []
    points = 0
    for number, blocks in plates(file):
        reading = _Reading(points=points + 1)
        for block in blocks:
            reading.add(block)
        points = reading.points
        if plate := _printed(number, reading):
            found.append(plate)
    return found


@dataclass(slots=True)
class _Layers:
    """Which layer a move is of: what comments say, or else a new one wherever plastic is laid at another height."""

    begun: int = 0
    said_mm: list[float] = field(default_factory=list[float])  # the heights in comments, one for each layer they begin
    laid_mm: float = np.nan
    last_mm: float = np.nan

    @property
    def are_said(self) -> bool:
        """Whether comments begin layers in this file."""
        return bool(self.said_mm)

    def of(self, moves: Moves, said: list[Mark]) -> NDArray[np.int32]:
        """The layer of each move of a block, from 0; what is laid before the first one begins is of it."""
        begins = [mark.at for mark in said if mark.begins_layer]
        if begins and not self.are_said:
            self.begun = 0
        self._note_heights(said)
        if self.are_said:
            before = np.searchsorted(np.array(begins, np.int64), moves.at)
        else:
            begins = self._rises(moves)
            before = np.searchsorted(np.array(begins, np.int64), np.arange(len(moves.at)), side="right")
        layers = np.maximum(self.begun + before - 1, 0).astype(np.int32)
        self.begun += len(begins)
        return layers

    def _note_heights(self, said: list[Mark]) -> None:
        for mark in said:
            if mark.begins_layer:
                self.said_mm.append(np.nan)
            if self.said_mm and mark.z_mm is not None:
                self.said_mm[-1] = mark.z_mm

    def _rises(self, moves: Moves) -> list[int]:
        """The moves that are the first to lay plastic at another height."""
        laid = np.flatnonzero(moves.extrudes)
        heights = moves.ends[laid, 2]
        changes = np.flatnonzero(~(np.abs(np.diff(heights, prepend=self.last_mm)) < _SAME_Z_MM))
        found: list[int] = []
        for move, height in zip(laid[changes].tolist(), heights[changes].tolist(), strict=True):
            if not abs(height - self.laid_mm) < _THINNEST_LAYER_MM:
                found.append(move)
                self.laid_mm = height
        self.last_mm = float(heights[-1]) if len(heights) else self.last_mm
        return found


@dataclass(slots=True)
class _Reading:
    """What was read so far of a plate: the path in pieces, and what holds for the next block.

    ``points`` counts those of the plates before it, too.
    """

    nozzle: Nozzle = field(default_factory=Nozzle)
    layers: _Layers = field(default_factory=_Layers)
    kind: int = 1 + OTHER
    pieces: list[NozzlePath] = field(default_factory=lambda: [_START])
    points: int = 1

    def add(self, block: bytes) -> None:
        """Read a block of lines. Raises ModelRefused where it is too much, or farther than printers reach."""
        starts = line_starts(block)
        said = list(marks(block, starts))
        moves = self.nozzle.follow(commands(block, starts))
        if len(moves.ends) and np.abs(moves.ends).max() > _FARTHEST_MM:
            raise ModelRefused(Refusal.ABSURD_COORDINATES, "The G-code in this file leads farther than 10 m.")
        were_said = self.layers.are_said
        layers = self.layers.of(moves, said)
        if self.layers.are_said and not were_said:
            self.pieces = [replace(piece, layers=np.zeros_like(piece.layers)) for piece in self.pieces]
        piece = thinned(NozzlePath(moves.ends.astype(np.float32), self._kinds(moves, said), layers), _TOLERANCE_MM)
        self.pieces.append(piece)
        self.points += len(piece.points)
        if self.points > _MOST_READ:
            raise _too_many()

    def _kinds(self, moves: Moves, said: list[Mark]) -> NDArray[np.uint8]:
        features = [mark for mark in said if mark.feature is not None]
        kinds = np.array([self.kind, *(1 + (mark.feature or 0) for mark in features)], np.uint8)
        places = np.array([mark.at for mark in features], np.int64)
        self.kind = int(kinds[-1])
        return np.where(moves.extrudes, kinds[np.searchsorted(places, moves.at)], np.uint8(0))


_START = NozzlePath(np.zeros((1, 3), np.float32), np.zeros(1, np.uint8), np.zeros(1, np.int32))


def _printed(number: int | None, reading: _Reading) -> _Plate | None:
    """The path from where plastic is laid first to where it is laid last, layers without any left out; None where none
    is laid.
    """
    path = joined(reading.pieces)
    laid = np.flatnonzero(path.kinds)
    if len(laid) == 0:
        return None
    present, last = np.unique(path.layers[laid][::-1], return_index=True)
    heights = path.points[laid[::-1][last], 2].astype(np.float64)
    if reading.layers.are_said:
        said = np.array(reading.layers.said_mm)[present]
        heights = np.where(np.isfinite(said), said, heights)
    path = path.where(slice(int(laid[0]) - 1, int(laid[-1]) + 1))
    path.kinds[0] = 0
    layers = np.maximum(np.searchsorted(present, path.layers, side="right") - 1, 0).astype(np.int32)
    return _Plate(number, replace(path, layers=layers), heights.tolist())


# Writing


def _packed(shown: list[_Plate]) -> bytes:
    return gzip.compress(b"".join(map(_content, shown)), _LEVEL, mtime=0)


def _content(plate: _Plate) -> bytes:
    path, heights_mm = plate.path, plate.heights_mm
    low, high = path.points.min(axis=0), path.points.max(axis=0)
    step_mm = max(_STEP_MM, float((high - low).max()) / _STEPS)
    present = np.unique(path.kinds[path.kinds > 0])
    firsts: list[int] = np.searchsorted(path.layers, np.arange(len(heights_mm))).tolist()
    bounds = _bounds(path)
    header: dict[str, object] = {
        "plate": plate.number,
        "points": len(path.points),
        "origin_mm": _rounded(low),
        "step_mm": step_mm,
        "low_mm": _rounded(bounds.min(axis=0)),
        "high_mm": _rounded(bounds.max(axis=0)),
        "features": [FEATURES[kind - 1] for kind in present.tolist()],
        "layers": {"z_mm": [round(z, 3) for z in heights_mm], "first": firsts},
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    steps = np.rint((path.points - low) / step_mm).astype(np.int64) - _HALF
    columns = b"".join(_column(steps[:, axis]) for axis in range(3))
    kinds = np.where(path.kinds > 0, np.searchsorted(present, path.kinds) + 1, 0).astype(np.uint8)
    return MAGIC + struct.pack("<II", VERSION, len(text)) + text + columns + kinds.tobytes()


def _bounds(path: NozzlePath) -> NDArray[np.float32]:
    """The ends of what is the print itself."""
    laid = np.flatnonzero(path.kinds)
    own = laid[~np.isin(path.kinds[laid], _BESIDE)]
    ends = own if len(own) else laid
    return path.points[np.concatenate([ends, ends - 1])]


def _column(steps: NDArray[np.int64]) -> bytes:
    """Differences, low bytes first and then high bytes: gzip finds more alike than in whole numbers."""
    changes = np.diff(steps, prepend=-_HALF).astype(np.uint16)
    return (changes & 0xFF).astype(np.uint8).tobytes() + (changes >> 8).astype(np.uint8).tobytes()


def _rounded(place: NDArray[np.float32]) -> list[float]:
    return [round(coordinate, 4) for coordinate in place.tolist()]
