"""Where G-code moves the nozzle, and which of its moves leave plastic behind."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from printlab.slicers.gcode import (
    ABSOLUTE,
    ABSOLUTE_E,
    CENTRE_X,
    CENTRE_Y,
    CLOCKWISE,
    EXTRUDER,
    INCHES,
    LAST_MOVE,
    MILLIMETRES,
    RADIUS,
    RELATIVE,
    RELATIVE_E,
    SET,
    Commands,
    Mask,
    Places,
    Values,
)

INCH_MM = 25.4
_AXES = 4  # X, Y, Z and E
_LEAST_MM = 1e-6
_MOST_CHORDS = 64
_SAGITTA_MM = 0.01
"""How far an arc may be from its chords."""


@dataclass(frozen=True, slots=True)
class Moves:
    """Moves in order, each from where the one before it ended.

    ``ends``: (n, 3) in mm; ``extrudes``: whether plastic is left behind; ``at``: where its command stands in the block.
    """

    ends: Values
    extrudes: Mask
    at: Places


@dataclass(slots=True)
class Nozzle:
    """What is known between two blocks: where the nozzle is and how the next numbers are meant.

    G90 leaves the extruder as M83 made it, as in Klipper and RepRapFirmware. Marlin does not, and what is written for
    it says M83 again behind each G90, so that both are read right.
    """

    relative: bool = False
    relative_e: bool = False
    inches: bool = False
    said: Values = field(default_factory=lambda: np.zeros(_AXES))  # X, Y, Z, E as the G-code counts them
    shift: Values = field(default_factory=lambda: np.zeros(_AXES))  # what G92 made the difference to where it is

    def follow(self, commands: Commands) -> Moves:
        """Carry the commands out; what moves nothing is left out."""
        if len(commands.code) == 0:
            return Moves(np.zeros((0, 3)), np.zeros(0, np.bool_), commands.at)
        before = self.said + self.shift
        places, values = self._places(commands)
        starts = np.concatenate([before[None], places[:-1]])
        way = places - starts
        moves = commands.code <= LAST_MOVE
        is_arc = moves & (commands.code >= CLOCKWISE) & np.isfinite(values[:, CENTRE_X:]).any(axis=1)
        along = np.hypot(way[:, 0], way[:, 1]) > _LEAST_MM
        kept = np.flatnonzero(moves & (along | is_arc | (np.abs(way[:, 2]) > _LEAST_MM)))
        extrudes = (way[kept, EXTRUDER] > _LEAST_MM) & (along | is_arc)[kept]
        ends, number = _with_chords(starts[kept, :3], places[kept, :3], values[kept], commands.code[kept], is_arc[kept])
        return Moves(ends, extrudes[number], commands.at[kept][number])

    def _places(self, commands: Commands) -> tuple[Values, Values]:
        """Where each command leaves the nozzle and the extruder, (n, 4), and its values in mm."""
        code = commands.code
        relative = _mode(code, RELATIVE, ABSOLUTE, was=self.relative)
        relative_e = _mode(code, RELATIVE_E, ABSOLUTE_E, was=self.relative_e)
        inches = _mode(code, INCHES, MILLIMETRES, was=self.inches)
        values = commands.values * np.where(inches, INCH_MM, 1.0)[:, None]
        sets = code == SET
        values[sets & np.isnan(values[:, :_AXES]).all(axis=1), :_AXES] = 0
        adds = np.stack([relative, relative, relative, relative | relative_e], axis=1) & (code <= LAST_MOVE)[:, None]
        said = _counted(values[:, :_AXES], (code <= LAST_MOVE) | sets, adds, self.said)
        jumps = np.where(sets[:, None], np.concatenate([self.said[None], said[:-1]]) - said, 0)
        shift = self.shift + np.cumsum(jumps, axis=0)
        self.relative, self.relative_e, self.inches = bool(relative[-1]), bool(relative_e[-1]), bool(inches[-1])
        self.said, self.shift = said[-1], shift[-1]
        return said + shift, values


def _mode(code: NDArray[np.int64], on: int, off: int, *, was: bool) -> Mask:
    """Whether a mode is on behind each command: what the last of its two codes said."""
    last = np.maximum.accumulate(np.where((code == on) | (code == off), np.arange(len(code)), -1))
    return np.where(last >= 0, code[last] == on, was)


def _counted(values: Values, counts: Mask, adds: NDArray[np.bool_], before: Values) -> Values:
    """What each axis stands at behind each command: the last number that was set, and all that was added since."""
    given = np.isfinite(values) & counts[:, None]
    added = np.cumsum(np.where(given & adds, values, 0), axis=0)
    rows = np.arange(len(values))[:, None]
    last = np.maximum.accumulate(np.where(given & ~adds, rows, -1), axis=0)
    base = np.take_along_axis(values - added, np.maximum(last, 0), axis=0)
    return np.where(last >= 0, base, before) + added


def _with_chords(
    starts: Values, ends: Values, values: Values, code: NDArray[np.int64], is_arc: Mask
) -> tuple[Values, Places]:
    """The ends of all lines with arcs as chords, and which move each belongs to."""
    if not is_arc.any():
        return ends, np.arange(len(ends))
    arcs = np.flatnonzero(is_arc)
    clockwise = code[arcs] == CLOCKWISE
    centres = _centres(starts[arcs], ends[arcs], values[arcs], clockwise)
    radii, begins, sweeps = _sweeps(starts[arcs], ends[arcs], centres, clockwise)
    count = np.ones(len(ends), np.int64)
    count[arcs] = _chords(radii, sweeps)
    number = np.repeat(np.arange(len(ends)), count)
    share = (np.arange(len(number)) - np.repeat(np.cumsum(count) - count, count) + 1) / count[number]
    found = ends[number]
    inner = np.flatnonzero(share < 1)
    arc_of = (np.cumsum(is_arc) - 1)[number[inner]]
    angles = begins[arc_of] + sweeps[arc_of] * share[inner]
    found[inner, 0] = centres[arc_of, 0] + radii[arc_of] * np.cos(angles)
    found[inner, 1] = centres[arc_of, 1] + radii[arc_of] * np.sin(angles)
    low = starts[number[inner], 2]
    found[inner, 2] = low + (ends[number[inner], 2] - low) * share[inner]
    return found, number


def _centres(starts: Values, ends: Values, values: Values, clockwise: Mask) -> Values:
    """The middle of each arc: as I and J say, or from its radius R, of which a negative one means the longer way."""
    from_start = starts[:, :2] + np.nan_to_num(values[:, [CENTRE_X, CENTRE_Y]])
    way = ends[:, :2] - starts[:, :2]
    radius, length = values[:, RADIUS], np.maximum(np.hypot(way[:, 0], way[:, 1]), _LEAST_MM)
    away = np.sqrt(np.maximum(radius**2 - length**2 / 4, 0)) * np.sign(radius) * np.where(clockwise, -1, 1)
    left = np.stack([-way[:, 1], way[:, 0]], axis=1) / length[:, None]
    from_radius = (starts[:, :2] + ends[:, :2]) / 2 + left * away[:, None]
    return np.where(np.isfinite(radius)[:, None], from_radius, from_start)


def _sweeps(starts: Values, ends: Values, centres: Values, clockwise: Mask) -> tuple[Values, Values, Values]:
    """Radius, first angle and turned angle of each arc; one that ends where it began is a whole circle."""
    first, last = starts[:, :2] - centres, ends[:, :2] - centres
    begins = np.arctan2(first[:, 1], first[:, 0])
    turned = (np.arctan2(last[:, 1], last[:, 0]) - begins) * np.where(clockwise, -1, 1) % (2 * np.pi)
    turned[turned < _LEAST_MM] = 2 * np.pi
    return np.hypot(first[:, 0], first[:, 1]), begins, turned * np.where(clockwise, -1, 1)


def _chords(radii: Values, sweeps: Values) -> NDArray[np.int64]:
    each = np.sqrt(8 * _SAGITTA_MM / np.maximum(radii, _SAGITTA_MM))
    return np.clip(np.ceil(np.abs(sweeps) / each), 1, _MOST_CHORDS).astype(np.int64)
