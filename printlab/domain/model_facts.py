"""What is known of a model file once it has been read: frozen, in millimetres, as the file says it (scale 1).

It is measured once in the sandbox and kept with the hash of the file. Everything that depends on a printer, a material,
a strength or a scale is worked out from it without the file: ``domain/judging.py``, ``domain/estimating.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Point2 = tuple[float, float]
Size3 = tuple[float, float, float]

MAX_ITEMS = 300
"""Of a file with more build items that many are kept, each with its outlines: they are read with every card."""

UNKNOWN_UNITS = "mm?"
"""What the units of a format without units are taken for."""


class ModelFormat(StrEnum):
    """What kind of file holds the model; the value is what people call it."""

    STL = "STL"
    OBJ = "OBJ"
    THREE_MF = "3MF"


class Remark(StrEnum):
    """What the reader met and went on without; ``domain/judging`` says which of it is damage."""

    TRUNCATED = "truncated"  # fewer triangles than the file promises
    WRONG_COUNT = "wrong_count"  # the file's own count of triangles is wrong, or bytes follow the last one
    BAD_FACES = "bad_faces"  # faces that name corners which are not there were left out
    LEFT_OUT = "left_out"  # items that are not for printing: support, other, printable="0"
    MIRRORED = "mirrored"  # a transform turns a part inside out; its faces were turned back
    TOLERANCE_MERGE = "tolerance_merge"  # corners 2e-6 of the extent apart were taken for one


@dataclass(frozen=True, slots=True)
class Pose:
    """A part standing on one of its sides: the convex outline of its shadow on the plate, and its height.

    ``outline_mm`` has at most 64 corners, counter-clockwise, and contains the whole shadow.
    """

    outline_mm: tuple[Point2, ...]
    height_mm: float


@dataclass(frozen=True, slots=True)
class BuildItem:
    """One thing that the file puts on a plate; a file without build items is one.

    ``poses``: as it stands in the file, then turned over a quarter about X, then a quarter about Y.
    """

    name: str
    triangles: int
    size_mm: Size3
    volume_mm3: float
    bodies: int
    poses: tuple[Pose, Pose, Pose]


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A model, measured. Volumes are signed: a part that is inside out has a negative one.

    ``units`` is the file's own word, ``mm?`` where the format has none. ``closed``: every directed edge has its
    counterpart. ``open_edges``: edges of one face only. ``crowded_edges``: edges of more than two, which is no damage.
    ``flipped_edges``: edges whose two faces look different ways. ``inside_out``: bodies that are closed and have a
    negative volume although no other body encloses them. ``side_area_mm2`` is ΣA·√(1−nz²) over all faces,
    ``top_area_mm2`` and ``bottom_area_mm2`` the upward and downward areas projected on the plate;
    ``overhang_area_mm2`` the area of faces that look down steeper than 45° and do not lie on the plate;
    ``turning_mm`` the full turns of the outlines of all layers, summed over the height.
    ``thickness_mm``: the thickness of the walls at evenly spread samples of the surface, smallest first; empty where
    it was not sampled. ``items`` are the longest MAX_ITEMS, in the order of the file; ``more_items`` is how many there
    are beyond those, and ``rest_mm`` the largest width, depth and height among them.
    """

    format: ModelFormat
    units: str
    application: str | None
    triangles: int
    degenerate_triangles: int
    size_mm: Size3
    volume_mm3: float
    area_mm2: float
    closed: bool
    open_edges: int
    crowded_edges: int
    flipped_edges: int
    inside_out: bool
    bodies: int
    side_area_mm2: float
    top_area_mm2: float
    bottom_area_mm2: float
    overhang_area_mm2: float
    turning_mm: float
    thickness_mm: tuple[float, ...]
    items: tuple[BuildItem, ...]
    remarks: tuple[Remark, ...]
    more_items: int = 0
    rest_mm: Size3 | None = None

    @property
    def shows_insides(self) -> bool:
        """Whether the backs of faces can be seen from outside: through a hole, or where they look the wrong way."""
        return not self.closed or self.inside_out

    @property
    def item_count(self) -> int:
        """How many items the file has."""
        return len(self.items) + self.more_items
