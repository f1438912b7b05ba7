"""How the API's routes answer: refusals as problem documents, and no more of a body than is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute, APIRouter
from starlette.responses import FileResponse, Response
from starlette.types import Message, Receive, Scope, Send

from printlab.api import problems
from printlab.api.middleware import SERVERS_RECEIVE

BODY_LIMIT = 64_000
_IDLE_S = 60.0
_LINGER_S = 5.0


class Body:
    """A request's body as it arrives: counted, and with an end to every wait."""

    def __init__(self, receive: Receive, limit: int | None) -> None:
        self._receive = receive
        self._limit = limit
        self._bytes = 0
        self.finished = False

    async def receive(self) -> Message:
        """The next message. Raises HTTPException 408 when none comes, 413 when there are too many bytes."""
        if self.finished:
            return await self._receive()
        try:
            async with asyncio.timeout(_IDLE_S):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, f"Nothing arrived for {_IDLE_S:.0f} seconds. Send it again.") from None
        self.finished = message["type"] != "http.request" or not message.get("more_body", False)
        self._bytes += len(message.get("body", b""))
        if self._limit is not None and self._bytes > self._limit:
            raise HTTPException(413, f"The request is larger than {self._limit // 1000} kB. Shorten it.")
        return message

    async def drain(self) -> None:
        """Throw away what still arrives within a few seconds, so that the client gets to read its answer."""
        try:
            async with asyncio.timeout(_LINGER_S):
                while not self.finished:
                    message = await self._receive()
                    self.finished = message["type"] != "http.request" or not message.get("more_body", False)
        except TimeoutError:
            return


class _LastWord(Response):
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


class ApiRoute(APIRoute):
    """A route whose JSON body is small; everything it raises becomes a problem document."""

    body_limit: int | None = BODY_LIMIT

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler with our answers around it."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            body = Body(self.source_of(request), self.body_limit)
            try:
                response = await handler(Request(request.scope, body.receive))
            except Exception as error:  # noqa: BLE001  (whatever it is, the client gets a document and the log the rest)
                response = problems.answer_to(error)
            response.headers.setdefault("Cache-Control", "no-store")
            unread = not body.finished and _announces_body(request)
            return _LastWord(response, body) if unread and not isinstance(response, FileResponse) else response

        return answer

    @staticmethod
    def source_of(request: Request) -> Receive:
        """Where the body is read from."""
        return request.receive


class StreamRoute(ApiRoute):
    """A route that reads its body itself, as it arrives, and counts it itself."""

    body_limit = None

    @staticmethod
    def source_of(request: Request) -> Receive:
        """The server itself: nothing that stands between could look at the body as fast as it arrives."""
        return request.scope.get(SERVERS_RECEIVE, request.receive)


def _announces_body(request: Request) -> bool:
    length = request.headers.get("content-length", "0")
    return length != "0" or "transfer-encoding" in request.headers


def announced_bytes(request: Request) -> int:
    """How long the client says its body is; 0 when it does not say."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


def api_router(prefix: str, tag: str, *, streams: bool = False, **options: Any) -> APIRouter:
    """A router of these routes; its operations are named after their functions."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        route_class=StreamRoute if streams else ApiRoute,
        default_response_class=JSONResponse,
        generate_unique_id_function=lambda route: route.name,
        **options,
    )
