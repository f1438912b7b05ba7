"""An address with a button that copies it."""

from __future__ import annotations

from nicegui.element import Element


class CopyLine(Element, component="copy_line.js"):
    """Shows ``address`` as a link on one line; the button beside it copies it and says so."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._props["text"] = address
