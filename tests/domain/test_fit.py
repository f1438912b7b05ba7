"""Whether a part fits, against looking at every angle."""

from __future__ import annotations

from math import cos, pi, sin, sqrt

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from printlab.domain import fit
from printlab.domain.fit import fits, fitting, lies_on
from printlab.domain.model_facts import Point2, Pose
from tests.domain.parts import item, pose

MK4S = (250.0, 210.0, 220.0)
ANGLES = [pi * step / 1800 for step in range(1800)]  # every 0.1°
lengths = st.floats(1.0, 400.0)
angles = st.floats(0.0, 2 * pi)


@st.composite
def outlines(draw: st.DrawFn) -> list[Point2]:
    """Corners on an ellipse, in order and turned somehow: always convex."""
    around = sorted(draw(st.lists(angles, min_size=1, max_size=24, unique=True)))
    a, b, turn = draw(lengths) / 2, draw(lengths) / 2, draw(angles)
    return turned([(a * cos(angle), b * sin(angle)) for angle in around], turn)


def turned(corners: list[Point2], angle: float) -> list[Point2]:
    return [(x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle)) for x, y in corners]


def shadows(corners: list[Point2]) -> list[tuple[float, float]]:
    """Width and depth at every angle."""
    return [
        (extent([x * c + y * s for x, y in corners]), extent([y * c - x * s for x, y in corners]))
        for c, s in ((cos(angle), sin(angle)) for angle in ANGLES)
    ]


def extent(values: list[float]) -> float:
    return max(values) - min(values)


@given(outlines(), lengths, lengths)
@example([(0.0, 0.0)], 1.0, 1.0)
@example([(0.0, 0.0), (100.0, 0.0)], 60.0, 80.0)  # a line exactly as long as the diagonal
@example([(0.0, 0.0), (40.0, 0.0), (40.0, 40.0), (0.0, 40.0)], 40.0, 40.0)
def test_it_fits_if_some_angle_fits(corners: list[Point2], width: float, depth: float) -> None:
    seen = shadows(corners)
    if any(w <= width and d <= depth for w, d in seen):
        assert lies_on(corners, width, depth)
    # Between two looks a shadow changes by at most its diameter × the half step; anything tighter is undecided.
    slack = max(w for w, _ in seen) * pi / 1800
    if not any(w <= width + slack and d <= depth + slack for w, d in seen):
        assert not lies_on(corners, width, depth)


@given(outlines(), lengths, lengths, angles)
def test_turning_the_part_changes_nothing(corners: list[Point2], width: float, depth: float, angle: float) -> None:
    loose = lies_on(corners, width + 1e-4, depth + 1e-4)
    assume(lies_on(corners, width, depth) == loose)
    assert lies_on(turned(corners, angle), width, depth) in {loose, lies_on(corners, width - 1e-4, depth - 1e-4)}


@given(outlines(), lengths, lengths)
def test_a_bed_turned_by_a_quarter_holds_the_same(corners: list[Point2], width: float, depth: float) -> None:
    assert lies_on(corners, width, depth) == lies_on(corners, depth, width)


@given(outlines(), lengths, lengths, st.floats(0.1, 1.0))
def test_what_fits_still_fits_when_it_is_smaller(
    corners: list[Point2], width: float, depth: float, scale: float
) -> None:
    if fits(Pose(tuple(corners), 1.0), (width, depth, 1.0)):
        assert fits(Pose(tuple(corners), 1.0), (width, depth, 1.0), scale)


@given(lengths, lengths)
def test_a_part_of_the_size_of_the_bed_fits_however_it_was_turned(width: float, depth: float) -> None:
    for angle in (0.0, 0.3, pi / 4, pi / 2, 2.7):
        corners = turned([(0.0, 0.0), (width, 0.0), (width, depth), (0.0, depth)], angle)
        assert fits(Pose(tuple(corners), 1.0), (width, depth, 1.0))
        assert not fits(Pose(tuple(corners), 1.0), (width - 0.01, depth - 0.01, 1.0))


def test_a_long_thin_part_lies_along_the_diagonal() -> None:
    assert fits(pose(320.0, 3.0, 5.0), MK4S)
    assert not fits(pose(320.0, 10.0, 5.0), MK4S)
    assert not fits(pose(330.0, 1.0, 5.0), MK4S)


def test_a_square_between_upright_and_diagonal_is_no_reason_to_fit() -> None:
    """A square's shadow is smallest when it lies along the bed: 211 mm do not fit 210."""
    assert fits(pose(210.0, 210.0, 1.0), MK4S)
    assert not fits(pose(211.0, 211.0, 1.0), MK4S)


@pytest.mark.parametrize(("width", "room"), [(1.0, 0.3), (10.0, 0.3), (40.0, 0.01)])
def test_the_longest_strip_on_a_square_bed_is_known(width: float, room: float) -> None:
    """On a square bed of side a the longest strip of a width w is a·√2 − w long."""
    longest = 100.0 * sqrt(2) - width
    assert fits(pose(longest, width, 1.0), (100.0, 100.0, 1.0))
    assert not fits(pose(longest + room, width, 1.0), (100.0, 100.0, 1.0))


def test_height_counts_and_so_does_scale() -> None:
    assert fits(pose(10.0, 10.0, 220.0), MK4S)
    assert not fits(pose(10.0, 10.0, 220.01), MK4S)
    assert fits(pose(8.0, 8.0, 8.66), MK4S, 25.4)
    assert not fits(pose(8.0, 8.0, 8.67), MK4S, 25.4)


def test_what_single_precision_adds_is_forgiven() -> None:
    assert fits(pose(250.00001, 210.00001, 220.00001), MK4S)
    assert not fits(pose(250.001, 210.0, 220.0), MK4S)


def test_each_pose_is_looked_at() -> None:
    small, tall, long, large = (
        item(size) for size in ((10.0, 10.0, 10.0), (50.0, 50.0, 240.0), (215.0, 230.0, 200.0), (205.0, 205.0, 300.0))
    )
    assert fitting((small, tall, long, large), MK4S) == ([True, False, False, False], [True, True, True, False])


def test_poses_after_one_that_fits_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Pose] = []
    monkeypatch.setattr(fit, "fits", lambda pose, *more: (tried.append(pose), fits(pose, *more))[1])
    tall = item((50.0, 100.0, 240.0))
    assert fitting((tall,), MK4S) == ([False], [True])
    assert tried == list(tall.poses[:2])
