"""The seven statuses and the one table of moves. Pages, API, services and tests all read this table."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from printlab.errors import Conflict


class JobStatus(StrEnum):
    """Where a job stands. The value is used in the database, the API and as the folder's name."""

    UPLOADED = "Uploaded"
    PENDING = "Pending"
    REJECTED = "Rejected"
    READY_TO_PRINT = "ReadyToPrint"
    PRINTING = "Printing"
    COMPLETED = "Completed"
    PAID_PICKED_UP = "PaidPickedUp"

    @property
    def label(self) -> str:
        """What people read."""
        return _LABELS[self]

    def place_of(self, filename: str) -> str:
        """Where the working copy of a job in this status belongs, below the storage root, with a forward slash."""
        return f"{self.value}/{filename}"


ENDED = (JobStatus.REJECTED, JobStatus.PAID_PICKED_UP)
"""Where nothing waits for anybody: such jobs are folded away on the board, and their files are left alone."""

_LABELS = {
    JobStatus.UPLOADED: "Uploaded",
    JobStatus.PENDING: "Awaiting confirmation",
    JobStatus.REJECTED: "Rejected",
    JobStatus.READY_TO_PRINT: "Ready to print",
    JobStatus.PRINTING: "Printing",
    JobStatus.COMPLETED: "Ready for pickup",
    JobStatus.PAID_PICKED_UP: "Picked up",
}


class Verb(StrEnum):
    """What can be done with a job's status. The value is the last part of the API's address."""

    APPROVE = "approve"
    REJECT = "reject"
    CONFIRM = "confirm"
    DECLINE = "decline"
    CANCEL = "cancel"
    START = "start"
    COMPLETE = "complete"
    FAIL = "fail"
    HAND_OVER = "hand-over"
    REQUOTE = "requote"
    REOPEN = "reopen"
    REPRINT = "reprint"
    CORRECT = "correct"
    LAPSE = "lapse"
    UNDO = "undo"

    @property
    def label(self) -> str:
        """The verb as a button says it."""
        return _VERB_LABELS[self]


_VERB_LABELS = {
    Verb.APPROVE: "Approve",
    Verb.REJECT: "Reject",
    Verb.CONFIRM: "Accept the quote",
    Verb.DECLINE: "Decline the quote",
    Verb.CANCEL: "Cancel",
    Verb.START: "Start printing",
    Verb.COMPLETE: "Complete",
    Verb.FAIL: "Log a failed print",
    Verb.HAND_OVER: "Hand over",
    Verb.REQUOTE: "Re-quote",
    Verb.REOPEN: "Reopen",
    Verb.REPRINT: "Print again",
    Verb.CORRECT: "Send a corrected file",
    Verb.LAPSE: "Let the quote lapse",
    Verb.UNDO: "Undo",
}


class Move(NamedTuple):
    """One arrow of the table: the verbs that lead along it."""

    verbs: frozenset[Verb]


def _by(*verbs: Verb) -> Move:
    return Move(frozenset(verbs))


# From → to → by which verbs. A quote may be superseded while it waits (Pending → Pending): it gets the next number,
# and the student can accept only the newest. Undo is no arrow: it goes back along the latest one.
MOVES: dict[JobStatus, dict[JobStatus, Move]] = {
    JobStatus.UPLOADED: {
        JobStatus.PENDING: _by(Verb.APPROVE),
        JobStatus.READY_TO_PRINT: _by(Verb.APPROVE),
        JobStatus.REJECTED: _by(Verb.REJECT, Verb.CANCEL),
        JobStatus.UPLOADED: _by(Verb.CORRECT),
    },
    JobStatus.PENDING: {
        JobStatus.READY_TO_PRINT: _by(Verb.CONFIRM),
        JobStatus.REJECTED: _by(Verb.REJECT, Verb.DECLINE, Verb.CANCEL, Verb.LAPSE),
        JobStatus.PENDING: _by(Verb.REQUOTE),
    },
    JobStatus.REJECTED: {
        JobStatus.UPLOADED: _by(Verb.CORRECT, Verb.REOPEN),
    },
    JobStatus.READY_TO_PRINT: {
        JobStatus.PRINTING: _by(Verb.START),
        JobStatus.PENDING: _by(Verb.REQUOTE),
        JobStatus.REJECTED: _by(Verb.REJECT),
    },
    JobStatus.PRINTING: {
        JobStatus.COMPLETED: _by(Verb.COMPLETE),
        JobStatus.READY_TO_PRINT: _by(Verb.FAIL),
    },
    JobStatus.COMPLETED: {
        JobStatus.PAID_PICKED_UP: _by(Verb.HAND_OVER),
        JobStatus.READY_TO_PRINT: _by(Verb.REPRINT),
    },
    JobStatus.PAID_PICKED_UP: {},
}


_UNSAID = frozenset({Verb.CORRECT, Verb.LAPSE})
"""What is no step of whoever is told what can be done."""


class IllegalMove(Conflict):
    """The job is in no status for this; the sentence says what it is and what can be done with it."""

    def __init__(self, job_id: int, status: JobStatus, verb: Verb) -> None:
        verbs = [other.label for other in Verb if other in verbs_from(status) - _UNSAID]
        possible = f" What can be done now: {', '.join(verbs)}." if verbs else " Nothing more can be done with it."
        super().__init__(f"Job {job_id} is “{status.label}”; “{verb.label}” is not possible.{possible}")
        self.job_id = job_id
        self.status = status


def verbs_from(status: JobStatus) -> frozenset[Verb]:
    """Every verb that leads away from ``status`` along the table."""
    return frozenset(verb for move in MOVES[status].values() for verb in move.verbs)


def is_allowed(current: JobStatus, target: JobStatus, verb: Verb) -> bool:
    """Whether ``verb`` leads from ``current`` to ``target``."""
    move = MOVES[current].get(target)
    return move is not None and verb in move.verbs


def check_move(job_id: int, current: JobStatus, target: JobStatus, verb: Verb) -> None:
    """Return when the table has this move; raise IllegalMove otherwise."""
    if not is_allowed(current, target, verb):
        raise IllegalMove(job_id, current, verb)
