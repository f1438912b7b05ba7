"""Opening files in place: what hands the link over, what is asked before, and what helps when nobody takes it up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from nicegui import ui
from nicegui.element import Element

from components import design
from components.buttons import confirmed, icon_button, link_button
from components.copy_line import CopyLine
from printlab.domain import words
from printlab.domain.views import HelperAnswer, Opened, OpenLink

SET_UP = "/opener"
"""Where a computer is set up."""


class Launcher(Element, component="opener.js"):
    """Hands links over to the helper on the computer that shows this page."""

    def open(self, url: str) -> None:
        """Have the browser call the helper."""
        self.run_method("open", url)


async def opens_anyway(job_id: int, opened: Opened, now: datetime) -> bool:
    """Tell that somebody else has the file open; True when it shall be opened here as well."""
    who = f"{opened.actor_name} opened it at {opened.workstation} {words.ago(opened.at, now)}."
    text = f"{who} If you both save it, what is saved later replaces what was saved first."
    title = f"Job {job_id} is open elsewhere"
    return await confirmed(title, text, "Open it here too", keep="Leave it", ends=False)


class NoHelper:
    """A small panel at the edge of the page: why nothing opened, and what can be done instead.

    Without an ``answer`` the helper did not take the link up. ``on_close`` is called when the panel goes away.
    """

    def __init__(
        self, job_id: int, link: OpenLink, answer: HelperAnswer | None, on_close: Callable[[NoHelper], None]
    ) -> None:
        self._on_close = on_close
        title, text = _said(answer)
        # It comes by itself, seconds after the click: whoever types by then goes on typing.
        panel = ui.dialog().props("seamless position=bottom no-focus no-refocus role=status")
        with panel as self._dialog, ui.card().classes("pl-opener"):
            with ui.element("div").classes("pl-opener-head"):
                ui.label(title).classes(design.CARD_TITLE).props("role=heading aria-level=2")
                icon_button("close", "Close", self.close)
            ui.label(text).classes(design.PROSE)
            CopyLine(link.local_path, is_link=False)
            with ui.element("div").classes(design.ROW):
                link_button("Set up this computer", SET_UP, icon="build")
                link_button("Download", f"/files/{job_id}/authoritative", icon="download", download=True)
        self._dialog.props["aria-label"] = title
        self._dialog.on("hide", self._hidden, args=[])
        self._dialog.open()

    def close(self) -> None:
        """Take it away."""
        if not self._dialog.is_deleted:
            self._dialog.close()

    def _hidden(self) -> None:
        self._on_close(self)
        self._dialog.clear()
        self._dialog.delete()


def _said(answer: HelperAnswer | None) -> tuple[str, str]:
    if answer is None or answer.problem is None:
        return "Nothing opened yet", (
            "If the browser asks whether to open another program, allow it. If it does not ask, the helper is not set "
            "up on this computer."
        )
    return f"{answer.workstation} did not open it", answer.problem
