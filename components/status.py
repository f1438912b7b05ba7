"""A job's status as people see it: icon, word and colour, always all three."""

from __future__ import annotations

from nicegui import ui

from printlab.domain.status import JobStatus
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


def status_label(status: JobStatus, outcome: Outcome | None = None) -> str:
    """What people read; a job that nobody fetched is "Closed, not collected"."""
    if status is JobStatus.PAID_PICKED_UP and outcome is Outcome.DISPOSED:
        return "Closed, not collected"
    return status.label


def status_classes(status: JobStatus) -> str:
    """CSS classes that set ``--status`` and ``--status-soft``, the colours of this status."""
    return f"pl-status pl-status-{_TOKENS[status]}"


def status_badge(status: JobStatus, outcome: Outcome | None = None) -> ui.element:
    """A pill with the status's icon, word and colour; the printer's icon turns slowly while it prints."""
    with ui.element("span").classes(f"pl-badge {status_classes(status)}") as badge:
        status_icon(status)
        ui.label(status_label(status, outcome)).classes("pl-badge-text")
    return badge


def status_icon(status: JobStatus) -> ui.element:
    """The icon alone, for places where the word stands beside it."""
    with ui.element("span").classes(f"pl-status-icon {status_classes(status)}") as holder:
        ui.icon(STATUS_ICONS[status]).props("aria-hidden=true")
        if status is JobStatus.PRINTING:
            ui.element("span").classes("pl-ring")
    return holder
