"""One thing that is said about a model: code, severity, and the sentences for student and staff."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is. ``stops``: it cannot be printed like this. ``warning``: it may fail. ``hint``: good to know."""

    STOPS = "stops"
    WARNING = "warning"
    HINT = "hint"


class Code(StrEnum):
    """What was found. The order within one severity is the order in which it is said."""

    DOES_NOT_FIT = "does_not_fit"
    FLAT = "flat"
    TRUNCATED = "truncated"
    FITS_TURNED_OVER = "fits_turned_over"
    LOOKS_LIKE_INCHES = "looks_like_inches"
    LOOKS_LIKE_METRES = "looks_like_metres"
    LOOKS_LIKE_CENTIMETRES = "looks_like_centimetres"
    LOOKS_LIKE_MICROMETRES = "looks_like_micrometres"
    LOOKS_CONVERTED_TWICE = "looks_converted_twice"
    NOT_WATERTIGHT = "not_watertight"
    FLIPPED_FACES = "flipped_faces"
    INSIDE_OUT = "inside_out"
    WALLS_TOO_THIN = "walls_too_thin"
    BAD_FACES = "bad_faces"
    NOT_ALL_JUDGED = "not_all_judged"
    SEVERAL_ITEMS = "several_items"
    SEPARATE_PIECES = "separate_pieces"
    THIN_WALLS = "thin_walls"
    OVERHANGS = "overhangs"
    MANY_TRIANGLES = "many_triangles"
    LEFT_OUT = "left_out"
    MIRRORED = "mirrored"
    WRONG_COUNT = "wrong_count"
    CROWDED_EDGES = "crowded_edges"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about the model. ``student`` is empty where only staff have to know.

    ``factor``: the scale to offer, where the size looks like another unit; None everywhere else. ``printers``: those of
    the same method to choose instead, by name, where the part does not fit as it stands.
    """

    code: Code
    severity: Severity
    student: str
    staff: str | None = None
    factor: float | None = None
    printers: tuple[str, ...] = ()
