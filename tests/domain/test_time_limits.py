"""The lab's days, and what is due when: business days, closing days, and clocks that are put forward and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printlab.domain import calendar, time_limits
from printlab.domain.calendar import ALL_WEEK, Closing, LabCalendar, OpenDays
from printlab.domain.time_limits import Rules, TimeLimits

DAY = timedelta(days=1)
ZONES = tuple(
    map(ZoneInfo, ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu", "UTC"))
)
BERLIN = ZoneInfo("Europe/Berlin")

days = st.dates(date(2024, 1, 1), date(2029, 12, 31))
closings = st.builds(lambda first, length: Closing(first, first + length * DAY, "holidays"), days, st.integers(0, 40))
open_days = st.builds(
    OpenDays,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.lists(closings, max_size=5).map(tuple),
)
calendars = st.builds(LabCalendar, open_days, st.sampled_from(ZONES))
moments = st.integers(0, 5 * 366 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
limits = st.builds(
    TimeLimits,
    st.integers(2, 60),
    st.none() | st.integers(1, 10),
    st.lists(st.integers(1, 60), max_size=4, unique=True).map(lambda found: tuple(sorted(found))),
    st.integers(1, 90),
)
rules = st.builds(Rules, limits, calendars)


def berlin(*closed: Closing, limits: TimeLimits | None = None) -> Rules:
    """The usual week in a zone with daylight-saving time."""
    return Rules(limits or TimeLimits(), LabCalendar(OpenDays(closings=closed), BERLIN))


def at(year: int, month: int, day: int, hour: int = 14) -> datetime:
    """A moment of Berlin's clocks."""
    return datetime(year, month, day, hour, tzinfo=BERLIN)


def utc(year: int, month: int, day: int, hour: int) -> datetime:
    """A moment of no zone."""
    return datetime(year, month, day, hour, tzinfo=UTC)


@given(open_days, days)
def test_the_nearest_open_days_are_open_and_nothing_open_lies_between(lab: OpenDays, day: date) -> None:
    after, before = lab.first_from(day), lab.last_until(day)
    assert lab.has(after)
    assert lab.has(before)
    assert before <= day <= after
    between = (before + DAY * count for count in range(1, (after - before).days))
    assert not [one for one in between if lab.has(one)] or lab.has(day)


def test_a_lab_that_never_opens_is_asked_no_longer_than_necessary() -> None:
    assert OpenDays(frozenset()).first_from(date(2026, 3, 2)) == date(2026, 3, 2)


@given(calendars, moments)
def test_mails_go_out_on_open_days_between_nine_and_eight(lab: LabCalendar, now: datetime) -> None:
    then = lab.next_opening(now)
    local = then.astimezone(lab.zone)
    assert then >= now
    assert lab.open_days.has(local.date())
    assert time(9) <= local.time() < time(20)
    assert lab.writes_at(then)
    assert lab.writes_at(now) == (then == now)


@given(rules, moments, st.none() | st.integers(0, 60))
def test_what_falls_due_does_so_at_nine_on_an_open_day(rule: Rules, moved: datetime, kept_days: int | None) -> None:
    kept = None if kept_days is None else rule.calendar.day_of(moved) + kept_days * DAY
    numbers = range(1, len(rule.limits.reminder_days) + 1)
    due = [rule.reminded_at(moved, number, kept) for number in numbers]
    promise = rule.promised(moved, rule.calendar.day_of(moved))
    due += [one for one in (rule.unclaimed_at(moved, kept), rule.lapses_at(moved, promise)) if one is not None]
    for one in due:
        local = one.astimezone(rule.calendar.zone)
        assert local.time() == time(9)
        assert rule.calendar.open_days.has(local.date())


@given(rules, moments, st.integers(0, 60))
def test_no_reminder_comes_before_the_day_that_the_student_needs_until(
    rule: Rules, moved: datetime, days_later: int
) -> None:
    kept = rule.calendar.day_of(moved) + days_later * DAY
    for number in range(1, len(rule.limits.reminder_days) + 1):
        due = rule.reminded_at(moved, number, kept)
        assert rule.calendar.day_of(due) >= kept
        assert due >= rule.reminded_at(moved, number)
    unclaimed = rule.unclaimed_at(moved, kept)
    assert unclaimed is not None
    assert rule.calendar.day_of(unclaimed) > kept


