"""All mails of the lab: in whose words each is written, and whether those that a lab may leave out are sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, tzinfo
from functools import partial

from nicegui import ui

from components import design
from components.mail_names import mail_name, mail_occasion
from printlab.domain import words
from printlab.domain.views import WordingView

WORDING_PATH = "/admin/mail/words"


class WordingList:
    """``on_switch`` gets an optional mail and whether it is sent from now on."""

    def __init__(self, zone: tzinfo, on_switch: Callable[[WordingView, bool], Awaitable[None]]) -> None:
        self._zone = zone
        self._on_switch = on_switch
        self._rows = ui.element("ul").classes("pla-words")

    def show(self, wordings: Sequence[WordingView], now: datetime) -> None:
        """Show these."""
        self._rows.clear()
        with self._rows:
            for wording in wordings:
                self._create_row(wording, now)

    def _create_row(self, wording: WordingView, now: datetime) -> None:
        name = mail_name(wording.kind)
        with ui.element("li").classes("pla-words-row"):
            with ui.element("div").classes("pl-stack pl-tight"):
                ui.link(name, f"{WORDING_PATH}/{wording.kind}").classes(design.LINK)
                ui.label(mail_occasion(wording.kind)).classes(f"{design.SMALL} {design.MUTED}")
            ui.label(self._whose(wording, now)).classes(f"{design.SMALL} {design.MUTED} pla-words-whose")
            if wording.is_optional:
                label = "Sent" if wording.is_on else "Off"
                switch = ui.switch(label, value=wording.is_on).props(f'aria-label="Send “{name}”"')
                switch.on_value_change(partial(self._switched, wording))
            else:
                ui.label("Always sent").classes(f"{design.SMALL} {design.MUTED}")

    async def _switched(self, wording: WordingView) -> None:
        await self._on_switch(wording, not wording.is_on)

    def _whose(self, wording: WordingView, now: datetime) -> str:
        if not wording.is_own or wording.changed_at is None:
            return ""
        return f"In your lab’s words, by {wording.changed_by}, {words.when(wording.changed_at, now, self._zone)}"
