"""How long it takes: from what the lab did to an honest range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import Catalog
from printlab.domain.waiting import (
    DESK,
    HISTORY,
    LEAST_ALIKE,
    LEAST_SEEN,
    Forecast,
    History,
    Milestone,
    Overruns,
    Queue,
    Span,
    Standing,
    Step,
    Turns,
    Waits,
    learn,
)
from tests.domain import parts
from tests.domain.made_up_lab import MadeUpLab

NOW = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)  # a Friday evening
MK4S, XL = 1, 2
UNDER_WAY = (JobStatus.UPLOADED, JobStatus.PENDING, JobStatus.READY_TO_PRINT, JobStatus.PRINTING)
METHODS = {MK4S: "Filament", XL: "Filament"}

seconds = st.lists(st.integers(0, 10**6), min_size=LEAST_SEEN, max_size=60)
lengths = st.integers(0, 10**6).map(lambda s: timedelta(seconds=s))
ZERO = timedelta()


def hours(*values: float) -> list[float]:
    return [value * 3600 for value in values]


# ---------- ranges ----------


@given(seconds, st.integers(1, 200), lengths)
def test_a_range_holds_its_median_and_begins_no_earlier_than_now(
    turns_s: list[float], turns: int, gone_on: timedelta
) -> None:
    for found in (Turns(turns_s).span(turns, gone_on), Overruns(turns_s).span(turns, gone_on)):
        assert found is None or ZERO <= found.low <= found.middle <= found.high


@given(seconds, st.integers(1, 200), lengths)
def test_whoever_stands_further_behind_is_never_told_less(turns_s: list[float], turns: int, gone_on: timedelta) -> None:
    nearer, farther = (Turns(turns_s).span(count, gone_on) for count in (turns, turns + 1))
    assert (nearer is None) == (farther is None)
    if nearer and farther:
        assert nearer.low <= farther.low
        assert nearer.middle <= farther.middle
        assert nearer.high <= farther.high


@given(st.lists(st.integers(-(10**5), 10**6), min_size=LEAST_SEEN), st.integers(0, 5000))
def test_what_is_quoted_longer_is_never_ready_earlier(overruns_s: list[float], time_min: int) -> None:
    shorter, longer = (Overruns(overruns_s).span(minutes) for minutes in (time_min, time_min + 1))
    assert shorter
    assert longer
    assert shorter.low <= longer.low
    assert shorter.high <= longer.high


@given(st.lists(st.integers(-(10**5), 10**6), min_size=LEAST_SEEN), st.integers(0, 5000), lengths)
def test_a_print_that_goes_on_ends_in_no_past(overruns_s: list[float], time_min: int, gone_on: timedelta) -> None:
    found = Overruns(overruns_s).span(time_min, gone_on)
    assert found is None or found.low >= ZERO


def test_steady_turns_give_a_range_without_width() -> None:
    assert Turns(hours(*[2] * 12)).span(3, timedelta(hours=1)) == Span(*[timedelta(hours=5)] * 3)


def test_turns_that_followed_each_other_are_read_together() -> None:
    """Five at once in the morning, then nothing until the next: six of them are never over within the hour."""
    found = Turns(hours(20, 0, 0, 0, 0) * 10).span(6, ZERO)
    assert found
    assert (found.low, found.high) == (timedelta(hours=20), timedelta(hours=40))


def test_a_turn_that_goes_on_is_compared_with_those_that_lasted_as_long() -> None:
    """On a Saturday the nights say nothing any more, only the weekends do."""
    week = hours(16, 16, 16, 16, 64)
    evening, saturday = (Turns(week * 4).span(1, timedelta(hours=gone)) for gone in (1, 20))
    assert evening
    assert evening.low == timedelta(hours=15)
    assert saturday == Span(*[timedelta(hours=44)] * 3)


def test_what_lasts_longer_than_it_ever_did_is_not_guessed() -> None:
    turns = Turns(hours(*[2] * 20, *[9] * (LEAST_ALIKE - 1)))
    assert turns.span(1, timedelta(hours=2)) is not None
    assert turns.span(1, timedelta(hours=3)) is None
    assert Overruns(hours(*[1] * 20)).span(60, timedelta(hours=3)) is None


def test_of_few_jobs_nothing_is_worked_out() -> None:
    assert not Turns(hours(*[2] * (LEAST_SEEN - 1))).are_enough
    assert Turns(hours(*[2] * LEAST_SEEN)).are_enough
    assert not Overruns(hours(*[2] * (LEAST_SEEN - 1))).are_enough


def test_of_very_many_turns_all_parts_are_heard() -> None:
    found = Turns(hours(*range(1, 5001))).span(1, ZERO)
    assert found
    assert found.low == pytest.approx(timedelta(hours=1000), rel=0.02)
    assert found.high == pytest.approx(timedelta(hours=4000), rel=0.02)


# ---------- what moves say ----------


class Moves:
    """Writes the moves of one job after another."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._job_id = 0

    def job(self, *moves: tuple[str, JobStatus, float], printer: int = MK4S, by: str = "staff") -> None:
        """A job with its moves: the action, where it led, how many hours before NOW; quoted one hour."""
        self._job_id += 1
        for action, to, ago_h in moves:
            self.steps.append(Step(self._job_id, NOW - timedelta(hours=ago_h), action, by, to, printer, 60))


