"""Two things beside each other, a line for each of their facts."""

from __future__ import annotations

from collections.abc import Iterable

from nicegui import ui

from components import design


def compared(heads: tuple[str, str], rows: Iterable[tuple[str, str, str]], *, marks: bool = False) -> None:
    """A table of ``rows``: the fact and what it is on either side. ``marks`` sets off those that differ."""
    with ui.element("table").classes("plj-compared"):
        _row("th", "", *heads)
        for name, one, other in rows:
            _row("td", name, one, other, "plj-differs" if marks and one != other else "")


def _row(cell: str, name: str, one: str, other: str, classes: str = "") -> None:
    with ui.element("tr").classes(classes):
        with ui.element("th").props("scope=row"):
            ui.label(name)
        for shown in (one, other):
            with ui.element(cell):
                ui.label(shown).classes(design.BREAK)
