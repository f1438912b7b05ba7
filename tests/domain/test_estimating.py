"""What a part will weigh, take and cost."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printlab.domain.estimating import (
    Body,
    Estimate,
    FilamentSettings,
    Lines,
    Pace,
    PrintSettings,
    ResinSettings,
    Solidity,
    Spread,
    estimate,
    lines_of,
    measured,
    settings_of,
)
from printlab.domain.model_facts import ModelFacts
from printlab.domain.pricing import Rates, price_cents
from printlab.domain.views import PrintsLike, Strength
from tests.domain.parts import PRINTERS, box, item, of_items, scaled

PLA = 1240
RATES = Rates(80_000, 10_000, 300)
FREE = Rates(80_000, 10_000)
CUBE = box(20.0, 20.0, 20.0)
sides = st.floats(0.5, 300.0)
strengths = st.sampled_from(Strength)
print_settings = st.sampled_from([settings_of(printer.prints_like) for printer in PRINTERS])

EXACT = FilamentSettings(
    layer_height_mm=0.2,
    line_width_mm=0.5,
    solidity=dict.fromkeys(Strength, Solidity(perimeters=2, top_layers=5, bottom_layers=4, infill=0.25)),
    pace=Pace(
        perimeter_s_per_m=20.0,
        solid_s_per_m=10.0,
        infill_s_per_m=5.0,
        turn_s=0.5,
        layer_s=2.0,
        print_s=30.0,
        cooling_s=4.0,
        slowest_s_per_m=50.0,
    ),
    weight_spread=Spread(0.9, 1.2),
    time_spread=Spread(0.5, 2.0),
)


def of_pla(
    facts: ModelFacts,
    settings: PrintSettings = EXACT,
    strength: Strength = Strength.STANDARD,
    quantity: int = 1,
    scale: float = 1.0,
) -> Estimate:
    return estimate(facts, settings, PLA, strength, quantity, RATES, scale)


def test_items_beyond_those_that_are_kept_count_too() -> None:
    facts = box(10.0, 10.0, 10.0)
    many = replace(facts, volume_mm3=600 * 1000.0, more_items=599)
    assert measured(many).volume_mm3 == pytest.approx(600 * 1000)
    assert measured(replace(many, more_items=0)).volume_mm3 == pytest.approx(1000)


def test_the_shell_model_by_hand() -> None:
    """A 20 mm cube: walls 1600 mm² × 2 × 0.5, nine closed layers of 400 mm² × 0.2, a quarter of the rest.

    Its outline turns once in each of a hundred layers.
    """
    printed_mm3 = 1600 + 720 + 0.25 * (8000 - 2320)
    seconds = 20 * 16 + 10 * 7.2 + 5 * 14.2 + 0.5 * 100 + 2 * 100 + 30
    result = of_pla(CUBE)
    assert result.weight_cg.likely == round(printed_mm3 / 1000 * 1.24 * 100)
    assert result.weight_cg.low == round(printed_mm3 / 1000 * 1.24 * 100 * 0.9)
    assert result.weight_cg.high == round(printed_mm3 / 1000 * 1.24 * 100 * 1.2)
    assert (result.time_min.low, result.time_min.likely, result.time_min.high) == tuple(
        ceil(seconds * factor / 60) for factor in (0.5, 1.0, 2.0)
    )


def test_the_price_is_that_of_all_copies_and_not_below_the_minimum() -> None:
    four = of_pla(CUBE, quantity=4)
    assert four.price_cents.low == price_cents(RATES, four.weight_cg.low, four.time_min.low)
    assert four.price_cents.likely == price_cents(RATES, four.weight_cg.likely, four.time_min.likely)
    assert four.price_cents.high == price_cents(RATES, four.weight_cg.high, four.time_min.high)
    assert of_pla(box(5.0, 5.0, 5.0)).price_cents.low == RATES.minimum_cents


def test_copies_are_counted_before_anything_is_rounded() -> None:
    one, ten = of_pla(CUBE), of_pla(CUBE, quantity=10)
    assert abs(ten.weight_cg.likely - 10 * one.weight_cg.likely) <= 5
    assert 10 * (one.time_min.likely - 1) < ten.time_min.likely <= 10 * one.time_min.likely


def test_what_is_thinner_than_its_walls_is_solid() -> None:
    printed_mm3, lines = lines_of(Body(100.0, 400.0, 50.0, 50.0, 10.0, 10.0), Solidity(3, 5, 4, 0.15), 0.2, 0.45)
    assert printed_mm3 == pytest.approx(100.0)
    assert (lines.perimeter_m + lines.solid_m) * 1000 * 0.2 * 0.45 == pytest.approx(100.0)
    assert lines.infill_m == pytest.approx(0.0)
    assert lines.layers == 50


def test_walls_come_before_closed_layers() -> None:
    """A blade of two walls' thickness has nothing between them, however large its top is."""
    _, lines = lines_of(Body(90.0, 200.0, 10.0, 10.0, 10.0, 10.0), Solidity(2, 5, 4, 0.15), 0.2, 0.45)
    assert lines.perimeter_m == pytest.approx(1.0)
    assert lines.solid_m == pytest.approx(0.0)


