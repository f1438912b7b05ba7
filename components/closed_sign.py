"""What students read while the lab takes no files, and where they can go with it."""

from __future__ import annotations

from nicegui import ui

from components import design
from components.facts import facts
from printlab.domain import words
from printlab.domain.views import LabView

TITLE = "The lab takes no files at the moment"


def closed_text(lab: LabView) -> str:
    """That the lab is closed, its message, and, when it is known, the day it opens again."""
    return f"{TITLE}.\n{_why_and_until(lab)}".strip()


def closed_sign(lab: LabView, contact: str | None, *, level: int = 1) -> None:
    """The sign as it stands on the page where files are sent; ``level`` of its heading."""
    ui.label(TITLE).classes(design.DISPLAY).props(f"role=heading aria-level={level}")
    if text := _why_and_until(lab):
        ui.label(text).classes("pl-lead pl-prose")
    if _is_found(lab, contact):
        ui.label("Ask the lab").classes(design.HEADING).props(f"role=heading aria-level={level + 1}")
        where_to_ask(lab, contact)
    ui.label("Jobs that were sent already go on: the private link of each one shows where it is.").classes(design.MUTED)


def closed_strip(lab: LabView, *, for_admin: bool) -> None:
    """The line above the board while no student can send anything: else an empty column looks like a quiet day."""
    ui.icon("event_busy").props("aria-hidden=true")
    ui.label(f"Submissions are closed: students cannot send files. {_until(lab)}".strip())
    if for_admin:
        ui.link("Change that", "/admin").classes(design.LINK)


def where_to_ask(lab: LabView, contact: str | None) -> None:
    """Place, opening hours and address of the lab, as far as they are known."""
    if not _is_found(lab, contact):
        return
    with facts((("Where", lab.pickup_where), ("Opening hours", lab.opening_hours))):
        if contact:
            with ui.element("dt"):
                ui.label("Contact")
            with ui.element("dd"):
                ui.link(contact, f"mailto:{contact}").classes(design.LINK)


def _is_found(lab: LabView, contact: str | None) -> bool:
    return bool(lab.pickup_where or lab.opening_hours or contact)


def _why_and_until(lab: LabView) -> str:
    return "\n".join(filter(None, (lab.closed_message, _until(lab))))


def _until(lab: LabView) -> str:
    return f"Open again on {words.day(lab.reopens_on)}." if lab.reopens_on else ""
