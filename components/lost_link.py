"""The form of a student whose private link is lost or ended: the job's number and their address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from components import design
from components.buttons import busy, primary_button
from components.fields import Fields
from components.notice import notice

_ASKED = (
    "If there is such a job with this address, a mail with its link is on its way. Nothing came after some minutes? "
    "Check number and address, look among the junk, or ask at the lab’s desk."
)


class LostLinkForm:
    """``on_ask`` gets number and address, and answers whether they were taken."""

    def __init__(self, on_ask: Callable[[str, str], Awaitable[bool]]) -> None:
        self._on_ask = on_ask
        self._fields = Fields()
        with ui.element("section").classes(design.CARD):
            ui.label("Get the link by e-mail").classes(design.CARD_TITLE).props("role=heading aria-level=2")
            job = ui.input("Job number").props("inputmode=numeric maxlength=12 autocomplete=off")
            self._fields.add("job", job)
            email = ui.input("Your e-mail address").props("type=email maxlength=254 autocomplete=email")
            self._fields.add("email", email)
            with ui.element("div").classes(design.ROW):
                self._button = primary_button("Send me the link", self._ask)
            self._answer = ui.element("div").props("role=status")

    def refuse(self, name: str | None, sentence: str) -> bool:
        """Show a refusal at its field; False when there is no such field."""
        return self._fields.mark(name, sentence)

    async def _ask(self) -> None:
        self._fields.start()
        self._answer.clear()
        with busy(self._button):
            if await self._on_ask(self._fields.text("job"), self._fields.text("email")):
                self._button.set_visibility(False)
                with self._answer:
                    notice(_ASKED, "positive")
