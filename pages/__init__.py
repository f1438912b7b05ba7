"""The screens: each module lays out one route from what the services return, and calls services."""

from __future__ import annotations

from components import design
from pages import _auth, _frame, account, board, first_run, job, login, submit, track
from printlab.services import Services

_PAGES = (_auth, submit, track, login, first_run, account, board, job)


def register(services: Services) -> None:
    """Define all routes and connect them to live changes. Call once, before the server starts."""
    settings = services.settings
    design.install(settings.brand_color, settings.accent_color, settings.logo)
    _frame.connect_live(services)
    for page in _PAGES:
        page.register(services)
