"""Thumbnails and viewer models, for whoever was given their address; it names what it shows, so it is kept for good."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Path, Response
from fastapi.responses import FileResponse

from printlab.api.context import ApiOf
from printlab.api.routing import api_router
from printlab.errors import NotFound
from printlab.offloop import off_loop

_TYPES = {".webp": "image/webp", ".glb": "model/gltf-binary", ".path": "application/octet-stream"}
_FOR_GOOD = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Encoding": "identity",
}

router = api_router("/drawings", "Pages", include_in_schema=False)


@router.api_route("/{signature}/{name}", methods=["GET", "HEAD"])
async def drawing(
    signature: Annotated[str, Path(max_length=64)],
    name: Annotated[str, Path(max_length=100)],
    api: ApiOf,
    if_none_match: Annotated[str, Header(max_length=1000)] = "",
) -> Response:
    """One drawing of one model file. The signature in its address was made for those whose page shows it."""
    services = api.services
    path = None
    if signature.isascii() and services.keyring.is_drawing(name, signature):
        path = await off_loop(services.intake.drawings.find, name)
    if path is None:
        raise NotFound("There is no such picture.")
    headers = _FOR_GOOD | {"ETag": f'"{name}"'}
    if headers["ETag"] in _tags(if_none_match):
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type=_TYPES[path.suffix], headers=headers)


def _tags(if_none_match: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
