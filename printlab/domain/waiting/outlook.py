"""The queue and the lab as they are now, and what can be said of a job or of the lab."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from printlab.domain.views import Catalog
from printlab.domain.waiting.history import History
from printlab.domain.waiting.turns import Line, Span

_BUSY, _QUIET = 1.5, 0.5  # times as many as usual


class Milestone(StrEnum):
    """What a student waits for."""

    DECIDED = "decided"
    READY = "ready"


class Unsaid(StrEnum):
    """Why no time can be said."""

    TOO_FEW = "too few"
    OVERDUE = "overdue"
    LAB_CLOSED = "lab closed"
    OUT_OF_USE = "printer out of use"


class Crowd(StrEnum):
    """How many jobs wait, compared with the last weeks."""

    QUIET = "quiet"
    USUAL = "usual"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Likely:
    """Between when and when something likely happens, and the moment with as many before as after it."""

    earliest: datetime
    middle: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class Outlook:
    """What can be said of a job that is on its way: either when it is ``likely``, or why that is ``unsaid``.

    ``before`` counts the jobs that stand in line before it, or would if the student accepted the quote now; None on a
    machine. ``quoted_end`` is when the quoted time of one that is printed is over, where nothing more can be said.
    """

    milestone: Milestone
    before: int | None
    likely: Likely | None = None
    unsaid: Unsaid | None = None
    quoted_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class LabOutlook:
    """How many jobs wait for the lab, whether that is many, and what it took for most jobs lately; None: unknown."""

    waiting: int
    crowd: Crowd | None
    took: Span | None


@dataclass(frozen=True, slots=True)
class Queue:
    """The jobs of each line, the first first, by since when they wait and their number, and when each last took one."""

    lines: Mapping[Line, Sequence[tuple[datetime, int]]]
    last: Mapping[Line, datetime]

    @property
    def waiting(self) -> int:
        """How many wait in all lines."""
        return sum(len(line) for line in self.lines.values())

    def before(self, line: Line, since: datetime, job_id: int) -> int:
        """How many stand before a job that waits since then."""
        return bisect_left(self.lines.get(line, ()), (since, job_id))

    def turn_began(self, line: Line, since: datetime) -> datetime:
        """When the turn began that goes on now, for somebody who waits since then."""
        waiting = self.lines.get(line, ())
        first = min(waiting[0][0], since) if waiting else since
        return max(first, self.last.get(line, first))


@dataclass(frozen=True, slots=True)
class Waits:
    """The queue, what was learnt, and the lab, as they are now. ``takes_files``: students can send new ones."""

    history: History
    queue: Queue
    catalog: Catalog
    takes_files: bool
    now: datetime

    def of_lab(self) -> LabOutlook:
        """What somebody may expect who sends a file now."""
        return LabOutlook(self.queue.waiting, self._crowd(), self.history.whole)

    def _crowd(self) -> Crowd | None:
        usual, waiting = self.history.usually_waiting, self.queue.waiting
        if usual is None:
            return None
        if waiting > _BUSY * usual + 1:
            return Crowd.BUSY
        return Crowd.QUIET if waiting < _QUIET * usual else Crowd.USUAL

    def turn(self, line: Line, before: int, since: datetime, method: str = "") -> Span | Unsaid:
        """Until it is the turn of a job that waits ``since`` then, with so many ``before`` it."""
        turns = self.history.turns_of(line, method)
        if not turns.are_enough:
            return Unsaid.TOO_FEW
        return turns.span(before + 1, self._since(self.queue.turn_began(line, since))) or Unsaid.OVERDUE

    def printing(self, time_min: int | None, since: datetime | None = None) -> Span | Unsaid:
        """Until a print of so many minutes lies ready that goes on ``since`` then, or begins now."""
        overruns = self.history.overruns
        if time_min is None or not overruns.are_enough:
            return Unsaid.TOO_FEW
        return overruns.span(time_min, timedelta() if since is None else self._since(since)) or Unsaid.OVERDUE

    def _since(self, moment: datetime) -> timedelta:
        return max(timedelta(), self.now - moment)

    def likely(self, span: Span) -> Likely:
        """The moments of a range of time from now."""
        return Likely(self.now + span.low, self.now + span.middle, self.now + span.high)
