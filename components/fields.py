"""The fields of a form by name: read as values, marked where something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from nicegui import ui
from nicegui.elements.mixins.validation_element import ValidationElement

from components.amounts import currency_sign
from components.choice import Choice

Markable = ValidationElement[Any] | Choice
_Field = TypeVar("_Field", bound=Markable)
_Read = TypeVar("_Read")


class Fields:
    """Named after what the services call them, so that a refusal finds its field."""

    def __init__(self) -> None:
        self._fields: dict[str, Markable] = {}
        self._first_wrong: str | None = None

    def add(self, name: str, field: _Field) -> _Field:
        """Take a field in; a mark on it goes when its value changes."""

        def unmark() -> None:
            if field.error:
                field.error = None

        field.on_value_change(unmark)
        self._fields[name] = field
        return field

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def watch(self, name: str, on_change: Callable[[], Any]) -> None:
        """Call ``on_change`` whenever a field's value changes."""
        self._fields[name].on_value_change(on_change)

    def text(self, name: str) -> str:
        """What stands in a field, without outer blanks."""
        return str(self._fields[name].value or "").replace("\r\n", "\n").strip()

    def fill(self, name: str, text: str) -> None:
        """Put a text into a field and take its mark away."""
        field = self._fields[name]
        field.value = text
        field.error = None

    def parse(self, name: str, reader: Callable[[str], _Read], otherwise: _Read) -> _Read:
        """What ``reader`` makes of the text; when it raises ValueError, mark the field and give ``otherwise``."""
        try:
            return reader(self.text(name))
        except ValueError as problem:
            self.mark(name, str(problem))
            return otherwise

    def need(self, name: str, sentence: str) -> str:
        """The text; an empty field is marked with ``sentence``."""
        text = self.text(name)
        if not text:
            self.mark(name, sentence)
        return text

    def mark(self, name: str | None, sentence: str) -> bool:
        """Show ``sentence`` at a field and, when it is the first one, move the keyboard there. False: no such field."""
        field = self._fields.get(name or "")
        if field is None or name is None:
            return False
        field.error = sentence
        if self._first_wrong is None:
            self._first_wrong = name
            _go_to(field)
        return True

    def start(self) -> None:
        """Begin to read: nothing is marked so far."""
        self._first_wrong = None
        for field in self._fields.values():
            if field.error:
                field.error = None

    @property
    def complete(self) -> bool:
        """Whether nothing was marked since ``start``."""
        return self._first_wrong is None


def _go_to(field: Markable) -> None:
    # Quasar's focus does not scroll, and the field may lie far from the button. Only its number goes into the script.
    ui.run_javascript(f"getHtmlElement({int(field.id)})?.scrollIntoView({{block: 'center'}})")
    field.run_method("focus")


def address(text: str) -> str:
    """What looks like an e-mail address; the services look closer. Raises ValueError with a sentence."""
    name, at, domain = text.rpartition("@")
    if not (name and at and "." in domain) or " " in text:
        raise ValueError("Enter an e-mail address, for example sam@example.edu.")
    return text


def money_input(label: str, currency: str, value: str = "") -> ui.input:
    """A field for an amount of money, with the currency before it."""
    field = ui.input(label, value=value).props("inputmode=decimal maxlength=12")
    field.props["prefix"] = currency_sign(currency)
    return field


def text_area(label: str, *, rows: int = 3, limit: int = 4000) -> ui.textarea:
    """A field of several lines that grows with its text, as long as the services take."""
    area = ui.textarea(label).props(f"autogrow maxlength={limit}")
    area.props["input-style"] = f"min-height: {rows * 20 + 20}px"
    return area
