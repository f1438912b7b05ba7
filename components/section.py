"""A section of a long form: a card with its title, and what it is about."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from nicegui import ui

from components import design


def section(title: str, note: str = "") -> AbstractContextManager[Any]:
    """The card, to be filled."""
    card = ui.element("section").classes(design.CARD)
    with card, ui.element("div").classes("pl-stack pl-tight"):
        ui.label(title).classes(design.CARD_TITLE).props("role=heading aria-level=2")
        if note:
            ui.label(note).classes(f"{design.SMALL} {design.MUTED}")
    return card