def test_a_layer_takes_the_time_that_it_needs_to_cool() -> None:
    pace = EXACT.pace
    slow = Lines(perimeter_m=10.0, solid_m=0.0, infill_m=0.0, turns=0.0, layers=100)
    assert 20 * 10 + 2 * 100 + 30 > 4 * 100 == pace.cooling_s * slow.layers
    assert pace.seconds(slow) == 430
    assert pace.seconds(replace(slow, perimeter_m=8.1)) == 400  # 392 s of moving
    assert pace.seconds(replace(slow, perimeter_m=5.0)) == 330  # 50 s a metre is the slowest, and faster than moving


def test_a_part_that_is_inside_out_weighs_the_same() -> None:
    turned = replace(CUBE, volume_mm3=-8000.0, items=(replace(CUBE.items[0], volume_mm3=-8000.0),), inside_out=True)
    assert of_pla(turned) == of_pla(CUBE)


def test_a_hollow_part_weighs_less_than_a_solid_one_only_as_far_as_it_is_filled() -> None:
    """A cube with a closed hollow of 10 mm: 1000 mm³ of infill less, and walls around the hollow more."""
    hollow = replace(
        CUBE,
        side_area_mm2=CUBE.side_area_mm2 + 400,
        top_area_mm2=CUBE.top_area_mm2 + 100,
        bottom_area_mm2=CUBE.bottom_area_mm2 + 100,
        items=(replace(CUBE.items[0], volume_mm3=7000.0),),
    )
    printed_mm3 = 2320 + 400 + 180 + 0.25 * (7000 - 2900)
    assert of_pla(hollow).weight_cg.likely == round(printed_mm3 / 1000 * 1.24 * 100)


def test_pieces_that_overlap_are_printed_once() -> None:
    doubled = replace(CUBE, items=(replace(CUBE.items[0], volume_mm3=16_000.0),))
    assert measured(doubled).volume_mm3 == 8000.0


def test_items_stand_beside_each_other() -> None:
    body = measured(of_items(item((20.0, 20.0, 20.0)), item((10.0, 10.0, 40.0))))
    assert body.volume_mm3 == 12_000.0
    assert body.height_mm == 40.0


def test_a_surface_that_is_not_closed_makes_a_guess() -> None:
    assert of_pla(CUBE).certain
    assert not of_pla(replace(CUBE, closed=False)).certain


def test_a_sheet_without_volume_still_takes_a_layer() -> None:
    result = of_pla(box(50.0, 50.0, 0.0))
    assert result.weight_cg.likely == 1
    assert result.time_min.likely == 1


def test_resin_goes_by_layers_and_is_solid() -> None:
    settings = settings_of(PrintsLike.RESIN)
    assert isinstance(settings, ResinSettings)
    result = estimate(CUBE, settings, 1150, Strength.STANDARD, 1, FREE)
    assert result.weight_cg.likely == round(8 * 1.15 * (1 + settings.support_share) * 100)
    assert result.time_min.likely == ceil((settings.print_s + 400 * settings.layer_s) / 60)
    assert result == estimate(CUBE, settings, 1150, Strength.STRONG, 1, FREE)


def test_each_measured_printer_has_settings_of_its_own() -> None:
    found = [settings_of(prints_like) for prints_like in PrintsLike]
    assert [isinstance(settings, ResinSettings) for settings in found] == [like.is_resin for like in PrintsLike]
    assert all(one != other for one, other in pairwise(found))


def test_a_stronger_part_is_heavier_and_takes_longer() -> None:
    draft, standard, strong = (of_pla(CUBE, settings_of(PrintsLike.MK4S), strength) for strength in Strength)
    assert draft.weight_cg.likely < standard.weight_cg.likely < strong.weight_cg.likely
    assert draft.time_min.likely <= standard.time_min.likely < strong.time_min.likely


@given(sides, sides, sides, print_settings, strengths, st.integers(1, 99))
def test_ranges_are_in_order_and_nothing_is_heavier_than_solid(
    x: float, y: float, z: float, settings: PrintSettings, strength: Strength, quantity: int
) -> None:
    result = of_pla(box(x, y, z), settings, strength, quantity)
    for figures in (result.weight_cg, result.time_min, result.price_cents):
        assert 0 < figures.low <= figures.likely <= figures.high
    supports = settings.support_share if isinstance(settings, ResinSettings) else 0.0
    assert result.weight_cg.likely <= quantity * x * y * z / 1000 * 1.24 * 100 * (1 + supports) + 1


@given(sides, sides, sides, print_settings, strengths, st.sampled_from((0.04, 0.5, 2.0, 25.4)))
def test_a_scale_gives_the_figures_of_a_model_drawn_that_large(
    x: float, y: float, z: float, settings: PrintSettings, strength: Strength, scale: float
) -> None:
    one = of_pla(box(x, y, z), settings, strength, scale=scale)
    other = of_pla(scaled(box(x, y, z), scale), settings, strength)
    for figures, same in ((one.weight_cg, other.weight_cg), (one.time_min, other.time_min)):
        assert figures.likely == pytest.approx(same.likely, rel=1e-6, abs=1)


@given(sides, sides, sides, print_settings, strengths, st.floats(1.01, 3.0))
def test_a_larger_part_never_weighs_less(
    x: float, y: float, z: float, settings: PrintSettings, strength: Strength, scale: float
) -> None:
    assert (
        of_pla(box(x, y, z), settings, strength).weight_cg.likely
        <= of_pla(box(x, y, z), settings, strength, scale=scale).weight_cg.likely
    )
