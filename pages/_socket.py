"""What a browser may send over a page's live connection: the framework takes it from whoever knows the page's id."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from typing import Any, cast

from nicegui import core

log = logging.getLogger("printlab.pages")

_OPENS = "handshake"
_FROM_ITS_OWN_PAGE = ("event", "javascript_response", "ack")
_Handler = Callable[[str, Any], Any]


def install() -> None:
    """Bind what a page sends to the socket that opened it, and keep browsers' words out of the log. Call once."""
    handlers = cast("dict[str, _Handler]", core.sio.handlers["/"])
    handlers[_OPENS] = _unless_malformed(handlers[_OPENS])
    for name in _FROM_ITS_OWN_PAGE:
        handlers[name] = _bound(_unless_malformed(handlers[name]))
    handlers["log"] = _not_logged


def _bound(handler: _Handler) -> _Handler:
    """Pass on what comes from a socket that has shaken hands for the page that it names."""

    async def from_its_own_page(socket_id: str, message: Any) -> Any:  # noqa: ANN401  (the framework's own signature)
        if isinstance(message, dict) and message.get("client_id") in core.sio.rooms(socket_id):
            return await _answer(handler(socket_id, message))
        return None

    return from_its_own_page


def _unless_malformed(handler: _Handler) -> _Handler:
    """What our own script would never send is dropped: a traceback for each would turn the log over."""

    async def well_formed(socket_id: str, message: Any) -> Any:  # noqa: ANN401  (the framework's own signature)
        try:
            return await _answer(handler(socket_id, message))
        except (AttributeError, KeyError, TypeError, ValueError):
            log.debug("malformed, on socket %s: %.500r", socket_id, message, exc_info=True)
            return None

    return well_formed


async def _answer(result: Any) -> Any:  # noqa: ANN401  (the framework's own signature)
    return await result if inspect.isawaitable(result) else result


def _not_logged(socket_id: str, message: Any) -> None:  # noqa: ANN401  (the framework's own signature)
    """Anybody could forge lines with it, or turn the log over until nothing of ours is left in it."""
    log.debug("a browser reports, on socket %s: %.500r", socket_id, message)
