"""Whether a request comes from one of our own pages: the one rule for the guards and the routes."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Requests that change nothing, wherever they come from."""


def is_own_origin(headers: Headers, public_url: str) -> bool | None:
    """Whether the page that sent a request is ours, by its Origin header; None when the client names none.

    Ours are the address that was asked and ``public_url``, which may differ from it behind a proxy.
    """
    origin = headers.get("origin")
    if origin is None:
        return None
    own = {headers.get("host", "").lower(), urlsplit(public_url).netloc.lower()} - {""}
    try:
        return urlsplit(origin).netloc.lower() in own
    except ValueError:  # no address at all, such as "http://["
        return False
