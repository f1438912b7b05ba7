"""A table of things that can be chosen: each row is edited in a dialog and switched off and on in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from nicegui import ui

from components.buttons import icon_button


class Entry(Protocol):
    """What all entries of the catalogue have."""

    @property
    def id(self) -> int:
        """The entry's number."""
        ...

    @property
    def active(self) -> bool:
        """Whether it can be chosen."""
        ...


E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True)
class Column(Generic[E]):
    """``cell`` lays out one entry's cell. The title stands before the value on phones, unless ``plain``."""

    title: str
    cell: Callable[[E], Any]
    number: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True)
class States:
    """What the switch is called, and its words."""

    title: str = "Offered"
    on: str = "In use"
    off: str = "Off"


@dataclass(frozen=True, slots=True)
class _Plan(Generic[E]):
    """What a table and its rows have in common."""

    columns: Sequence[Column[E]]
    states: States
    name: Callable[[E], str]
    on_edit: Callable[[E], Any]
    on_switch: Callable[[E, bool], Any]


class CatalogTable(Generic[E]):
    """``name`` gives an entry's name; ``on_edit`` and ``on_switch`` say what was asked for, nothing is changed here."""

    def __init__(
        self,
        columns: Sequence[Column[E]],
        states: States,
        *,
        name: Callable[[E], str],
        on_edit: Callable[[E], Any],
        on_switch: Callable[[E, bool], Any],
    ) -> None:
        self._plan = _Plan(columns, states, name, on_edit, on_switch)
        self._rows: dict[int, _Row[E]] = {}
        with ui.element("table").classes("pla-table pla-catalog"):
            with ui.element("thead"), ui.element("tr"):
                for column in columns:
                    _head(column.title, "pla-number" if column.number else "")
                _head(states.title, "pla-tight")
                _head("", "pla-tight")
            self._body = ui.element("tbody")

    def show(self, entries: Sequence[E]) -> None:
        """Show these entries; a row that stays keeps the keyboard's place."""
        if [entry.id for entry in entries] != list(self._rows):
            self._body.clear()
            with self._body:
                self._rows = {entry.id: _Row(entry, self._plan) for entry in entries}
        for entry in entries:
            self._rows[entry.id].show(entry)


class _Row(Generic[E]):
    def __init__(self, entry: E, plan: _Plan[E]) -> None:
        self._entry = entry
        self._plan = plan
        self._shown: E | None = None
        with ui.element("tr") as self._row:
            self._cells = [_cell(column) for column in plan.columns]
            with ui.element("td").classes("pla-tight"):
                self._switch = ui.switch(value=entry.active).classes("pla-switch").props("dense")
                self._switch.on_value_change(self._switched)
            with ui.element("td").classes("pla-tight"):
                self._edit = icon_button("edit", f"Edit {plan.name(entry)}", lambda: plan.on_edit(self._entry))

    def show(self, entry: E) -> None:
        """Show the entry as it is now; the switch goes back when its change was refused."""
        self._entry = entry
        self._switch.set_value(entry.active)
        if entry == self._shown:
            return
        self._shown = entry
        self._row.classes(add="" if entry.active else "pla-off", remove="pla-off" if entry.active else "")
        for column, cell in zip(self._plan.columns, self._cells, strict=True):
            cell.clear()
            with cell:
                column.cell(entry)
        word = self._plan.states.on if entry.active else self._plan.states.off
        self._switch.set_text(word)
        self._switch.props["aria-label"] = f"{self._plan.name(entry)}: {word}"
        self._edit.props["aria-label"] = f"Edit {self._plan.name(entry)}"

    async def _switched(self) -> None:
        if self._switch.value != self._entry.active:
            await self._plan.on_switch(self._entry, bool(self._switch.value))


def _head(title: str, classes: str) -> None:
    with ui.element("th").classes(classes).props("scope=col"):
        ui.label(title or "Edit").classes("" if title else "pl-sr")


def _cell(column: Column[Any]) -> ui.element:
    cell = ui.element("td").classes("pla-value")
    if column.number:
        cell.classes("pla-number")
    if not column.plain:
        cell.props["data-label"] = column.title
    return cell
