"""From how long things took before to the range of what they will likely take."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import TypeVar

_T = TypeVar("_T")

Line = int | None
"""Where jobs wait for their turn: the number of a printer, or ``DESK``."""
DESK: Line = None
"""Where new files wait until staff decide."""

LEAST_SEEN = 10
"""Of fewer jobs nothing is worked out."""
LEAST_ALIKE = 3
"""Nor of fewer that took at least as long as this one has taken already."""
_LOOKED_AT = 400
_FIFTHS = 5


@dataclass(frozen=True, slots=True)
class Span:
    """A range of time from now: three of five end within it, one before it, one after it. ``middle`` is the median."""

    low: timedelta
    middle: timedelta
    high: timedelta

    def __add__(self, other: Span) -> Span:
        """One after the other. Adding the ends gives rather too wide a range: seldom are both early, or both late."""
        return Span(self.low + other.low, self.middle + other.middle, self.high + other.high)


def span_of(seconds: Iterable[float]) -> Span:
    """The range of what was seen, at least once: quantiles of 20, 50 and 80 %, the outer ones rounded outwards to
    something that was seen.
    """
    seen = sorted(seconds)
    last = len(seen) - 1
    ranks = (last // _FIFTHS, last // 2, -(-4 * last // _FIFTHS))
    return Span(*(timedelta(seconds=max(0.0, seen[rank])) for rank in ranks))


class Turns:
    """How long each turn of a line took, in seconds, in the order in which they were taken.

    A turn lasts from the one before it, or from when its job came if nobody waited, to when the job is taken. Nights,
    weekends and batches are in them one after the other, so a wait for several turns is read from as many that followed
    each other; the last is followed by the first (circular block bootstrap, Politis and Romano 1992).
    """

    def __init__(self, turns_s: Sequence[float]) -> None:
        self._count = len(turns_s)
        self._by_length = sorted(range(self._count), key=turns_s.__getitem__)
        self._lengths_s = [turns_s[at] for at in self._by_length]
        self._ends_s = list(accumulate([*turns_s, *turns_s], initial=0.0))  # twice round: no turn begins behind it

    @property
    def are_enough(self) -> bool:
        """Whether so many were seen that something can be said."""
        return self._count >= LEAST_SEEN

    def span(self, turns: int, gone_on: timedelta) -> Span | None:
        """Until so many turns are over, of which the first has ``gone_on`` for so long; None where hardly any did."""
        gone_on_s = gone_on.total_seconds()
        alike = self._by_length[bisect_left(self._lengths_s, gone_on_s) :]
        if len(alike) < LEAST_ALIKE:
            return None
        rounds, more = divmod(turns, self._count)
        ends_s, before_s = self._ends_s, rounds * self._ends_s[self._count] - gone_on_s
        return span_of([before_s + ends_s[start + more] - ends_s[start] for start in _some(alike)])


class Overruns:
    """By how many seconds prints lay ready later, or earlier, than the quoted time after their start."""

    def __init__(self, overruns_s: Iterable[float]) -> None:
        self._overruns_s = sorted(overruns_s)

    @property
    def are_enough(self) -> bool:
        """Whether so many were seen that something can be said."""
        return len(self._overruns_s) >= LEAST_SEEN

    def span(self, time_min: int, gone_on: timedelta = timedelta()) -> Span | None:
        """Until a print that was quoted so many minutes lies ready, when it has ``gone_on`` for so long; None where
        hardly any did.
        """
        ahead_s = time_min * 60 - gone_on.total_seconds()
        first = bisect_left(self._overruns_s, -ahead_s) if gone_on else 0
        alike = self._overruns_s[first:]
        return span_of(ahead_s + late_s for late_s in _some(alike)) if len(alike) >= LEAST_ALIKE else None


def _some(found: Sequence[_T]) -> Sequence[_T]:
    """Evenly chosen ones of many: more make no range better, and every page asks."""
    return found[:: -(-len(found) // _LOOKED_AT)]
