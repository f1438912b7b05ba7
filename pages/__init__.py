"""The screens: each module lays out one route from what the services return, and calls services."""

from __future__ import annotations

from collections.abc import Callable

from components import design
from pages import (
    _auth,
    _board_feed,
    _errors,
    _frame,
    _light,
    _nonce,
    _socket,
    _waiting,
    account,
    admin,
    admin_catalog,
    admin_health,
    admin_mail,
    admin_staff,
    admin_students,
    admin_wording,
    board,
    first_run,
    job,
    login,
    opener,
    submit,
    track,
)
from printlab.services import Services

_PAGES = (
    _auth,
    _errors,
    login,
    first_run,
    account,
    opener,
    admin,
    admin_catalog,
    admin_staff,
    admin_students,
    admin_mail,
    admin_wording,
    admin_health,
)
_PAGES_ABOUT_WAITING = (submit, track, job)


def register(services: Services) -> Callable[[], None]:
    """Define all routes and connect them to live changes. Call once, before the server starts.

    Gives what is to be called once it has.
    """
    settings = services.settings
    design.install(settings.brand_color, settings.accent_color, settings.logo)
    _nonce.install()
    _light.install()
    hold_connections = _socket.install()
    _frame.connect_live(services)
    for page in _PAGES:
        page.register(services)
    waits = _waiting.WaitFeed(services)
    for page in _PAGES_ABOUT_WAITING:
        page.register(services, waits)
    jobs = _board_feed.BoardFeed(services)
    board.register(services, jobs)

    def started() -> None:
        hold_connections()
        jobs.begin()

    return started
