"""What the panel says about a job that nobody prints."""

from __future__ import annotations

from components.next_step import panel_title, standing
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import JobView
from tests.workbench import STAFF, Workbench


def panel(job: JobView) -> tuple[str, str | None]:
    """Its title and what it says."""
    return panel_title(job, None), standing(job, mailed=True)


def test_a_rejected_job_says_what_the_lab_said(bench: Workbench) -> None:
    assert panel(bench.at(JobStatus.REJECTED)) == ("Why it was rejected", "Too large\nIt is 40 cm long.")


def test_a_cancelled_job_says_who_cancelled_it_and_why(bench: Workbench) -> None:
    job, other = bench.submit(), bench.submit()
    cancelled = bench.move(Verb.CANCEL, job, bench.student(job), "I found another way.")
    assert panel(cancelled) == (
        "Cancelled",
        "By the student. The lab did not reject it.\n“I found another way.”",
    )
    for_them = bench.move(Verb.CANCEL, other, STAFF)
    assert panel(for_them) == ("Cancelled", "For the student, by Sam Staff. The lab did not reject it.")


def test_what_is_known_stays_after_an_undo(bench: Workbench) -> None:
    job = bench.submit()
    cancelled = bench.move(Verb.CANCEL, job, bench.student(job))
    undone = bench.undo(bench.move(Verb.REOPEN, cancelled))
    assert panel(undone) == ("Cancelled", "Cancelled by the student. The lab did not reject it.")


def test_a_lapsed_quote_says_what_to_do(bench: Workbench) -> None:
    assert panel(bench.lapsed()) == (
        "Quote lapsed",
        "Nobody answered the quote in time. Reopen the job when the student still wants it.",
    )
