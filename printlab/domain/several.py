"""One action for several jobs: each gets the command that its own form would send as it opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from printlab.domain.commands import ApproveJob, CompleteJob, HandOverJob, RejectJob, StartJob
from printlab.domain.pricing import price_if_known, rates_of_next_quote
from printlab.domain.proposed import proposed
from printlab.domain.remarks import remarks
from printlab.domain.status import IllegalMove, Verb, verbs_from
from printlab.domain.views import Catalog, JobView, Outcome, PaymentMethod
from printlab.errors import InvalidInput

Command = ApproveJob | RejectJob | StartJob | CompleteJob | HandOverJob


@dataclass(frozen=True, slots=True)
class Answers:
    """What is the same for all of them: why they are rejected, on which machine they start, how they are paid.

    ``outcome`` is how they end when they are handed over, ``reason`` why, unless they are collected and paid.
    """

    reasons: tuple[str, ...] = ()
    note: str | None = None
    machine: str | None = None
    method: PaymentMethod = PaymentMethod.CASH
    outcome: Outcome = Outcome.COLLECTED
    reason: str | None = None


def command_for(verb: Verb, job: JobView, catalog: Catalog, answers: Answers) -> Command:
    """The command for one of the jobs.

    Raises InvalidInput, with the reason, for a job that has to be looked at by itself, IllegalMove for one whose status
    does not allow ``verb``, KeyError for a verb that is none of ``VERBS``.
    """
    make = _MAKERS[verb]
    if verb not in verbs_from(job.status):
        raise IllegalMove(job.id, job.status, verb)
    return make(job, catalog, answers)


def _approve(job: JobView, catalog: Catalog, _answers: Answers) -> ApproveJob:
    found = proposed(job, catalog)
    if found.weight_cg is None or found.time_min is None:
        raise InvalidInput("Weight and time are not known. Slice it, or approve it by itself and type them in.")
    if odd := remarks(job, job.counting_file, catalog):
        raise InvalidInput(f"Look at it by itself: {odd[0].text}")
    printer = catalog.printer(job.printer)
    rates = job.rates if printer is None else rates_of_next_quote(printer, job.quote, job.rates.minimum_cents)
    return ApproveJob(
        job.id,
        job.version,
        found.weight_cg,
        found.time_min,
        material=found.material,
        seen_cents=price_if_known(rates, found.weight_cg, found.time_min),
    )


def _reject(job: JobView, _catalog: Catalog, answers: Answers) -> RejectJob:
    return RejectJob(job.id, job.version, answers.reasons, answers.note)


def _start(job: JobView, catalog: Catalog, answers: Answers) -> StartJob:
    if not job.is_sliced:
        raise InvalidInput("It has no sliced file. Start it by itself when it was sliced elsewhere.")
    if job.outgrown is not None:
        raise InvalidInput("Its price does not hold for the file that counts. Look at it by itself.")
    if odd := remarks(job, job.counting_file, catalog):
        raise InvalidInput(f"Look at it by itself: {odd[0].text}")
    return StartJob(job.id, job.version, answers.machine)


def _complete(job: JobView, _catalog: Catalog, _answers: Answers) -> CompleteJob:
    return CompleteJob(job.id, job.version)


def _hand_over(job: JobView, _catalog: Catalog, answers: Answers) -> HandOverJob:
    if answers.outcome is Outcome.DISPOSED:
        return HandOverJob(job.id, job.version, 0, None, Outcome.DISPOSED, reason=answers.reason)
    if job.price_cents is None:
        raise InvalidInput("It has no price. Hand it over by itself.")
    if answers.outcome is Outcome.WAIVED:
        return HandOverJob(
            job.id,
            job.version,
            amount_cents=0,
            payment_method=PaymentMethod.WAIVED,
            outcome=Outcome.WAIVED,
            collected_by=job.student_name,
            reason=answers.reason,
        )
    return HandOverJob(
        job.id,
        job.version,
        amount_cents=job.price_cents,
        payment_method=answers.method,
        outcome=Outcome.COLLECTED,
        collected_by=job.student_name,
    )


_MAKERS: Mapping[Verb, Callable[[JobView, Catalog, Answers], Command]] = {
    Verb.APPROVE: _approve,
    Verb.START: _start,
    Verb.COMPLETE: _complete,
    Verb.HAND_OVER: _hand_over,
    Verb.REJECT: _reject,
}
VERBS = tuple(_MAKERS)
"""What can be done with several jobs at once."""
