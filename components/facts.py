"""Key and value lists."""

from __future__ import annotations

from collections.abc import Iterable

from nicegui import ui

from components import design


def facts(pairs: Iterable[tuple[str, str | None]]) -> ui.element:
    """Names on the left, values on the right; a pair without a value is left out."""
    with ui.element("dl").classes("pl-facts") as box:
        for name, value in pairs:
            if value:
                _pair(name, value)
    return box


def figures(pairs: Iterable[tuple[str, str]]) -> ui.element:
    """A few figures beside each other in large type, each with its name above."""
    with ui.element("dl").classes("pl-figures") as box:
        for name, value in pairs:
            with ui.element("div"):
                _pair(name, value)
    return box


def swatch(hex_color: str) -> ui.element:
    """A round sample of a colour; its name must stand beside it."""
    color = design.safe_hex(hex_color)
    return ui.element("span").classes("pl-swatch").style(f"background: {color}").props("aria-hidden=true")


def _pair(name: str, value: str) -> None:
    with ui.element("dt"):
        ui.label(name)
    with ui.element("dd"):
        ui.label(value)
