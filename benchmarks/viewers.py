"""Pages that are open without a browser: what a server sends them, counted and timed by us."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import re
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

_PING, _PONG, _JOIN = "2", "3", "40"
_QUERY = re.compile(r"query: (\{[^}]*\})")
_CLIENT_ID = re.compile(r"'client_id': '([^']+)'|\"client_id\": ?\"([^\"]+)\"")
_WAIT_S = 60.0
_CALLER = "127.0.0.1"
_OF_ONE_CALLER = 20  # fewer than one address may have

# Called with the moment (seconds since 1970) and the text of every frame that a page gets.
OnFrame = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of NiceGUI as it was answered: its bytes as they are, and packed, and what its script connects with."""

    raw_bytes: int
    packed_bytes: int
    client_id: str


class _Counted(ClientConnection):
    """Counts what comes over the wire: frames as they are packed, and their heads."""

    wire_bytes = 0

    def data_received(self, data: bytes) -> None:
        self.wire_bytes += len(data)
        super().data_received(data)


@dataclass(slots=True)
class Viewer:
    """An open page. ``frames`` and ``frame_bytes`` count what it was sent since it was connected."""

    page: Page
    socket: _Counted | None = None
    frames: int = 0
    frame_bytes: int = 0
    on_frame: OnFrame | None = None
    joined: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def wire_bytes(self) -> int:
        """What came over the wire since it was connected."""
        return self.socket.wire_bytes if self.socket else 0

    def take(self, text: str) -> None:
        """One frame that is no ping."""
        self.frames += 1
        self.frame_bytes += len(text.encode())
        if self.on_frame is not None:
            self.on_frame(time.time(), text)


def read_page(port: int, path: str, cookie: str, caller: str = _CALLER) -> Page:
    """Ask for a page from the address ``caller`` of this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_WAIT_S, source_address=(caller, 0))
    with closing(connection):
        connection.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        sent = answer.read()
        assert answer.status == 200, f"{path}: {answer.status}"
        raw = gzip.decompress(sent) if answer.headers.get("Content-Encoding") == "gzip" else sent
    html = raw.decode()
    query = _QUERY.search(html)
    client = _CLIENT_ID.search(query[1] if query else html)
    assert client, f"{path} has changed; read_page has to be adapted"
    return Page(len(raw), len(sent), client[1] or client[2])


@asynccontextmanager
async def viewing(
    port: int, path: str, cookie: str, on_frame: OnFrame | None = None, caller: str = _CALLER
) -> AsyncGenerator[Viewer]:
    """A page that is open as long as the block runs."""
    page = await asyncio.to_thread(read_page, port, path, cookie, caller)
    viewer = Viewer(page, on_frame=on_frame)
    query = urlencode(_connects_with(page.client_id) | {"EIO": "4", "transport": "websocket"})
    address = f"ws://127.0.0.1:{port}/_nicegui_ws/socket.io/?{query}"
    headers = {"Cookie": cookie}
    async with connect(
        address, additional_headers=headers, max_size=None, create_connection=_Counted, local_addr=(caller, 0)
    ) as socket:
        viewer.socket = cast("_Counted", socket)
        listening = asyncio.create_task(_listen(socket, viewer))
        try:
            await asyncio.wait_for(viewer.joined.wait(), _WAIT_S)
            yield viewer
        finally:
            listening.cancel()


@asynccontextmanager
async def many_viewing(
    count: int, port: int, path: Callable[[int], str], cookie: str, on_frame: Callable[[int], OnFrame] | None = None
) -> AsyncGenerator[list[Viewer]]:
    """So many pages at once, opened one after the other; ``path`` and ``on_frame`` are asked for each by its number."""
    async with AsyncExitStack() as stack:
        viewers: list[Viewer] = []
        for number in range(count):
            called = None if on_frame is None else on_frame(number)
            caller = f"127.0.0.{2 + number // _OF_ONE_CALLER}"
            viewers.append(await stack.enter_async_context(viewing(port, path(number), cookie, called, caller)))
        yield viewers


def board(_number: int) -> str:
    """The path of the board, for everybody."""
    return "/board"


async def _listen(socket: ClientConnection, viewer: Viewer) -> None:
    try:
        async for frame in socket:
            text = str(frame)
            if text.startswith("0"):
                await socket.send(_JOIN)
            elif text == _PING:
                await socket.send(_PONG)
            elif text.startswith(_JOIN):
                viewer.joined.set()
            else:
                viewer.take(text)
    except ConnectionClosed:
        return


def _connects_with(client_id: str) -> dict[str, str]:
    """What the page's own script would connect with."""
    return {
        "client_id": client_id,
        "next_message_id": "0",
        "implicit_handshake": "true",
        "document_id": client_id,
        "tab_id": client_id,
        "old_tab_id": "",
    }
