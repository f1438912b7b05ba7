"""The one table of moves, against what the product says."""

from __future__ import annotations

from itertools import product

import pytest

from printlab.domain.status import MOVES, IllegalMove, JobStatus, Verb, check_move, is_allowed, verbs_from

# Written out once more on purpose: from, to, by which verbs.
U, P, R, Q, N, C, X = JobStatus
PRODUCT = {
    (U, P): {"approve"},
    (U, Q): {"approve"},  # the student stands at the desk
    (U, R): {"reject", "cancel"},
    (U, U): {"correct"},
    (P, Q): {"confirm"},
    (P, R): {"reject", "decline", "cancel", "lapse"},
    (P, P): {"requote"},
    (R, U): {"correct", "reopen"},
    (Q, N): {"start"},
    (Q, P): {"requote"},
    (Q, R): {"reject"},
    (N, C): {"complete"},
    (N, Q): {"fail"},
    (C, X): {"hand-over"},
    (C, Q): {"reprint"},
}


def test_the_statuses_are_those_of_the_product() -> None:
    assert [status.value for status in JobStatus] == [
        "Uploaded", "Pending", "Rejected", "ReadyToPrint", "Printing", "Completed", "PaidPickedUp",
    ]  # fmt: skip
    assert [status.label for status in JobStatus] == [
        "Uploaded", "Awaiting confirmation", "Rejected", "Ready to print", "Printing", "Ready for pickup", "Picked up",
    ]  # fmt: skip


@pytest.mark.parametrize(("current", "target"), list(product(JobStatus, JobStatus)))
def test_a_job_moves_only_along_the_table(current: JobStatus, target: JobStatus) -> None:
    allowed = PRODUCT.get((current, target), set())
    assert {verb.value for verb in Verb if is_allowed(current, target, verb)} == allowed
    for verb in Verb:
        if verb.value in allowed:
            check_move(7, current, target, verb)
        else:
            with pytest.raises(IllegalMove) as refused:
                check_move(7, current, target, verb)
            assert str(refused.value).startswith(f"Job 7 is “{current.label}”; “{verb.label}” is not possible.")


def test_every_status_has_its_row() -> None:
    assert set(MOVES) == set(JobStatus)


def test_nothing_leads_away_from_the_end() -> None:
    assert verbs_from(JobStatus.PAID_PICKED_UP) == frozenset()
    with pytest.raises(IllegalMove, match="Nothing more can be done with it"):
        check_move(7, JobStatus.PAID_PICKED_UP, JobStatus.COMPLETED, Verb.REPRINT)


def test_a_refusal_says_what_can_be_done() -> None:
    with pytest.raises(IllegalMove) as refused:
        check_move(7, JobStatus.PRINTING, JobStatus.PAID_PICKED_UP, Verb.HAND_OVER)
    assert str(refused.value) == (
        "Job 7 is “Printing”; “Hand over” is not possible. What can be done now: Complete, Log a failed print."
    )
    assert (refused.value.job_id, refused.value.status) == (7, JobStatus.PRINTING)


def test_a_verb_leads_to_one_place_from_each_status() -> None:
    """But for approve, which may skip the confirmation."""
    for status in JobStatus:
        for verb in verbs_from(status) - {Verb.APPROVE}:
            assert sum(verb in move.verbs for move in MOVES[status].values()) == 1
