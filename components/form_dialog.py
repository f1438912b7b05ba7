"""A small form in a dialog that stays, with all that was typed, until it is saved or cancelled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from components import design
from components.buttons import busy, primary_button, secondary_button
from components.notice import notice


class FormDialog:
    """``save`` is asked when the button is pressed, or Enter; the dialog closes when it answers True."""

    def __init__(
        self, title: str, submit_label: str, create: Callable[[], Any], save: Callable[[], Awaitable[bool]]
    ) -> None:
        self._save = save
        self._saving = False
        with ui.dialog().props("no-backdrop-dismiss") as self._dialog, ui.card().classes("pla-dialog"):
            ui.label(title).classes(design.TITLE).props("role=heading aria-level=2")
            with ui.element("form").classes("pl-form").props("novalidate").on("submit.prevent", self._submit):
                create()
                self._told = ui.element("div")
                with ui.element("div").classes("pl-dialog-actions"):
                    secondary_button("Cancel", self.close).props("type=button")
                    self._button = primary_button(submit_label).props("type=submit")
        self._dialog.props["aria-label"] = title
        self._dialog.on("hide", self._hidden, args=[])

    def open(self) -> None:
        """Show it."""
        self._dialog.open()

    def close(self) -> None:
        """Take it away."""
        if not self._dialog.is_deleted:
            self._dialog.close()

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

    def _hidden(self) -> None:
        if not self._dialog.is_deleted:
            self._dialog.clear()
            self._dialog.delete()
