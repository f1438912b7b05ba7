"""One job as the board looks for it, sorts it and counts it: a few facts, kept in memory for every open job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from printlab.domain.deadline import Deadline, foreseen_deadline
from printlab.domain.judging import Code, Finding
from printlab.domain.known_figures import figures_known
from printlab.domain.status import ENDED, JobStatus
from printlab.domain.time_limits import Rules
from printlab.domain.views import CardView, FileState, JobView, waits_since
from printlab.domain.waiting import Forecast, Standing


class Concern(StrEnum):
    """What staff may have to look at, in the order in which filters list it."""

    DOES_NOT_FIT = "does_not_fit"
    NOT_WATERTIGHT = "not_watertight"
    OTHER_FINDING = "other_finding"
    NEEDS_QUOTE = "needs_quote"
    SLICED_FILE = "sliced_file"
    NOT_SLICED = "not_sliced"
    FILE_PROBLEM = "file_problem"
    FAILED_PRINT = "failed_print"
    DEADLINE_AT_RISK = "deadline_at_risk"
    DEADLINE = "deadline"
    STUDENT_WROTE = "student_wrote"
    MAIL_FAILED = "mail_failed"
    NEW_MESSAGE = "new_message"
    UNCLAIMED = "unclaimed"


class Attention(StrEnum):
    """Why a job waits for staff, the most pressing first."""

    CONFLICT = "conflict"
    MAIL = "mail"
    MESSAGE = "message"
    FINISHED = "finished"
    TO_START = "to_start"
    TO_DECIDE = "to_decide"
    LAPSED = "lapsed"
    UNCLAIMED = "unclaimed"


@dataclass(frozen=True, slots=True)
class Entry:
    """``sent_on`` is the day of ``created`` in the lab's time zone. ``text`` is what the search looks in, casefolded.

    ``time_min`` is what all copies take, as far as that is known.
    ``attention`` is why it waits for staff and ``deadline`` a day that is at risk, at the moment at which it was looked
    at last. ``is_new``: none of the staff has looked at what the student sent. ``moved`` is when its latest step was,
    ``kept_until`` the day until which the student of a part that is ready needs.
    """

    id: int
    status: JobStatus
    since: datetime
    created: datetime
    sent_on: date
    needed_by: date | None
    who: str
    price_cents: int | None
    time_min: int | None
    method: str
    printer: str
    material: str
    color: str
    assignee: str | None
    concerns: frozenset[Concern]
    text: str
    attention: Attention | None = None
    is_new: bool = False
    deadline: Deadline | None = None
    moved: datetime | None = None
    kept_until: date | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many open jobs wait for staff, and how many are new, whatever somebody looks for."""

    needs: int = 0
    new: int = 0


def entry_of(card: CardView, text: str, zone: tzinfo, *, mail_failed: bool = False) -> Entry:
    """The facts of a card in a lab of this time zone, before it is looked at what time alone makes of them; ``text`` is
    the job's search text, ``mail_failed`` whether one of its mails did not arrive.
    """
    job = card.job
    concerns = set(_concerns(card))
    if mail_failed and job.status not in ENDED:
        concerns.add(Concern.MAIL_FAILED)
    return Entry(
        id=job.id,
        status=job.status,
        since=job.status_since,
        created=job.created_at,
        sent_on=job.created_at.astimezone(zone).date(),
        needed_by=job.needed_by,
        who=job.student_name,
        price_cents=job.price_cents,
        time_min=figures_known(job, card.takes).time_min,
        method=job.method,
        printer=job.printer,
        material=job.material,
        color=job.color,
        assignee=job.assignee,
        concerns=frozenset(concerns),
        text=text,
        is_new=is_new(job),
        moved=waits_since(job),
        kept_until=job.kept_until,
    )


def is_new(job: JobView) -> bool:
    """Whether none of the staff has looked at what the student sent."""
    return job.status is JobStatus.UPLOADED and job.looked_at is None