def sent(ago_h: float) -> tuple[str, JobStatus, float]:
    return ("submit", JobStatus.UPLOADED, ago_h)


def approved(ago_h: float) -> tuple[str, JobStatus, float]:
    return (Verb.APPROVE, JobStatus.PENDING, ago_h)


def accepted(ago_h: float) -> tuple[str, JobStatus, float]:
    return (Verb.CONFIRM, JobStatus.READY_TO_PRINT, ago_h)


def started(ago_h: float) -> tuple[str, JobStatus, float]:
    return (Verb.START, JobStatus.PRINTING, ago_h)


def completed(ago_h: float) -> tuple[str, JobStatus, float]:
    return (Verb.COMPLETE, JobStatus.COMPLETED, ago_h)


def whole_jobs(count: int, printer: int = MK4S) -> Moves:
    """One a day: decided after 1 h, accepted after 2 h more, started after 3 h, ready after 4 h."""
    moves = Moves()
    for number in range(count):
        begin = 24 * (count - number)
        moves.job(
            sent(begin),
            approved(begin - 1),
            accepted(begin - 3),
            started(begin - 6),
            completed(begin - 10),
            printer=printer,
        )
    return moves


def test_the_students_own_time_is_not_the_labs() -> None:
    learnt = learn(whole_jobs(LEAST_SEEN).steps, METHODS, NOW)
    assert learnt.whole == Span(*[timedelta(hours=8)] * 3)


def test_each_line_has_its_own_turns() -> None:
    learnt = learn(whole_jobs(12).steps, METHODS, NOW)
    assert learnt.turns_of(DESK).span(1, ZERO) == Span(*[timedelta(hours=1)] * 3)
    assert learnt.turns_of(MK4S).span(1, ZERO) == Span(*[timedelta(hours=3)] * 3)
    assert learnt.overruns.span(60) == Span(*[timedelta(hours=4)] * 3)
    assert learnt.last == {DESK: NOW - timedelta(hours=23), MK4S: NOW - timedelta(hours=18)}


def test_a_printer_with_few_jobs_is_like_the_others_of_its_method() -> None:
    learnt = learn(whole_jobs(12).steps, METHODS | {3: "Resin"}, NOW)
    assert learnt.turns_of(XL, "Filament").are_enough
    assert not learnt.turns_of(3, "Resin").are_enough


def test_a_turn_begins_when_the_one_before_it_is_over() -> None:
    moves = Moves()
    moves.job(accepted(100), started(20))
    moves.job(accepted(99), started(15))
    moves.job(accepted(3), started(1))
    for _ in range(LEAST_SEEN):
        moves.job(accepted(0.5), started(0.5))
    lengths_h = sorted(round(s / 3600, 3) for s in learn(moves.steps, METHODS, NOW).turns[MK4S]._lengths_s)
    assert lengths_h == [*[0] * LEAST_SEEN, 2, 5, 80]


def test_what_was_taken_back_has_not_been() -> None:
    moves = Moves()
    moves.job(
        sent(50), approved(40), (Verb.UNDO, JobStatus.UPLOADED, 39.9), (Verb.REJECT, JobStatus.REJECTED, 30), by="staff"
    )
    learnt = learn(moves.steps, METHODS, NOW)
    assert learnt.turns[DESK]._lengths_s == hours(20)


def test_a_corrected_file_keeps_its_place() -> None:
    moves = Moves()
    moves.job(sent(50), (Verb.CORRECT, JobStatus.UPLOADED, 40), approved(30))
    assert learn(moves.steps, METHODS, NOW).turns[DESK]._lengths_s == hours(20)


def test_a_file_that_nobody_can_read_took_nobodys_turn() -> None:
    moves = Moves()
    moves.job(sent(50), (Verb.REJECT, JobStatus.REJECTED, 49.99), by="system")
    assert DESK not in learn(moves.steps, METHODS, NOW).turns


def test_what_is_older_than_the_history_is_not_counted() -> None:
    moves = Moves()
    old = HISTORY / timedelta(hours=1) + 1
    for _ in range(LEAST_SEEN):
        moves.job(sent(old + 9), approved(old + 6), accepted(old + 5), started(old + 4), completed(old))
    learnt = learn(moves.steps, METHODS, NOW)
    assert (learnt.turns, learnt.whole, learnt.usually_waiting) == ({}, None, None)


