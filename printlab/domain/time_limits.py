"""How long the lab waits for a student: for an answer to a quote, and for a part to be collected.

A count of days begins with the latest step of the job: a job that left a status and came back starts anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from printlab.domain.calendar import LabCalendar
from printlab.domain.status import JobStatus

MOST_DAYS = 365
MOST_REMINDERS = 9
KEPT_DAYS = 30
"""So much longer than usual a student can ask the lab to keep a part."""
_USUALLY_UNCLAIMED_DAYS = 30
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Days after which the clock does something; None, and no reminders, for never.

    A quote lapses ``lapse_days`` after it was sent, ``warning_days`` after its student was warned at the earliest.
    """

    lapse_days: int | None = 14
    warning_days: int | None = 3
    reminder_days: tuple[int, ...] = (3, 10, 21)
    unclaimed_days: int | None = 30

    def wrong(self) -> tuple[str, str] | None:
        """The name of a limit that cannot be, and what to enter; None when all can."""
        days = {
            "lapse_days": (self.lapse_days,),
            "warning_days": (self.warning_days,),
            "reminder_days": self.reminder_days,
            "unclaimed_days": (self.unclaimed_days,),
        }
        for name, counts in days.items():
            if any(count is not None and not 1 <= count <= MOST_DAYS for count in counts):
                return name, f"Enter between 1 and {MOST_DAYS} days, or none."
        if self.lapse_days is not None and (self.warning_days or 0) >= self.lapse_days:
            return "warning_days", "The warning comes before the quote lapses: enter fewer days."
        reminders = self.reminder_days
        if len(reminders) > MOST_REMINDERS or list(reminders) != sorted(set(reminders)):
            return "reminder_days", "Enter the days one after the other, each once, for example 3, 10, 21."
        if self.unclaimed_days is not None and reminders and reminders[-1] >= self.unclaimed_days:
            return "unclaimed_days", "A part is unclaimed after the last reminder: enter more days."
        return None


class Step(StrEnum):
    """What the clock does about a job."""

    WARN = "warn"
    LAPSE = "lapse"
    REMIND = "remind"
    UNCLAIMED = "unclaimed"


