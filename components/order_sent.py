"""What a student sees after sending: the number, what happens next, and the link that shows where the part is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from components import design
from components.buttons import secondary_button
from components.copy_line import CopyLine
from printlab.domain.views import JobView, Submitted


def order_sent(submitted: Submitted, *, mailed: bool, on_another: Callable[[], Any]) -> None:
    """Lay out the answer to a sent file; ``mailed`` says whether the lab sends mail at all."""
    job = submitted.job
    with ui.element("div").classes("pl-reading"), ui.element("section").classes(f"{design.CARD} pl-sent"):
        with ui.element("div").classes("pl-stack pl-tight").props("role=status"):
            ui.label("Your job number").classes(f"{design.MUTED}")
            ui.label(str(job.id)).classes("pl-job-number").props("role=heading aria-level=1")
            if submitted.repeated:
                ui.label("It had arrived already; nothing was sent twice.").classes(design.SMALL)
        with ui.element("div").classes(design.STACK):
            ui.label("What happens next").classes(design.HEADING).props("role=heading aria-level=2")
            with ui.element("ol").classes("pl-next"):
                for line in _next_lines(job):
                    with ui.element("li"):
                        ui.label(line)
        with ui.element("div").classes(design.STACK):
            ui.label("Your private tracking link").classes(design.HEADING).props("role=heading aria-level=2")
            CopyLine(submitted.track_url)
            ui.label(_keep(job, mailed=mailed)).classes(f"{design.SMALL} {design.MUTED}")
        with ui.element("div").classes(design.ROW):
            secondary_button("Send another like this", on_another, icon="add")


def _next_lines(job: JobView) -> tuple[str, str, str]:
    return (
        f"Staff check “{job.original_name}” and work out weight, time and price.",
        "You get a quote and accept or decline it. Nothing is printed or charged before that.",
        "Your part is printed, and you hear when it can be picked up.",
    )


def _keep(job: JobView, *, mailed: bool) -> str:
    if mailed:
        return f"It also goes to {job.student_email}. Keep the link to yourself: it answers for this job."
    return "Keep it: it shows where your part is. Whoever has the link can answer for this job."
