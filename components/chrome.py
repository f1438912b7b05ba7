"""Parts of every page's frame: its head, the live light and the choice of the theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from nicegui import ui

from components import design
from components.unwatched import unwatched
from printlab.domain.policy import Actor

_OF_STAFF = (
    {"label": "Your account", "icon": "manage_accounts", "href": "/account"},
    {"label": "Set up Open file", "icon": "launch", "href": "/opener"},
)


@dataclass(frozen=True, slots=True)
class Brand:
    """Whose pages these are; ``lab`` is left out where it goes by the name of the brand."""

    name: str
    lab: str
    logo: Path | None


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the navigation; ``current``: it is this page."""

    label: str
    href: str
    current: bool = False


class Header(ui.element, component="header.js"):
    """The head of a page: the brand as the way to ``home``, the navigation, and the menu of whoever is signed in.

    One element, since every page has it. What is made inside of it stands before the menu. The page has a ``Theme``.
    """

    def __init__(self, brand: Brand, home: str, nav: Sequence[Link], actor: Actor | None) -> None:
        super().__init__()
        logo = None if brand.logo is None else design.static_url(brand.logo)
        who = None
        if actor is not None:
            who = {"name": actor.name, "role": "Admin" if actor.is_admin else "Staff", "links": _OF_STAFF}
        self._props["home"] = home
        for name, value in (
            ("brand", {"name": brand.name, "lab": brand.lab, "logo": logo}),
            ("nav", [asdict(link) for link in nav]),
            ("who", who),
        ):
            self._props[name] = unwatched(value)


class LiveLight(ui.element, component="live_light.js"):
    """Says "live" while the page hears from the server, "reconnecting" since when it does not, and "stale" since when
    the server does not reach the lab's database.
    """

    def __init__(self, *, stale: bool) -> None:
        super().__init__()
        self.show_stale(stale)

    def show_stale(self, stale: bool) -> None:
        """From now on."""
        self._props["stale"] = stale
        self.update()


class QuickReturn(ui.element, component="quick_return.js"):
    """Has a page look for its server soon after the connection broke off; every page has one."""


class Theme(ui.element, component="theme.js"):
    """Applies the theme kept in this browser; with ``choosable`` it shows System, Light and Dark to choose from."""

    def __init__(self, *, choosable: bool) -> None:
        super().__init__()
        self._props["choosable"] = choosable
