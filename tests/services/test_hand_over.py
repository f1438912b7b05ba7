"""The end of the line: money and outcome."""

from __future__ import annotations

import pytest

from printlab.domain.policy import Actor
from printlab.domain.status import JobStatus
from printlab.domain.views import Outcome, PaymentMethod
from printlab.errors import InvalidInput
from printlab.services import Services
from tests.workbench import Workbench


@pytest.mark.parametrize("method", [PaymentMethod.CASH, PaymentMethod.CARD, PaymentMethod.ACCOUNT])
def test_paid_and_collected(method: PaymentMethod, bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.hand_over(bench.at(JobStatus.COMPLETED), payment_method=method)
    assert (job.status, job.outcome) == (JobStatus.PAID_PICKED_UP, Outcome.COLLECTED)
    assert [(payment.amount_cents, payment.method) for payment in job.payments] == [(434, method)]
    receipt = services.mail.outbox(staff, job.id)[0]
    assert receipt.kind == "receipt"
    assert "$4.34" in receipt.text


def test_waived(bench: Workbench) -> None:
    job = bench.at(JobStatus.COMPLETED)
    with pytest.raises(InvalidInput) as refused:
        bench.hand_over(job, amount_cents=0, payment_method=PaymentMethod.WAIVED)
    assert refused.value.field == "reason"
    job = bench.hand_over(job, amount_cents=0, payment_method=PaymentMethod.WAIVED, reason="our own mistake")
    assert (job.outcome, job.payments[0].amount_cents) == (Outcome.WAIVED, 0)


def test_disposed(bench: Workbench) -> None:
    job = bench.hand_over(
        bench.at(JobStatus.COMPLETED), amount_cents=0, payment_method=None, outcome=Outcome.DISPOSED, reason="60 days"
    )
    assert (job.status, job.outcome, job.payments[0].method) == (JobStatus.PAID_PICKED_UP, Outcome.DISPOSED, None)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"amount_cents": 400}, "reason"),
        ({"amount_cents": -434, "reason": "x"}, "amount_cents"),
        ({"payment_method": None}, "payment_method"),
        ({"payment_method": PaymentMethod.WAIVED, "reason": "x"}, "amount_cents"),
        ({"outcome": Outcome.DISPOSED}, "amount_cents"),
        ({"outcome": Outcome.WAIVED}, "outcome"),
        (
            {
                "amount_cents": 0,
                "payment_method": PaymentMethod.WAIVED,
                "outcome": Outcome.COLLECTED,
                "reason": "x",
            },
            "outcome",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(bench: Workbench, facts: dict[str, object], field: str) -> None:
    job = bench.at(JobStatus.COMPLETED)
    with pytest.raises(InvalidInput) as refused:
        bench.hand_over(job, **facts)
    assert refused.value.field == field
    assert bench.get(job.id) == job


def test_another_amount_with_its_reason(bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.hand_over(bench.at(JobStatus.COMPLETED), amount_cents=400, reason="no change in the till")
    assert job.payments[0].amount_cents == 400
    assert services.search.events(job.id, staff)[0].reason == "no change in the till"
