"""What a student reads about a job, at every point of its way."""

from __future__ import annotations

import pytest

from components.journey import steps, what_now, where
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import Outcome
from tests.workbench import STAFF, Workbench


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (JobStatus.UPLOADED, "The lab has your file."),
        (JobStatus.PENDING, "Your quote is here. The lab waits for your answer."),
        (JobStatus.REJECTED, "The lab cannot print this job as it is."),
        (JobStatus.READY_TO_PRINT, "Your part is in the print queue."),
        (JobStatus.PRINTING, "Your part is being printed."),
        (JobStatus.COMPLETED, "Your part is ready for pickup."),
        (JobStatus.PAID_PICKED_UP, "Your part was picked up."),
    ],
)
def test_every_status_says_where_the_part_is(bench: Workbench, status: JobStatus, sentence: str) -> None:
    job = bench.at(status)
    assert where(job) == sentence
    assert what_now(job, bench.services.lab.view())


def test_the_one_who_ended_it_is_named(bench: Workbench) -> None:
    quoted = bench.at(JobStatus.PENDING)
    assert where(bench.move(Verb.DECLINE, quoted, bench.student(quoted))) == "You declined the quote."
    other = bench.at(JobStatus.PENDING)
    assert where(bench.move(Verb.DECLINE, other, STAFF)) == "The quote was declined for you."
    sent = bench.submit()
    assert where(bench.move(Verb.CANCEL, sent, bench.student(sent))) == "You cancelled this job."


def test_a_part_that_nobody_fetched_is_not_called_picked_up(bench: Workbench) -> None:
    ready = bench.at(JobStatus.COMPLETED)
    closed = bench.hand_over(ready, amount_cents=0, payment_method=None, outcome=Outcome.DISPOSED)
    assert where(closed) == "Closed, not collected."
    assert "picked up" not in what_now(closed, bench.services.lab.view())


def test_a_finished_part_names_its_price(bench: Workbench) -> None:
    job = bench.at(JobStatus.COMPLETED)
    assert "$4.34" in what_now(job, bench.services.lab.view())


def test_the_line_shows_what_is_over_and_when(bench: Workbench) -> None:
    job = bench.at(JobStatus.PRINTING)
    line = steps(job, bench.services.search.events(job.id, STAFF))
    assert [step.state for step in line] == ["done", "done", "done", "now", "next"]
    times = [step.at for step in line]
    assert times[0] == job.created_at
    assert times[3] == job.status_since
    assert times[4] is None


def test_after_an_undo_the_line_goes_back(bench: Workbench) -> None:
    job = bench.undo(bench.at(JobStatus.PRINTING))
    line = steps(job, bench.services.search.events(job.id, STAFF))
    assert [step.state for step in line] == ["done", "done", "now", "next", "next"]
    assert line[3].at is None


def test_a_rejected_job_stands_nowhere_on_the_line(bench: Workbench) -> None:
    job = bench.at(JobStatus.REJECTED)
    line = steps(job, bench.services.search.events(job.id, STAFF))
    assert [step.state for step in line] == ["done", "next", "next", "next", "next"]
