"""How a job ended is told by word, icon and colour."""

from __future__ import annotations

import pytest

from components.status import status_classes, status_label
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import JobView, withdrawal
from tests.workbench import STAFF, Workbench


def chip(job: JobView) -> tuple[str, str]:
    """The word and the colour of the job's status."""
    withdrawn = withdrawal(job)
    return status_label(job.status, job.outcome, withdrawn), status_classes(job.status, withdrawn).split("-")[-1]


def withdraw(bench: Workbench, verb: Verb, *, by_student: bool = True) -> JobView:
    """A quoted job that its student, or staff for them, called off."""
    job = bench.approve(bench.submit())
    return bench.move(verb, job, bench.student(job) if by_student else STAFF)


@pytest.mark.parametrize("by_student", [True, False], ids=["the student", "staff"])
@pytest.mark.parametrize(("verb", "word"), [(Verb.CANCEL, "Cancelled"), (Verb.DECLINE, "Quote declined")])
def test_a_withdrawn_job_is_grey_and_says_how(bench: Workbench, verb: Verb, word: str, by_student: bool) -> None:
    assert chip(withdraw(bench, verb, by_student=by_student)) == (word, "closed")


def test_a_rejected_job_is_red(bench: Workbench) -> None:
    assert chip(bench.at(JobStatus.REJECTED)) == ("Rejected", "rejected")


def test_a_job_that_is_open_again_was_not_withdrawn(bench: Workbench) -> None:
    job = bench.move(Verb.REOPEN, withdraw(bench, Verb.CANCEL))
    assert chip(job) == ("Uploaded", "uploaded")
    assert chip(bench.undo(job)) == ("Cancelled", "closed")
