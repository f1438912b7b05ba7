"""What a connection may do before there is a request, on a real server with short limits."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from websockets.sync.client import connect

from printlab.api.connections import PatientProtocol, PatientSocket
from tests.api.serving import serving as served_by

LARGE = b"x" * 30_000_000
UPGRADE = (
    b"Host: lab.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
GET = b"GET / HTTP/1.1\r\nHost: lab.test\r\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Says how much it was sent; below /unread it does not look, below /large it says more than anybody asked for."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        if scope["path"] == "/large":
            await send({"type": "websocket.send", "bytes": LARGE})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})
        return
    request = Request(scope, receive)
    if request.url.path == "/large":
        await PlainTextResponse(LARGE)(scope, receive, send)
        return
    size = 0 if request.url.path == "/unread" else len(await request.body())
    await PlainTextResponse(f"{size} bytes")(scope, receive, send)


@contextmanager
def serving(proxy: str = "", **limits: float) -> Iterator[int]:
    """The port of a server with these limits, which trusts this proxy."""
    socket_class = type("QuickSocket", (PatientSocket,), limits)
    http = type("Quick", (PatientProtocol,), limits | {"socket_class": socket_class})
    trust: dict[str, Any] = {"proxy_headers": bool(proxy), "forwarded_allow_ips": proxy}
    with served_by(uvicorn.Config(app, http=http, log_level="error", lifespan="off", **trust)) as port:
        yield port


@pytest.fixture
def port() -> Iterator[int]:
    """A server that waits 0.3 s for headers."""
    with serving(head_s=0.3) as port:
        yield port


def opened(port: int, first: bytes = b"") -> socket.socket:
    """A connection that has sent something; whatever is read from it has to come within seconds."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=5)
    connection.sendall(first)
    return connection


