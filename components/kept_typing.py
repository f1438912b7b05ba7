"""What is typed into a small form outlives the page: its tab keeps it until the form is sent or closed."""

from __future__ import annotations

from nicegui.element import Element

_PREFIX = "printlab.typed."


class KeptTyping(Element, component="kept_typing.js", dependencies=["kept.js"]):
    """Stands in what holds the fields; ``name`` tells it from all others of the lab, by ids alone: it is kept as well.

    The texts stay in the browser and come back into the fields of the same labels, and a line says so. Passwords, and
    fields with ``data-not-kept``, are left out; so are ticks and choices.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._props["name"] = f"{_PREFIX}{name}"

    def forget(self) -> None:
        """What was typed has been sent, and the form stays."""
        self.run_method("forget")


class ForgottenTyping(Element, component="forgotten_typing.js"):
    """Makes the tab forget all that was typed in it, whoever typed it: stands where the next person signs in."""

    def __init__(self) -> None:
        super().__init__()
        self._props["prefix"] = _PREFIX
