"""Whether a part is there on the day on which it is needed: laws that hold for any job, day and range."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printlab.domain.deadline import Danger, Deadline, at_risk
from printlab.domain.status import JobStatus
from printlab.domain.waiting import Likely

TODAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
UNDER_WAY = [JobStatus.UPLOADED, JobStatus.PENDING, JobStatus.READY_TO_PRINT, JobStatus.PRINTING]
PRESSING = {None: -1} | {danger: at for at, danger in enumerate(Danger)}

days = st.integers(-10, 30).map(lambda count: TODAY + timedelta(days=count))
hours = st.integers(0, 20 * 24)
ranges = st.lists(hours, min_size=3, max_size=3).map(lambda ends: likely(*sorted(ends)))
under_way = st.sampled_from(UNDER_WAY)


def likely(*after_h: int) -> Likely:
    return Likely(*(NOON + timedelta(hours=hours) for hours in after_h))


def pressing(deadline: Deadline | None) -> int:
    return PRESSING[deadline and deadline.danger]


@given(st.sampled_from([status for status in JobStatus if status not in UNDER_WAY]), days, st.none() | ranges)
def test_what_is_ready_or_has_ended_is_at_no_risk(status: JobStatus, day: date, range_: Likely | None) -> None:
    assert at_risk(status, day, range_, TODAY, UTC) is None


@given(under_way, st.none() | ranges)
def test_what_is_needed_on_no_day_is_at_no_risk(status: JobStatus, range_: Likely | None) -> None:
    assert at_risk(status, None, range_, TODAY, UTC) is None


@given(under_way, days.filter(lambda day: day <= TODAY), st.none() | ranges)
def test_a_day_that_has_come_is_at_risk_whatever_is_likely(status: JobStatus, day: date, range_: Likely | None) -> None:
    assert at_risk(status, day, range_, TODAY, UTC) is not None


@given(under_way, days, st.none() | ranges)
def test_a_later_day_is_never_more_pressing(status: JobStatus, day: date, range_: Likely | None) -> None:
    sooner, later = (at_risk(status, one, range_, TODAY, UTC) for one in (day, day + timedelta(days=1)))
    assert pressing(later) <= pressing(sooner)


@given(under_way, days, ranges, st.integers(0, 100))
def test_what_takes_longer_is_never_less_pressing(status: JobStatus, day: date, range_: Likely, more_h: int) -> None:
    more = timedelta(hours=more_h)
    longer = Likely(range_.earliest + more, range_.middle + more, range_.latest + more)
    soon, late = (at_risk(status, day, one, TODAY, UTC) for one in (range_, longer))
    assert pressing(soon) <= pressing(late)


@given(under_way, days.filter(lambda day: day > TODAY), ranges)
def test_it_is_said_just_when_the_range_reaches_past_the_day(status: JobStatus, day: date, range_: Likely) -> None:
    found = at_risk(status, day, range_, TODAY, UTC)
    assert (found is not None) == (range_.latest.date() > day)
    if found is not None:
        assert found.danger.is_lost == (range_.earliest.date() > day)
        assert found.ready_on is not None
        assert found.ready_on > day


@pytest.mark.parametrize(
    ("in_days", "range_", "danger", "ready_on"),
    [
        (-1, None, Danger.PASSED, None),
        (0, likely(1, 2, 3), Danger.TODAY, None),
        (0, likely(20, 30, 40), Danger.HARDLY, date(2026, 3, 3)),
        (1, None, Danger.TOMORROW, None),
        (1, likely(1, 20, 30), None, None),
        (2, None, None, None),
        (2, likely(1, 20, 90), Danger.TIGHT, date(2026, 3, 6)),
    ],
)
def test_what_is_said(in_days: int, range_: Likely | None, danger: Danger | None, ready_on: date | None) -> None:
    day = TODAY + timedelta(days=in_days)
    found = at_risk(JobStatus.READY_TO_PRINT, day, range_, TODAY, UTC)
    assert found == (danger and Deadline(day, danger, ready_on))


def test_a_day_ends_when_it_does_in_the_lab() -> None:
    """03:00 in UTC is the evening before in Chicago."""
    night = likely(15, 15, 15)
    assert at_risk(JobStatus.PENDING, TODAY, night, TODAY, UTC) == Deadline(TODAY, Danger.HARDLY, date(2026, 3, 3))
    assert at_risk(JobStatus.PENDING, TODAY, night, TODAY, ZoneInfo("America/Chicago")) == Deadline(TODAY, Danger.TODAY)
