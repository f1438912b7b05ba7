"""What a student reads about the queue, in every case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from components.waiting import job_words, lab_words
from printlab.domain.status import JobStatus
from printlab.domain.waiting import Crowd, LabOutlook, Likely, Milestone, Outlook, Span, Unsaid
from tests.workbench import Workbench

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
TOOK = Span(timedelta(days=2), timedelta(days=3), timedelta(days=4))
LIKELY = Likely(NOW + timedelta(days=1), NOW + timedelta(days=2), NOW + timedelta(days=3))
BASIS = "Worked out from the lab’s last 30 days; most jobs keep within such a range."


@pytest.mark.parametrize(
    ("waiting", "crowd", "sentence"),
    [
        (0, Crowd.QUIET, "No job waits in the lab."),
        (1, None, "1 job waits in the lab."),
        (3, Crowd.QUIET, "The lab is quiet: 3 jobs wait."),
        (14, Crowd.USUAL, "14 jobs wait in the lab, as many as usual."),
        (1, Crowd.USUAL, "1 job waits in the lab, as many as usual."),
        (42, Crowd.BUSY, "The lab is busy: 42 jobs wait."),
    ],
)
def test_how_busy_the_lab_is(waiting: int, crowd: Crowd | None, sentence: str) -> None:
    assert lab_words(LabOutlook(waiting, crowd, None)) == sentence
    more = "; it may take longer now" if crowd is Crowd.BUSY else ""
    told = f"{sentence} Most parts of the last 30 days took the lab 2 to 4 days{more}."
    assert lab_words(LabOutlook(waiting, crowd, TOOK)) == told


@pytest.mark.parametrize(
    ("status", "before", "sentence"),
    [
        (
            JobStatus.UPLOADED,
            2,
            "2 files are before yours. Staff likely decide between tomorrow and Thu 5 Mar.",
        ),
        (JobStatus.UPLOADED, 0, "No other file is before yours. Staff likely decide between tomorrow and Thu 5 Mar."),
        (
            JobStatus.PENDING,
            1,
            "1 job waits for the Prusa MK4S. If you accept now, it is likely ready between tomorrow and Thu 5 Mar.",
        ),
        (
            JobStatus.READY_TO_PRINT,
            3,
            "3 jobs are before yours for the Prusa MK4S. Likely ready between tomorrow and Thu 5 Mar.",
        ),
        (
            JobStatus.READY_TO_PRINT,
            1,
            "1 job is before yours for the Prusa MK4S. Likely ready between tomorrow and Thu 5 Mar.",
        ),
        (
            JobStatus.READY_TO_PRINT,
            0,
            "No other job is before yours for the Prusa MK4S. Likely ready between tomorrow and Thu 5 Mar.",
        ),
        (JobStatus.PRINTING, None, "Likely ready between tomorrow and Thu 5 Mar."),
    ],
)
def test_place_and_range(bench: Workbench, status: JobStatus, before: int | None, sentence: str) -> None:
    outlook = Outlook(Milestone.READY, before, LIKELY)
    text, basis = job_words(bench.at(status), outlook, NOW, UTC)
    assert text == sentence
    assert basis == (BASIS if before is None else f"{BASIS} Staff may take jobs in another order.")


@pytest.mark.parametrize(
    ("unsaid", "why"),
    [
        (Unsaid.TOO_FEW, ""),
        (Unsaid.LAB_CLOSED, " The lab takes no new files at the moment, so nobody can say yet when it is ready."),
        (Unsaid.OUT_OF_USE, " The Prusa MK4S is not in use at the moment, so nobody can say yet when it is ready."),
        (
            Unsaid.OVERDUE,
            " It takes longer now than in the lab’s last 30 days, so nobody can say yet when it is ready.",
        ),
    ],
)
def test_why_there_is_no_range(bench: Workbench, unsaid: Unsaid, why: str) -> None:
    said = job_words(bench.at(JobStatus.READY_TO_PRINT), Outlook(Milestone.READY, 3, unsaid=unsaid), NOW, UTC)
    assert said == (f"3 jobs are before yours for the Prusa MK4S.{why}", "")


def test_an_undecided_file_waits_for_the_decision(bench: Workbench) -> None:
    said = job_words(bench.submit(), Outlook(Milestone.DECIDED, 1, unsaid=Unsaid.OVERDUE), NOW, UTC)
    assert said[0].endswith("so nobody can say yet when staff decide.")


def test_a_new_lab_names_the_end_of_the_quoted_time(bench: Workbench) -> None:
    job, end = bench.at(JobStatus.PRINTING), NOW + timedelta(minutes=130)
    told = Outlook(Milestone.READY, None, unsaid=Unsaid.TOO_FEW, quoted_end=end)
    assert job_words(job, told, NOW, UTC) == ("By the quoted time it is printed today by 17:00.", "")


def test_nothing_is_said_of_a_job_that_waits_for_nobody(bench: Workbench) -> None:
    assert job_words(bench.submit(), None, NOW, UTC) == ("", "")
