"""Whether a request comes from one of our own pages: the one rule for the guards and the routes."""

from __future__ import annotations

from starlette.requests import HTTPConnection

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Requests that change nothing, wherever they come from."""

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def is_own_origin(connection: HTTPConnection, public_url: str) -> bool | None:
    """Whether the page that sent a request is ours, by its Origin header; None when the client names none.

    Ours are ``public_url`` and, when its host is another one, the address that was asked, each with scheme and port: a
    page of the same host that came without encryption may be anybody's.
    """
    origin = connection.headers.get("origin")
    if origin is None:
        return None
    public, asked = _origin(public_url), _asked(connection)
    is_same_host = asked.partition("://")[2] == public.partition("://")[2]
    own = {public} if is_same_host else {public, asked}
    return origin.lower() in own - {""}


def _asked(connection: HTTPConnection) -> str:
    host = connection.headers.get("host", "")
    scheme = connection.scope["scheme"].replace("ws", "http")  # a live connection's page has the scheme of pages
    return _origin(f"{scheme}://{host}") if host else ""


def _origin(url: str) -> str:
    """As browsers write it: in lower case, without the port that goes without saying."""
    scheme, _, host = url.lower().partition("://")
    return url.lower().removesuffix(_DEFAULT_PORTS.get(scheme, "")) if host else ""
