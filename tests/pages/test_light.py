"""What is answered in the framework's place is what the framework answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nicegui import client, json, ui
from nicegui.client import HTML_ESCAPE_TABLE
from nicegui.helpers.functions import expects_arguments as asks_its_signature
from nicegui.testing import User

from pages._light import Escapable, expects_arguments


class Acts:
    def none(self) -> None: ...
    def one(self, event: object) -> None: ...
    def perhaps(self, event: object = None) -> None: ...
    def keyword(self, *, event: object) -> None: ...
    def keyword_perhaps(self, *, event: object = None) -> None: ...
    def any(self, *events: object, **named: object) -> None: ...
    @classmethod
    def of_class(cls, event: object) -> None: ...
    @staticmethod
    def of_nobody(event: object) -> None: ...
    def __call__(self, event: object) -> None: ...


@wraps(Acts.none)
def wrapped(*events: object) -> None: ...


_CALLED = (
    *(getattr(Acts(), name) for name in vars(Acts) if not name.startswith("__")),
    *(getattr(Acts, name) for name in vars(Acts) if not name.startswith("__")),
    Acts(),
    wrapped,
    partial(Acts().one, None),
    lambda: None,
    lambda event: event,
    lambda event=None: event,
    lambda event, /: event,
    print,
)


@pytest.mark.parametrize("called", _CALLED, ids=map(str, range(len(_CALLED))))
def test_whether_a_handler_wants_arguments_is_as_its_signature_says(called: Callable[..., Any]) -> None:
    for _ in range(2):  # the second answer is remembered
        assert expects_arguments(called) == asks_its_signature(called)


@given(st.text(st.sampled_from("&<>`$;amp#36ü王 \"'\\{}"), max_size=60))
def test_a_page_is_escaped_as_the_framework_escapes_it(text: str) -> None:
    assert Escapable(text).translate(HTML_ESCAPE_TABLE) == text.translate(HTML_ESCAPE_TABLE)


@pytest.mark.usefixtures("password")
async def test_what_a_page_sends_is_still_read(visitor: User) -> None:
    """The framework reads events with the same module that it writes pages with."""
    await visitor.open("/login")
    field = next(iter(visitor.find(kind=ui.input).elements))
    listener = next(one for one in field._event_listeners.values() if one.type == "update:value")
    page = field.client
    page.handle_event({"id": field.id, "listener_id": listener.id, "args": ['"sam@example.edu"']})
    assert field.value == "sam@example.edu"
    assert {name: value for name, value in vars(json).items() if getattr(client.json, name) is not value}.keys() == {
        "dumps"
    }
