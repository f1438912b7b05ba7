"""The least that a server can do with an upload: write the body to a file as it arrives, and fsync it.

No limit, no check, no name, no form. ``/hashing`` also computes the SHA-256, which PrintLab needs for every file.
"""

# Writing on the event loop is the simplest handler, and the fastest one as long as there is a single client.
from __future__ import annotations

import hashlib
import os
import uuid
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_FOLDER = Path(os.environ["BARE_FOLDER"])


async def plain(request: Request) -> Response:
    """Store the body; answers with the file's name."""
    path = _FOLDER / uuid.uuid4().hex
    with path.open("wb") as file:
        async for chunk in request.stream():
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return JSONResponse({"name": path.name})


async def hashing(request: Request) -> Response:
    """Store the body and hash it; answers with the file's name and SHA-256."""
    path, digest = _FOLDER / uuid.uuid4().hex, hashlib.sha256()
    with path.open("wb") as file:
        async for chunk in request.stream():
            file.write(chunk)
            digest.update(chunk)
        file.flush()
        os.fsync(file.fileno())
    return JSONResponse({"name": path.name, "sha256": digest.hexdigest()})


async def ready(_request: Request) -> Response:
    """Say that it serves."""
    return Response()


app = Starlette(
    routes=[
        Route("/", ready),
        Route("/plain", plain, methods=["POST"]),
        Route("/hashing", hashing, methods=["POST"]),
    ]
)
