"""A job's status as people see it: icon, word and colour, always all three."""

from __future__ import annotations

from nicegui import ui

from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import Outcome

STATUS_ICONS: dict[JobStatus, str] = {
    JobStatus.UPLOADED: "upload",
    JobStatus.PENDING: "hourglass_empty",
    JobStatus.REJECTED: "block",
    JobStatus.READY_TO_PRINT: "playlist_play",
    JobStatus.PRINTING: "print",
    JobStatus.COMPLETED: "inventory_2",
    JobStatus.PAID_PICKED_UP: "check_circle",
}
_TOKENS: dict[JobStatus, str] = {
    JobStatus.UPLOADED: "uploaded",
    JobStatus.PENDING: "pending",
    JobStatus.REJECTED: "rejected",
    JobStatus.READY_TO_PRINT: "ready",
    JobStatus.PRINTING: "printing",
    JobStatus.COMPLETED: "completed",
    JobStatus.PAID_PICKED_UP: "closed",
}


WITHDRAWN_ICONS: dict[Verb, str] = {Verb.CANCEL: "close", Verb.DECLINE: "thumb_down", Verb.LAPSE: "timer_off"}
_WITHDRAWN_LABELS: dict[Verb, str] = {
    Verb.CANCEL: "Cancelled",
    Verb.DECLINE: "Quote declined",
    Verb.LAPSE: "Quote lapsed",
}


def status_label(status: JobStatus, outcome: Outcome | None = None, withdrawn: Verb | None = None) -> str:
    """What people read; a job that nobody fetched is "Closed, not collected", a withdrawn one "Cancelled"."""
    if withdrawn is not None:
        return _WITHDRAWN_LABELS[withdrawn]
    if status is JobStatus.PAID_PICKED_UP and outcome is Outcome.DISPOSED:
        return "Closed, not collected"
    return status.label


def status_classes(status: JobStatus, withdrawn: Verb | None = None) -> str:
    """CSS classes that set ``--status`` and ``--status-soft``, the colours of this status; withdrawing is no fault."""
    return f"pl-status pl-status-{_TOKENS[status] if withdrawn is None else 'closed'}"


def status_badge(status: JobStatus, outcome: Outcome | None = None, withdrawn: Verb | None = None) -> ui.element:
    """A pill with the status's icon, word and colour; the printer's icon turns slowly while it prints.

    ``withdrawn`` is the verb by which a job was withdrawn, see ``printlab.domain.views.withdrawal``.
    """
    with ui.element("span").classes(f"pl-badge {status_classes(status, withdrawn)}") as badge:
        status_icon(status, withdrawn)
        ui.label(status_label(status, outcome, withdrawn)).classes("pl-badge-text")
    return badge


def status_icon(status: JobStatus, withdrawn: Verb | None = None) -> ui.element:
    """The icon alone, for places where the word stands beside it."""
    with ui.element("span").classes(f"pl-status-icon {status_classes(status, withdrawn)}") as holder:
        ui.icon(STATUS_ICONS[status] if withdrawn is None else WITHDRAWN_ICONS[withdrawn]).props("aria-hidden=true")
        if status is JobStatus.PRINTING:
            ui.element("span").classes("pl-ring")
    return holder
