"""How the API's routes answer: refusals as problem documents, and files while they arrive."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from fastapi import Depends, Request, params
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute, APIRouter
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from printlab.api import problems
from printlab.api.body import BODY_LIMIT, SERVERS_RECEIVE, Body, LastWord, announces_body
from printlab.api.context import Api, ApiOf, browser_of, program_or_session_actor
from printlab.domain.policy import Actor
from printlab.limits import (
    DOWNLOADS_AT_ONCE,
    STAFF_DOWNLOADS_AT_ONCE,
    STAFF_UPLOADS_AT_ONCE,
    UPLOADS_AT_ONCE,
    UPLOADS_AT_ONCE_OF_ONE_BROWSER,
    AtOnce,
)

_CLEARING_S = 2.0
_arriving = AtOnce()
_leaving = AtOnce()
_limits: list[tuple[APIRouter, int | None]] = []

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Sender = Callable[[Request, ApiOf], Coroutine[Any, Any, Actor]]
_Dependency = Callable[[Request, ApiOf], AsyncGenerator[None]]
_MANY = "{} files are on their way {} already."
_CROWDED = "Many files are on their way from this address, and one of them from this browser."


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


async def one_download(request: Request, api: ApiOf) -> AsyncGenerator[None]:
    """A dependency: one more download of this caller while the request lasts. Staff are counted apart."""
    is_staff = (await program_or_session_actor(request, api)).is_staff
    most = STAFF_DOWNLOADS_AT_ONCE if is_staff else DOWNLOADS_AT_ONCE
    with _leaving.one(_counted(request, api, is_staff=is_staff), most, _MANY.format(most, "to this address")):
        yield


def _one_upload(sender: Sender) -> _Dependency:
    """A dependency: one more upload of this browser, and of its address, while the request lasts. Staff are counted
    apart. A campus has one address: who sends slowly there holds up nobody else.
    """

    async def one(request: Request, api: ApiOf) -> AsyncGenerator[None]:
        is_staff = (await sender(request, api)).is_staff
        most = STAFF_UPLOADS_AT_ONCE if is_staff else UPLOADS_AT_ONCE
        caller = _counted(request, api, is_staff=is_staff)
        with ExitStack() as held:
            if not is_staff:
                is_crowded = _arriving.under_way(caller) >= UPLOADS_AT_ONCE // 2
                held.enter_context(_one_of_browser(browser_of(request, api) or caller, is_crowded=is_crowded))
            held.enter_context(_arriving.one(caller, most, _MANY.format(most, "from this address")))
            yield

    return one


def _one_of_browser(browser: str, *, is_crowded: bool) -> AbstractContextManager[None]:
    """What brings no id of ours, a program, counts as one of its address. The second half of the address's places is
    for those that have no file on its way.
    """
    if is_crowded:
        return _arriving.one(f"browser {browser}", 1, _CROWDED)
    most = UPLOADS_AT_ONCE_OF_ONE_BROWSER
    return _arriving.one(f"browser {browser}", most, _MANY.format(most, "from this browser"))


def _counted(request: Request, api: Api, *, is_staff: bool) -> str:
    return f"{'staff' if is_staff else 'public'} {api.caller(request)}"


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
    dependencies = [Depends(_one_upload(sender))]
    return api_router(prefix, tag, route_class=route_class, dependencies=dependencies, limit=None, **options)
