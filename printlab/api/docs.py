"""The API's own documentation: the OpenAPI 3.1 document and a page that shows it, all from this server."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from starlette.routing import BaseRoute

from printlab.api.context import ApiOf
from printlab.api.responses.refusals import Problem
from printlab.api.routing import api_router
from printlab.errors import NotFound
from printlab.settings import Settings

_STATIC = Path(__file__).parent / "static"
_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".txt": "text/plain"}
_ABOUT = """\
From a student's file to a paid hand-over.

- **Who.** Submitting a job and its tracking link are open to everybody; the rest needs a staff token
  (`printlab token create`), sent as `Authorization: Bearer …`.
- **Versions.** Every change carries the `version` of the job that you saw. When somebody was faster, the answer is 409
  with the job's status, version and moves of now, and nothing was changed.
- **Refusals** are problem documents (RFC 9457, `application/problem+json`): `detail` is a sentence for a person.
- **Units.** Money in cents, weight in grams, time in minutes, always for all copies together; times in UTC.
"""
_TAGS = [
    {"name": "Jobs", "description": "Submit, list, read and correct jobs and their files."},
    {"name": "Moves", "description": "What staff do with a job. `allowed_moves` of a job names those possible now."},
    {"name": "Opening", "description": "Open a job's file in place, in the slicer of a staff PC."},
    {"name": "Tracking", "description": "What the student does with the private link."},
    {"name": "Prices", "description": "What a job would cost."},
    {"name": "Health", "description": "For monitors."},
]

router = api_router("/api", "Documentation", include_in_schema=False)


def describe(routers: Sequence[APIRouter], settings: Settings) -> dict[str, Any]:
    """The OpenAPI document of these routers."""
    routes: list[BaseRoute] = [route for part in routers for route in part.routes]
    spec = get_openapi(
        title=f"{settings.brand_name} API",
        version=version("printlab"),
        description=_ABOUT,
        routes=routes,
        tags=_TAGS,
        servers=[{"url": settings.base_url or "/", "description": settings.lab_name}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    problem = Problem.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    spec["components"]["schemas"] |= problem.pop("$defs", {}) | {"Problem": problem}
    return spec


@router.get("/openapi.json")
async def openapi(request: Request) -> JSONResponse:
    """The OpenAPI document."""
    return JSONResponse(request.app.state.printlab_openapi)


@router.get("/docs")
async def docs(request: Request, api: ApiOf) -> HTMLResponse:
    """The page that shows the document."""
    root = request.scope.get("root_path", "")
    static = f"{root}/api/static/{_fingerprint()}"
    return HTMLResponse(
        f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(api.services.settings.brand_name)} API</title>
<link rel="stylesheet" href="{static}/swagger-ui.css">
<link rel="stylesheet" href="{static}/docs.css">
<script src="{static}/swagger-ui-bundle.js" defer></script>
<script src="{static}/docs.js" defer></script>
</head>
<body><main id="docs" data-spec="{root}/api/openapi.json"></main></body>
</html>"""
    )


@router.get("/static/{fingerprint}/{name}")
async def static(fingerprint: str, name: str) -> FileResponse:
    """A file of the page; its address changes with its content, so it may be kept for a year."""
    if name not in _files() or fingerprint != _fingerprint():
        raise NotFound("There is nothing at this address.")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return FileResponse(_STATIC / name, headers=headers, media_type=_MEDIA_TYPES[Path(name).suffix])


@cache
def _files() -> tuple[str, ...]:
    return tuple(sorted(path.name for path in _STATIC.iterdir() if path.suffix in _MEDIA_TYPES))


@cache
def _fingerprint() -> str:
    digest = hashlib.sha256()
    for name in _files():
        digest.update((_STATIC / name).read_bytes())
    return digest.hexdigest()[:12]