@dataclass(frozen=True, slots=True)
class Due:
    """A step that is due; ``number`` is that of a reminder."""

    step: Step
    number: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """A job that waits for its student since ``moved``, and what they were told of that.

    ``has_asked``: they wrote something that none of the staff has read. ``promised`` is the day until which a warning
    said that the quote can be answered, ``reminded`` the number of the newest reminder, ``is_told_unclaimed`` whether
    they know that the lab decides about the part.
    """

    status: JobStatus
    moved: datetime
    kept_until: date | None = None
    has_asked: bool = False
    promised: date | None = None
    reminded: int = 0
    is_told_unclaimed: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits, and the calendar by which they count."""

    limits: TimeLimits
    calendar: LabCalendar

    def due(self, wait: Wait, now: datetime) -> Due | None:
        """The one thing to do about a job now. Of what was missed only the newest is done: nobody gets two at once."""
        if wait.status is JobStatus.PENDING:
            return self._due_quote(wait, now)
        return self._due_part(wait, now) if wait.status is JobStatus.COMPLETED else None

    def _due_quote(self, wait: Wait, now: datetime) -> Due | None:
        if _is_over(self.lapses_at(wait.moved, wait.promised), now):
            return None if wait.has_asked else Due(Step.LAPSE)  # whoever asked something waits for an answer
        return Due(Step.WARN) if wait.promised is None and _is_over(self.warned_at(wait.moved), now) else None

    def _due_part(self, wait: Wait, now: datetime) -> Due | None:
        if _is_over(self.unclaimed_at(wait.moved, wait.kept_until), now):
            return None if wait.is_told_unclaimed else Due(Step.UNCLAIMED)
        number = self.reminder_due(wait.moved, now, wait.kept_until) or 0
        return Due(Step.REMIND, number) if number > wait.reminded else None

    # ---------- a quote that waits for an answer ----------

    def answer_by(self, moved: datetime) -> date | None:
        """The last day on which a quote of that moment can be answered; None while none lapses."""
        if self.limits.lapse_days is None:
            return None
        return self._open_day(moved, self.limits.lapse_days)

    def warned_at(self, moved: datetime) -> datetime | None:
        """When the student is warned, at least so many days ahead as the lab promises, on the day after the quote at
        the earliest; None where nobody is.
        """
        last, ahead = self.answer_by(moved), self.limits.warning_days
        if last is None or ahead is None:
            return None
        day = self.calendar.open_days.last_until(last - ahead * _DAY)
        return self.calendar.opening(max(day, self.calendar.day_of(moved) + _DAY))

    def promised(self, moved: datetime, warned: date) -> date | None:
        """The day until which a student who is warned on this day is told to answer."""
        last = self.answer_by(moved)
        if last is None:
            return None
        fair = self.calendar.open_days.first_from(warned + (self.limits.warning_days or 0) * _DAY)
        return max(last, fair)

    def lapses_at(self, moved: datetime, promised: date | None) -> datetime | None:
        """When the quote lapses: after the last day to answer, also the one that the student was ``promised``.

        None where it does not, and as long as a warning is due that nobody got.
        """
        last = self.answer_by(moved)
        if last is None or (promised is None and self.limits.warning_days is not None):
            return None
        return self.calendar.opening(max(last, promised or last) + _DAY)

    # ---------- a part that waits to be collected ----------

    def reminded_at(self, moved: datetime, number: int, kept_until: date | None = None) -> datetime:
        """When the reminder of this number, from 1, is due for a part that is ready since then. It waits for the day
        until which the student needs, ``kept_until``.
        """
        day = self.calendar.day_of(moved) + self.limits.reminder_days[number - 1] * _DAY
        return self.calendar.opening(max(day, kept_until or day))

    def reminder_due(self, moved: datetime, now: datetime, kept_until: date | None = None) -> int | None:
        """The number of the newest reminder that is due; None while none is."""
        numbers = range(len(self.limits.reminder_days), 0, -1)
        return next((one for one in numbers if self.reminded_at(moved, one, kept_until) <= now), None)

    def unclaimed_at(self, moved: datetime, kept_until: date | None = None) -> datetime | None:
        """From when on the part counts as unclaimed; None where none does."""
        if self.limits.unclaimed_days is None:
            return None
        day = self.calendar.day_of(moved) + self.limits.unclaimed_days * _DAY
        return self.calendar.opening(max(day, kept_until + _DAY) if kept_until else day)

    def keepable_until(self, moved: datetime, today: date) -> date:
        """The last day until which the student of a part that is ready since then can ask to keep it."""
        usual = self.limits.unclaimed_days or _USUALLY_UNCLAIMED_DAYS
        return min(today, self.calendar.day_of(moved) + usual * _DAY) + KEPT_DAYS * _DAY

    def _open_day(self, moved: datetime, days: int) -> date:
        return self.calendar.open_days.first_from(self.calendar.day_of(moved) + days * _DAY)


@dataclass(frozen=True, slots=True)
class Would:
    """How many jobs a limit would concern, and the one that waits longest of them: its number, and since when."""

    count: int = 0
    oldest: int | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the clock would do when it acts next, ``at``; parts that are unclaimed then, whoever was told."""

    at: datetime
    steps: Mapping[Step, Would]


def outlook(rules: Rules, waits: Iterable[tuple[int, Wait]], now: datetime) -> Outlook:
    """What these rules would do about jobs by their numbers."""
    at = rules.calendar.next_opening(now)
    concerned: dict[Step, list[tuple[datetime, int]]] = {step: [] for step in Step}
    for job_id, wait in waits:
        for step in _steps(rules, wait, at):
            concerned[step].append((wait.moved, job_id))
    return Outlook(at, {step: _would(found) for step, found in concerned.items()})


def _steps(rules: Rules, wait: Wait, at: datetime) -> Iterator[Step]:
    if wait.status is JobStatus.COMPLETED and _is_over(rules.unclaimed_at(wait.moved, wait.kept_until), at):
        yield Step.UNCLAIMED
    elif (due := rules.due(wait, at)) is not None:
        yield due.step


def _would(found: Sequence[tuple[datetime, int]]) -> Would:
    if not found:
        return Would()
    since, job_id = min(found)
    return Would(len(found), job_id, since)


def _is_over(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


def stored(limits: TimeLimits) -> dict[str, Any]:
    """The limits as plain values."""
    return asdict(limits) | {"reminder_days": list(limits.reminder_days)}


def from_stored(values: Mapping[str, Any]) -> TimeLimits:
    """The limits of ``stored``."""
    return TimeLimits(
        lapse_days=values["lapse_days"],
        warning_days=values["warning_days"],
        reminder_days=tuple(values["reminder_days"]),
        unclaimed_days=values["unclaimed_days"],
    )
