"""What students read while the lab takes no files."""

from __future__ import annotations

from datetime import date

from nicegui import ui

from components import design
from printlab.domain import words

TITLE = "The lab takes no files at the moment"


def closed_text(message: str, reopens_on: date | None) -> str:
    """That the lab is closed, its message, and, when it is known, the day it opens again."""
    return f"{TITLE}.\n{_why_and_until(message, reopens_on)}".strip()


def closed_sign(message: str, reopens_on: date | None, *, level: int = 1) -> None:
    """The sign as it stands on the page where files are sent; ``level`` of its heading."""
    ui.label(TITLE).classes(design.DISPLAY).props(f"role=heading aria-level={level}")
    if text := _why_and_until(message, reopens_on):
        ui.label(text).classes("pl-lead pl-prose")
    ui.label("Jobs that were sent already go on: the private link of each one shows where it is.").classes(design.MUTED)


def _why_and_until(message: str, reopens_on: date | None) -> str:
    until = f"It opens again on {words.day(reopens_on)}." if reopens_on else ""
    return "\n".join(filter(None, (message, until)))
