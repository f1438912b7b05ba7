"""Days in fields: counts, weekdays and closings, as people type them and as they are shown there.

A ValueError's text is for whoever typed.
"""

from __future__ import annotations

import re
from datetime import date

from printlab.domain.calendar import Closing

_COUNT = re.compile(r"^(\d{1,15})\s*(?:d|days?)?$")
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_RANGE = re.compile(r"\s*[–—-]\s*")
_BETWEEN = re.compile(r"[\s,;]+")
_CLOSING = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:\s*(?:to|until|–|—|-)\s*(\d{4}-\d{2}-\d{2}))?(?:[\s,:]+(.*))?$")
_LONGEST_LABEL = 80


def count(text: str) -> int | None:
    """Days of ``14`` or ``14 days``; None of an empty text. Raises ValueError with a sentence."""
    typed = text.strip().lower()
    if not typed:
        return None
    match = _COUNT.match(typed)
    if match is None:
        raise ValueError("Enter a number of days, for example 14.")
    return int(match[1])


def count_text(days: int | None) -> str:
    """Days as a field shows them: ``14``; nothing for None."""
    return "" if days is None else str(days)


def counts(text: str) -> tuple[int, ...]:
    """Days of ``3, 10, 21``; none of an empty text. Raises ValueError with a sentence."""
    typed = text.strip().removesuffix("days").strip()
    parts = [part for part in _BETWEEN.split(typed) if part]
    if not all(part.isdecimal() and len(part) <= 4 for part in parts):
        raise ValueError("Enter days, for example 3, 10, 21.")
    return tuple(map(int, parts))


def counts_text(days: tuple[int, ...]) -> str:
    """Several days as a field shows them: ``3, 10, 21``."""
    return ", ".join(map(str, days))


def weekdays(text: str) -> frozenset[int]:
    """Weekdays of ``Mon–Fri`` or ``Mon, Wed, Fri–Sun``; Monday is 0. Raises ValueError with a sentence."""
    found: set[int] = set()
    for part in _BETWEEN.split(_RANGE.sub("–", text.strip())):
        first, _, last = part.partition("–")
        begin, end = _weekday(first), _weekday(last or first)
        found |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    return frozenset(found)


def _weekday(text: str) -> int:
    typed = text.strip(".").casefold()
    number = next((n for n, name in enumerate(_NAMES) if len(typed) > 1 and name.casefold().startswith(typed)), None)
    if number is None:
        raise ValueError("Enter weekdays, for example Mon–Fri or Mon, Wed, Fri.")
    return number


def weekdays_text(days: frozenset[int]) -> str:
    """Weekdays as a field shows them: ``Mon–Fri``, ``Mon, Wed, Fri``."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(_NAMES[run[0]][:3] + (f"–{_NAMES[run[-1]][:3]}" if len(run) > 1 else "") for run in runs)


def closings(text: str) -> tuple[Closing, ...]:
    """Closings, one a line: ``2026-12-24 to 2027-01-01 Winter break``, ``2026-07-03 Holiday``; in their order.

    Raises ValueError with a sentence.
    """
    found = (_closing(line.strip()) for line in text.splitlines() if line.strip())
    return tuple(sorted(found, key=lambda one: (one.first, one.last)))


def _closing(line: str) -> Closing:
    match = _CLOSING.match(line)
    if match is None:
        raise ValueError(f"“{line[:40]}” is no closing. Write it like 2026-12-24 to 2027-01-01 Winter break.")
    first = _day(match[1])
    last = _day(match[2]) if match[2] else first
    if last < first:
        raise ValueError(f"“{line[:40]}” ends before it begins.")
    return Closing(first, last, (match[3] or "").strip()[:_LONGEST_LABEL])


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"There is no day {text}.") from None


def closings_text(closed: tuple[Closing, ...]) -> str:
    """Closings as a field shows them, one a line."""
    return "\n".join(_closing_text(one) for one in closed)


def _closing_text(one: Closing) -> str:
    last = f" to {one.last.isoformat()}" if one.last != one.first else ""
    return f"{one.first.isoformat()}{last} {one.label}".strip()
