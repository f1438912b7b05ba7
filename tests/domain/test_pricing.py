"""The price, against exact fractions."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from printlab.domain.pricing import Rates, micro, price_cents, price_if_known, weight_cg, weight_cg_of_volume

rates = st.integers(0, 1_000_000_000)
weights = st.integers(0, 10_000_000)
minutes = st.integers(0, 86_400)


def half_up(value: Fraction) -> int:
    """What a shop does: half a cent is a cent."""
    return math.floor(value + Fraction(1, 2))


@given(rates, rates, weights, minutes, st.integers(0, 10_000))
@example(5_000, 0, 100, 0, 0)  # 1 g at $0.005 is half a cent
@example(14_999, 0, 100, 0, 0)
@example(0, 0, 0, 0, 300)
def test_the_price_is_exact(per_gram: int, per_minute: int, weight: int, time: int, minimum: int) -> None:
    dollars = Fraction(weight, 100) * Fraction(per_gram, 10**6) + time * Fraction(per_minute, 10**6)
    expected = max(half_up(dollars * 100), minimum)
    assert price_cents(Rates(per_gram, per_minute, minimum), weight, time) == expected


def test_half_of_what_a_job_takes_has_no_price() -> None:
    rates = Rates(80_000, 10_000, 300)
    assert price_if_known(rates, None, 130) is price_if_known(rates, 3800, None) is None
    assert price_if_known(rates, 3800, 130) == 434


@given(rates, rates, weights, minutes, st.integers(0, 10_000))
def test_the_price_is_never_below_the_minimum_nor_negative(
    per_gram: int, per_minute: int, weight: int, time: int, minimum: int
) -> None:
    assert price_cents(Rates(per_gram, per_minute, minimum), weight, time) >= minimum >= 0


@given(rates, rates, weights, minutes, st.integers(0, 1000), st.integers(0, 1000))
def test_more_never_costs_less(
    per_gram: int, per_minute: int, weight: int, time: int, more_weight: int, more_time: int
) -> None:
    charged = Rates(per_gram, per_minute)
    assert price_cents(charged, weight + more_weight, time + more_time) >= price_cents(charged, weight, time)


@pytest.mark.parametrize(
    ("weight", "time", "minimum", "cents"),
    [
        (3800, 130, 0, 434),  # 38 g × $0.08 + 130 min × $0.010
        (100, 0, 0, 8),
        (6, 0, 0, 0),  # 0.48 ct
        (7, 0, 0, 1),  # 0.56 ct
        (0, 1, 0, 1),
        (3800, 130, 434, 434),
        (3800, 130, 435, 435),
        (0, 0, 300, 300),
    ],
)
def test_prices_of_the_prusa_mk4s(weight: int, time: int, minimum: int, cents: int) -> None:
    assert price_cents(Rates(80_000, 10_000, minimum), weight, time) == cents


@given(st.decimals(0, 100_000, places=4))
def test_grams_become_hundredths_half_up(grams: Decimal) -> None:
    assert weight_cg(grams) == half_up(Fraction(grams) * 100)


def test_grams_as_people_and_programs_write_them() -> None:
    assert weight_cg("38.005") == 3801
    assert weight_cg(0.1 + 0.2) == 30
    with pytest.raises(InvalidOperation):
        weight_cg("about 38")


@given(st.decimals(0, 5000, places=2), st.decimals("0.5", "3", places=3))
def test_resin_by_volume(volume_ml: Decimal, density: Decimal) -> None:
    assert weight_cg_of_volume(volume_ml, density) == half_up(Fraction(volume_ml) * Fraction(density) * 100)


@given(st.decimals(0, 1000, places=6))
def test_rates_become_millionths(rate: Decimal) -> None:
    assert micro(rate) == Fraction(rate) * 10**6
