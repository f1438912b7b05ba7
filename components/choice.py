"""One of a few things: printers as cards, strengths as buttons, colours as swatches with names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nicegui.elements.mixins.value_element import ValueElement
from nicegui.events import GenericEventArguments

from components import design

Variant = Literal["buttons", "columns", "cards", "swatches"]


@dataclass(frozen=True, slots=True)
class Option:
    """What can be chosen: ``note`` stands below the label, ``color`` (``#rrggbb``) as a sample before it."""

    value: str
    label: str
    note: str = ""
    color: str = ""
    disabled: bool = False


class Choice(ValueElement[str | None], component="choice.js"):
    """Radio buttons in one of four looks; ``value`` is the chosen option's value, or None.

    ``empty`` stands there when nothing can be chosen. ``folds`` is what the options are called ("printers") when many
    of them may be folded to a few.
    """

    VALUE_PROP = "value"
    LOOPBACK = True  # the browser keeps no choice that the form does not have

    def __init__(
        self,
        label: str,
        options: Sequence[Option],
        *,
        variant: Variant = "buttons",
        value: str | None = None,
        empty: str = "",
        folds: str = "",
        on_change: Callable[[], Any] | None = None,
    ) -> None:
        self._options = tuple(options)
        self._error = ""
        super().__init__(value=value, on_value_change=on_change)
        self._props.update({"label": label, "variant": variant, "error": "", "empty": empty, "folds": folds})
        self._props["options"] = _as_props(self._options)

    @property
    def options(self) -> tuple[Option, ...]:
        """What can be chosen now."""
        return self._options

    def offer(self, options: Sequence[Option], *, first: bool = False, empty: str | None = None) -> None:
        """Offer other options. A choice that is gone is taken back, or replaced by the first one with ``first``.

        ``empty`` is another sentence for the case that there are none.
        """
        if empty is not None:
            self._props["empty"] = empty
        self._options = tuple(options)
        self._props["options"] = _as_props(self._options)
        values = [option.value for option in self._options if not option.disabled]
        if self.value not in values:
            self.value = values[0] if first and values else None
        self.update()

    @property
    def error(self) -> str | None:
        """The sentence beside the field, None when all is well."""
        return self._error or None

    @error.setter
    def error(self, sentence: str | None) -> None:
        self._error = self._props["error"] = sentence or ""
        self.update()

    def focus(self) -> None:
        """Move the keyboard to the field."""
        self.run_method("focus")

    def _event_args_to_value(self, e: GenericEventArguments) -> str | None:
        chosen = e.args
        if any(o.value == chosen and not o.disabled for o in self._options):
            return chosen
        self.update()  # what was tapped had been withdrawn: show again what counts
        return self.value

    def _handle_value_change(self, value: str | None) -> None:
        super()._handle_value_change(value)
        if self._error:
            self.error = None


def _as_props(options: Sequence[Option]) -> list[dict[str, Any]]:
    return [
        {
            "value": option.value,
            "label": option.label,
            "note": option.note,
            "color": design.safe_hex(option.color) if option.color else "",
            "disabled": option.disabled,
        }
        for option in options
    ]
