"""From which address a request comes, proxies considered."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address, ip_network

from starlette.requests import Request

_UNKNOWN = "unknown"
_HOUSEHOLD_BITS = 64  # one IPv6 customer has a whole /64


def client_address(request: Request, trusted_proxies: Iterable[str]) -> str:
    """The client's address; ``X-Forwarded-For`` counts only behind a proxy of ``trusted_proxies``, and only the last
    hop that is not one of them."""
    peer = request.client.host if request.client else _UNKNOWN
    trusted = tuple(trusted_proxies)
    if not _is_trusted(peer, trusted):
        return peer
    named = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    hops = [hop for hop in (part.strip() for part in named) if _is_address(hop)]
    return next((hop for hop in reversed(hops) if not _is_trusted(hop, trusted)), hops[0] if hops else peer)


def caller_of(address: str) -> str:
    """What is counted as one caller: an IPv4 address, or the network of an IPv6 address."""
    if not _is_address(address):
        return address
    parsed = ip_address(address)
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed), _HOUSEHOLD_BITS), strict=False))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(address: str, trusted: tuple[str, ...]) -> bool:
    return any(proxy in ("*", address) or _is_within(address, proxy) for proxy in trusted)


def _is_within(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False
