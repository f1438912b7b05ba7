"""A form for a route that sets a cookie: posted by the browser itself, refused in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

_LONGEST = 500


class PostForm(Element, component="post_form.js"):
    """Posts its named fields to ``action``; a refusal's sentence goes to ``on_refused``, success leaves the page.

    The browser's own bubbles are off: what is wrong is said beside the fields, as in all forms.
    """

    def __init__(self, action: str, on_sending: Callable[[], Any], on_refused: Callable[[str], Any]) -> None:
        super().__init__()
        self._props["action"] = action
        self._props["novalidate"] = True
        self.on("sending", on_sending)
        self.on("refused", lambda event: on_refused(_sentence(event)))


def named_input(label: str, name: str, autocomplete: str, *, password: bool = False) -> ui.input:
    """A text field that takes part in a posted form; password managers know it by ``autocomplete``."""
    field = ui.input(label, password=password)
    field.props["name"] = name
    field.props["autocomplete"] = autocomplete
    return field


def hidden_input(name: str, value: str) -> None:
    """A value that is posted along unseen."""
    field = ui.element("input")
    field.props.update({"type": "hidden", "name": name, "value": value})


def _sentence(event: GenericEventArguments) -> str:
    args: Any = event.args
    detail = cast("dict[str, Any]", args).get("detail") if isinstance(args, dict) else None
    return detail[:_LONGEST] if isinstance(detail, str) else "The server refused this. Try again in a moment."
