"""Small real parts and sliced files, made by code, so that a demo lab has something to open."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

Point = tuple[float, float]
Vertex = tuple[float, float, float]


def prism(outline: Sequence[Point], height_mm: float, *, bottom: bool = True) -> bytes:
    """A binary STL: the star-shaped ``outline`` (mm, counter-clockwise around the origin) raised to ``height_mm``.

    Without its ``bottom`` it is not watertight.
    """
    triangles: list[tuple[Vertex, Vertex, Vertex]] = []
    for (x1, y1), (x2, y2) in zip(outline, (*outline[1:], outline[0]), strict=True):
        low1, low2 = (x1, y1, 0.0), (x2, y2, 0.0)
        high1, high2 = (x1, y1, height_mm), (x2, y2, height_mm)
        triangles += [(low1, low2, high2), (low1, high2, high1)]
        triangles.append(((0.0, 0.0, height_mm), high1, high2))
        if bottom:
            triangles.append(((0.0, 0.0, 0.0), low2, low1))
    return _stl(triangles)


def box(width_mm: float, depth_mm: float, height_mm: float) -> bytes:
    """A box, centred on the origin."""
    x, y = width_mm / 2, depth_mm / 2
    return prism([(-x, -y), (x, -y), (x, y), (-x, y)], height_mm)


def disc(diameter_mm: float, height_mm: float, corners: int = 64, *, bottom: bool = True) -> bytes:
    """A disc, or with few corners a polygon."""
    return prism(_circle(diameter_mm / 2, corners), height_mm, bottom=bottom)


def gear(teeth: int, diameter_mm: float, height_mm: float) -> bytes:
    """A toy gear."""
    outer, inner = diameter_mm / 2, diameter_mm / 2 * 0.82
    step = math.tau / (teeth * 4)
    radii = (inner, outer, outer, inner)
    corners = [(radii[at % 4], at * step) for at in range(teeth * 4)]
    return prism([(r * math.cos(a), r * math.sin(a)) for r, a in corners], height_mm)


def star(points: int, diameter_mm: float, height_mm: float) -> bytes:
    """A star, as for a key ring."""
    step = math.pi / points
    corners = [(diameter_mm / 2 * (1 if at % 2 else 0.45), at * step) for at in range(points * 2)]
    return prism([(r * math.cos(a), r * math.sin(a)) for r, a in corners], height_mm)


def gcode(name: str, weight_g: float, time_min: int, material: str) -> bytes:
    """A short G-code file with the comments that a slicer leaves at its end."""
    moves = "\n".join(f"G1 X{at % 50} Y{at * 7 % 50} E{at * 0.05:.2f}" for at in range(200))
    hours, minutes = divmod(time_min, 60)
    return (
        f"; {name}, a demonstration file\nG21\nG90\nM104 S210\nG28\n{moves}\nM84\n"
        f"; filament used [g] = {weight_g:.2f}\n; filament_type = {material}\n"
        f"; estimated printing time (normal mode) = {hours}h {minutes}m 0s\n"
    ).encode()


def _circle(radius_mm: float, corners: int) -> list[Point]:
    step = math.tau / corners
    return [(radius_mm * math.cos(at * step), radius_mm * math.sin(at * step)) for at in range(corners)]


def _stl(triangles: Sequence[tuple[Vertex, Vertex, Vertex]]) -> bytes:
    header = b"PrintLab demonstration part".ljust(80, b"\0") + struct.pack("<I", len(triangles))
    return header + b"".join(struct.pack("<12fH", 0, 0, 0, *a, *b, *c, 0) for a, b, c in triangles)
