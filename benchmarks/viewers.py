"""Pages that are open without a browser: their live connection is read by us."""

from __future__ import annotations

import asyncio
import re
import time
import urllib.request
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

_PING, _PONG, _JOIN = "2", "3", "40"
_QUERY = re.compile(r"query: (\{[^}]*\})")
_CLIENT_ID = re.compile(r"'client_id': '([^']+)'|\"client_id\": ?\"([^\"]+)\"")
_WAIT_S = 60.0

# Called with the moment (seconds since 1970) and the text of every frame that a page gets.
OnFrame = Callable[[float, str], None]


@asynccontextmanager
async def viewing(port: int, path: str, cookie: str, on_frame: OnFrame) -> AsyncGenerator[None]:
    """A page that is open as long as the block runs."""
    query = await asyncio.to_thread(_page_query, port, path, cookie)
    address = f"ws://127.0.0.1:{port}/_nicegui_ws/socket.io/?{urlencode(query)}"
    async with connect(address, additional_headers={"Cookie": cookie}, max_size=None) as socket:
        joined = asyncio.Event()
        listening = asyncio.create_task(_listen(socket, on_frame, joined))
        try:
            await asyncio.wait_for(joined.wait(), _WAIT_S)
            yield
        finally:
            listening.cancel()


async def _listen(socket: ClientConnection, on_frame: OnFrame, joined: asyncio.Event) -> None:
    try:
        async for frame in socket:
            moment, text = time.time(), str(frame)
            if text.startswith("0"):
                await socket.send(_JOIN)
            elif text == _PING:
                await socket.send(_PONG)
            elif text.startswith(_JOIN):
                joined.set()
            else:
                on_frame(moment, text)
    except ConnectionClosed:
        return


def _page_query(port: int, path: str, cookie: str) -> dict[str, str]:
    """What the page's own script would connect with."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Cookie": cookie})
    with urllib.request.urlopen(request, timeout=_WAIT_S) as answer:  # noqa: S310  (as above)
        page = answer.read().decode()
    query = _QUERY.search(page)
    client = _CLIENT_ID.search(query[1]) if query else None
    assert client, f"{path} has changed; _page_query has to be adapted"
    client_id = client[1] or client[2]
    return {
        "client_id": client_id,
        "next_message_id": "0",
        "implicit_handshake": "true",
        "document_id": client_id,
        "tab_id": client_id,
        "old_tab_id": "",
        "EIO": "4",
        "transport": "websocket",
    }
