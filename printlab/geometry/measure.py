"""A model's measures: size, volume, area, edges, bodies, shadows, and what an estimate needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from printlab.domain.model_facts import MAX_ITEMS, BuildItem, ModelFacts, Remark, Size3
from printlab.geometry.merging import merge_equal, merge_near
from printlab.geometry.mesh import Model, Part
from printlab.geometry.outline import FEWEST_CORNERS, MAX_CORNERS, poses
from printlab.geometry.thickness import sample_thickness
from printlab.geometry.topology import Edges, body_of_faces, count_edges, turning_mm

_STEEP = -np.cos(np.radians(45.0))
"""The z of a normal below which a face hangs over: what lies flatter than 45° droops (Prusa's and Bambu's default)."""
_ON_THE_PLATE = 1e-3
"""Share of the height up to which a face that looks down lies on the plate and hangs over nothing."""
_MAX_THICKNESS_TRIANGLES = 300_000
_MAX_ENCLOSING = 1000
"""Of so many bodies, those with the largest boxes, it is looked whether one encloses another."""
_LONGEST_NAME = 200
_FEW_ITEMS = 50
_NO_VOLUME = 1e-7
"""Of a body's area to the power of 1.5, of which a cube's volume is 7 %: less is rounding."""


@dataclass(frozen=True, slots=True)
class _Surface:
    """Sums over the faces and edges of one part; areas in mm²."""

    area: float
    side: float
    top: float
    bottom: float
    overhang: float
    turning_mm: float


@dataclass(frozen=True, slots=True)
class _Measured:
    """One part, merged and measured."""

    name: str
    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    degenerate: int
    edges: Edges
    bodies: int
    volume: float
    inside_out: bool
    surface: _Surface
    merged_near: bool


def measure(model: Model) -> ModelFacts:
    """All that is known of a model; lengths in mm, volumes signed. Takes about half a second for 1M triangles.

    The volume of a part that is not closed is that of the cone from the mean of its corners.
    """
    parts = [_measured(part) for part in model.parts]
    remarks = set(model.remarks)
    if any(part.merged_near for part in parts):
        remarks.add(Remark.TOLERANCE_MERGE)
    surfaces = [part.surface for part in parts]
    kept, rest = _longest(parts)
    return ModelFacts(
        format=model.format,
        units=model.units,
        application=model.application and model.application[:_LONGEST_NAME],
        triangles=model.triangles,
        degenerate_triangles=sum(part.degenerate for part in parts),
        size_mm=_size([part.vertices for part in parts]),
        volume_mm3=sum(part.volume for part in parts),
        area_mm2=sum(surface.area for surface in surfaces),
        closed=all(part.edges.closed for part in parts),
        open_edges=sum(part.edges.open for part in parts),
        crowded_edges=sum(part.edges.crowded for part in parts),
        flipped_edges=sum(part.edges.flipped for part in parts),
        inside_out=any(part.inside_out for part in parts),
        bodies=sum(part.bodies for part in parts),
        side_area_mm2=sum(surface.side for surface in surfaces),
        top_area_mm2=sum(surface.top for surface in surfaces),
        bottom_area_mm2=sum(surface.bottom for surface in surfaces),
        overhang_area_mm2=sum(surface.overhang for surface in surfaces),
        turning_mm=sum(surface.turning_mm for surface in surfaces),
        thickness_mm=_thickness(parts),
        items=_items(kept),
        remarks=tuple(sorted(remarks)),
        more_items=len(rest),
        rest_mm=_largest([_size([part.vertices]) for part in rest]),
    )


def _measured(part: Part) -> _Measured:
    vertices, faces = merge_equal(part.vertices, part.faces)
    proper = _without_degenerate(faces)
    edges, merged_near = count_edges(proper), False
    if edges.open and (near := _merged_near(vertices, proper, edges)):
        vertices, proper, edges = near
        merged_near = True
    bodies, body_of_face = body_of_faces(proper, len(vertices))
    doubled, volumes = _normals_and_volumes(vertices, proper)
    return _Measured(
        name=part.name,
        vertices=vertices,
        faces=proper,
        degenerate=len(faces) - len(proper),
        edges=edges,
        bodies=bodies,
        volume=float(volumes.sum()),
        inside_out=edges.closed and _is_inside_out(vertices, proper, body_of_face, volumes, _areas(doubled)),
        surface=_surface(vertices, proper, doubled),
        merged_near=merged_near,
    )


def _without_degenerate(faces: NDArray[np.int64]) -> NDArray[np.int64]:
    a, b, c = faces[:, 0], faces[:, 1], faces[:, 2]
    degenerate = (a == b) | (b == c) | (a == c)
    return faces[~degenerate] if degenerate.any() else faces


def _merged_near(
    vertices: NDArray[np.float64], faces: NDArray[np.int64], edges: Edges
) -> tuple[NDArray[np.float64], NDArray[np.int64], Edges] | None:
    """With near corners merged, where that closes edges."""
    near_vertices, near_faces = merge_near(vertices, faces)
    if len(near_vertices) == len(vertices):
        return None
    near_faces = _without_degenerate(near_faces)
    near_edges = count_edges(near_faces)
    return (near_vertices, near_faces, near_edges) if near_edges.open < edges.open else None


def _normals_and_volumes(
    vertices: NDArray[np.float64], faces: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each face's normal, twice its area long, and its signed share of the volume: a·(b×c)/6 about the middle."""
    around = vertices - vertices.mean(axis=0)
    a, b, c = (around[faces[:, corner]] for corner in range(3))
    doubled = np.cross(b - a, c - a)
    return doubled, np.einsum("ij,ij->i", a, doubled) / 6


