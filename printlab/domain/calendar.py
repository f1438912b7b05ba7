"""The lab's days: which of them it works on, and when its mails may go out. Days are those of its own time zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

MAILS_FROM, MAILS_UNTIL = time(9), time(20)
"""Between these hours of a business day the clock writes to students."""
ALL_WEEK = frozenset(range(7))
_DAY = timedelta(days=1)
_FARTHEST_DAYS = 3 * 366
"""Whoever is closed for longer than this is taken to be open: a search for an open day has to end."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Days on which the lab is closed, both ends included, and why."""

    first: date
    last: date
    label: str = ""


@dataclass(frozen=True, slots=True)
class OpenDays:
    """``weekdays`` are the business days, Monday is 0."""

    weekdays: frozenset[int] = frozenset(range(5))
    closings: tuple[Closing, ...] = ()

    def has(self, day: date) -> bool:
        """Whether the lab works on this day."""
        return day.weekday() in self.weekdays and not any(one.first <= day <= one.last for one in self.closings)

    def first_from(self, day: date) -> date:
        """This day, or the next on which the lab works; the day itself where none comes for years."""
        return self._nearest(day, _DAY)

    def last_until(self, day: date) -> date:
        """This day, or the latest before it on which the lab worked; the day itself where none was for years."""
        return self._nearest(day, -_DAY)

    def _nearest(self, day: date, step: timedelta) -> date:
        days = (day + step * count for count in range(_FARTHEST_DAYS))
        return next((one for one in days if self.has(one)), day)


@dataclass(frozen=True, slots=True)
class LabCalendar:
    """Open days of a lab in its time zone."""

    open_days: OpenDays
    zone: tzinfo

    def day_of(self, moment: datetime) -> date:
        """The day that a moment belongs to in the lab."""
        return moment.astimezone(self.zone).date()

    def opening(self, day: date) -> datetime:
        """The moment, in UTC, from which mails go out on the first open day that is not before ``day``."""
        return datetime.combine(self.open_days.first_from(day), MAILS_FROM, self.zone).astimezone(UTC)

    def next_opening(self, now: datetime) -> datetime:
        """``now`` while mails may go out, otherwise the moment from which they may."""
        local = now.astimezone(self.zone)
        if local.time() >= MAILS_UNTIL:
            return self.opening(local.date() + _DAY)
        return max(now, self.opening(local.date()))

    def writes_at(self, now: datetime) -> bool:
        """Whether mails may go out now."""
        return self.next_opening(now) == now


def stored(days: OpenDays) -> dict[str, Any]:
    """The days as plain values."""
    closings = [[one.first.isoformat(), one.last.isoformat(), one.label] for one in days.closings]
    return {"weekdays": sorted(days.weekdays), "closings": closings}


def from_stored(values: Mapping[str, Any]) -> OpenDays:
    """The days of ``stored``."""
    rows: Sequence[Sequence[str]] = values["closings"]
    closings = (Closing(date.fromisoformat(first), date.fromisoformat(last), label) for first, last, label in rows)
    return OpenDays(frozenset(values["weekdays"]), tuple(closings))
