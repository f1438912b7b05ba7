"""The parts that are sliced are whole, and the fit finds what is there."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from benchmarks.estimates import Row, across_halves, body_of, errors, fit
from benchmarks.parts import Solid, parts
from benchmarks.slicing import MACHINES, sliced, slicer_version
from printlab.domain.estimating import FilamentSettings, Pace, lines_of, settings_of
from printlab.domain.views import PrintsLike, Strength

PARTS = parts()
TRUE = Pace(9.0, 14.0, 6.0, 0.6, 3.0, 100.0, cooling_s=5.0, slowest_s_per_m=66.7)


def settings(printer: str = "Prusa MK4S") -> FilamentSettings:
    found = settings_of(PrintsLike(printer))
    assert isinstance(found, FilamentSettings)
    return found


def row(name: str, strength: Strength) -> Row:
    """A part as a slicer with the true pace would print it."""
    model_mm3, lines = lines_of(body_of(PARTS[name]), settings().solidity[strength], 0.2, 0.45)
    return Row(name, strength, model_mm3, TRUE.seconds(lines), model_mm3, lines)


ROWS = [row(name, strength) for name in PARTS for strength in Strength]
SECONDS = np.array([each.seconds for each in ROWS])


@pytest.mark.parametrize("solid", PARTS.values(), ids=PARTS)
def test_every_part_is_closed_looks_outwards_and_fits_a_printer(solid: Solid) -> None:
    vertices, faces = solid
    edges = np.vstack([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    there, back = (np.sort(pairs[:, 0] * len(vertices) + pairs[:, 1]) for pairs in (edges, edges[:, ::-1]))
    assert np.array_equal(there, back)
    assert body_of(solid).volume_mm3 > 0
    assert np.ptp(vertices, axis=0).max() <= 210


def test_the_measures_of_a_cube_are_those_of_a_cube() -> None:
    assert astuple(body_of(PARTS["cube 20"])) == pytest.approx((8000.0, 1600.0, 400.0, 400.0, 20.0, 20.0))


def test_the_fit_finds_the_pace_that_made_the_times() -> None:
    found = fit(ROWS, SECONDS, TRUE)
    assert astuple(found) == pytest.approx(astuple(TRUE), rel=0.02)


def test_parts_that_a_fit_has_not_seen_are_met_when_the_model_is_true() -> None:
    assert across_halves(ROWS, SECONDS, TRUE) == pytest.approx(SECONDS, rel=0.02)


def test_errors_are_relative_and_the_spread_holds_nine_of_ten() -> None:
    model = np.full(100, 100.0)
    figures = errors(model, np.linspace(80.0, 120.0, 100))
    assert figures["mean_percent"] == pytest.approx(10.2, abs=0.5)
    assert figures["spread"] == [0.82, 1.18]


@pytest.mark.skipif(slicer_version() is None, reason="no PrusaSlicer on this machine")
@pytest.mark.parametrize("strength", Strength)
def test_a_sliced_cube_is_near_its_estimate(strength: Strength) -> None:
    usual = settings()
    solidity = usual.solidity[strength]
    volume_mm3, seconds = sliced(PARTS["cube 20"], MACHINES["Prusa MK4S"], solidity, 0.2, 0.45)
    model_mm3, lines = lines_of(body_of(PARTS["cube 20"]), solidity, 0.2, 0.45)
    assert model_mm3 == pytest.approx(volume_mm3, rel=0.1)
    assert usual.pace.seconds(lines) == pytest.approx(seconds, rel=0.5)
