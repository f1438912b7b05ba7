"""How many WebSockets may be open, whatever they are for."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from printlab.api.middleware import FewWebSockets
from tests.api.serving import serving


async def listening(_scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts, and listens until the client leaves."""
    await receive()
    await send({"type": "websocket.accept"})
    await receive()


@pytest.mark.parametrize("limits", [{"most": 9, "most_of_one": 3}, {"most": 3, "most_of_one": 9}])
def test_so_many_websockets_are_open(limits: dict[str, int]) -> None:
    guarded = FewWebSockets(listening, **limits)

    def opened(port: int) -> ClientConnection:
        return connect(f"ws://127.0.0.1:{port}/")

    with serving(uvicorn.Config(guarded, log_level="error", lifespan="off")) as port, ExitStack() as held:
        first, *_ = [held.enter_context(opened(port)) for _ in range(3)]
        with pytest.raises(InvalidStatus):
            opened(port)
        first.close()
        held.enter_context(opened(port))
