"""One action for several jobs: each gets what its own form would send, and what has to be looked at is left out."""

from __future__ import annotations

import pytest

from printlab.domain.commands import ApproveJob, CompleteJob, HandOverJob, RejectJob, StartJob
from printlab.domain.several import Answers, command_for
from printlab.domain.status import IllegalMove, JobStatus, Verb
from printlab.domain.views import Outcome, PaymentMethod
from printlab.errors import InvalidInput
from printlab.services import Services
from tests import files_made
from tests.workbench import STAFF, Workbench

ANSWERS = Answers()


def test_a_sliced_job_is_approved_with_its_own_figures(bench: Workbench, services: Services) -> None:
    job = bench.add_sliced(bench.submit(), files_made.prusa_gcode())
    command = command_for(Verb.APPROVE, job, services.catalog.view(), ANSWERS)
    assert isinstance(command, ApproveJob)
    assert (command.weight_cg, command.time_min, command.version) == (3800, 130, job.version)
    assert services.quotes.approve(command, STAFF).price_cents == command.seen_cents


def test_a_job_that_nobody_sliced_is_left_out(bench: Workbench, services: Services) -> None:
    with pytest.raises(InvalidInput, match="not known"):
        command_for(Verb.APPROVE, bench.submit(), services.catalog.view(), ANSWERS)


def test_a_file_for_another_printer_is_looked_at_by_itself(bench: Workbench, services: Services) -> None:
    job = bench.add_sliced(bench.submit(), files_made.prusa_gcode(printer="MINI"))
    with pytest.raises(InvalidInput, match="sliced for “MINI”"):
        command_for(Verb.APPROVE, job, services.catalog.view(), ANSWERS)


def test_each_verb_of_the_table_only(bench: Workbench, services: Services) -> None:
    with pytest.raises(IllegalMove):
        command_for(Verb.COMPLETE, bench.submit(), services.catalog.view(), ANSWERS)


def test_a_job_without_a_sliced_file_is_not_started_with_others(bench: Workbench, services: Services) -> None:
    ready = bench.confirm(bench.approve(bench.submit()))
    with pytest.raises(InvalidInput, match="no sliced file"):
        command_for(Verb.START, ready, services.catalog.view(), ANSWERS)


def test_what_is_asked_once_is_the_same_for_all(bench: Workbench, services: Services) -> None:
    catalog = services.catalog.view()
    job = bench.submit()
    rejected = command_for(Verb.REJECT, job, catalog, Answers(reasons=("Too large",), note="Sorry"))
    assert rejected == RejectJob(job.id, job.version, ("Too large",), "Sorry")
    printing = bench.start(bench.confirm(bench.approve(bench.submit())))
    assert command_for(Verb.COMPLETE, printing, catalog, ANSWERS) == CompleteJob(printing.id, printing.version)
    done = bench.complete(printing)
    paid = command_for(Verb.HAND_OVER, done, catalog, Answers(method=PaymentMethod.CARD))
    assert isinstance(paid, HandOverJob)
    assert (paid.amount_cents, paid.payment_method) == (done.price_cents, PaymentMethod.CARD)
    ready = bench.confirm(bench.approve(bench.add_sliced(bench.submit(), files_made.prusa_gcode())))
    assert command_for(Verb.START, ready, catalog, Answers(machine="left")) == StartJob(ready.id, ready.version, "left")


@pytest.mark.parametrize("outcome", [Outcome.WAIVED, Outcome.DISPOSED])
def test_parts_that_nobody_collects_are_closed_together(outcome: Outcome, bench: Workbench, services: Services) -> None:
    job = bench.at(JobStatus.COMPLETED)
    answers = Answers(outcome=outcome, reason="It waited for two months.")
    command = command_for(Verb.HAND_OVER, job, services.catalog.view(), answers)
    assert isinstance(command, HandOverJob)
    closed = services.jobs.hand_over(command, STAFF)
    assert (closed.outcome, [payment.amount_cents for payment in closed.payments]) == (outcome, [0])
