"""Amounts as people type them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import amounts


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("130", 130),
        ("130 min", 130),
        ("2 h 10", 130),
        ("2h10min", 130),
        ("2 hours 10 minutes", 130),
        ("2:10", 130),
        ("1.5 h", 90),
        ("1,5h", 90),
        ("0.01 h", 1),
        (" 45 M ", 45),
    ],
)
def test_times_are_read_as_they_are_written(typed: str, minutes: int) -> None:
    assert amounts.minutes(typed) == minutes


@pytest.mark.parametrize("typed", ["", "0", "-5", "2:75", "soon", "1e3", "9999999", "2 h 10 s", "10 h x"])
def test_what_is_no_time_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ValueError, match="for example 130 or 2 h 10"):
        amounts.minutes(typed)


@pytest.mark.parametrize(("typed", "value"), [("38", "38"), ("38,4 g", "38.4"), ("38.40g", "38.40"), (" 0.5 ", "0.5")])
def test_weights_are_read_with_point_or_comma(typed: str, value: str) -> None:
    assert amounts.number(typed, "weight", "38.4") == Decimal(value)


@pytest.mark.parametrize("typed", ["", "0", "-1", "NaN", "Infinity", "1e9", "three"])
def test_what_is_no_weight_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ValueError, match="weight"):
        amounts.number(typed, "weight", "38.4")


@pytest.mark.parametrize("typed", ["", "-5", "5.555", "1,000.00", "12345678", "free"])
def test_what_is_no_amount_of_money_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ValueError, match=r"for example 5\.55"):
        amounts.cents(typed)


@given(st.integers(0, 99_999_999))
def test_money_is_read_back_as_it_is_shown(cents: int) -> None:
    assert amounts.cents(amounts.cents_text(cents)) == cents
    assert amounts.cents(f"${amounts.cents_text(cents)}") == cents


@pytest.mark.parametrize(
    ("micro", "decimals", "figure", "text"),
    [
        (80_000, amounts.PER_GRAM, "0.08", "$0.08"),
        (10_000, amounts.PER_MINUTE, "0.010", "$0.010"),
        (0, amounts.PER_GRAM, "0.00", "$0.00"),
        (1_250_001, amounts.PER_MINUTE, "1.250001", "$1.250001"),
        (12_500_000, amounts.PER_MINUTE, "12.500", "$12.500"),
    ],
)
def test_a_rate_reads_the_same_in_a_field_and_in_a_sentence(micro: int, decimals: int, figure: str, text: str) -> None:
    assert amounts.rate_figure(micro, decimals) == figure
    assert amounts.rate_text(micro, "USD", decimals) == text


@given(st.integers(1, 10_000_000))
def test_a_weight_is_read_back_as_it_is_shown(weight_cg: int) -> None:
    assert amounts.number(amounts.grams_text(weight_cg), "weight", "38.4") * 100 == weight_cg


@given(st.integers(1, 10_000))
def test_an_age_is_read_back_as_it_is_shown(hours: int) -> None:
    assert amounts.age_h(amounts.age_text(hours)) == hours


@pytest.mark.parametrize(
    ("typed", "hours"), [("", None), ("36 h", 36), ("36h", 36), ("1 day", 24), ("3 Days", 72), ("2 weeks", 336)]
)
def test_an_age_is_read_as_it_is_written(typed: str, hours: int | None) -> None:
    assert amounts.age_h(typed) == hours


@pytest.mark.parametrize("typed", ["3", "soon", "-1 h", "1.5 days", "3 months"])
def test_what_is_no_age_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ValueError, match="Write hours or days, for example 36 h or 3 days"):
        amounts.age_h(typed)
