"""How many live connections one may have, by whatever transport, and how long one may wait before it opens a page."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import engineio
import httpx
import pytest
import uvicorn
from nicegui import app, ui
from nicegui.app.app import prune_tab_storage
from nicegui.testing import User
from starlette.types import Receive, Scope, Send
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from pages._socket import LiveConnections, Standstill
from tests.api.serving import serving

_PATH = "/engine.io/?EIO=4&transport="


@contextmanager
def guarded(*, has_page: bool = True, most: int = 9, most_of_one: int = 9, handshake_s: float = 60) -> Iterator[int]:
    """The port of a server of live connections with these limits."""
    server = engineio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")

    async def connected(_id: str, _environ: object) -> None: ...

    async def disconnected(_id: str, _reason: str) -> None: ...

    async def heard(_id: str, _sent: object) -> None: ...

    server.on("connect", connected)
    server.on("message", heard)
    server.on("disconnect", disconnected)
    LiveConnections(server, lambda _: has_page, most, most_of_one, handshake_s).install()
    with serving(uvicorn.Config(engineio.ASGIApp(server), log_level="error", lifespan="off")) as port:
        yield port


def by_websocket(port: int) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{port}{_PATH}websocket")


def by_polling(port: int) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{port}{_PATH}polling")


@pytest.mark.parametrize("limits", [{"most": 3}, {"most_of_one": 3}])
def test_so_many_live_connections_are_open(limits: dict[str, int]) -> None:
    with guarded(**limits) as port, ExitStack() as held:
        first, _ = [held.enter_context(by_websocket(port)) for _ in range(2)]
        assert by_polling(port).status_code == 200
        refused = by_polling(port)
        assert (refused.status_code, refused.json()) == (
            401,
            "Too many pages are open here. Close some and load this one again.",
        )
        with pytest.raises(InvalidStatus):
            by_websocket(port)
        first.close()
        time.sleep(0.2)
        held.enter_context(by_websocket(port))


def test_one_that_opens_no_page_is_closed() -> None:
    with guarded(has_page=False, most=2, handshake_s=1.5) as port, by_websocket(port) as silent:
        session = json.loads(by_polling(port).text[1:])["sid"]
        assert by_polling(port).status_code == 401
        assert str(silent.recv(timeout=5)).startswith("0")
        assert silent.recv(timeout=5) == "1"
        with pytest.raises(ConnectionClosed):
            silent.recv(timeout=5)
        time.sleep(1.5)  # the other one began later
        assert httpx.get(f"http://127.0.0.1:{port}{_PATH}polling&sid={session}").status_code == 400
        assert by_polling(port).status_code == 200


def test_one_that_belongs_to_a_page_stays() -> None:
    with guarded(handshake_s=0.1) as port, by_websocket(port) as live:
        assert str(live.recv(timeout=5)).startswith("0")
        time.sleep(0.5)
        live.ping().wait(5)
        assert live.state.name == "OPEN"


async def test_nothing_is_kept_of_a_tab_for_long(visitor: User) -> None:
    await visitor.open("/")
    tabs = app.storage._tabs
    assert tabs
    for tab in tabs.values():
        tab.last_modified -= timedelta(minutes=11).total_seconds()
    await prune_tab_storage()
    assert not tabs


@pytest.mark.parametrize("sent", ["many", [1], {"a": 1}])
async def test_text_in_a_number_field_is_no_number_and_no_traceback(
    visitor: User, caplog: pytest.LogCaptureFixture, sent: object
) -> None:
    await visitor.open("/")
    (copies,) = visitor.find(kind=ui.number).elements
    (listener,) = [each for each in copies._event_listeners.values() if each.type == "update:modelValue"]
    event = {"id": copies.id, "listener_id": listener.id, "args": [json.dumps(sent)]}
    for said, value in ((event, None), (event | {"args": ["3"]}, 3.0)):
        copies.client.handle_event(said)
        assert copies.value == value
    assert not [record for record in caplog.records if record.exc_info]


def test_what_waited_for_a_process_that_stood_still_is_not_done() -> None:
    """Whoever said it went to another process meanwhile, and may have said it again there."""
    heard: list[str] = []
    server = engineio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")

    async def hear(_id: str, sent: str) -> None:
        heard.append(sent)
        if sent == "stand still":
            time.sleep(8)  # noqa: ASYNC251  (that is what is tested)

    async def ignore(*_: object) -> None: ...

    server.on("connect", ignore)
    server.on("message", hear)
    server.on("disconnect", ignore)
    connections = LiveConnections(server, lambda _: True)
    connections.install()
    standstill = Standstill(connections.break_off)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if not watched:
            watched.append(standstill.watch())
        await engineio.ASGIApp(server)(scope, receive, send)

    watched: list[None] = []
    with serving(uvicorn.Config(serve, log_level="error", lifespan="off")) as port, by_websocket(port) as socket:
        socket.recv(timeout=10)
        socket.send("4hello")
        socket.send("4stand still")
        time.sleep(1)
        socket.send("4said meanwhile")
        with pytest.raises(ConnectionClosed):
            read_on(socket)
    assert heard == ["hello", "stand still"]


def read_on(socket: ClientConnection) -> None:
    while True:
        socket.recv(timeout=20)
