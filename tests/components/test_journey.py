"""What a student reads about a job, at every point of its way."""

from __future__ import annotations

from datetime import datetime

import pytest

from components.journey import agreement, replaced, steps, what_now, where
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import JobView, Outcome
from tests.workbench import STAFF, Clock, Workbench


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
    assert what_now(job, bench.services.lab.view(), mailed=True)


def test_the_one_who_ended_it_is_named(bench: Workbench) -> None:
    quoted = bench.at(JobStatus.PENDING)
    assert where(bench.move(Verb.DECLINE, quoted, bench.student(quoted))) == "You declined the quote."
    other = bench.at(JobStatus.PENDING)
    assert where(bench.move(Verb.DECLINE, other, STAFF)) == "The quote was declined for you."
    sent = bench.submit()
    assert where(bench.move(Verb.CANCEL, sent, bench.student(sent))) == "You cancelled this job."


def test_a_quote_that_lapsed_is_not_called_a_rejection(bench: Workbench) -> None:
    job = bench.lapsed()
    events = bench.services.search.events(job.id, STAFF)
    assert where(job) == "The quote has lapsed: nobody answered it."
    assert "send the file here" in what_now(job, bench.services.lab.view(), mailed=True)
    assert steps(job, events)[-1].label == "Quote lapsed"


def test_a_part_that_nobody_fetched_is_not_called_picked_up(bench: Workbench) -> None:
    ready = bench.at(JobStatus.COMPLETED)
    closed = bench.hand_over(ready, amount_cents=0, payment_method=None, outcome=Outcome.DISPOSED)
    assert where(closed) == "Closed, not collected."
    assert "picked up" not in what_now(closed, bench.services.lab.view(), mailed=True)


def test_a_finished_part_names_its_price(bench: Workbench) -> None:
    job = bench.at(JobStatus.COMPLETED)
    assert "$4.34" in what_now(job, bench.services.lab.view(), mailed=True)


@pytest.mark.parametrize("status", JobStatus)
def test_without_a_mail_server_no_sentence_promises_a_mail(bench: Workbench, status: JobStatus) -> None:
    job = bench.at(status)
    sentence = what_now(job, bench.services.lab.view(), mailed=False)
    assert not any(promise in sentence for promise in ("send you", "You hear", "by e-mail"))


def test_another_attempt_says_that_the_price_stays(bench: Workbench) -> None:
    failed = bench.move(Verb.FAIL, bench.at(JobStatus.PRINTING), reason="came loose")
    assert "The price stays the same." in what_now(failed, bench.services.lab.view(), mailed=True)


def test_how_the_price_was_agreed_names_who_did_it(bench: Workbench) -> None:
    def said(job: JobView) -> tuple[str, str] | None:
        return agreement(job, bench.services.search.events(job.id, STAFF), lambda _: "today")

    quoted = bench.at(JobStatus.PENDING)
    assert said(quoted) is None
    assert said(bench.confirm(quoted)) == ("Accepted", "today")
    printing = bench.start(bench.confirm(bench.at(JobStatus.PENDING), STAFF))
    assert said(printing) == ("Accepted", "for you by Sam Staff, today")
    at_desk = bench.approve(bench.submit(), skip_confirmation=True, reason="stands at the desk")
    assert said(at_desk) == ("Agreed", "at the desk with Sam Staff, today")
    assert said(bench.requote(at_desk)) is None


def test_a_new_quote_says_which_one_it_replaces_and_in_what_they_differ(bench: Workbench) -> None:
    def said(job: JobView) -> str | None:
        return replaced(bench.services.search.events(job.id, STAFF))

    first = bench.at(JobStatus.PENDING)
    assert said(first) is None
    job = bench.requote(bench.confirm(first), weight_cg=5000, time_min=130, material="PETG")
    assert where(job) == "Your new quote is here. The lab waits for your answer."
    assert said(job) == (
        "This replaces the quote of $4.34, which no longer holds.\n"
        "Material: was PLA, now PETG\nWeight: was 38 g, now 50 g"
    )
    same = bench.requote(bench.confirm(job), weight_cg=5000, time_min=130)
    assert said(same) == "This replaces the quote before; the price stays the same."


def test_a_price_agreed_at_the_desk_has_its_time_on_the_line(bench: Workbench) -> None:
    job = bench.approve(bench.submit(), skip_confirmation=True, reason="stands at the desk")
    line = steps(job, bench.services.search.events(job.id, STAFF))
    assert [step.state for step in line] == ["done", "done", "now", "next", "next"]
    assert line[1].at is not None


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


def test_what_did_not_bring_the_part_nearer_moves_no_time(bench: Workbench, clock: Clock) -> None:
    def times(job: JobView) -> list[datetime | None]:
        clock.advance(hours=1)
        return [step.at for step in steps(job, bench.services.search.events(job.id, STAFF))]

    job = bench.submit()
    received = times(job)[0]
    taken_back = bench.undo(bench.approve(job))
    assert times(taken_back) == [received, None, None, None, None]
    queued = bench.confirm(bench.approve(taken_back))
    before = times(queued)
    assert times(bench.do(Verb.FAIL, bench.start(queued)))[:3] == before[:3]


def test_the_line_of_a_finished_job_says_when_it_was_collected(bench: Workbench) -> None:
    job = bench.at(JobStatus.PAID_PICKED_UP)
    end = steps(job, bench.services.search.events(job.id, STAFF))[-1]
    assert (end.label, end.state, end.at) == ("Picked up", "done", job.status_since)


def test_the_line_of_a_job_that_ended_ends_there(bench: Workbench) -> None:
    """Steps that never come would be a promise."""

    def line(job: JobView) -> list[tuple[str, str]]:
        return [(step.label, step.state) for step in steps(job, bench.services.search.events(job.id, STAFF))]

    received, quoted = ("File received", "done"), ("Checked and quoted", "done")
    assert line(bench.at(JobStatus.REJECTED)) == [received, ("Not printed as it is", "stopped")]
    declined = bench.move(Verb.DECLINE, bench.at(JobStatus.PENDING))
    assert line(declined) == [received, quoted, ("Quote declined", "stopped")]
    assert line(bench.move(Verb.CANCEL, bench.submit())) == [received, ("Cancelled", "stopped")]
    queued = ("In the print queue", "done")
    rejected = bench.reject(bench.at(JobStatus.READY_TO_PRINT))
    assert line(rejected) == [received, quoted, queued, ("Not printed as it is", "stopped")]
