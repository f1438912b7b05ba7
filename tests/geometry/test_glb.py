"""What the viewer gets: a valid GLB, small, with nothing of the part missing."""

from __future__ import annotations

import io
import json
import struct
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from printlab.domain.model_facts import ModelFormat
from printlab.geometry import reducing
from printlab.geometry.glb import MAX_GLB_BYTES, write_glb
from printlab.geometry.mesh import Model, Part
from printlab.geometry.reducing import MAX_SHOWN_TRIANGLES, drawable_triangles, one_mesh, reduced
from tests.geometry import solids
from tests.geometry.solids import Mesh


def document_and_binary(glb: bytes) -> tuple[dict[str, Any], bytes]:
    """The two chunks, each where the format wants it."""
    magic, version, length = struct.unpack_from("<4sII", glb)
    assert (magic, version, length) == (b"glTF", 2, len(glb))
    json_bytes, kind = struct.unpack_from("<I4s", glb, 12)
    assert (kind, json_bytes % 4) == (b"JSON", 0)
    binary_bytes, kind = struct.unpack_from("<I4s", glb, 20 + json_bytes)
    assert (kind, binary_bytes % 4) == (b"BIN\0", 0)
    assert 28 + json_bytes + binary_bytes == len(glb)
    return json.loads(glb[20 : 20 + json_bytes]), glb[28 + json_bytes :]


def shown(glb: bytes) -> Mesh:
    """The mesh in mm, read by the rules of the format alone."""
    document, binary = document_and_binary(glb)
    node = document["nodes"][0]
    parts: list[Mesh] = []
    for primitive in document["meshes"][0]["primitives"]:
        corners = _numbers(document, binary, primitive["attributes"]["POSITION"])
        indices = _numbers(document, binary, primitive["indices"]).astype(np.int64).reshape(-1, 3)
        assert indices.max() < len(corners) <= 65_535
        parts.append((corners * np.array(node["scale"]) + np.array(node["translation"]), indices))
    return solids.together(*parts)


def _numbers(document: dict[str, Any], binary: bytes, number: int) -> NDArray[Any]:
    accessor = document["accessors"][number]
    view = document["bufferViews"][accessor["bufferView"]]
    assert view["byteOffset"] % 4 == 0
    content = binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
    kind = {5122: "<i2", 5123: "<u2"}[accessor["componentType"]]
    if accessor["type"] == "SCALAR":
        return np.frombuffer(content, kind)[: accessor["count"]]
    corners = np.frombuffer(content, kind).reshape(accessor["count"], view["byteStride"] // 2)[:, :3]
    assert accessor["min"] == corners.min(axis=0).tolist()
    assert accessor["max"] == corners.max(axis=0).tolist()
    return corners


def step_mm(vertices: NDArray[Any]) -> float:
    """One step of 16 bits."""
    return float(np.ptp(vertices, axis=0).max()) / 65_534


def bounds(vertices: NDArray[Any]) -> NDArray[np.float64]:
    return np.array([vertices.min(axis=0), vertices.max(axis=0)], dtype=np.float64)


def corners_of(mesh: Mesh) -> NDArray[np.float64]:
    """Each triangle as nine numbers, in an order that does not depend on how corners are numbered."""
    triangles = mesh[0][mesh[1]]
    first = np.argmin(np.round(triangles, 2) @ np.array([1e6, 1e3, 1]), axis=1)
    turned = np.take_along_axis(triangles, ((first[:, None] + np.arange(3)) % 3)[:, :, None], axis=1).reshape(-1, 9)
    return turned[np.lexsort(np.round(turned, 2).T)]


def test_a_small_part_comes_back_triangle_by_triangle() -> None:
    part = solids.box(82, 40, 31, at=(100, -20, 0))
    result = shown(write_glb(*solids.soup(part)))
    assert len(result[0]) == 8
    assert corners_of(result) == pytest.approx(corners_of(part), abs=step_mm(part[0]))


def test_trimesh_reads_the_same_part() -> None:
    part = solids.knob(5000)
    own = shown(write_glb(*part))
    document, _ = document_and_binary(write_glb(*part))
    loaded = trimesh.load_scene(io.BytesIO(write_glb(*part)), file_type="glb")
    assert sum(len(mesh.faces) for mesh in loaded.geometry.values()) == len(part[1])
    assert loaded.bounds == pytest.approx(bounds(own[0]), abs=step_mm(part[0]))
    assert document["extensionsRequired"] == ["KHR_mesh_quantization"]


@given(
    arrays(np.float64, (30, 3), elements=st.floats(-200, 200, width=32)),
    arrays(np.int64, (40, 3), elements=st.integers(0, 29)),
)
def test_any_small_mesh_survives_the_way_there_and_back(vertices: NDArray[Any], faces: NDArray[Any]) -> None:
    used = vertices[faces.ravel()]
    result = shown(write_glb(vertices, faces))
    tolerance = max(step_mm(used), 1e-9)
    distances, _ = cKDTree(used).query(result[0])
    assert distances.max() <= 2 * tolerance
    assert len(result[1]) <= len(faces)
    rounded = np.rint((used - used.min(axis=0)) / tolerance / 4).astype(int).reshape(-1, 3, 3)
    apart = [t for t in rounded if len({tuple(corner) for corner in t.tolist()}) == 3]
    assert len(result[1]) >= len(apart)


@pytest.mark.parametrize("scale", [1e-3, 1, 1e4])
def test_a_large_part_is_reduced_and_keeps_its_size_and_surface(scale: float) -> None:
    vertices, faces = solids.soup(solids.knob(300_000))
    result = shown(write_glb(vertices * scale, faces))
    extent = np.ptp(vertices * scale, axis=0).max()
    assert 150_000 < len(result[1]) <= MAX_SHOWN_TRIANGLES
    assert np.abs(bounds(result[0]) - bounds(vertices * scale)).max() <= 0.005 * extent
    distances, _ = cKDTree(result[0]).query(vertices[::97] * scale)
    assert distances.max() < 0.01 * extent
    assert trimesh.Trimesh(*result).area == pytest.approx(trimesh.Trimesh(vertices * scale, faces).area, rel=0.005)


def test_a_million_triangles_are_two_and_a_half_megabytes() -> None:
    glb = write_glb(*solids.soup(solids.knob(1_000_000)))
    assert 1_000_000 < len(glb) <= MAX_GLB_BYTES
    assert len(shown(glb)[1]) <= MAX_SHOWN_TRIANGLES


def test_a_body_that_is_too_large_for_quadrics_is_thinned_out_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reducing, "_MAX_QUADRICS", 50_000)
    vertices, faces = solids.knob(200_000)
    points, triangles = reduced(vertices, faces, 10_000)
    assert 5000 < len(triangles) <= 10_000
    assert np.abs(bounds(points) - bounds(vertices)).max() <= 0.005 * 44
    assert trimesh.Trimesh(points, triangles).area == pytest.approx(trimesh.Trimesh(vertices, faces).area, rel=0.02)


