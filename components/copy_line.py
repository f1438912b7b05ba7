"""An address, or another line of text, with a button that copies it."""

from __future__ import annotations

from nicegui.element import Element


class CopyLine(Element, component="copy_line.js"):
    """Shows ``text`` on one line, as a link unless it leads nowhere; the button beside it copies it and says so."""

    def __init__(self, text: str, *, is_link: bool = True) -> None:
        super().__init__()
        self._props["text"] = text
        self._props["link"] = is_link

    def show(self, text: str) -> None:
        """Show another text."""
        self._props["text"] = text
        self.update()