def _areas(doubled: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sqrt(np.einsum("ij,ij->i", doubled, doubled)) / 2


def _surface(vertices: NDArray[np.float64], faces: NDArray[np.int64], doubled: NDArray[np.float64]) -> _Surface:
    areas = _areas(doubled)
    projected = doubled[:, 2] / 2
    side = np.hypot(doubled[:, 0], doubled[:, 1]) / 2
    overhang = np.zeros(0)
    if len(faces):
        z = vertices[:, 2]
        low, height = float(z.min()), float(z.max() - z.min())
        lifted = z[faces].max(axis=1) > low + height * _ON_THE_PLATE
        overhang = areas[(projected < _STEEP * areas) & lifted]
    return _Surface(
        area=float(areas.sum()),
        side=float(side.sum()),
        top=float(projected[projected > 0].sum()),
        bottom=float(-projected[projected < 0].sum()),
        overhang=float(overhang.sum()),
        turning_mm=turning_mm(vertices, faces, doubled),
    )


def _is_inside_out(
    vertices: NDArray[np.float64],
    faces: NDArray[np.int64],
    body_of_face: NDArray[np.int64],
    volumes: NDArray[np.float64],
    areas: NDArray[np.float64],
) -> bool:
    """Whether a body has a negative volume and is no cavity: no other body's box encloses its own.

    Of very many bodies only the largest are looked at, lest every pair is.
    """
    of_body = np.bincount(body_of_face, weights=volumes)
    noise = _NO_VOLUME * np.bincount(body_of_face, weights=areas) ** 1.5  # of a sheet with two sides, which has none
    negative, positive = np.flatnonzero(of_body < -noise), np.flatnonzero(of_body > noise)
    if not len(negative) or not len(positive):
        return bool(len(negative))
    low, high = _boxes(vertices, faces, body_of_face, len(of_body))
    longest = (high - low).max(axis=1)
    outer, inner = (of[np.argsort(-longest[of], kind="stable")][:_MAX_ENCLOSING] for of in (positive, negative))
    outer_low, outer_high = low[outer], high[outer]
    for body in inner:
        encloses = (outer_low <= low[body]).all(axis=1) & (outer_high >= high[body]).all(axis=1)
        if not encloses.any():
            return True
    return False


def _boxes(
    vertices: NDArray[np.float64], faces: NDArray[np.int64], body_of_face: NDArray[np.int64], bodies: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low, high = np.full((bodies, 3), np.inf), np.full((bodies, 3), -np.inf)
    body_of_corner = np.repeat(body_of_face, 3)
    np.minimum.at(low, body_of_corner, vertices[faces.ravel()])
    np.maximum.at(high, body_of_corner, vertices[faces.ravel()])
    return low, high


def _thickness(parts: Sequence[_Measured]) -> tuple[float, ...]:
    triangles = sum(len(part.faces) for part in parts)
    if not 0 < triangles <= _MAX_THICKNESS_TRIANGLES or not all(part.edges.closed for part in parts):
        return ()
    if any(part.inside_out for part in parts):
        return ()  # behind its surface is what should be around it: gaps would be taken for walls
    offsets = np.cumsum([0, *(len(part.vertices) for part in parts[:-1])])
    faces = np.concatenate([part.faces + offset for part, offset in zip(parts, offsets, strict=True)])
    return sample_thickness(np.concatenate([part.vertices for part in parts]), faces)


def _longest(parts: Sequence[_Measured]) -> tuple[list[_Measured], list[_Measured]]:
    """The longest, at most MAX_ITEMS of them in the order of the file, and the others."""
    lengths = [max(_size([part.vertices])) for part in parts]
    places = sorted(range(len(parts)), key=lengths.__getitem__, reverse=True)
    return [parts[place] for place in sorted(places[:MAX_ITEMS])], [parts[place] for place in places[MAX_ITEMS:]]


def _largest(sizes_mm: Sequence[Size3]) -> Size3 | None:
    """The largest width, depth and height, whichever size each is of."""
    if not sizes_mm:
        return None
    widths, depths, heights = zip(*sizes_mm, strict=True)
    return max(widths), max(depths), max(heights)


def _items(parts: Sequence[_Measured]) -> tuple[BuildItem, ...]:
    """Of few items the outlines are fine, of many coarser: all of them are read with the card of the job."""
    corners = MAX_CORNERS if len(parts) <= _FEW_ITEMS else FEWEST_CORNERS
    return tuple(_item(part, corners) for part in parts)


def _item(part: _Measured, corners: int) -> BuildItem:
    return BuildItem(
        name=part.name[:_LONGEST_NAME],
        triangles=len(part.faces) + part.degenerate,
        size_mm=_size([part.vertices]),
        volume_mm3=part.volume,
        bodies=part.bodies,
        poses=poses(part.vertices, corners),
    )


def _size(points: Sequence[NDArray[np.float64]]) -> Size3:
    low = np.min([some.min(axis=0) for some in points], axis=0)
    high = np.max([some.max(axis=0) for some in points], axis=0)
    x, y, z = (float(length) for length in high - low)
    return x, y, z
