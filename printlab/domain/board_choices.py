"""How somebody has the board: each person's own choice, remembered wherever they sign in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

_MOST_COLUMNS = 30
_LONGEST = 30


@dataclass(frozen=True, slots=True)
class BoardChoices:
    """``compact`` cards, ``tabs`` for one column at a time, the columns of the ``table`` (empty for the usual ones), a
    ``sound`` and a notice of the ``desktop`` for new uploads.
    """

    compact: bool = False
    tabs: bool = False
    table: tuple[str, ...] = ()
    sound: bool = False
    desktop: bool = False

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> BoardChoices:
        """What was kept, or sent by a browser; what is none of it is left out."""
        table: Any = values.get("table")
        names = cast("Sequence[Any]", table if isinstance(table, (list, tuple)) else ())
        return cls(
            compact=values.get("compact") is True,
            tabs=values.get("tabs") is True,
            table=tuple(name[:_LONGEST] for name in names[:_MOST_COLUMNS] if isinstance(name, str)),
            sound=values.get("sound") is True,
            desktop=values.get("desktop") is True,
        )


@dataclass(frozen=True, slots=True)
class NamedView:
    """What somebody looks for again and again: ``params`` are those of the board's address. ``owner`` is the colleague
    who shares it, empty for an own one.
    """

    id: int
    name: str
    params: tuple[tuple[str, str], ...]
    owner: str
    is_shared: bool
