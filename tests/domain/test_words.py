"""How figures read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printlab.domain import words

NOW = datetime(2026, 11, 3, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cents", "currency", "text"),
    [
        (555, "USD", "$5.55"),
        (5, "USD", "$0.05"),
        (-434, "USD", "−$4.34"),
        (123_456_789, "EUR", "€1,234,567.89"),
        (300, "PLN", "3.00\u00a0PLN"),
    ],
)
def test_money(cents: int, currency: str, text: str) -> None:
    assert words.money(cents, currency) == text


@given(st.integers(-(10**9), 10**9))
def test_money_loses_no_cent(cents: int) -> None:
    digits = "".join(c for c in words.money(cents, "USD") if c.isdigit())
    assert int(digits) == abs(cents)


@pytest.mark.parametrize(
    ("weight_cg", "text"),
    [(3800, "38 g"), (50, "0.5 g"), (900, "9 g"), (1050, "10.5 g"), (12_340, "123 g"), (123_400, "1,234 g")],
)
def test_weight(weight_cg: int, text: str) -> None:
    assert words.weight(weight_cg) == text


@pytest.mark.parametrize(("minutes", "text"), [(0, "0 min"), (45, "45 min"), (130, "2 h 10 min"), (180, "3 h")])
def test_duration(minutes: int, text: str) -> None:
    assert words.duration(minutes) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOW, "today 08:30"),
        (datetime(2026, 11, 3, 5, 30, tzinfo=UTC), "yesterday 23:30"),
        (datetime(2026, 10, 26, 20, 0, tzinfo=UTC), "Mon 26 Oct 15:00"),  # the clock went back since
        (datetime(2025, 11, 3, 20, 0, tzinfo=UTC), "Mon 3 Nov 2025 14:00"),
    ],
)
def test_moments_are_shown_in_the_labs_zone(moment: datetime, text: str) -> None:
    assert words.when(moment, NOW, ZoneInfo("America/Chicago")) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(-3, "just now"), (0.9, "just now"), (5, "5 min ago"), (59.9, "59 min ago"), (60, "1 h ago"), (200, "3 h ago")],
)
def test_how_long_ago(minutes: float, text: str) -> None:
    assert words.ago(NOW - timedelta(minutes=minutes), NOW) == text


def test_day() -> None:
    assert words.day(date(2025, 11, 3)) == "Mon 3 Nov 2025"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (84, "84 bytes"),
        (1234, "1.2 kB"),
        (1_200_000, "1.2 MB"),
        (50_000_000, "50 MB"),
        (999_000_000, "999 MB"),
        (1_500_000_000, "1.5 GB"),
    ],
)
def test_size(count: int, text: str) -> None:
    assert words.size(count) == text


@pytest.mark.parametrize(
    ("low", "high", "currency", "text"),
    [
        (390, 460, "USD", "$3.90–4.60"),
        (390, 390, "USD", "$3.90"),
        (99_990, 123_456, "EUR", "€999.90–1,234.56"),
        (390, 460, "SEK", "3.90–4.60\u00a0SEK"),
    ],
)
def test_a_range_of_money_names_its_currency_once(low: int, high: int, currency: str, text: str) -> None:
    assert words.money_range(low, high, currency) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "5 min"),
        (2, "5 min"),
        (43, "45 min"),
        (58, "1 h"),
        (64, "1 h"),
        (126, "2 h 10 min"),
        (179, "3 h"),
        (437, "7 h"),
    ],
)
def test_an_estimated_time_is_no_more_exact_than_it_is(minutes: int, text: str) -> None:
    assert words.rough_duration(minutes) == text