def test_no_body_vanishes_beside_a_large_one() -> None:
    bead = solids.knob(6000, radius_mm=0.05)
    beads = [(bead[0] + np.array([30, 0, 2.0 * place]), bead[1]) for place in range(20)]
    rod = solids.box(0.2, 0.2, 60, at=(-30, 0, 0))
    vertices, _ = result = shown(write_glb(*solids.together(solids.knob(400_000), rod, *beads)))
    assert len(result[1]) <= MAX_SHOWN_TRIANGLES
    for place in range(20):
        near = vertices[np.linalg.norm(vertices - [30, 0, 2.0 * place], axis=1) < 0.1]
        assert np.ptp(near, axis=0).min() > 0.05
    standing = vertices[vertices[:, 0] < -29]
    assert np.ptp(standing, axis=0) == pytest.approx([0.2, 0.2, 60], abs=2 * step_mm(vertices))


def test_thin_walls_and_fine_rods_of_one_body_stay() -> None:
    """A finely meshed plate, 0.4 mm thick, with a needle on it."""
    side = 400
    x, y = np.meshgrid(np.linspace(0, 200, side), np.linspace(0, 200, side), indexing="ij")
    top = np.stack([x, y, 0.4 + 0.1 * np.sin(x) * np.cos(y)], axis=-1).reshape(-1, 3)
    place = np.arange(side * side).reshape(side, side)
    a, b, c, d = place[:-1, :-1].ravel(), place[1:, :-1].ravel(), place[1:, 1:].ravel(), place[:-1, 1:].ravel()
    upper = np.concatenate([np.stack([a, b, c], axis=-1), np.stack([a, c, d], axis=-1)])
    lower = (top * [1, 1, 0], upper[:, ::-1])
    tip = len(top) + len(top)
    needle = np.array([[place[200, 200], place[201, 200], tip], [place[201, 200], place[200, 201], tip]])
    vertices, faces = solids.together((top, upper), lower)
    mesh = np.vstack([vertices, [[100, 100, 50]]]), np.concatenate([faces, needle])
    result = shown(write_glb(*mesh))
    assert len(result[1]) <= MAX_SHOWN_TRIANGLES < len(mesh[1])
    assert np.abs(bounds(result[0]) - bounds(mesh[0])).max() <= 0.005 * 200
    sampled, _ = trimesh.sample.sample_surface(trimesh.Trimesh(*result), 20_000, seed=3)
    assert (sampled[:, 2] > 0.25).mean() == pytest.approx(0.5, abs=0.05)
    assert (np.abs(sampled[:, 2]) < 0.05).mean() == pytest.approx(0.5, abs=0.05)
    assert result[0][:, 2].max() == pytest.approx(50, abs=0.1)


