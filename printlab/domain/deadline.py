"""Whether a part will be there on the day on which its student needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from enum import StrEnum

from printlab.domain.status import JobStatus
from printlab.domain.waiting import Forecast, Likely, Standing

_UNDER_WAY = frozenset({JobStatus.UPLOADED, JobStatus.PENDING, JobStatus.READY_TO_PRINT, JobStatus.PRINTING})


class Danger(StrEnum):
    """How a day that is at risk stands, the least pressing first."""

    TOMORROW = "tomorrow"  # nobody can say when the part is ready
    TIGHT = "tight"
    TODAY = "today"
    HARDLY = "hardly"
    PASSED = "passed"

    @property
    def is_lost(self) -> bool:
        """Whether the part will not be there on that day, as far as anybody can tell."""
        return self in (Danger.HARDLY, Danger.PASSED)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day that is at risk. ``ready_on``: of one that is tight the day until which it may take, of one that it will
    hardly be the first day on which it is likely ready.
    """

    needed_by: date
    danger: Danger
    ready_on: date | None = None


def foreseen_deadline(job: Standing, needed_by: date | None, forecast: Forecast, zone: tzinfo) -> Deadline | None:
    """What is to be said of the day on which a job is needed, in a lab of this time zone."""
    today = forecast.now.astimezone(zone).date()
    is_open = needed_by is not None and needed_by >= today
    return at_risk(job.status, needed_by, forecast.ready(job) if is_open else None, today, zone)


def at_risk(
    status: JobStatus, needed_by: date | None, likely: Likely | None, today: date, zone: tzinfo
) -> Deadline | None:
    """What is to be said of the day on which a part is needed, ``today`` in a lab of this time zone; None while it is
    likely ready by its evening, is ready, or is needed on no day. ``likely`` is when it is ready, if anybody can say.
    """
    if needed_by is None or status not in _UNDER_WAY:
        return None
    if needed_by < today:
        return Deadline(needed_by, Danger.PASSED)
    first, last = (None, None) if likely is None else _days(likely, zone)
    if first is not None and first > needed_by:
        return Deadline(needed_by, Danger.HARDLY, first)
    if needed_by == today:
        return Deadline(needed_by, Danger.TODAY)
    if last is not None:
        return Deadline(needed_by, Danger.TIGHT, last) if last > needed_by else None
    return Deadline(needed_by, Danger.TOMORROW) if needed_by == today + timedelta(days=1) else None


def _days(likely: Likely, zone: tzinfo) -> tuple[date, date]:
    return likely.earliest.astimezone(zone).date(), likely.latest.astimezone(zone).date()
