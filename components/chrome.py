"""Small parts of every page's frame: the live light and the choice of the theme."""

from __future__ import annotations

from nicegui import ui


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
