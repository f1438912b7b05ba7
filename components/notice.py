"""A box that says one thing: a hint, a warning, what went wrong, what went well."""

from __future__ import annotations

from typing import Literal

from nicegui import ui

from components import design

Kind = Literal["plain", "warning", "negative", "positive"]
_ICONS: dict[Kind, str] = {
    "plain": "info",
    "warning": "warning_amber",
    "negative": "error_outline",
    "positive": "check_circle",
}


def notice(text: str, kind: Kind = "plain", *, icon: str | None = None) -> ui.element:
    """Show ``text`` with an icon; a negative one is read aloud at once. More can be put into its second part."""
    role = "alert" if kind == "negative" else "note"
    with ui.element("div").classes(f"pl-notice pl-notice-{kind}").props(f"role={role}") as box:
        ui.icon(icon or _ICONS[kind]).props("aria-hidden=true")
        with ui.element("div").classes("pl-stack pl-tight"):
            ui.label(text).classes(design.PROSE)
    return box
