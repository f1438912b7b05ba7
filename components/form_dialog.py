"""A small form in a dialog that stays, with all that was typed, until it is saved or closed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from components import design
from components.buttons import busy, primary_button, secondary_button
from components.kept_typing import KeptTyping
from components.notice import notice


class StayingDialog:
    """A dialog that neither Escape nor a click beside it closes once something was typed or chosen in it.

    Used as a context it takes what stands in it.
    ``about`` says in small type below the title what it is about. ``kept_as`` is the KeptTyping of what is typed;
    without it nothing is kept.
    """

    def __init__(
        self,
        title: str,
        classes: str,
        about: str = "",
        on_close: Callable[[], Any] = lambda: None,
        *,
        kept_as: str = "",
    ) -> None:
        self._on_close = on_close
        self._left = False
        with ui.dialog() as self._dialog:
            self._card = ui.card().classes(classes)
        with self._card, ui.element("div"):
            ui.label(title).classes(f"{design.TITLE} {design.BREAK}").props("role=heading aria-level=2")
            if about:
                ui.label(about).classes(f"{design.SMALL} {design.MUTED} {design.BREAK}")
        if kept_as:
            with self._card:
                KeptTyping(kept_as)
        self._dialog.props["aria-label"] = title
        self._dialog.on("before-hide", self._leave, args=[])
        self._dialog.on("hide", self._hidden, args=[])

    def __enter__(self) -> None:
        """What is made from now on stands in the dialog."""
        self._card.__enter__()

    def __exit__(self, *exception: object) -> None:
        """The dialog is complete."""
        self._card.__exit__(*exception)
        for field in self._card.descendants():
            if isinstance(field, ValueElement):
                field.on_value_change(self._stay)

    def open(self) -> None:
        """Show it."""
        self._dialog.open()

    def close(self) -> None:
        """Take it away. Whoever made it may open the next one at once, while this one still fades."""
        self._leave()
        if not self._dialog.is_deleted:
            self._dialog.close()

    def _stay(self) -> None:
        self._dialog.props("persistent")

    def _leave(self) -> None:
        if not self._left:
            self._left = True
            self._on_close()

    def _hidden(self) -> None:
        self._leave()
        if not self._dialog.is_deleted:
            self._dialog.clear()
            self._dialog.delete()


class FormDialog(StayingDialog):
    """``save`` is asked when the button is pressed, or Enter; the dialog closes when it answers True."""

    def __init__(
        self,
        title: str,
        submit_label: str,
        create: Callable[[], Any],
        save: Callable[[], Awaitable[bool]],
        *,
        kept_as: str = "",
    ) -> None:
        super().__init__(title, "pla-dialog", kept_as=kept_as)
        self._save = save
        self._saving = False
        with self, ui.element("form").classes("pl-form").props("novalidate").on("submit.prevent", self._submit):
            create()
            self._told = ui.element("div")
            with ui.element("div").classes("pl-dialog-actions"):
                secondary_button("Close", self.close).props("type=button")
                self._button = primary_button(submit_label).props("type=submit")

    def tell(self, sentence: str) -> None:
        """Say what is wrong where no single field is to blame."""
        with self._told:
            notice(sentence, "negative")

    async def _submit(self) -> None:
        if self._saving:
            return
        self._saving = True
        self._told.clear()
        try:
            with busy(self._button):
                done = await self._save()
        finally:
            self._saving = False
        if done:
            self.close()
