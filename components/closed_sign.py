"""What students read while the lab takes no files."""

from __future__ import annotations

from datetime import date

from nicegui import ui

from components import design
from printlab.domain import words

TITLE = "The lab takes no files at the moment"


def closed_text(message: str, reopens_on: date | None) -> str:
    """The lab's message and, when it is known, the day it opens again."""
    text = message or f"{TITLE}."
    return f"{text}\nIt opens again on {words.day(reopens_on)}." if reopens_on else text


def closed_sign(message: str, reopens_on: date | None, *, level: int = 1) -> None:
    """The sign as it stands on the page where files are sent; ``level`` of its heading."""
    ui.label(TITLE).classes(design.DISPLAY).props(f"role=heading aria-level={level}")
    ui.label(closed_text(message, reopens_on)).classes("pl-lead pl-prose")
    ui.label("Jobs that were sent already go on; use the tracking link of your e-mail.").classes(design.MUTED)