def test_so_many_wait_usually() -> None:
    """Each day one job waited 1 h for the decision and 3 h for the printer."""
    usual = learn(whole_jobs(20).steps, METHODS, NOW).usually_waiting
    assert usual == pytest.approx(4 / 24)


# ---------- the queue ----------


moments = st.integers(0, 1000).map(lambda minutes: NOW - timedelta(minutes=minutes))


@given(st.lists(moments), moments)
def test_the_place_in_line_counts_who_came_before(others: list[datetime], since: datetime) -> None:
    line = sorted((moment, number) for number, moment in enumerate(others))
    queue = Queue({MK4S: line}, {})
    assert queue.before(MK4S, since, len(others)) == sum(moment <= since for moment in others)
    assert queue.before(XL, since, 1) == 0
    assert queue.turn_began(MK4S, since) <= since


# ---------- what is said to students and to staff ----------

lines = st.lists(st.tuples(moments, st.integers(100, 200)), max_size=20, unique_by=lambda one: one[1]).map(sorted)
waits = st.builds(
    lambda turns_s, overruns_s, line, desk, active, takes_files: Waits(
        History(NOW, {DESK: Turns(turns_s), MK4S: Turns(turns_s)}, {}, Overruns(overruns_s), None, None, {}),
        Queue({DESK: desk, MK4S: line}, {}),
        Catalog((replace(parts.MK4S, active=active),), (), (), ()),
        takes_files,
        NOW,
    ),
    seconds | st.just([]),
    seconds | st.just([]),
    lines,
    lines,
    st.booleans(),
    st.booleans(),
)
standings = st.builds(
    Standing,
    st.integers(1, 99),
    st.sampled_from(JobStatus),
    moments,
    st.just("Prusa MK4S"),
    st.none() | st.integers(1, 5000),
)


@pytest.mark.parametrize("status", [status for status in JobStatus if status is not JobStatus.UPLOADED])
@given(waits=waits, job=standings)
def test_staff_reckon_with_the_day_that_the_student_is_told(status: JobStatus, waits: Waits, job: Standing) -> None:
    accepted = replace(job, status=status)
    said = Forecast(waits).of(accepted)
    assert Forecast(waits).ready(accepted) == (said.likely if said else None)


@given(waits, standings)
def test_a_new_file_is_decided_before_it_is_ready(waits: Waits, job: Standing) -> None:
    new = replace(job, status=JobStatus.UPLOADED)
    decided, ready = Forecast(waits).of(new), Forecast(waits).ready(new)
    assert decided
    assert decided.milestone is Milestone.DECIDED
    if ready:
        assert decided.likely
        assert decided.likely.middle <= ready.middle


@given(waits, standings)
def test_of_a_job_on_its_way_either_a_time_is_said_or_why_not(waits: Waits, job: Standing) -> None:
    said = Forecast(waits).of(job)
    assert (said is None) == (job.status not in UNDER_WAY)
    assert said is None or (said.likely is None) != (said.unsaid is None)


# ---------- how often it was right ----------


def told_and_found(lab: MadeUpLab) -> Iterator[tuple[datetime, datetime, datetime]]:
    """The range that each job would have been told on joining the queue, and when it was ready."""
    for job in lab.after_the_first_weeks:
        now = job.accepted
        learnt, queue = lab.learnt_until(now), lab.queue_at(now)
        before, gone_on = queue.before(lab.PRINTER, now, job.id), now - queue.turn_began(lab.PRINTER, now)
        started, printed = learnt.turns_of(lab.PRINTER).span(before + 1, gone_on), learnt.overruns.span(job.time_min)
        if started and printed:
            likely = started + printed
            yield now + likely.low, job.ready, now + likely.high


@pytest.mark.parametrize(("machines", "a_day"), [(2, 2.2), (4, 4.5), (8, 9)])
@pytest.mark.parametrize("in_order", [1.0, 0.5])
def test_most_jobs_of_a_made_up_lab_are_ready_on_the_days_that_they_were_told(
    machines: int, a_day: float, in_order: float
) -> None:
    """Open on weekdays from nine to five, with nights, weekends, batches, and staff who take jobs out of order."""
    told = list(told_and_found(MadeUpLab(machines, a_day, in_order)))
    assert len(told) > 100
    to_the_second = sum(earliest <= ready <= latest for earliest, ready, latest in told)
    on_the_day = sum(earliest.date() <= ready.date() <= latest.date() for earliest, ready, latest in told)
    assert 0.5 <= to_the_second / len(told) <= 0.8
    assert on_the_day / len(told) >= 0.75
