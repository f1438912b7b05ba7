"""How a request's body arrives: counted, with an end to every wait, and so many at once of one caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from printlab.api import problems
from printlab.errors import TooManyRequests
from printlab.limits import AtOnce

SERVERS_RECEIVE = "printlab.receive"
BODY_LIMIT = 250_000
ANSWER_LIMIT = 12_000
"""The largest body on routes that need no account: a few fields, each letter of which may be escaped."""
PATIENCE_S = 60.0
SLOWEST_BYTES_S = 10_000
_BODIES_AT_ONCE = 50
_LINGER_S = 5.0


class Body:
    """A body on its way: of at most ``limit`` bytes, no pause longer than ``patience_s``.

    All pauses together are at most ``patience_s`` and 0.1 s for each kB that has arrived: a slow phone passes, a
    trickle does not.
    """

    def __init__(self, receive: Receive, limit: int | None = None, patience_s: float = PATIENCE_S) -> None:
        self._receive = receive
        self._limit = limit
        self._patience_s = patience_s
        self._waited_s = 0.0
        self._bytes = 0
        self.finished = False

    async def receive(self) -> Message:
        """The next message. Raises HTTPException 408 when it takes too long, 413 when there are too many bytes."""
        if self.finished:
            return await self._receive()
        message = await self._next()
        self.finished = message["type"] != "http.request" or not message.get("more_body", False)
        self._bytes += len(message.get("body", b""))
        self._refuse_over_limit(self._bytes)
        return message

    async def whole(self, announced_bytes: int) -> bytes | None:
        """All of it; None when the client left. Raises HTTPException like ``receive``."""
        self._refuse_over_limit(announced_bytes)
        content = bytearray()
        while not self.finished:
            message = await self.receive()
            if message["type"] != "http.request":
                return None
            content += message.get("body", b"")
        return bytes(content)

    async def drain(self) -> None:
        """Throw away what still arrives within a few seconds, so that the client gets to read its answer."""
        try:
            async with asyncio.timeout(_LINGER_S):
                while not self.finished:
                    message = await self._receive()
                    self.finished = message["type"] != "http.request" or not message.get("more_body", False)
        except TimeoutError:
            return

    async def _next(self) -> Message:
        loop = asyncio.get_running_loop()
        began = loop.time()
        earned_s = self._bytes / SLOWEST_BYTES_S
        left_s = self._patience_s + earned_s - self._waited_s
        try:
            async with asyncio.timeout(min(self._patience_s, left_s)):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, self._too_slow(left_s)) from None
        self._waited_s += loop.time() - began
        return message

    def _too_slow(self, left_s: float) -> str:
        if left_s < self._patience_s:
            return f"This arrives at less than {SLOWEST_BYTES_S // 1000} kB a second. Send it over a better connection."
        return f"Nothing arrived for {self._patience_s:.0f} seconds. Send it again."

    def _refuse_over_limit(self, size: int) -> None:
        if self._limit is not None and size > self._limit:
            raise HTTPException(413, f"The request is larger than {self._limit // 1000} kB. Shorten it.")


class LastWord(Response):
    """An answer given before the request was read to its end: it goes out at once, then the connection closes."""

    def __init__(self, answer: Response, body: Body) -> None:
        super().__init__()
        self.status_code, self.body, self.raw_headers = answer.status_code, answer.body, answer.raw_headers
        self.headers["Connection"] = "close"
        # A compressing middleware would hold the answer back until the rest of the request is read.
        self.headers["Content-Encoding"] = "identity"
        self._rest = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  (ASGI calls it so)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        await self._rest.drain()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class SmallBodies:
    """Reads a body to its end before anything that parses, spools or waits for it.

    ``limit_of`` says how many bytes it may have, None where a route reads it itself. ``caller`` says who is counted: 50
    bodies of one caller may be on their way at once.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit_of: Callable[[Scope], int | None],
        caller: Callable[[Request], str],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.app = app
        self._limit_of = limit_of
        self._caller = caller
        self._patience_s = patience_s
        self._arriving = AtOnce()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_body = scope["type"] == "http" and announces_body(Request(scope))
        limit = self._limit_of(scope) if has_body else None
        if limit is None:
            await self.app(scope, receive, send)
            return
        body = Body(receive, limit, self._patience_s)
        try:
            content = await self._whole(Request(scope), body)
        except (HTTPException, TooManyRequests) as refusal:
            await LastWord(problems.answer_to(refusal), body)(scope, receive, send)
            return
        if content is not None:
            await self.app(scope, _again(content, receive), send)

    async def _whole(self, request: Request, body: Body) -> bytes | None:
        with self._arriving.one(self._caller(request), _BODIES_AT_ONCE, "Too much is on its way from this address."):
            return await body.whole(announced_bytes(request))


def _again(content: bytes, receive: Receive) -> Receive:
    """Gives out what was read already, then goes on listening."""
    unread: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def first_this() -> Message:
        return unread.pop() if unread else await receive()

    return first_this


def announces_body(request: Request) -> bool:
    """Whether anything follows the headers."""
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def announced_bytes(request: Request) -> int:
    """How long the client says its body is; 0 when it does not say."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0
