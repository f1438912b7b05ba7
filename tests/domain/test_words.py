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


@pytest.mark.parametrize(
    ("earliest_h", "latest_h", "text"),
    [
        (0, 3, "today by 17:30"),
        (0.4, 3, "today by 17:30"),
        (1.2, 3.1, "today between 15:30 and 18:00"),
        (2, 20, "today or tomorrow"),
        (12, 20, "tomorrow"),
        (30, 80, "between tomorrow and Fri 6 Nov"),
        (50, 80, "between Thu 5 Nov and Fri 6 Nov"),
        (50, 52, "Thu 5 Nov"),
        (50, 24 * 80, "between Thu 5 Nov and Fri 22 Jan 2027"),
    ],
)
def test_a_range_of_moments(earliest_h: float, latest_h: float, text: str) -> None:
    earliest, latest = (NOW + timedelta(hours=h) for h in (earliest_h, latest_h))
    assert words.between(earliest, latest, NOW, UTC) == text


def test_a_day_is_that_of_the_lab() -> None:
    evening = datetime(2026, 11, 4, 3, 0, tzinfo=UTC)  # still the third in Chicago
    chicago = ZoneInfo("America/Chicago")
    assert words.between(evening, evening, NOW, chicago) == "today by 21:00"
    assert words.between(evening, evening + timedelta(hours=3), NOW, chicago) == "today or tomorrow"


def test_half_hours_are_those_of_the_lab() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")  # 20:15 there
    assert words.between(NOW, NOW + timedelta(minutes=20), NOW, kathmandu) == "today by 21:00"


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_no_range_begins_today_before_now(earliest_s: int, more_s: int) -> None:
    earliest = NOW + timedelta(seconds=earliest_s)
    said = words.between(earliest, earliest + timedelta(seconds=more_s), NOW, UTC)
    if said.startswith("today between "):
        assert said.removeprefix("today between ")[:5] > f"{NOW:%H:%M}"


@pytest.mark.parametrize(
    ("shortest_h", "longest_h", "text"),
    [
        (0, 0.2, "up to 1 hour"),
        (0.5, 3, "up to 3 hours"),
        (5, 19.5, "5 to 20 hours"),
        (2, 2, "2 hours"),
        (30, 90, "1 to 4 days"),
        (48, 48, "2 days"),
        (3, 40, "up to 2 days"),
    ],
)
def test_a_range_of_lengths(shortest_h: float, longest_h: float, text: str) -> None:
    assert words.time_range(timedelta(hours=shortest_h), timedelta(hours=longest_h)) == text
