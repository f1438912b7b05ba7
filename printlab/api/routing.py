"""How the API's routes answer: refusals as problem documents, and files while they arrive."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from typing import Any

from fastapi import Depends, Request, params
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute, APIRouter
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from printlab.api import problems
from printlab.api.body import BODY_LIMIT, SERVERS_RECEIVE, Body, LastWord, announces_body
from printlab.api.context import ApiOf, program_or_session_actor
from printlab.domain.policy import Actor
from printlab.limits import AtOnce

UPLOADS_AT_ONCE = 5
STAFF_UPLOADS_AT_ONCE = 20
DOWNLOADS_AT_ONCE = 20
STAFF_DOWNLOADS_AT_ONCE = 50
_CLEARING_S = 2.0
_arriving = AtOnce()
_limits: list[tuple[APIRouter, int | None]] = []

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Sender = Callable[[Request, ApiOf], Coroutine[Any, Any, Actor]]
_Dependency = Callable[[Request, ApiOf], AsyncGenerator[None]]


class ApiRoute(APIRoute):
    """A route whose body is small (``SmallBodies``); everything it raises becomes a problem document."""

    def refusal(self, error: Exception) -> Response:
        """What the client gets for whatever was raised."""
        return problems.answer_to(error)

    def get_route_handler(self) -> _Handler:
        """FastAPI's own handler with our answers around it."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handler(request)
            except Exception as error:  # noqa: BLE001  (whatever it is, the client gets a document and the log the rest)
                response = self.refusal(error)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return answer


class StreamRoute(ApiRoute):
    """A route that reads its body itself, as it arrives, and counts it itself.

    It reads from the server itself: nothing that stands between could look at the body as fast as it arrives.
    """

    def get_route_handler(self) -> _Handler:
        """The handler with a body that ends, and a last word when it is refused before its end."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            arriving = Body(request.scope.get(SERVERS_RECEIVE, request.receive))
            response = await handler(Request(request.scope, arriving.receive))
            unread = not arriving.finished and announces_body(request)
            return LastWord(response, arriving) if unread else response

        return answer


def _one_of_few(
    under_way: AtOnce, limit: int, staff_limit: int, where: str, sender: Sender = program_or_session_actor
) -> _Dependency:
    """A dependency: one more file of this caller while the request lasts. Staff are counted apart."""

    async def one(request: Request, api: ApiOf) -> AsyncGenerator[None]:
        actor = await sender(request, api)
        most = staff_limit if actor.is_staff else limit
        caller = f"{'staff' if actor.is_staff else 'public'} {api.caller(request)}"
        with under_way.one(caller, most, f"{most} files are on their way {where} this address already."):
            yield

    return one


one_download = _one_of_few(AtOnce(), DOWNLOADS_AT_ONCE, STAFF_DOWNLOADS_AT_ONCE, "to")


async def uploads_ended() -> None:
    """When the server stops: uploads that it has cut off remove what they have written."""
    await _arriving.ended(_CLEARING_S)


def body_limit(scope: Scope) -> int | None:
    """How many bytes this request may send; None where a route takes it that reads its body itself, as it arrives."""
    for router, limit in _limits:
        if any(route.matches(scope)[0] is Match.FULL for route in router.routes):
            return limit
    return BODY_LIMIT


def api_router(
    prefix: str,
    tag: str,
    *,
    route_class: type[ApiRoute] = ApiRoute,
    dependencies: Sequence[params.Depends] = (),
    limit: int | None = BODY_LIMIT,
    **options: Any,
) -> APIRouter:
    """A router of these routes, whose bodies have at most ``limit`` bytes; its operations are named after functions."""
    router = APIRouter(
        prefix=prefix,
        tags=[tag],
        route_class=route_class,
        dependencies=dependencies,
        default_response_class=JSONResponse,
        generate_unique_id_function=lambda route: route.name,
        **options,
    )
    if limit != BODY_LIMIT:
        _limits.append((router, limit))
    return router


def stream_router(
    prefix: str,
    tag: str,
    *,
    route_class: type[StreamRoute] = StreamRoute,
    sender: Sender = program_or_session_actor,
    **options: Any,
) -> APIRouter:
    """A router of routes that read their body as it arrives; of one ``sender`` so many at once."""
    one_upload = _one_of_few(_arriving, UPLOADS_AT_ONCE, STAFF_UPLOADS_AT_ONCE, "from", sender)
    dependencies = [Depends(one_upload)]
    return api_router(prefix, tag, route_class=route_class, dependencies=dependencies, limit=None, **options)
