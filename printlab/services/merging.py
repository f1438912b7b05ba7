"""Two who edit the same entry: what one changed is kept, unless the other changed just that too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from printlab.errors import Conflict


class ChangedMeanwhile(Conflict):
    """Two people changed the same fields of one entry."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody else changed the same fields after you opened this. Nothing of yours was saved: look at what is "
            "there now and change it again if it is still needed."
        )


def own_changes(wanted: Mapping[str, Any], seen: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """What is left to write of what a person changed: the ``wanted`` values other than those they had ``seen``.

    Raises ChangedMeanwhile when somebody else has changed one of these meanwhile, to something else.
    """
    own = {name: value for name, value in wanted.items() if value != seen[name]}
    if any(now[name] not in (seen[name], value) for name, value in own.items()):
        raise ChangedMeanwhile
    return {name: value for name, value in own.items() if now[name] != value}
