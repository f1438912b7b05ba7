"""Buttons in four weights, a busy state, and the dialog that asks before what cannot be taken back."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

from nicegui import Client, ui

from components import design

Handler = Callable[..., Any]
_ASKED: WeakSet[Client] = WeakSet()
"""The pages on which a question stands."""


def primary_button(text: str, on_click: Handler | None = None, *, icon: str | None = None) -> ui.button:
    """The one action that a screen is about."""
    return ui.button(text, on_click=on_click, icon=icon, color=None).classes("pl-btn-primary")


def secondary_button(text: str, on_click: Handler | None = None, *, icon: str | None = None) -> ui.button:
    """An action beside the first one."""
    return ui.button(text, on_click=on_click, icon=icon, color=None).classes("pl-btn-secondary")


def quiet_button(text: str, on_click: Handler | None = None, *, icon: str | None = None) -> ui.button:
    """An action that stays in the background."""
    return ui.button(text, on_click=on_click, icon=icon, color=None).props("flat").classes("pl-btn-quiet")


def danger_button(text: str, on_click: Handler | None = None, *, icon: str | None = None) -> ui.button:
    """An action that ends or removes something; its text names what."""
    return ui.button(text, on_click=on_click, icon=icon, color=None).classes("pl-btn-danger")


def link_button(text: str, href: str, *, icon: str, download: bool = False) -> ui.element:
    """A link that looks like a secondary button: it leads somewhere, or downloads what lies there."""
    link = ui.element("a").classes("pl-btn-link")
    link.props["href"] = href
    if download:
        link.props("download")
    with link:
        ui.icon(icon).props("aria-hidden=true")
        ui.label(text)
    return link


def icon_button(icon: str, label: str, on_click: Handler | None = None) -> ui.button:
    """A button that shows an icon only; ``label`` is read aloud and shown as its tooltip."""
    button = ui.button(icon=icon, on_click=on_click, color=None).props("flat").classes("pl-btn-icon")
    button.props["aria-label"] = label
    return button.tooltip(label)


@contextmanager
def busy(*buttons: ui.button) -> Generator[None]:
    """The buttons turn and take no click while the block runs."""
    for button in buttons:
        button.props("loading")
    try:
        yield
    finally:
        for button in buttons:
            if not button.is_deleted:
                button.props(remove="loading")


async def confirmed(title: str, text: str, action: str, *, keep: str = "Keep it", ends: bool = True) -> bool:
    """Ask before something; ``action`` names it and its object, ``ends`` whether it cannot be undone.

    True when the person agrees. One question at a time: of a page that shows one already nothing more is asked.
    """
    client = ui.context.client
    if client in _ASKED:
        return False
    _ASKED.add(client)
    try:
        return await _agreed(title, text, action, keep=keep, ends=ends)
    finally:
        _ASKED.discard(client)


async def _agreed(title: str, text: str, action: str, *, keep: str, ends: bool) -> bool:
    with ui.dialog().props("role=alertdialog") as dialog, ui.card():
        dialog.props["aria-label"] = title
        ui.label(title).classes(design.TITLE).props("role=heading aria-level=2")
        ui.label(text).classes(design.PROSE)
        with ui.element("div").classes("pl-dialog-actions"):
            secondary_button(keep, lambda: dialog.submit(False)).props("autofocus")
            agree = ui.button(action, on_click=lambda: dialog.submit(True), color=None)
            agree.classes("pl-btn-danger-fill" if ends else "pl-btn-primary")
    answer = await dialog
    if not dialog.is_deleted:  # the page was left or loaded again meanwhile
        dialog.clear()
        dialog.delete()
    return bool(answer)
