"""The words of a mail: as whoever gets it sees it, and as plain text."""

from __future__ import annotations

from nicegui import ui

from components.choice import Choice, Option

_AS_SENT, _PLAIN = "html", "text"


class MailBody:
    """Both parts of a mail, one of which is shown."""

    def __init__(self) -> None:
        options = (Option(_AS_SENT, "As it is seen"), Option(_PLAIN, "Plain text"))
        self._view = Choice("Show", options, value=_AS_SENT)
        # An empty sandbox: no scripts, no forms, no way out of the frame.
        self._page = ui.element("iframe").classes("pla-mail-page").props('sandbox="" referrerpolicy=no-referrer')
        self._text = ui.label().classes("pla-mail-text").props('tabindex=0 role=region aria-label="Plain text"')
        self._view.on_value_change(self._choose)
        self._choose()

    def show(self, subject: str, text: str, html: str) -> None:
        """Show this mail."""
        self._page.props["srcdoc"] = html
        self._page.props["title"] = f"Mail: {subject}"
        self._page.update()
        self._text.set_text(text)

    def _choose(self) -> None:
        self._page.set_visibility(self._view.value == _AS_SENT)
        self._text.set_visibility(self._view.value == _PLAIN)
