"""What is measured of parts whose measures are known, and what must not change when a part is turned or grown."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from scipy.spatial.transform import Rotation

from printlab.domain.model_facts import MAX_ITEMS, ModelFacts, ModelFormat, Remark
from printlab.geometry.measure import measure
from printlab.geometry.mesh import Model, Part
from printlab.geometry.outline import FEWEST_CORNERS, MAX_CORNERS, outline, poses
from tests.geometry.solids import (
    Mesh,
    box,
    crumbs,
    fan,
    knob,
    open_box,
    soup,
    together,
    turned_inside_out,
)


def measured(*meshes: Mesh) -> ModelFacts:
    parts = tuple(Part(f"item {n}", vertices, faces) for n, (vertices, faces) in enumerate(meshes))
    return measure(Model(ModelFormat.STL, parts))


def grid(count: int, mesh: Mesh) -> Mesh:
    """Copies of a mesh of size 1 or less, side by side."""
    side = int(np.ceil(count ** (1 / 3)))
    places = np.stack(np.unravel_index(np.arange(count), (side, side, side)), axis=-1) * 2.0
    vertices, faces = mesh
    return (
        (places[:, None] + vertices).reshape(-1, 3),
        (np.arange(count)[:, None, None] * len(vertices) + faces).reshape(-1, 3),
    )


def test_a_cube() -> None:
    facts = measured(soup(box(10, 10, 10)))
    assert facts.size_mm == (10, 10, 10)
    assert facts.volume_mm3 == pytest.approx(1000)
    assert facts.area_mm2 == pytest.approx(600)
    assert (facts.side_area_mm2, facts.top_area_mm2, facts.bottom_area_mm2) == pytest.approx((400, 100, 100))
    assert facts.overhang_area_mm2 == 0
    assert (facts.closed, facts.inside_out, facts.bodies) == (True, False, 1)
    assert (facts.open_edges, facts.crowded_edges, facts.flipped_edges, facts.degenerate_triangles) == (0, 0, 0, 0)
    assert facts.thickness_mm[0] == pytest.approx(10, rel=1e-3)
    assert facts.thickness_mm[-1] == pytest.approx(10, rel=1e-3)


@pytest.mark.parametrize("height_mm", [10, 25])
def test_the_outline_of_a_column_turns_once_in_each_layer(height_mm: float) -> None:
    column = box(10, 10, height_mm)
    assert measured(soup(column)).turning_mm == pytest.approx(height_mm)
    pipe = together(column, turned_inside_out(box(6, 6, height_mm, at=(2, 2, 0))))
    assert measured(pipe).turning_mm == pytest.approx(2 * height_mm)
    assert measured(column, box(5, 5, 3)).turning_mm == pytest.approx(height_mm + 3)


def test_a_round_outline_turns_no_more_than_a_square_one_and_a_notched_one_does() -> None:
    angles = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    assert measured(walls(np.column_stack((np.cos(angles), np.sin(angles))), 20)).turning_mm == pytest.approx(20)
    u = [(0, 0), (30, 0), (30, 10), (20, 10), (20, 5), (10, 5), (10, 10), (0, 10)]
    assert measured(walls(np.array(u, float), 20)).turning_mm == pytest.approx(2 * 20)


def walls(outline: NDArray[np.float64], height_mm: float) -> Mesh:
    """Upright, with neither bottom nor top."""
    count = len(outline)
    low = np.arange(count)
    after = (low + 1) % count
    faces = np.concatenate((np.stack((low, after, after + count), 1), np.stack((low, after + count, low + count), 1)))
    return np.vstack([np.column_stack((outline, np.full(count, z))) for z in (0.0, height_mm)]), faces


def test_a_hollow_cube_has_two_bodies_and_a_cavity() -> None:
    facts = measured(together(box(10, 10, 10), turned_inside_out(box(6, 6, 6, at=(2, 2, 2)))))
    assert facts.volume_mm3 == pytest.approx(1000 - 216)
    assert facts.area_mm2 == pytest.approx(600 + 216)
    assert (facts.closed, facts.inside_out, facts.bodies) == (True, False, 2)
    assert facts.thickness_mm[0] == pytest.approx(2, rel=1e-2)
    assert facts.overhang_area_mm2 == pytest.approx(36)  # the ceiling of the cavity


def test_a_cube_that_is_inside_out() -> None:
    facts = measured(turned_inside_out(box(10, 10, 10)))
    assert facts.volume_mm3 == pytest.approx(-1000)
    assert facts.inside_out


def test_one_of_two_bodies_that_is_inside_out() -> None:
    facts = measured(together(box(10, 10, 10), turned_inside_out(box(5, 5, 5, at=(20, 0, 0)))))
    assert facts.inside_out
    assert facts.bodies == 2


def test_a_face_that_looks_the_wrong_way() -> None:
    vertices, faces = box(10, 10, 10)
    faces[4] = faces[4, ::-1]
    facts = measured((vertices, faces))
    assert (facts.flipped_edges, facts.open_edges, facts.closed, facts.inside_out) == (3, 0, False, False)


def test_an_open_box() -> None:
    facts = measured(open_box(10, 20, 30))
    assert (facts.closed, facts.open_edges, facts.bodies) == (False, 4, 1)
    assert facts.thickness_mm == ()


def test_an_overhang_is_what_looks_down_and_does_not_lie_on_the_plate() -> None:
    table = together(box(10, 10, 20), box(30, 30, 5, at=(-10, -10, 20)))
    assert measured(table).overhang_area_mm2 == pytest.approx(900)
    assert measured(box(30, 30, 5, at=(0, 0, 20))).overhang_area_mm2 == 0


@pytest.mark.parametrize(("gap", "open_edges"), [(0.9e-6, 0), (1e-4, 4 + 4)])
def test_a_seam_closes_only_where_it_is_as_fine_as_rounding(gap: float, open_edges: int) -> None:
    vertices, faces = soup(box(10, 10, 10))
    top = (vertices[:, 2] == 10) & np.isin(np.arange(len(vertices)) // 3, [10, 11])
    vertices[top, 2] += gap * 10
    facts = measured((vertices + 5, faces))
    assert facts.open_edges == open_edges
    assert facts.closed == (open_edges == 0)
    assert (Remark.TOLERANCE_MERGE in facts.remarks) == (open_edges == 0)


def test_near_corners_of_a_closed_part_stay_apart() -> None:
    facts = measured(together(box(10, 10, 10), box(1e-5, 1e-5, 1e-5, at=(20, 0, 0))))
    assert (facts.bodies, facts.degenerate_triangles) == (2, 0)
    assert facts.remarks == ()


def test_more_than_two_faces_on_an_edge_are_no_damage() -> None:
    two = together(box(10, 10, 10), box(10, 10, 10, at=(10, 10, 0)))  # they share one edge
    facts = measured(soup(two))
    assert (facts.closed, facts.crowded_edges, facts.open_edges, facts.flipped_edges) == (True, 1, 0, 0)
    assert facts.volume_mm3 == pytest.approx(2000)


def test_a_strip_with_one_side() -> None:
    """Möbius: going round, its faces look the other way."""
    turn = np.linspace(0, np.pi, 40, endpoint=False)
    out, up = np.cos(turn), np.sin(turn)
    rim = [
        np.stack([(20 + s * out) * np.cos(2 * turn), (20 + s * out) * np.sin(2 * turn), s * up], -1) for s in (-5, 5)
    ]
    here, there = np.arange(40), (np.arange(40) + 1) % 40
    near_end, far_end = np.where(there == 0, 40, there), np.where(there == 0, 0, there + 40)
    strip = np.concatenate([np.stack([here, near_end, here + 40], -1), np.stack([near_end, far_end, here + 40], -1)])
    facts = measured((np.concatenate(rim), strip))
    assert not facts.closed
    assert (facts.open_edges, facts.flipped_edges, facts.bodies) == (80, 1, 1)


def test_triangles_without_area_are_counted_apart() -> None:
    vertices, faces = box(10, 10, 10)
    facts = measured((vertices, np.vstack([faces, [[0, 0, 1], [2, 2, 2]]])))
    assert (facts.triangles, facts.degenerate_triangles, facts.closed) == (14, 2, True)
    assert facts.items[0].triangles == 14


def test_a_part_that_is_one_point() -> None:
    facts = measured((np.full((3, 3), 5.0), np.array([[0, 1, 2]])))
    assert facts.size_mm == (0, 0, 0)
    assert (facts.closed, facts.bodies, facts.volume_mm3) == (False, 0, 0)
    assert facts.items[0].poses[0].outline_mm == ((5, 5),)


def test_everything_on_one_edge() -> None:
    facts = measured(fan(100_000))
    assert facts.crowded_edges == 1
    assert not facts.closed


def test_many_bodies_take_no_minutes() -> None:
    """Every second one is a cavity in the only large one: all of them are compared, none ends it early."""
    small = grid(60_000, box(1, 1, 1))
    hollow = together(
        box(200, 200, 200, at=(-1, -1, -1)),
        grid(60_000, turned_inside_out(box(0.5, 0.5, 0.5, at=(0.2, 0.2, 0.2)))),
        small,
    )
    began = time.process_time()
    facts = measured(hollow)
    assert (facts.closed, facts.bodies, facts.inside_out) == (True, 120_001, False)
    assert time.process_time() - began < 30
    cavities = turned_inside_out(grid(60_000, box(0.5, 0.5, 0.5, at=(1, 1, 1))))
    assert not measured(together(box(200, 200, 200), grid(60_000, box(0.1, 0.1, 0.1)), cavities)).inside_out
    outside = together(grid(20_000, box(1, 1, 1)), turned_inside_out(box(1, 1, 1, at=(-5, -5, -5))))
    assert measured(outside).inside_out


def test_a_sheet_with_two_sides_is_not_inside_out() -> None:
    """It has no volume; what rounding leaves of it may be negative."""
    corners = np.array([[0, 0, 0], [20, 0.1, 7], [22, 31, 8], [1, 30, 2.0]])
    sheet = corners, np.array([[0, 1, 2], [0, 2, 3], [2, 1, 0], [3, 2, 0]])
    for place in range(40):
        vertices, faces = together(box(10, 10, 10), (sheet[0] + 100.3 + place * 7.7, sheet[1]))
        assert not measured((vertices.astype(np.float32).astype(np.float64), faces)).inside_out


def test_the_gaps_of_what_is_inside_out_are_no_walls() -> None:
    plates = together(box(50, 50, 10), box(50, 50, 10, at=(0, 0, 10.3)))
    assert measured(plates).thickness_mm[0] > 1
    assert measured(turned_inside_out(plates)).thickness_mm == ()


def test_scattered_triangles_are_a_body_each() -> None:
    assert measured(crumbs(5000)).bodies == 5000


def test_of_very_many_items_the_longest_are_kept() -> None:
    facts = measured(*(box(1, 1, 1, at=(n, 0, 0)) for n in range(MAX_ITEMS + 7)), box(400, 1, 1))
    assert (len(facts.items), facts.more_items, facts.item_count) == (MAX_ITEMS, 8, MAX_ITEMS + 8)
    assert facts.items[-1].size_mm == (400, 1, 1)
    assert facts.items[-2].name == f"item {MAX_ITEMS - 2}"
    assert facts.size_mm == (400, 1, 1)
    assert facts.volume_mm3 == pytest.approx(MAX_ITEMS + 7 + 400)
    assert facts.rest_mm == (1, 1, 1)


def test_how_large_the_others_are_is_kept() -> None:
    rods = [box(90, 1, 1, at=(0, n * 2, 0)) for n in range(MAX_ITEMS)]
    facts = measured(*rods, box(80, 80, 1), box(10, 10, 70))
    assert (facts.more_items, facts.rest_mm) == (2, (80, 80, 70))
    assert measured(*rods).rest_mm is None


def test_names_are_kept_short() -> None:
    model = Model(ModelFormat.THREE_MF, (Part("n" * 5_000_000, *box(1, 1, 1)),), application="a" * 5_000_000)
    facts = measure(model)
    assert len(facts.items[0].name) == len(facts.application or "") == 200


# ---------- properties ----------

turns = st.builds(lambda seed: Rotation.random(random_state=seed).as_matrix(), st.integers(0, 2**31))
few = settings(max_examples=25)


@few
@given(turn=turns, factor=st.floats(0.01, 100), far=st.floats(-1000, 1000))
def test_a_part_keeps_its_volume_when_turned_and_grows_as_it_is_scaled(
    turn: NDArray[np.float64], factor: float, far: float
) -> None:
    vertices, faces = together(knob(900), turned_inside_out(box(3, 3, 3)))
    before = measured((vertices, faces))
    after = measured(((vertices @ turn.T) * factor + far, faces))
    assert after.volume_mm3 == pytest.approx(before.volume_mm3 * factor**3, rel=1e-3)
    assert after.area_mm2 == pytest.approx(before.area_mm2 * factor**2, rel=1e-3)
    assert after.top_area_mm2 == pytest.approx(after.bottom_area_mm2, rel=1e-3)
    assert (after.bodies, after.closed, after.inside_out) == (2, True, False)


clouds = st.builds(
    lambda count, seed, flat: np.random.default_rng(seed).normal(scale=(50, 50 * flat), size=(count, 2)),
    st.integers(1, 400),
    st.integers(0, 2**31),
    st.sampled_from([1, 1e-3, 0]),
)


def _contains(polygon: tuple[tuple[float, float], ...], points: NDArray[np.float64]) -> bool:
    corners = np.array(polygon)
    edges, to_points = np.roll(corners, -1, axis=0) - corners, points[:, None] - corners
    across = edges[:, 0] * to_points[..., 1] - edges[:, 1] * to_points[..., 0]
    return bool((across >= -1e-9 * np.ptp(points, axis=0).max() ** 2).all())


@few
@given(clouds, st.sampled_from((FEWEST_CORNERS, MAX_CORNERS)))
def test_an_outline_holds_all_points_and_is_exact_along_the_axes(points: NDArray[np.float64], most: int) -> None:
    found = outline(points, most)
    assert 1 <= len(found) <= most
    for axis in (0, 1):
        assert min(corner[axis] for corner in found) == pytest.approx(points[:, axis].min(), abs=1e-9)
        assert max(corner[axis] for corner in found) == pytest.approx(points[:, axis].max(), abs=1e-9)
    if len(found) > 2:
        assert _contains(found, points)


@pytest.mark.parametrize(("corners", "larger"), [(MAX_CORNERS, 1.001), (FEWEST_CORNERS, 1.014)])
def test_a_round_outline_has_few_corners_and_is_hardly_larger(corners: int, larger: float) -> None:
    turn = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    circle = 40 * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    found = outline(circle, corners)
    assert len(found) == corners
    assert _contains(found, circle)
    assert ConvexHull(np.array(found)).volume == pytest.approx(np.pi * 1600 * larger, rel=1e-3)


def test_of_many_round_items_the_outlines_are_coarser() -> None:
    few, many = (measured(*(knob(2000, lobes=0) for _ in range(count))) for count in (1, 60))
    corners = [max(len(item.poses[0].outline_mm) for item in facts.items) for facts in (few, many)]
    assert corners[1] <= FEWEST_CORNERS < corners[0]


def test_a_part_can_stand_in_three_ways() -> None:
    as_it_is, about_x, about_y = poses(box(10, 20, 30, at=(5, 5, 5))[0])
    sides = [
        (*(np.ptp(np.array(pose.outline_mm), axis=0).tolist()), pose.height_mm) for pose in (as_it_is, about_x, about_y)
    ]
    assert sides == [(10, 20, 30), (10, 30, 20), (30, 20, 10)]
