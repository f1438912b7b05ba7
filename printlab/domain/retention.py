"""What is cleaned up by the clock or on request: the kinds, what each would do or did, and after how many days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from printlab.domain import words

MOST_DAYS = 36_500
"""A hundred years: longer than anybody means."""
_NAMED = 5


class CleanupKind(StrEnum):
    """What a run of the cleanup was about. The value is kept with each run."""

    ARCHIVE = "archive"
    PURGE = "purge"
    ANONYMISE = "anonymise"
    UPLOADS = "uploads"
    DRAWINGS = "drawings"
    ESTIMATES = "estimates"
    LINKS = "links"
    SESSIONS = "sessions"
    ORPHANS = "orphans"

    @property
    def label(self) -> str:
        """What people read."""
        return _ABOUT[self].label


@dataclass(frozen=True, slots=True)
class _About:
    label: str
    one: str
    many: str
    done: str


_ABOUT = {
    CleanupKind.ARCHIVE: _About("Archiving", "job", "jobs", "archived"),
    CleanupKind.PURGE: _About("Deleting archived files", "archived file", "archived files", "deleted"),
    CleanupKind.ANONYMISE: _About("Anonymising", "job", "jobs", "anonymised"),
    CleanupKind.UPLOADS: _About("Abandoned uploads", "abandoned upload", "abandoned uploads", "removed"),
    CleanupKind.DRAWINGS: _About("Old pictures", "analysis of no job", "analyses of no job", "forgotten"),
    CleanupKind.ESTIMATES: _About("Old estimates", "estimate of no job", "estimates of no job", "forgotten"),
    CleanupKind.LINKS: _About("Expired links", "expired link", "expired links", "removed"),
    CleanupKind.SESSIONS: _About("Expired sessions", "expired session", "expired sessions", "removed"),
    CleanupKind.ORPHANS: _About("Files of no job", "file of no job", "files of no job", "deleted"),
}


@dataclass(frozen=True, slots=True)
class Amount:
    """So many things, of so many bytes, the oldest of ``oldest``, of these jobs."""

    count: int = 0
    bytes: int = 0
    oldest: datetime | None = None
    jobs: tuple[int, ...] = ()

    def __add__(self, other: Amount) -> Amount:
        moments = [amount.oldest for amount in (self, other) if amount.oldest is not None]
        jobs = tuple(dict.fromkeys((*self.jobs, *other.jobs)))
        return Amount(self.count + other.count, self.bytes + other.bytes, min(moments, default=None), jobs)


def total(amounts: Iterable[Amount]) -> Amount:
    """All of them together."""
    return sum(amounts, Amount())


@dataclass(frozen=True, slots=True)
class Due:
    """What one kind of cleanup would do now."""

    kind: CleanupKind
    amount: Amount

    @property
    def sentence(self) -> str:
        """``12 jobs would be archived (340 MB), the oldest of Mon 3 Nov 2025: 12, 15, 18, 20, 21 and 7 more.``"""
        return _sentence(self.kind, self.amount, "would be")


@dataclass(frozen=True, slots=True)
class CleanupRun:
    """What one kind of cleanup did once, who had it done, and what went wrong, if anything."""

    kind: CleanupKind
    started_at: datetime
    ended_at: datetime
    by: str
    amount: Amount
    problem: str | None = None

    @property
    def sentence(self) -> str:
        """``12 jobs archived (340 MB): 12, 15, 18, 20, 21 and 7 more.``"""
        return _sentence(self.kind, self.amount, "")


def _sentence(kind: CleanupKind, amount: Amount, would: str) -> str:
    about = _ABOUT[kind]
    if not amount.count:
        return f"Nothing {would or 'was'} {about.done}."
    done = f"{would} {about.done}".strip()
    said = f"{amount.count:,} {about.one if amount.count == 1 else about.many} {done}"
    if amount.bytes:
        said += f" ({words.size(amount.bytes)})"
    if would and amount.oldest is not None:
        said += f", the oldest of {words.day(amount.oldest.date())}"
    return f"{said}: {_numbers(amount.jobs)}." if amount.jobs else f"{said}."


def _numbers(jobs: tuple[int, ...]) -> str:
    first = ", ".join(str(job_id) for job_id in jobs[:_NAMED])
    return f"{first} and {len(jobs) - _NAMED:,} more" if len(jobs) > _NAMED else first


@dataclass(frozen=True, slots=True)
class HeldJobs:
    """What the lab has of one student: the numbers of the jobs that are open, and of those that ended."""

    email: str
    still_open: tuple[int, ...]
    ended: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Anonymised:
    """The jobs that were anonymised, and of those that were left, why."""

    jobs: tuple[int, ...]
    left: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class RetentionDays:
    """How long after a job ended its file leaves the folder, its files are deleted, its student is anonymised.

    In days; None: never.
    """

    archive_after_days: int | None = 30
    purge_after_days: int | None = None
    anonymise_after_days: int | None = None

    def wrong(self) -> tuple[str, str] | None:
        """The field that cannot be as it is, and why; None when all can."""
        for name, days in asdict(self).items():
            if days is not None and not 1 <= days <= MOST_DAYS:
                return name, "Enter a number of days, at least 1, or nothing for never."
        for name in ("purge_after_days", "anonymise_after_days"):
            days = getattr(self, name)
            if days is not None and (self.archive_after_days is None or days < self.archive_after_days):
                return name, "This is done to archived jobs only: enter at least as many days as for archiving."
        return None
