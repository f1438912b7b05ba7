"""Every verb in every status, through the services, against the one table."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from printlab.domain.policy import ANONYMOUS, Actor
from printlab.domain.status import MOVES, IllegalMove, JobStatus, Verb
from printlab.domain.views import JobView
from printlab.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn
from printlab.services import Services
from printlab.services.desk import StaleVersion
from tests.workbench import Workbench

VERBS = [verb for verb in Verb if verb not in (Verb.UNDO, Verb.LAPSE)]  # a quote lapses by the clock alone


def target_of(status: JobStatus, verb: Verb) -> JobStatus | None:
    """Where the table sends a job (approve: with the student's confirmation)."""
    targets = [target for target, move in MOVES[status].items() if verb in move.verbs]
    return targets[0] if targets else None


@pytest.mark.parametrize(("status", "verb"), list(product(JobStatus, VERBS)))
def test_a_verb_moves_a_job_along_the_table_or_is_refused(
    status: JobStatus, verb: Verb, bench: Workbench, services: Services, staff: Actor
) -> None:
    job = bench.at(status)
    before = services.search.events(job.id, staff)
    target = target_of(status, verb)
    if target is None:
        with pytest.raises(IllegalMove) as refused:
            bench.do(verb, job)
        assert str(refused.value).startswith(f"Job {job.id} is “{status.label}”; “{verb.label}” is not possible.")
        assert services.search.events(job.id, staff) == before
        assert bench.get(job.id) == job
        assert bench.agrees(job)
        return
    moved = bench.do(verb, job)
    assert moved.status is target
    assert moved.version > job.version
    new = services.search.events(job.id, staff)[: -len(before)]
    assert [(e.action, e.from_status, e.to_status, e.actor_name) for e in new] == [
        (verb.value, status, target, staff.name)
    ]
    assert moved.last_move is not None
    assert (moved.last_move.verb, moved.last_move.actor_name) == (verb, staff.name)
    assert bench.agrees(moved)


@pytest.mark.parametrize("verb", VERBS)
def test_a_stale_version_is_refused(verb: Verb, bench: Workbench) -> None:
    status = next(status for status in JobStatus if target_of(status, verb))
    job = bench.at(status)
    with pytest.raises(StaleVersion) as refused:
        bench.do(verb, replace(job, version=job.version - 1))
    assert "Nothing of yours was applied" in str(refused.value)
    assert refused.value.job == bench.get(job.id) == job


@pytest.mark.parametrize("verb", [*VERBS, Verb.UNDO])
def test_strangers_and_visitors_move_nothing(verb: Verb, bench: Workbench) -> None:
    status = next((status for status in JobStatus if target_of(status, verb)), JobStatus.PENDING)
    job, stranger = bench.at(status), bench.student(bench.submit(name="Somebody Else"))
    with pytest.raises(NotAllowed):
        bench.do(verb, job, stranger)
    with pytest.raises(NotSignedIn):
        bench.do(verb, job, ANONYMOUS)
    assert bench.get(job.id) == job


@pytest.mark.parametrize("verb", [Verb.APPROVE, Verb.REJECT, Verb.START, Verb.COMPLETE, Verb.FAIL, Verb.HAND_OVER])
def test_students_do_not_do_the_staffs_work(verb: Verb, bench: Workbench) -> None:
    status = next(status for status in JobStatus if target_of(status, verb))
    job = bench.at(status)
    with pytest.raises(NotAllowed):
        bench.do(verb, job, bench.student(job))
    assert bench.get(job.id) == job


@pytest.mark.parametrize("verb", [Verb.CONFIRM, Verb.DECLINE, Verb.CANCEL])
def test_students_answer_their_quote(verb: Verb, bench: Workbench) -> None:
    job = bench.at(JobStatus.PENDING)
    moved = bench.do(verb, job, bench.student(job))
    assert moved.status is target_of(JobStatus.PENDING, verb)
    assert moved.last_move is not None
    assert moved.last_move.actor_name == "Jane Doe"


def test_the_buttons_are_the_moves_that_work(bench: Workbench, services: Services, staff: Actor) -> None:
    for status in JobStatus:
        job = bench.at(status)
        table = {verb for verb in VERBS if target_of(status, verb)}
        assert set(services.search.allowed(job, staff)) - {Verb.UNDO} == table


def test_there_is_no_job_that_is_not_there(bench: Workbench) -> None:
    job = bench.submit()
    with pytest.raises(NotFound, match="There is no job 999"):
        bench.approve(replace(job, id=999))


def test_approving_at_the_desk_needs_a_reason(bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.submit()
    with pytest.raises(InvalidInput) as refused:
        bench.approve(job, skip_confirmation=True)
    assert refused.value.field == "reason"
    moved = bench.approve(job, skip_confirmation=True, reason="agreed at the desk")
    assert moved.status is JobStatus.READY_TO_PRINT
    assert moved.quote is not None
    assert moved.quote.accepted_at is not None
    assert services.search.events(job.id, staff)[0].reason == "agreed at the desk"
    assert [mail.kind for mail in services.mail.outbox(staff, job.id)] == ["received"]
    assert bench.agrees(moved)


def test_a_failed_print_needs_a_reason(bench: Workbench) -> None:
    job = bench.at(JobStatus.PRINTING)
    with pytest.raises(InvalidInput) as refused:
        bench.move(Verb.FAIL, job, reason=" ")
    assert refused.value.field == "reason"


@pytest.mark.parametrize(
    "status", [JobStatus.REJECTED, JobStatus.PRINTING, JobStatus.COMPLETED, JobStatus.PAID_PICKED_UP]
)
def test_the_file_is_fixed_once_printing_has_begun(status: JobStatus, bench: Workbench) -> None:
    job = bench.at(status)
    with pytest.raises(Conflict, match="only before printing starts"):
        bench.add_sliced(job)
    assert bench.get(job.id) == job


@pytest.mark.parametrize("status", [JobStatus.UPLOADED, JobStatus.PENDING, JobStatus.READY_TO_PRINT])
def test_a_sliced_file_counts_at_once(status: JobStatus, bench: Workbench) -> None:
    job = bench.at(status)
    sliced: JobView = bench.add_sliced(job)
    assert (sliced.status, sliced.authoritative, sliced.is_sliced) == (status, 2, True)
    assert bench.agrees(sliced)
