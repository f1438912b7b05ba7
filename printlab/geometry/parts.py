"""What every reader makes sure of before it hands a mesh on."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from printlab.geometry.limits import MAX_COORDINATE_MM, MAX_TRIANGLES
from printlab.geometry.mesh import Part, Vertices
from printlab.geometry.refusals import ModelRefused, Refusal

Placed = TypeVar("Placed", NDArray[np.float64], NDArray[np.float32])
Faces = NDArray[np.int32]


def part(name: str, vertices: Placed, faces: Faces) -> Part:
    """A part of the corners that ``faces`` name, all of them finite and within the limit; raises ModelRefused."""
    vertices, faces = used(vertices, faces)
    check_coordinates(vertices)
    return Part(name, vertices, faces)


def used(vertices: Placed, faces: Faces) -> tuple[Placed, Faces]:
    """The mesh without corners that no face names: they would make it larger than it is."""
    named = np.zeros(len(vertices), np.bool_)
    named[faces.ravel()] = True
    if named.all():
        return vertices, faces
    place = np.cumsum(named, dtype=np.int32) - 1
    return vertices[named], place[faces]


def check_coordinates(vertices: Vertices) -> None:
    """Raise ModelRefused where a coordinate is not finite, or further away than any part of a lab."""
    with np.errstate(invalid="ignore"):
        low, high = float(vertices.min()), float(vertices.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ModelRefused(
            Refusal.NOT_FINITE,
            "Some corners of the part have no place: their coordinates are infinite or no numbers. "
            "Repair the part in your program and export it again.",
        )
    if max(-low, high) > MAX_COORDINATE_MM:
        raise ModelRefused(
            Refusal.ABSURD_COORDINATES,
            "Some corners of the part are more than 10 km away. Repair the part in your program and export it again.",
        )


def check_count(triangles: int) -> None:
    """Raise ModelRefused where there are none, or more than MAX_TRIANGLES."""
    if triangles == 0:
        raise ModelRefused(
            Refusal.NO_TRIANGLES, "The file holds no triangles. Export the part again, as a solid and not as lines."
        )
    if triangles > MAX_TRIANGLES:
        raise ModelRefused(
            Refusal.TOO_MANY_TRIANGLES,
            f"The file has more than {MAX_TRIANGLES // 1_000_000} million triangles. "
            "Reduce the mesh in your program and export it again.",
        )


def sliced() -> ModelRefused:
    """The refusal of instructions for a printer, where a part is wanted."""
    return ModelRefused(
        Refusal.SLICED_FILE,
        "This file is sliced already: it holds the moves of a printer, and no part. "
        "Send the STL, OBJ or 3MF that it was made from.",
    )
