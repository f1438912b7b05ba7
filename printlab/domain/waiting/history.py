"""What the moves of the last weeks say about waiting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from operator import attrgetter
from typing import NamedTuple

from printlab.domain.policy import ActorKind
from printlab.domain.status import JobStatus, Verb
from printlab.domain.waiting.turns import DESK, LEAST_SEEN, Line, Overruns, Span, Turns, span_of

HISTORY = timedelta(days=30)
"""How far back it is looked: long enough for four weekends, short enough for the lab to be the same."""

_DECIDED = (Verb.APPROVE, Verb.REJECT)
_WAITING = (JobStatus.UPLOADED, JobStatus.READY_TO_PRINT)
_LABS_OWN = (*_WAITING, JobStatus.PRINTING)


class Step(NamedTuple):
    """One move of a job; ``printer_id`` and ``time_min`` are where it is printed and what it was quoted last."""

    job_id: int
    at: datetime
    action: str
    actor_kind: str
    to_status: JobStatus
    printer_id: int
    time_min: int | None


@dataclass(frozen=True, slots=True)
class Stay:
    """A status that a job had: the move that led into it, and the one that led out of it."""

    began: Step
    ended: Step

    @property
    def status(self) -> JobStatus:
        """The status."""
        return self.began.to_status

    @property
    def since(self) -> datetime:
        """When the job came into it."""
        return self.began.at

    @property
    def until(self) -> datetime:
        """When the job left it."""
        return self.ended.at

    @property
    def took(self) -> timedelta:
        """How long that was."""
        return self.until - self.since


@dataclass(frozen=True, slots=True)
class History:
    """What the moves until ``read_at`` say. ``methods`` is for printers that took too few jobs of their own.

    ``whole`` is what the lab took from sending to ready, without what it waited for the student's answer, and
    ``usually_waiting`` how many jobs waited for the lab on average; None of too few jobs. ``last`` says when each line
    last took one.
    """

    read_at: datetime
    turns: Mapping[Line, Turns]
    methods: Mapping[str, Turns]
    overruns: Overruns
    whole: Span | None
    usually_waiting: float | None
    last: Mapping[Line, datetime]

    def turns_of(self, line: Line, method: str = "") -> Turns:
        """Those of a line, or of all printers of the method where the line has too few."""
        own = self.turns.get(line, Turns(()))
        return own if own.are_enough or line is DESK else self.methods.get(method, own)


def learn(steps: Iterable[Step], methods: Mapping[int, str], now: datetime) -> History:
    """What follows from ``steps``: all of each job that was moved lately, the oldest of a job first, job by job.

    ``methods`` says what each printer prints.
    """
    since = now - HISTORY
    stays = sorted(stays_of(steps), key=attrgetter("until"))
    recent = [stay for stay in stays if stay.until >= since]
    turns_s: dict[Line, list[float]] = {}
    last: dict[Line, datetime] = {}
    for line, stay in _taken(recent):
        turns_s.setdefault(line, []).append(_turn_s(stay, last.get(line)))
        last[line] = stay.until
    return History(
        now,
        {line: Turns(seconds) for line, seconds in turns_s.items()},
        _by_method(turns_s, methods),
        Overruns(_overruns_s(recent)),
        _whole(stays, since),
        _usually_waiting(stays, since, now),
        last,
    )


def stays_of(steps: Iterable[Step]) -> Iterator[Stay]:
    """How long each job had each status; what was taken back has not been."""
    for _, own in groupby(steps, key=attrgetter("job_id")):
        yield from (Stay(began, ended) for began, ended in pairwise(_standing(own)))


def _standing(steps: Iterable[Step]) -> list[Step]:
    """The moves of a job to another status that were not taken back."""
    line: list[Step] = []
    for step in steps:
        if step.action != Verb.UNDO:
            line.append(step)
        elif line:
            line.pop()
    return [step for at, step in enumerate(line) if at == 0 or step.to_status is not line[at - 1].to_status]


def _taken(stays: Iterable[Stay]) -> Iterator[tuple[Line, Stay]]:
    """Those that ended because it was the job's turn, with the line it stood in.

    A file that the system refused waited for nobody.
    """
    for stay in stays:
        action, ended = stay.ended.action, stay.ended
        if stay.status is JobStatus.UPLOADED and action in _DECIDED and ended.actor_kind != ActorKind.SYSTEM:
            yield DESK, stay
        elif stay.status is JobStatus.READY_TO_PRINT and action == Verb.START:
            yield ended.printer_id, stay


def _turn_s(stay: Stay, before: datetime | None) -> float:
    began = stay.since if before is None else max(stay.since, before)
    return (stay.until - began).total_seconds()


def _by_method(turns_s: Mapping[Line, list[float]], methods: Mapping[int, str]) -> dict[str, Turns]:
    together: dict[str, list[float]] = {}
    for line, seconds in turns_s.items():
        if line is not None and line in methods:
            together.setdefault(methods[line], []).extend(seconds)
    return {method: Turns(seconds) for method, seconds in together.items()}


def _overruns_s(stays: Iterable[Stay]) -> Iterator[float]:
    for stay in stays:
        if _is_printed(stay) and stay.ended.time_min is not None:
            yield stay.took.total_seconds() - stay.ended.time_min * 60


def _is_printed(stay: Stay) -> bool:
    return stay.status is JobStatus.PRINTING and stay.ended.action == Verb.COMPLETE


def _whole(stays: list[Stay], since: datetime) -> Span | None:
    """Of each job that was ready lately: what the lab took for all its steps until then."""
    so_far, ready = dict[int, timedelta](), dict[int, timedelta]()
    for stay in stays:
        if stay.status not in _LABS_OWN:
            continue
        job_id = stay.ended.job_id
        so_far[job_id] = so_far.get(job_id, timedelta()) + stay.took
        if _is_printed(stay) and stay.until >= since:
            ready[job_id] = so_far[job_id]
    return span_of(took.total_seconds() for took in ready.values()) if len(ready) >= LEAST_SEEN else None


def _usually_waiting(stays: list[Stay], since: datetime, now: datetime) -> float | None:
    """How many jobs waited on average: all their waiting by the time in which they did (Little's law, Little 1961)."""
    waits = [stay for stay in stays if stay.status in _WAITING and stay.until > since]
    if len({stay.ended.job_id for stay in waits}) < LEAST_SEEN:
        return None
    waited = sum((stay.until - max(stay.since, since) for stay in waits), timedelta())
    looked_at = now - max(since, min(stay.since for stay in waits))
    return waited / looked_at if looked_at else None
