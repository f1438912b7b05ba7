"""Meshes made in code: arrays of corners (float64, mm) and triangles, their outsides outwards."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Mesh = tuple[NDArray[np.float64], NDArray[np.int64]]

_BOX_FACES = [
    [0, 2, 1], [0, 3, 2],  # bottom
    [0, 1, 5], [0, 5, 4], [1, 2, 6], [1, 6, 5], [2, 3, 7], [2, 7, 6], [3, 0, 4], [3, 4, 7],
    [4, 5, 6], [4, 6, 7],  # top
]  # fmt: skip


def box(x: float, y: float, z: float, at: tuple[float, float, float] = (0, 0, 0)) -> Mesh:
    """A closed box with its lowest corner at ``at``."""
    corners = [[0, 0, 0], [x, 0, 0], [x, y, 0], [0, y, 0], [0, 0, z], [x, 0, z], [x, y, z], [0, y, z]]
    return np.array(corners, dtype=np.float64) + np.array(at), np.array(_BOX_FACES, dtype=np.int64)


def open_box(x: float, y: float, z: float) -> Mesh:
    """A box without its top."""
    vertices, faces = box(x, y, z)
    return vertices, faces[:-2]


def knob(triangles: int, radius_mm: float = 20.0, lobes: int = 7) -> Mesh:
    """A closed round thing with ``lobes`` waves around it and about ``triangles`` triangles: nowhere flat."""
    rings = max(3, round(math.sqrt(triangles / 4)))
    around = 2 * rings
    polar, turn = np.meshgrid(
        np.linspace(0, np.pi, rings + 1)[1:-1], np.linspace(0, 2 * np.pi, around, endpoint=False), indexing="ij"
    )
    radius = radius_mm * (1 + 0.1 * np.sin(lobes * turn) * np.sin(polar) ** 2)
    flat = [radius * np.sin(polar) * np.cos(turn), radius * np.sin(polar) * np.sin(turn), radius * np.cos(polar)]
    vertices = np.vstack([np.stack(flat, axis=-1).reshape(-1, 3), [[0, 0, radius_mm], [0, 0, -radius_mm]]])
    ring, place = np.meshgrid(np.arange(rings - 2), np.arange(around), indexing="ij")
    a, b = ring * around + place, ring * around + (place + 1) % around
    sides = np.stack([a, a + around, b, b, a + around, b + around], axis=-1).reshape(-1, 3)
    here, there = np.arange(around), (np.arange(around) + 1) % around
    north, south, last = len(vertices) - 2, len(vertices) - 1, (rings - 2) * around
    top = np.stack([np.full(around, north), here, there], axis=-1)
    bottom = np.stack([np.full(around, south), last + there, last + here], axis=-1)
    return vertices, np.concatenate([sides, top, bottom]).astype(np.int64)


def fan(triangles: int) -> Mesh:
    """Triangles that all hang on one edge."""
    turn = np.linspace(0, 2 * np.pi, triangles, endpoint=False)
    rim = np.stack([10 * np.cos(turn), 10 * np.sin(turn), np.full(triangles, 5.0)], axis=-1)
    vertices = np.vstack([[[0, 0, 0], [0, 0, 10]], rim])
    here = np.arange(triangles) + 2
    return vertices, np.stack([np.zeros_like(here), np.ones_like(here), here], axis=-1)


def cone(triangles: int) -> Mesh:
    """A closed cone; half of its triangles meet in its tip, the others in the middle of its base."""
    around = triangles // 2
    turn = np.linspace(0, 2 * np.pi, around, endpoint=False)
    rim = np.stack([10 * np.cos(turn), 10 * np.sin(turn), np.zeros(around)], axis=-1)
    vertices = np.vstack([rim, [[0, 0, 15], [0, 0, 0]]])
    here, there = np.arange(around), (np.arange(around) + 1) % around
    side = np.stack([here, there, np.full(around, around)], axis=-1)
    base = np.stack([there, here, np.full(around, around + 1)], axis=-1)
    return vertices, np.concatenate([side, base])


def crumbs(triangles: int, seed: int = 1) -> Mesh:
    """Small triangles scattered in a cube, none of which touches another."""
    random = np.random.default_rng(seed)
    places = random.uniform(0, 100, (triangles, 1, 3))
    return (places + random.uniform(-0.5, 0.5, (triangles, 3, 3))).reshape(-1, 3), np.arange(3 * triangles).reshape(
        -1, 3
    )


def soup(mesh: Mesh) -> Mesh:
    """The same triangles with three corners of their own each, as STL has them."""
    vertices, faces = mesh
    return vertices[faces].reshape(-1, 3), np.arange(faces.size).reshape(-1, 3)


def together(*meshes: Mesh) -> Mesh:
    """Several meshes as one."""
    starts = np.cumsum([0, *(len(vertices) for vertices, _ in meshes)])
    faces = [faces + start for (_, faces), start in zip(meshes, starts[:-1], strict=True)]
    return np.concatenate([vertices for vertices, _ in meshes]), np.concatenate(faces)


def turned_inside_out(mesh: Mesh) -> Mesh:
    """The same mesh with every face looking the other way."""
    return mesh[0], mesh[1][:, ::-1].copy()
