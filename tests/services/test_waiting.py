"""The queue and what was learnt of the last weeks, read from the database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from printlab.domain.commands import ApproveJob
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import JobView
from printlab.domain.waiting import HISTORY, LEAST_SEEN, Crowd, Forecast, Milestone, Outlook, Standing, Unsaid
from printlab.live import Changed
from tests.past import one_job_a_day
from tests.workbench import ADMIN, Workbench, change_lab

_PATIENCE_S = 10.0
BOTH = pytest.mark.usefixtures("database_url")


def outlook(bench: Workbench, job: JobView) -> Outlook:
    """What can be said of the job now."""
    found = Forecast(bench.services.waiting.now()).of(Standing.of(job, job.time_min))
    assert found
    return found


@contextmanager
def queries(bench: Workbench) -> Iterator[list[str]]:
    """What is asked of the database while the block runs."""
    asked: list[str] = []
    engine = bench.services.database._reader

    def ask(*call: object) -> None:
        asked.append(str(call[2]))

    sa.event.listen(engine, "before_cursor_execute", ask)
    yield asked
    sa.event.remove(engine, "before_cursor_execute", ask)


@BOTH
def test_the_place_in_line_is_that_of_the_jobs_printer(bench: Workbench) -> None:
    for _ in range(2):
        bench.at(JobStatus.READY_TO_PRINT)
    other = bench.at(JobStatus.READY_TO_PRINT, printer="Prusa XL")
    mine = bench.at(JobStatus.READY_TO_PRINT)
    asked, quoted = bench.submit(), bench.at(JobStatus.PENDING)
    assert outlook(bench, mine).before == 2
    assert outlook(bench, other).before == 0
    assert outlook(bench, asked).before == 0
    assert outlook(bench, quoted).before == 3
    assert outlook(bench, bench.submit()).before == 1
    assert bench.services.waiting.now().of_lab().waiting == 6


@BOTH
def test_the_queue_moves(bench: Workbench) -> None:
    first, mine = bench.at(JobStatus.READY_TO_PRINT), bench.at(JobStatus.READY_TO_PRINT)
    assert outlook(bench, mine).before == 1
    first = bench.start(first)
    assert outlook(bench, mine).before == 0
    bench.move(Verb.FAIL, first, reason="Came off the bed")
    assert outlook(bench, mine).before == 0  # a failed print joins the line anew
    bench.start(mine)
    mine = bench.get(mine.id)
    assert outlook(bench, mine).before is None


@BOTH
def test_a_likely_finish_from_what_the_lab_did(bench: Workbench) -> None:
    one_job_a_day(bench)
    mine = bench.at(JobStatus.READY_TO_PRINT)
    likely = outlook(bench, mine).likely
    assert likely
    # Its turn takes an hour, its print four: 110 min more than the 130 that were quoted.
    assert likely.earliest - bench.clock.now == pytest.approx(timedelta(hours=5), abs=timedelta(seconds=1))
    assert likely.earliest <= likely.middle <= likely.latest
    mine = bench.start(mine)
    bench.clock.advance(hours=1)
    likely = outlook(bench, mine).likely
    assert likely
    assert likely.middle - bench.clock.now == pytest.approx(timedelta(hours=3), abs=timedelta(seconds=1))


@BOTH
def test_an_undecided_file_is_told_when_staff_decide(bench: Workbench) -> None:
    one_job_a_day(bench)
    told = outlook(bench, bench.submit())
    assert told.milestone is Milestone.DECIDED
    assert told.likely
    assert told.likely.middle - bench.clock.now == pytest.approx(timedelta(hours=2), abs=timedelta(seconds=1))


def test_whoever_accepts_now_joins_the_end_of_the_line(bench: Workbench) -> None:
    one_job_a_day(bench)
    quoted = bench.at(JobStatus.PENDING)
    bench.clock.advance(days=5)  # the student's own time is not the lab's
    told = outlook(bench, quoted)
    assert told.likely
    assert told.likely.middle - bench.clock.now == pytest.approx(timedelta(hours=5), abs=timedelta(seconds=1))


def test_a_longer_print_is_ready_later(bench: Workbench) -> None:
    one_job_a_day(bench)
    job = bench.submit()
    long = bench.services.quotes.approve(ApproveJob(job.id, job.version, 3800, 130 + 60), ADMIN)
    quoted = bench.at(JobStatus.PENDING)
    forecast = Forecast(bench.services.waiting.now())
    short_ready, long_ready = (forecast.ready(Standing.of(job, job.time_min)) for job in (quoted, long))
    assert short_ready
    assert long_ready
    assert long_ready.middle - short_ready.middle == timedelta(hours=1)


def test_of_few_jobs_only_the_place_is_said(bench: Workbench) -> None:
    one_job_a_day(bench, LEAST_SEEN - 1)
    told = outlook(bench, bench.at(JobStatus.READY_TO_PRINT))
    assert (told.before, told.likely, told.unsaid) == (0, None, Unsaid.TOO_FEW)
    lab = bench.services.waiting.now().of_lab()
    assert (lab.crowd, lab.took) == (None, None)


def test_a_print_of_a_new_lab_ends_by_its_quoted_time(bench: Workbench) -> None:
    printing = bench.at(JobStatus.PRINTING)
    told = outlook(bench, printing)
    assert (told.unsaid, told.quoted_end) == (Unsaid.TOO_FEW, printing.status_since + timedelta(minutes=130))
    bench.clock.advance(hours=3)
    assert outlook(bench, printing).quoted_end is None


def test_what_takes_longer_than_ever_is_not_guessed(bench: Workbench) -> None:
    one_job_a_day(bench)
    waiting = bench.at(JobStatus.READY_TO_PRINT)
    bench.clock.advance(days=3)
    assert outlook(bench, waiting).unsaid is Unsaid.OVERDUE


def test_a_closed_lab_names_no_day(bench: Workbench) -> None:
    one_job_a_day(bench)
    for status in (JobStatus.UPLOADED, JobStatus.PENDING, JobStatus.READY_TO_PRINT, JobStatus.PRINTING):
        job = bench.at(status)
        assert outlook(bench, job).likely
        change_lab(bench.services, submissions_open=False, closed_message="Until January.")
        assert (outlook(bench, job).likely, outlook(bench, job).unsaid) == (None, Unsaid.LAB_CLOSED)
        change_lab(bench.services, submissions_open=True)


def test_a_printer_out_of_use_names_no_day(bench: Workbench) -> None:
    one_job_a_day(bench)
    waiting, printing = bench.at(JobStatus.READY_TO_PRINT), bench.at(JobStatus.PRINTING)
    printer = bench.services.catalog.view().printer("Prusa MK4S")
    assert printer
    bench.services.catalog.save_printer(replace(printer, active=False), ADMIN)
    assert outlook(bench, waiting).unsaid is Unsaid.OUT_OF_USE
    on_the_machine = outlook(bench, printing).likely
    assert on_the_machine
    assert Forecast(bench.services.waiting.now()).ready(Standing.of(printing, printing.time_min)) == on_the_machine


@pytest.mark.parametrize("status", [JobStatus.REJECTED, JobStatus.COMPLETED, JobStatus.PAID_PICKED_UP])
def test_nothing_is_said_of_a_job_that_waits_for_nobody(bench: Workbench, status: JobStatus) -> None:
    job = bench.at(status)
    assert Forecast(bench.services.waiting.now()).of(Standing.of(job, job.time_min)) is None


def test_a_busy_lab_is_one_where_more_wait_than_usual(bench: Workbench) -> None:
    one_job_a_day(bench)
    assert bench.services.waiting.now().of_lab().crowd is Crowd.QUIET
    for _ in range(3):
        bench.submit()
    lab = bench.services.waiting.now().of_lab()
    assert (lab.waiting, lab.crowd) == (3, Crowd.BUSY)
    assert lab.took
    assert lab.took.middle == pytest.approx(timedelta(hours=7), abs=timedelta(seconds=1))


def test_what_is_older_than_the_history_is_forgotten(bench: Workbench) -> None:
    one_job_a_day(bench)
    bench.clock.now += HISTORY
    bench.services.waiting.renew()
    assert bench.services.waiting.now().of_lab().took is None


def test_however_many_ask_the_queue_is_read_once_after_a_change(bench: Workbench) -> None:
    job = bench.submit()
    bench.services.waiting.now()
    with queries(bench) as asked:
        for _ in range(50):
            bench.services.waiting.now()
    assert asked == []
    bench.approve(job)
    with queries(bench) as asked:
        for _ in range(50):
            assert bench.services.waiting.now().of_lab().waiting == 0
    assert len([query for query in asked if query.startswith("SELECT")]) == 2


def test_a_reading_that_failed_is_made_again(bench: Workbench) -> None:
    bench.services.waiting.now()
    engine = bench.services.database._reader

    def fail(*call: object) -> None:
        raise sa.exc.OperationalError("SELECT", {}, Exception("gone"))

    bench.submit()
    sa.event.listen(engine, "before_cursor_execute", fail)
    with pytest.raises(sa.exc.OperationalError):
        bench.services.waiting.now()
    sa.event.remove(engine, "before_cursor_execute", fail)
    assert bench.services.waiting.now().of_lab().waiting == 1


def test_after_a_gap_in_what_was_heard_it_is_read_again(bench: Workbench) -> None:
    bench.services.waiting.now()
    with queries(bench) as asked:
        bench.services.live.publish(Changed(everything=True))
        bench.services.waiting.now()
    assert asked


def test_whoever_asks_while_it_learns_does_not_wait_for_that(bench: Workbench) -> None:
    one_job_a_day(bench)
    bench.services.waiting.now()
    engine, asking, told = bench.services.database._reader, threading.current_thread(), list[bool]()

    def ask(*call: object) -> None:
        if threading.current_thread() is asking and not told:
            other = threading.Thread(target=bench.services.waiting.now)
            other.start()
            other.join(_PATIENCE_S)
            told.append(not other.is_alive())

    sa.event.listen(engine, "before_cursor_execute", ask)
    bench.services.waiting.renew()
    sa.event.remove(engine, "before_cursor_execute", ask)
    assert told == [True]
