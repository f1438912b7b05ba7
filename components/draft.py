"""What was typed, kept in the browser's own storage until it is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from nicegui.element import Element
from nicegui.events import GenericEventArguments

Values = dict[str, Any]
_LONGEST = 4000


class Draft(Element, component="draft.js", dependencies=["kept.js"]):
    """Reads the kept values once when the page is shown; writes on every ``keep`` and removes them on ``forget``.

    What comes back was in the person's hands: texts, numbers and truth values only, everything else is dropped.
    """

    def __init__(self, name: str, on_restored: Callable[[Values], Awaitable[None]]) -> None:
        super().__init__()
        self._props["name"] = name
        self._props["values"] = None
        self._on_restored = on_restored
        self.on("restored", self._restored)

    def keep(self, values: Values) -> None:
        """Write the values into the browser's storage."""
        self._props["values"] = dict(values)
        self.update()

    def forget(self) -> None:
        """Remove them from the browser's storage."""
        self._props["values"] = None
        self.update()

    async def _restored(self, event: GenericEventArguments) -> None:
        kept: Any = event.args
        if not isinstance(kept, dict):
            return
        pairs = cast("dict[Any, Any]", kept).items()
        await self._on_restored({name: value for name, value in pairs if isinstance(name, str) and _plain(value)})


class CarryOver(Element, component="draft.js", dependencies=["kept.js"]):
    """A button that fills the form at ``target`` with ``values``, through the draft called ``name``.

    All of it happens in the browser: nothing of one person is kept where the next one looks unless they ask for it.
    """

    def __init__(self, label: str, name: str, values: Values, target: str) -> None:
        super().__init__()
        self._props.update({"label": label, "name": name, "values": dict(values), "target": target})


def draft_name(*, for_staff: bool) -> str:
    """What the draft of the form is called in the browser's storage; staff at a shared PC have one of their own."""
    return f"printlab.submit.{'staff' if for_staff else 'student'}"


def _plain(value: object) -> bool:
    return isinstance(value, (bool, int, float)) or (isinstance(value, str) and len(value) <= _LONGEST)
