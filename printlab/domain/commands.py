"""What services accept: frozen values with everything a verb needs. ``version`` is the one that the person saw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from printlab.domain.ageing import AgeLimits
from printlab.domain.calendar import OpenDays
from printlab.domain.retention import RetentionDays
from printlab.domain.time_limits import TimeLimits
from printlab.domain.views import Outcome, PaymentMethod, Strength


@dataclass(frozen=True, slots=True)
class SubmitJob:
    """A student's order, without the file. ``scale`` is the accepted factor of a file that is not in millimetres;
    ``size_is_right`` says that one whose size is odd is.
    """

    name: str
    email: str
    method: str
    printer: str
    material: str
    color: str
    quantity: int = 1
    strength: Strength | None = None
    needed_by: date | None = None
    course: str | None = None
    notes: str | None = None
    accept_terms: bool = False
    walk_in: bool = False
    scale: float | None = None
    size_is_right: bool = False


@dataclass(frozen=True, slots=True)
class ApproveJob:
    """Weight in 0.01 g and minutes of all copies; None keeps what the student chose, or what was said of the file.

    ``one_copy``: the sliced file that counts holds one of the copies; weight and time are those of all the same.
    ``seen_cents`` is the computed price that the person saw.
    """

    job_id: int
    version: int
    weight_cg: int
    time_min: int
    material: str | None = None
    printer: str | None = None
    color: str | None = None
    quantity: int | None = None
    strength: Strength | None = None
    revision: int | None = None
    one_copy: bool | None = None
    price_cents: int | None = None
    seen_cents: int | None = None
    skip_confirmation: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RejectJob:
    """At least one reason, or a note."""

    job_id: int
    version: int
    reasons: tuple[str, ...]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ConfirmJob:
    """``quote`` is the number of the quote that the student saw."""

    job_id: int
    version: int
    quote: int | None = None


@dataclass(frozen=True, slots=True)
class MoveJob:
    """Decline, cancel, reopen, reprint, fail and undo: a reason where the verb asks for one."""

    job_id: int
    version: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class StartJob:
    """``machine`` names the printer on the shelf, when the lab has several of a kind. ``price_holds``: staff say that a
    file which does not say what it takes costs what was accepted.
    """

    job_id: int
    version: int
    machine: str | None = None
    price_holds: bool = False


@dataclass(frozen=True, slots=True)
class CompleteJob:
    """What the print really took, when it differs from the quote: 0.01 g and minutes."""

    job_id: int
    version: int
    actual_weight_cg: int | None = None
    actual_time_min: int | None = None


@dataclass(frozen=True, slots=True)
class HandOverJob:
    """The end: who paid what how, and who took the part. Another amount than the price needs a reason."""

    job_id: int
    version: int
    amount_cents: int
    payment_method: PaymentMethod | None
    outcome: Outcome | None = None
    reference: str | None = None
    collected_by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class UseFile:
    """Another of the job's files, by its number, is the one that counts from now on, and why."""

    job_id: int
    version: int
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class EditJob:
    """Details that staff correct; None leaves a field as it is, an empty string clears an optional one.

    ``needed_by`` is a day in ISO 8601; ``scale`` multiplies the file's lengths, 1 for a file in millimetres;
    ``size_is_right`` says that one whose size is odd is in millimetres all the same.
    """

    job_id: int
    version: int
    name: str | None = None
    email: str | None = None
    color: str | None = None
    quantity: int | None = None
    strength: Strength | None = None
    needed_by: str | None = None
    course: str | None = None
    notes: str | None = None
    assignee: str | None = None
    scale: float | None = None
    size_is_right: bool | None = None


@dataclass(frozen=True, slots=True)
class SaySize:
    """In what size the part is meant; ``scale`` and ``size_is_right`` as in ``EditJob``."""

    job_id: int
    version: int
    scale: float = 1.0
    size_is_right: bool = False


@dataclass(frozen=True, slots=True)
class KeepUntil:
    """The day until which the student of a part that is ready needs to collect it; None takes an earlier word back."""

    job_id: int
    version: int
    until: date | None


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs to list; ``sort`` is a field name, with ``-`` before it for the other direction."""

    status: str | None = None
    q: str | None = None
    printer: str | None = None
    method: str | None = None
    color: str | None = None
    sort: str = "-created_at"
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class LabChanges:
    """All that an admin can set about the lab."""

    terms: str
    opening_hours: str
    pickup_where: str
    pickup_bring: str
    welcome: str
    minimum_charge_cents: int
    default_strength: Strength
    submissions_open: bool
    closed_message: str
    reopens_on: date | None
    age_limits: AgeLimits
    retention: RetentionDays
    time_limits: TimeLimits
    open_days: OpenDays
