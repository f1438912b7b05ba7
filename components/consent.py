"""The lab's terms, readable in place, and the box to agree to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.element import Element

from components import design
from printlab.domain import words
from printlab.domain.views import LabView


class Terms(Element, component="terms.js"):
    """The text; a long one is folded, with a button that shows all of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._props["text"] = text

    def set_text(self, text: str) -> None:
        """Show another text."""
        self._props["text"] = text
        self.update()


class Consent:
    """Terms text, least price and a checkbox with its own error line."""

    def __init__(self, lab: LabView, currency: str, on_change: Callable[[], Any], *, for_staff: bool) -> None:
        self._version = lab.terms_version
        self._currency = currency
        with ui.element("div").classes("pl-stack pl-consent"):
            ui.label("The lab’s terms").classes("pl-field-label").props("role=heading aria-level=3")
            self._terms = Terms(_terms(lab))
            self._charge = ui.label(charge_sentence(lab, currency)).classes(design.SMALL)
            who = "The student agrees" if for_staff else "I agree"
            self.box = ui.checkbox(f"{who} to these terms", on_change=self._changed)
            self._error = ui.label().classes(design.ERROR).props("role=alert")
            self._error.set_visibility(False)
        self._on_change = on_change

    @property
    def agreed(self) -> bool:
        """Whether the box is ticked."""
        return bool(self.box.value)

    def follow(self, lab: LabView) -> None:
        """Show the lab's present terms. Whoever agreed to other ones has to agree again."""
        self._charge.set_text(charge_sentence(lab, self._currency))
        if lab.terms_version == self._version:
            return
        self._version = lab.terms_version
        self._terms.set_text(_terms(lab))
        if self.agreed:
            self.box.value = False
            self.refuse("The lab has changed its terms. Read them and agree again.")

    def check(self) -> bool:
        """Whether the box is ticked; says so when it is not."""
        self.refuse("" if self.agreed else "Without agreement to the terms the lab cannot take the file.")
        return self.agreed

    def refuse(self, sentence: str) -> None:
        """Show a sentence below the box; an empty one takes it back."""
        self._error.set_text(sentence)
        self._error.set_visibility(bool(sentence))

    def focus(self) -> None:
        """Move the keyboard to the box; Quasar's own checkbox has no method for that."""
        ui.run_javascript(f"getHtmlElement({int(self.box.id)}).focus()")

    def _changed(self) -> None:
        self.refuse("")
        self._on_change()


def charge_sentence(lab: LabView, currency: str) -> str:
    """What the least price is, for the person who agrees to it."""
    if lab.minimum_charge_cents:
        return f"Every job costs at least {words.money(lab.minimum_charge_cents, currency)}, the lab’s minimum charge."
    return "There is no minimum charge: the price is material and machine time."


def _terms(lab: LabView) -> str:
    return lab.terms or "This lab has no terms of its own."
