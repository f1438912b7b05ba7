"""From which address a request comes, proxies considered."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from starlette.requests import Request

from printlab.limits import parsed_address

_UNKNOWN = "unknown"


def client_address(request: Request, trusted_proxies: Iterable[str]) -> str:
    """The client's address; ``X-Forwarded-For`` counts only behind a proxy of ``trusted_proxies``, and only the last
    hop that is not one of them."""
    peer = request.client.host if request.client else _UNKNOWN
    trusted = tuple(trusted_proxies)
    if not _is_trusted(peer, trusted):
        return peer
    named = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    hops = [hop for hop in (part.strip() for part in named) if parsed_address(hop)]
    return next((hop for hop in reversed(hops) if not _is_trusted(hop, trusted)), hops[0] if hops else peer)


def _is_trusted(address: str, trusted: tuple[str, ...]) -> bool:
    return any(proxy in ("*", address) or _is_within(address, proxy) for proxy in trusted)


def _is_within(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False
