"""The way between the admin pages, and their style sheet."""

from __future__ import annotations

from nicegui import ui

from components import design

_PAGES = (
    ("lab", "Lab", "/admin"),
    ("catalog", "Catalogue", "/admin/catalog"),
    ("staff", "Staff", "/admin/staff"),
    ("students", "Students", "/admin/students"),
    ("mail", "Mail", "/admin/mail"),
    ("health", "Health", "/admin/health"),
)


def admin_nav(active: str) -> None:
    """Links to all admin pages; ``active`` is lab, catalog, staff, students, mail or health."""
    with ui.element("nav").classes("pla-nav").props('aria-label="Admin"'):
        for key, text, target in _PAGES:
            link = ui.element("a").props(f'href="{target}"')
            if key == active:
                link.props("aria-current=page")
            with link:
                ui.label(text)


def page_title(text: str, lead: str = "") -> None:
    """The page's name and, in one sentence, what it is for."""
    with ui.element("div").classes("pl-stack pl-tight"):
        ui.label(text).classes(design.TITLE).props("role=heading aria-level=1")
        if lead:
            ui.label(lead).classes(f"{design.MUTED} {design.PROSE}")


def admin_style() -> None:
    """Put the admin pages' style sheet into the page."""
    design.add_sheets("admin.css")
