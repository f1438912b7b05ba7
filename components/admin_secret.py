"""A password or token that is shown once, to be copied."""

from __future__ import annotations

from nicegui.element import Element


class Secret(Element, component="admin_secret.js"):
    """Shows ``text`` under ``label`` with a button that copies it and says so."""

    def __init__(self, label: str, text: str) -> None:
        super().__init__()
        self._props["label"] = label
        self._props["text"] = text