@given(rules, moments, st.integers(0, 120 * 24))
def test_the_newest_reminder_that_is_due_is_the_one_that_is_given(rule: Rules, moved: datetime, hours: int) -> None:
    now = moved + timedelta(hours=hours)
    due = [number for number in range(1, len(rule.limits.reminder_days) + 1) if rule.reminded_at(moved, number) <= now]
    assert rule.reminder_due(moved, now) == (max(due) if due else None)


@given(rules, moments, st.integers(0, 40))
def test_a_student_who_is_warned_late_has_as_many_days_as_any_other(rule: Rules, moved: datetime, late: int) -> None:
    due = rule.warned_at(moved)
    if due is None:
        assert rule.limits.warning_days is None
        return
    warned = rule.calendar.day_of(due) + late * DAY
    promise = rule.promised(moved, warned)
    assert promise is not None
    assert rule.limits.warning_days is not None
    assert promise - warned >= rule.limits.warning_days * DAY
    lapses = rule.lapses_at(moved, promise)
    assert lapses is not None
    assert rule.calendar.day_of(lapses) > promise


@given(rules, moments)
def test_no_quote_lapses_unwarned(rule: Rules, moved: datetime) -> None:
    assert (rule.lapses_at(moved, None) is None) == (rule.limits.warning_days is not None)


@pytest.mark.parametrize(
    ("moved", "answer_by", "warned", "lapses"),
    [
        # Summer time begins on Sun 29 Mar 2026: nine o'clock is an hour earlier in UTC.
        (at(2026, 3, 16), date(2026, 3, 30), utc(2026, 3, 27, 8), utc(2026, 3, 31, 7)),
        # It ends on Sun 25 Oct 2026.
        (at(2026, 10, 12), date(2026, 10, 26), utc(2026, 10, 23, 7), utc(2026, 10, 27, 8)),
        # Midnight of Monday in Berlin is Monday, whatever UTC says.
        (utc(2026, 3, 1, 23), date(2026, 3, 16), utc(2026, 3, 13, 8), utc(2026, 3, 17, 8)),
    ],
)
def test_a_quote_lapses_on_calendar_days_of_the_lab(
    moved: datetime, answer_by: date, warned: datetime, lapses: datetime
) -> None:
    rule = berlin()
    assert rule.answer_by(moved) == answer_by
    assert rule.warned_at(moved) == warned
    assert rule.lapses_at(moved, answer_by) == lapses


def test_a_quote_that_runs_out_while_the_lab_is_closed_can_be_answered_after_it_and_is_warned_of_before() -> None:
    rule = berlin(Closing(date(2026, 12, 21), date(2027, 1, 3), "winter break"))
    moved = at(2026, 12, 9)
    assert rule.answer_by(moved) == date(2027, 1, 4)
    assert rule.warned_at(moved) == at(2026, 12, 18, 9)


def test_reminders_of_a_weekend_come_on_monday() -> None:
    rule = berlin()
    moved = at(2026, 3, 4)  # a Wednesday: three days later is Saturday
    assert rule.reminded_at(moved, 1) == at(2026, 3, 9, 9)
    assert rule.reminder_due(moved, at(2026, 3, 9, 8)) is None
    assert rule.reminder_due(moved, at(2026, 3, 9, 9)) == 1


def test_limits_that_are_switched_off_do_nothing() -> None:
    rule = berlin(limits=TimeLimits(None, 3, (), None))
    moved = at(2026, 3, 4)
    assert (rule.answer_by(moved), rule.warned_at(moved), rule.lapses_at(moved, None)) == (None, None, None)
    assert rule.reminder_due(moved, at(2029, 3, 4)) is None
    assert rule.unclaimed_at(moved) is None


def test_a_part_is_kept_thirty_days_longer_at_most_however_often_it_is_asked_for() -> None:
    rule, moved = berlin(), at(2026, 3, 2)
    assert rule.keepable_until(moved, date(2026, 3, 2)) == date(2026, 4, 1)
    assert rule.keepable_until(moved, date(2026, 3, 31)) == date(2026, 4, 30)
    assert rule.keepable_until(moved, date(2026, 4, 20)) == date(2026, 5, 1)


@given(open_days, limits)
def test_days_and_limits_come_back_from_the_database_as_they_were(lab: OpenDays, some: TimeLimits) -> None:
    assert calendar.from_stored(calendar.stored(lab)) == lab
    assert time_limits.from_stored(time_limits.stored(some)) == some


def test_every_day_may_be_a_business_day() -> None:
    assert OpenDays(ALL_WEEK).has(date(2026, 3, 1))
