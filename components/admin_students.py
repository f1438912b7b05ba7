"""What is held about one student, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from components import design
from components.buttons import secondary_button
from components.notice import notice
from printlab.domain.retention import Anonymised, HeldJobs

_LISTED = 50
_OPEN = "Open jobs keep the name until they end: it is needed to hand the part over. Anonymise them here then."


def held_jobs(held: HeldJobs, on_anonymise: Callable[[HeldJobs], Any]) -> None:
    """The student's jobs, the way to have all of it as a file, and to have it anonymised."""
    _numbers("Ended", held.ended)
    _numbers("Still open", held.still_open)
    if held.still_open:
        ui.label(
            "Open jobs keep the name until they end: it is needed to hand the part over. Anonymise them here then."
        ).classes(f"{design.SMALL} {design.MUTED} {design.PROSE}")
    with ui.element("div").classes(design.ROW):
        link = ui.element("a").classes(design.LINK).props("download")
        link.props["href"] = f"/admin/students/{(held.ended + held.still_open)[0]}/export"
        with link:
            ui.label("Download all that is held (.zip)")
        if held.ended:
            secondary_button("Anonymise…", lambda: on_anonymise(held), icon="no_accounts")


def anonymised(done: Anonymised) -> None:
    """What was anonymised, and of what was left, why."""
    if done.jobs:
        notice(f"Anonymised: {_listed(done.jobs)}.", "positive")
    for sentence in done.left.values():
        notice(sentence, "warning")


def _numbers(label: str, jobs: tuple[int, ...]) -> None:
    if not jobs:
        return
    with ui.element("div").classes(design.ROW):
        ui.label(f"{label}:").classes(design.MUTED)
        for job_id in jobs[:_LISTED]:
            ui.link(f"Job {job_id}", f"/jobs/{job_id}")
        if len(jobs) > _LISTED:
            ui.label(f"and {len(jobs) - _LISTED} more").classes(design.MUTED)


def _listed(jobs: tuple[int, ...]) -> str:
    first = ", ".join(f"job {job_id}" for job_id in jobs[:_LISTED])
    return f"{first} and {len(jobs) - _LISTED} more" if len(jobs) > _LISTED else first
