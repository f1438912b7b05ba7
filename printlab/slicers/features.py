"""What a line of plastic is for, and where a layer begins: the comments that slicers put between the moves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from printlab.slicers.comments import number

FEATURES = (
    "outer-wall",
    "inner-wall",
    "overhang",
    "infill",
    "solid-infill",
    "top",
    "support",
    "skirt",
    "tower",
    "other",
)
OTHER = FEATURES.index("other")

_SAID_BY = (  # the first that is part of the slicer's name for it counts
    ("overhang", ("overhang", "bridge")),
    ("support", ("support",)),
    ("tower", ("prime", "wipe", "tower", "ooze", "flush")),
    ("skirt", ("skirt", "brim", "raft", "adhesion")),
    ("outer-wall", ("outer", "external")),
    ("inner-wall", ("wall", "perimeter", "inner", "loop", "shell")),
    ("top", ("top", "ironing")),
    ("solid-infill", ("solid", "bottom", "skin", "gap")),
    ("infill", ("fill", "sparse")),
)
_LAYER = re.compile(
    rb";(?:LAYER_CHANGE|LAYER:[ ]?-?\d| CHANGE_LAYER| layer \d{1,9}, Z = (?P<z>[\d.]{1,20})"
    rb"| BEGIN_LAYER_OBJECT z=(?P<kiss>[\d.]{1,20}))"
)
_HEIGHT = re.compile(rb";(?:Z:| Z_HEIGHT: )([\d.]{1,20})")
_FEATURE = re.compile(rb";(?:TYPE:| FEATURE: | feature | ')([^'\r\n]{1,60})")
_NEW_LINE, _SEMICOLON = ord("\n"), ord(";")
_SECOND = np.isin(np.arange(256), np.frombuffer(b"TLZ ", np.uint8))
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Mark:
    """A comment that says something of the moves behind ``at``, its place in the block.

    ``feature`` is an index into FEATURES; ``begins_layer`` and ``z_mm`` are of a layer. None: not said.
    """

    at: int
    feature: int | None = None
    begins_layer: bool = False
    z_mm: float | None = None


def marks(block: bytes, starts: NDArray[np.int64]) -> Iterator[Mark]:
    """What the comments of a block say, in order; ``starts`` are the places where its lines begin."""
    characters = np.frombuffer(block, np.uint8)
    comments = starts[characters[starts] == _SEMICOLON]
    comments = comments[_SECOND[characters[np.minimum(comments + 1, len(characters) - 1)]]]
    for at in comments.tolist():
        if (mark := _mark(block, at)) is not None:
            yield mark


@lru_cache(maxsize=1000)
def feature(name: str) -> int:
    """The feature that a slicer calls so: an index into FEATURES.

    >>> FEATURES[feature("Internal solid infill")], FEATURES[feature("WALL-OUTER")]
    ('solid-infill', 'outer-wall')
    """
    said = name.lower()
    found = next((ours for ours, words in _SAID_BY if any(word in said for word in words)), "other")
    return FEATURES.index(found)


def _mark(block: bytes, at: int) -> Mark | None:
    if (found := _FEATURE.match(block, at, at + _LONGEST)) is not None:
        return Mark(at, feature=feature(found[1].decode("latin-1").strip()))
    if (found := _LAYER.match(block, at, at + _LONGEST)) is not None:
        return Mark(at, begins_layer=True, z_mm=_z_mm(found["z"] or found["kiss"]))
    if (found := _HEIGHT.match(block, at, at + _LONGEST)) is not None:
        return Mark(at, z_mm=_z_mm(found[1]))
    return None


def _z_mm(text: bytes | None) -> float | None:
    return number(text.decode()) if text else None