def looked_at(entry: Entry, now: datetime, rules: Rules) -> Entry:
    """The entry with what waits for staff at ``now`` by the lab's rules; the very same where that is as before."""
    waits_for, known = attention(entry, now, rules), Concern.UNCLAIMED in entry.concerns
    is_known = is_unclaimed(entry, now, rules) == known
    if waits_for is entry.attention and is_known:
        return entry
    return replace(entry, attention=waits_for, concerns=entry.concerns if is_known else entry.concerns ^ _UNCLAIMED)


def is_unclaimed(entry: Entry, now: datetime, rules: Rules) -> bool:
    """Whether it is a part that nobody collected in time, nor asked for more."""
    if entry.status is not JobStatus.COMPLETED:
        return False
    since = rules.unclaimed_at(entry.moved or entry.since, entry.kept_until)
    return since is not None and since <= now


_UNCLAIMED = frozenset({Concern.UNCLAIMED})
_AT_RISK = frozenset({Concern.DEADLINE_AT_RISK})


def foreseen(entry: Entry, forecast: Forecast, zone: tzinfo) -> Entry:
    """The entry with what the forecast makes of its day, in a lab of this time zone; the very same where that is as
    before.
    """
    standing = Standing(entry.id, entry.status, entry.since, entry.printer, entry.time_min)
    deadline = foreseen_deadline(standing, entry.needed_by, forecast, zone)
    if deadline == entry.deadline:
        return entry
    concerns = entry.concerns - _AT_RISK
    concerns = concerns | _AT_RISK if deadline else concerns
    return replace(entry, deadline=deadline, concerns=concerns)


def _concerns(card: CardView) -> Iterator[Concern]:
    """Of a job that ended nothing concerns anybody any more."""
    job = card.job
    if job.status in ENDED:
        return
    yield from (_of_finding(finding) for finding in card.findings)
    if job.outgrown is not None:
        yield Concern.NEEDS_QUOTE
    if any(remark.short for remark in card.remarks):
        yield Concern.SLICED_FILE
    if job.status is JobStatus.READY_TO_PRINT and not job.is_sliced:
        yield Concern.NOT_SLICED
    if job.file_state is FileState.PROBLEM:
        yield Concern.FILE_PROBLEM
    if job.failed_prints:
        yield Concern.FAILED_PRINT
    if job.needed_by is not None:
        yield Concern.DEADLINE
    if job.notes:
        yield Concern.STUDENT_WROTE
    if card.message is not None:
        yield Concern.NEW_MESSAGE


def _of_finding(finding: Finding) -> Concern:
    named = {Code.DOES_NOT_FIT: Concern.DOES_NOT_FIT, Code.NOT_WATERTIGHT: Concern.NOT_WATERTIGHT}
    return named.get(finding.code, Concern.OTHER_FINDING)


_CONFLICTS = frozenset({Concern.NEEDS_QUOTE, Concern.FILE_PROBLEM})


LAPSES_AFTER = timedelta(days=14)
"""A quote that nobody answered for so long waits for staff again, in a lab where none lapses by itself."""


def attention(entry: Entry, now: datetime, rules: Rules) -> Attention | None:
    """Why the job waits for staff at ``now``; None while it waits for nobody, for its student or for a printer.

    A print is finished once the time is over that its quote gave it.
    """
    if entry.concerns & _CONFLICTS:
        return Attention.CONFLICT
    if Concern.MAIL_FAILED in entry.concerns:
        return Attention.MAIL
    if Concern.NEW_MESSAGE in entry.concerns:
        return Attention.MESSAGE
    waited = now - entry.since
    if entry.status is JobStatus.PRINTING and entry.time_min is not None:
        return Attention.FINISHED if waited >= timedelta(minutes=entry.time_min) else None
    if entry.status is JobStatus.PENDING:
        return Attention.LAPSED if waited >= LAPSES_AFTER and rules.limits.lapse_days is None else None
    if entry.status is JobStatus.COMPLETED:
        return Attention.UNCLAIMED if is_unclaimed(entry, now, rules) else None
    return {JobStatus.UPLOADED: Attention.TO_DECIDE, JobStatus.READY_TO_PRINT: Attention.TO_START}.get(entry.status)
