"""The student of a part that is ready says until when they need to collect it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

from nicegui import ui

from components import design
from components.buttons import busy, secondary_button
from printlab.domain import words


class KeepField:
    """A day, from tomorrow to ``latest``, and the button that says it; ``kept_until`` is what was said before."""

    def __init__(
        self, kept_until: date | None, today: date, latest: date, on_keep: Callable[[date], Awaitable[None]]
    ) -> None:
        self._on_keep = on_keep
        self._today = today
        self._latest = latest
        with ui.element("div").classes("pl-stack pl-tight"):
            ui.label("Need more time?").classes(design.STRONG).props("role=heading aria-level=3")
            ui.label(_said(kept_until, latest)).classes(f"{design.SMALL} {design.MUTED} {design.PROSE}")
            with ui.element("div").classes("pl-adding-form"):
                shown = kept_until.isoformat() if kept_until else ""
                self._day = ui.input("I need until", value=shown).props("type=date stack-label")
                self._day.props["min"] = (today + timedelta(days=1)).isoformat()
                self._day.props["max"] = latest.isoformat()
                self._button = secondary_button("Keep it until then", self._keep)

    async def _keep(self) -> None:
        try:
            until = date.fromisoformat(str(self._day.value or ""))
        except ValueError:
            self._day.error = "Choose a day."
            return
        if until <= self._today:
            self._day.error = "Choose a day after today."
            return
        if until > self._latest:
            self._day.error = f"That is too late. The lab keeps a part until {words.day(self._latest)} at the latest."
            return
        self._day.error = None
        with busy(self._button):
            await self._on_keep(until)


def _said(kept_until: date | None, latest: date) -> str:
    if kept_until is not None:
        known = f"The lab knows that you need until {words.day(kept_until)}. It does not remind you before that day."
        return f"{known} You can choose another one, {words.day(latest)} at the latest."
    return f"Say until when, {words.day(latest)} at the latest. The lab does not remind you before that day."