def answer(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    found = b""
    with contextlib.suppress(ConnectionError):
        while block := connection.recv(65536):
            found += block
    return found


def is_answered(port: int) -> bool:
    return httpx.get(f"http://127.0.0.1:{port}/").text == "0 bytes"


def sent_until_refused(connection: socket.socket, piece: bytes, most: int) -> int:
    """How many bytes could be sent before the server closed, at most ``most``."""
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < most:
            connection.sendall(piece)
            sent += len(piece)
    return sent


@pytest.mark.parametrize(
    "endless",
    [
        pytest.param(GET + b"X: ", id="header"),
        pytest.param(b"GET /", id="address"),
        pytest.param(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: ", id="trailer"),
        pytest.param(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;", id="between chunks"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc" + GET + b"X: ", id="second request"),
    ],
)
def test_headers_without_an_end_are_refused(endless: bytes) -> None:
    with serving() as port, opened(port, endless) as connection:
        assert sent_until_refused(connection, b"a" * 100_000, 50_000_000) < 20_000_000
        assert is_answered(port)


def test_too_large_headers_are_told_so(port: int) -> None:
    with opened(port, GET + b"X: " + b"a" * 64_001) as connection:
        told = answer(connection)
    assert told.startswith(b"HTTP/1.1 431 ")
    assert told.endswith(b"larger than 64 kB. Shorten the address or the cookies.")


def test_headers_of_a_common_size_and_any_body_pass(port: int) -> None:
    headers = {"Cookie": "x" * 30_000}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        for size in (0, 10, 200_000, 5_000_000):
            assert client.post("/", content=b"x" * size).text == f"{size} bytes"
            pieces = (b"x" * 1000 for _ in range(size // 1000))
            assert client.post("/", content=pieces).text == f"{size // 1000 * 1000} bytes"
    head = b"POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 900000\r\n\r\n"
    with opened(port, head + b"x" * 900_000) as connection:
        assert answer(connection).endswith(b"900000 bytes")


@pytest.mark.parametrize("beginning", [b"", b"\r\n", GET, b"POST / HTTP/1.1\r\nX"])
def test_a_connection_that_sends_no_whole_headers_is_closed(port: int, beginning: bytes) -> None:
    with opened(port, beginning) as connection:
        assert answer(connection) == b""


@pytest.mark.parametrize("more", [b"\r\n", GET])
def test_so_is_one_whose_next_headers_do_not_end(port: int, more: bytes) -> None:
    with opened(port, GET + b"\r\n") as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.sendall(more)
        assert b"HTTP/1.1" not in answer(connection)


def test_so_is_one_that_goes_on_after_its_answer(port: int) -> None:
    with opened(port, b"POST /unread HTTP/1.1\r\nContent-Length: 9000000\r\n\r\nx") as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.sendall(b"x")
        answer(connection)


def test_of_one_address_so_many_connections_are_half_open() -> None:
    with serving(half_open_limit=3) as port, ExitStack() as held:
        waiting = [held.enter_context(opened(port, GET)) for _ in range(3)]
        assert answer(held.enter_context(opened(port))) == b""
        waiting[0].sendall(b"\r\n")
        assert waiting[0].recv(65536).startswith(b"HTTP/1.1 200 ")
        assert is_answered(port)


def test_a_trusted_proxy_stands_for_many() -> None:
    with serving(proxy="127.0.0.1", half_open_limit=3, half_open_proxy_limit=6) as port, ExitStack() as held:
        for _ in range(5):
            held.enter_context(opened(port, GET))
        assert is_answered(port)
        held.enter_context(opened(port, GET))
        assert answer(held.enter_context(opened(port))) == b""


@pytest.mark.parametrize("more", [b"", UPGRADE])
def test_an_answer_that_nobody_reads_is_cut_off(more: bytes) -> None:
    with serving(unread_s=0.3) as port, opened(port, b"GET /large HTTP/1.1\r\n" + more + b"\r\n") as silent:
        time.sleep(1)
        assert len(answer(silent)) < len(LARGE)


def test_one_that_is_read_slowly_is_not() -> None:
    with serving(unread_s=0.3) as port:
        with opened(port, b"GET /large HTTP/1.1\r\nConnection: close\r\n\r\n") as slow:
            read = 0
            while block := slow.recv(2_000_000):
                read += len(block)
                time.sleep(0.05)
        assert read > len(LARGE)


def test_a_live_connection_is_not_half_open(port: int) -> None:
    with serving(half_open_limit=1, head_s=0.3) as port, ExitStack() as held:
        sockets = [held.enter_context(connect(f"ws://127.0.0.1:{port}/")) for _ in range(5)]
        with opened(port, GET) as waiting:
            assert answer(waiting) == b""  # by now the time for headers has passed for all of them
        for live in sockets:
            live.ping().wait(5)
            assert live.state.name == "OPEN"


def test_messages_are_packed_each_by_itself(port: int) -> None:
    text = "ready for pickup " * 3000
    with connect(f"ws://127.0.0.1:{port}") as live:
        assert live.response is not None
        agreed = live.response.headers["Sec-WebSocket-Extensions"]
        assert {"server_no_context_takeover", "client_no_context_takeover"} <= set(agreed.split("; "))
        for sent in ("2", text, "2", text):
            live.send(sent)
            assert live.recv() == sent


@pytest.mark.parametrize(
    "odd",
    [
        b"Sec-WebSocket-Protocol: \xff\r\n",
        b"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=abc\r\n",
        b"Sec-WebSocket-Extensions: \xff\r\n",
        b"Sec-WebSocket-Version: \xff\r\n",
    ],
)
def test_every_handshake_is_answered_however_odd_and_the_server_still_stops(odd: bytes) -> None:
    """A proxy takes a connection that is closed without a word for a process that failed, and sends nobody there."""
    with serving() as port:
        for _ in range(3):
            with opened(port, b"GET / HTTP/1.1\r\n" + UPGRADE + odd + b"\r\n") as connection:
                assert connection.recv(65536).startswith(b"HTTP/1.1 ")
        assert is_answered(port)


def test_a_body_may_take_longer_than_headers(port: int) -> None:
    with opened(port, b"POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\nx") as slow:
        with opened(port) as silent:
            assert answer(silent) == b""  # that long is too long for headers
        slow.sendall(b"x")
        assert answer(slow).endswith(b"2 bytes")
