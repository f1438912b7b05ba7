"""The command palette of staff pages (Ctrl K): go anywhere and do anything by typing a few letters of its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from nicegui.element import Element


@dataclass(frozen=True, slots=True)
class Place:
    """Where it can lead: a page, with the icon and the words under which it is found."""

    label: str
    icon: str
    href: str


class Palette(Element, component="palette.js"):
    """Leads to ``places``, to jobs by their number, and to what a search finds on the board. What else can be done on a
    page, that page's own scripts add when they are asked (the event ``printlab:commands``).
    """

    def __init__(self, places: Sequence[Place]) -> None:
        super().__init__()
        self._props["places"] = [asdict(place) for place in places]