def test_crumbs_that_share_no_corner_stay_small_too() -> None:
    vertices, faces = solids.crumbs(250_000)
    glb = write_glb(vertices, faces)
    assert len(glb) <= MAX_GLB_BYTES
    assert np.abs(bounds(shown(glb)[0]) - bounds(vertices)).max() <= 0.005 * 101


def test_what_lies_over_itself_thousands_of_times_is_thinned_out() -> None:
    """Each pixel would be painted as often."""
    pile = solids.together(*(solids.box(50, 50, 50, at=(n / 100, n / 90, n / 80)) for n in range(2000)))
    assert 1000 <= drawable_triangles(*pile) < MAX_SHOWN_TRIANGLES / 10
    assert drawable_triangles(*solids.box(10, 20, 30)) == MAX_SHOWN_TRIANGLES


@pytest.mark.parametrize("shape", [solids.fan, solids.cone], ids=["fan", "cone"])
def test_hundreds_of_thousands_of_triangles_at_one_corner_take_seconds(shape: Callable[[int], Mesh]) -> None:
    vertices, faces = shape(300_000)
    started = time.process_time()
    result = shown(write_glb(vertices, faces))
    assert time.process_time() - started < 20
    assert 100 < len(result[1]) <= MAX_SHOWN_TRIANGLES
    assert np.abs(bounds(result[0]) - bounds(vertices)).max() <= 0.005 * 20


ODD: dict[str, Mesh] = {
    "one triangle": (np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], dtype=float), np.array([[0, 1, 2]])),
    "a point": (np.full((3, 3), 7.0), np.array([[0, 1, 2]])),
    "one corner three times": (np.zeros((4, 3)), np.array([[0, 0, 0], [1, 1, 1]])),
    "a line": (np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0]], dtype=float), np.array([[0, 1, 2]] * 5)),
    "far away": solids.box(1, 1, 1, at=(9e6, -9e6, 9e6)),
    "huge": solids.box(2e7, 1e-3, 2e7, at=(-1e7, 0, -1e7)),
    "inside out": solids.turned_inside_out(solids.box(3, 4, 5)),
    "every face twice": solids.together(solids.box(3, 4, 5), solids.box(3, 4, 5)),
    "a corner that nothing uses": (np.vstack([solids.box(1, 1, 1)[0], [[1e7, 1e7, 1e7]]]), solids.box(1, 1, 1)[1]),
}


@pytest.mark.parametrize("mesh", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_odd_meshes_are_written_too(mesh: Mesh, kind: type) -> None:
    vertices = mesh[0].astype(kind)
    used = vertices[mesh[1].ravel()]
    result = shown(write_glb(vertices, mesh[1].astype(np.int32)))
    assert len(result[1]) >= 1
    assert bounds(result[0]) == pytest.approx(bounds(used), abs=max(step_mm(used), 1e-6))


@pytest.mark.parametrize("mesh", [*ODD.values(), solids.crumbs(2000), solids.fan(3000)], ids=[*ODD, "crumbs", "fan"])
def test_nothing_that_is_repeated_often_is_too_much(mesh: Mesh) -> None:
    """The same mesh so many times in the same place that it has to be reduced."""
    times = -(-3000 // len(mesh[1]))
    vertices, faces = solids.together(*[(mesh[0] + 0.01 * place, mesh[1]) for place in range(times)])
    points, triangles = reduced(vertices, faces, 1000)
    assert 1 <= len(triangles) <= 1000
    assert triangles.max() == len(points) - 1
    assert np.isfinite(points).all()


def test_all_parts_of_a_model_stand_where_the_file_puts_them() -> None:
    left, right = solids.box(10, 10, 10), solids.box(5, 5, 5, at=(40, 0, 0))
    right = right[0].astype(np.float32), right[1].astype(np.int32)
    model = Model(ModelFormat.THREE_MF, (Part("left", *left), Part("right", *right)))
    vertices, faces = one_mesh(model)
    assert corners_of((vertices, faces)) == pytest.approx(corners_of(solids.together(left, right)))
    expected = np.array([[0, 0, 0], [45, 10, 10]])
    assert bounds(shown(write_glb(vertices, faces))[0]) == pytest.approx(expected, abs=step_mm(vertices))
