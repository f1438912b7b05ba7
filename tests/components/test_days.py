"""Days in fields: what is typed comes back as it is shown, and what is none is refused in words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import days
from printlab.domain.calendar import Closing

closings = st.builds(
    lambda first, length, label: Closing(first, first + timedelta(days=length), label),
    st.dates(date(2020, 1, 1), date(2090, 1, 1)),
    st.integers(0, 400),
    st.sampled_from(["", "Winter break", "Thanksgiving: closed"]),
)


@given(st.frozensets(st.integers(0, 6), min_size=1))
def test_weekdays_come_back_as_they_are_shown(some: frozenset[int]) -> None:
    assert days.weekdays(days.weekdays_text(some)) == some


@given(st.lists(closings, max_size=4).map(lambda found: tuple(sorted(found, key=lambda one: (one.first, one.last)))))
def test_closings_come_back_as_they_are_shown(some: tuple[Closing, ...]) -> None:
    assert days.closings(days.closings_text(some)) == some


@given(st.lists(st.integers(0, 365), max_size=5).map(tuple))
def test_days_come_back_as_they_are_shown(some: tuple[int, ...]) -> None:
    assert days.counts(days.counts_text(some)) == some


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Mon–Fri", {0, 1, 2, 3, 4}),
        ("monday - wednesday, Sat", {0, 1, 2, 5}),
        ("Fri-Mon", {4, 5, 6, 0}),
        ("tue thu", {1, 3}),
    ],
)
def test_weekdays_are_read_as_people_write_them(typed: str, meant: set[int]) -> None:
    assert days.weekdays(typed) == meant


@pytest.mark.parametrize("typed", ["", "weekdays", "Mon/Tue", "5"])
def test_what_is_no_weekday_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ValueError, match="Enter weekdays, for example Mon–Fri"):
        days.weekdays(typed)


@pytest.mark.parametrize("typed", ["soon", "3 weeks", "-1", "1.5"])
def test_what_is_no_number_of_days_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ValueError, match="Enter a number of days, for example 14"):
        days.count(typed)
    with pytest.raises(ValueError, match="Enter days, for example 3, 10, 21"):
        days.counts(typed)


@pytest.mark.parametrize("typed", ["Christmas", "24.12.2026", "2026-13-01", "2026-12-24 to 2026-12-23"])
def test_what_is_no_closing_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ValueError, match=r"no closing|no day|ends before it begins"):
        days.closings(typed)


def test_an_empty_field_is_a_limit_that_is_off() -> None:
    assert (days.count(" "), days.counts(""), days.closings("\n")) == (None, (), ())
    assert days.count("14 days") == 14
