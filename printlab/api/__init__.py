"""The REST API and the plain HTTP routes of the pages, on whatever FastAPI application they are installed."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.routing import Match

from printlab.api import docs, drawings, jobs, mails, octoprint, opening, problems, public, submit, track, uploads
from printlab.api.context import Api
from printlab.api.routing import api_router
from printlab.services import Services

_DOCUMENTED = (
    submit.router,
    jobs.router,
    jobs.verbs,
    opening.links,
    opening.redemptions,
    track.router,
    mails.router,
    public.cost,
    public.health,
)
_ROUTERS = (
    *_DOCUMENTED,
    uploads.uploads,
    uploads.downloads,
    opening.helper,
    drawings.router,
    octoprint.questions,
    octoprint.uploads,
    docs.router,
)
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

_rest = api_router("/api", "Rest", include_in_schema=False)


def install(app: FastAPI, services: Services) -> None:
    """Put all routes on ``app``. Below /api whatever is not there is answered by a problem document too."""
    app.state.printlab_api = Api(services)
    app.state.printlab_openapi = docs.describe(_DOCUMENTED, services.settings)
    for router in (*_ROUTERS, _rest):
        app.include_router(router)


@_rest.api_route("/{path:path}", methods=_METHODS)
async def nothing_here(request: Request) -> Response:
    """404, or 405 where another method would be right."""
    allowed = _methods_here(request)
    if not allowed:
        return problems.problem(404, "There is nothing at this address. The documentation is at /api/docs.")
    detail = f"{request.method} is not possible here; use {' or '.join(allowed)}."
    return problems.problem(405, detail, headers={"Allow": ", ".join(allowed)})


def _methods_here(request: Request) -> list[str]:
    """The methods that routes at this address have."""
    routes = [route for router in _ROUTERS for route in router.routes]
    partial = [route for route in routes if route.matches(request.scope)[0] is Match.PARTIAL]
    return sorted({method for route in partial for method in getattr(route, "methods", ())})
