"""What staff read after the commit, and on the way back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.job_form import short
from components.verbs import done_sentence, undo_label, undone_sentence
from printlab.domain.commands import EditJob, MoveJob
from printlab.domain.status import JobStatus, Verb
from tests.workbench import Workbench


def test_the_way_back_names_what_it_takes_back(bench: Workbench) -> None:
    job = bench.at(JobStatus.READY_TO_PRINT)
    assert undo_label(Verb.START) == "Undo: Start printing"
    assert undone_sentence(Verb.START, job) == f"Undone: Start printing. Job {job.id} is “Ready to print” again"


def test_an_assignment_alone_is_named(bench: Workbench) -> None:
    job = replace(bench.submit(), assignee="Kim Okafor")
    assigned = EditJob(job.id, job.version, assignee="Kim Okafor")
    assert done_sentence(None, assigned, job) == f"Job {job.id} is assigned to Kim Okafor"
    taken = EditJob(job.id, job.version, assignee="")
    assert done_sentence(None, taken, replace(job, assignee=None)) == f"Job {job.id} is assigned to nobody"
    assert done_sentence(None, replace(assigned, course="ME 2340"), job) == f"Job {job.id} saved"


def test_a_name_of_any_length_fits_into_a_notification(bench: Workbench) -> None:
    job = bench.at(JobStatus.READY_TO_PRINT, name="Maximilian " * 27)
    said = done_sentence(Verb.CONFIRM, MoveJob(job.id, job.version), job)
    assert said.startswith(f"Job {job.id} accepted for Maximilian")
    assert len(said) < 80


@pytest.mark.parametrize("name", ["Jane Doe", "x" * 40])
def test_a_short_name_stays(name: str) -> None:
    assert short(name) == name


def test_a_long_name_ends_with_an_ellipsis() -> None:
    assert short("x" * 41) == "x" * 39 + "…"
