"""How often somebody may try, counted in this process, and who counts as one caller."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection

from printlab.errors import TooManyRequests

_MAX_CALLERS = 10_000
_SWEEP_EVERY_S = 60
_HOUSEHOLD_BITS = 64  # one IPv6 customer has a whole /64


class RateLimiter:
    """At most ``limit`` counted tries of one caller within ``per_s`` seconds; ``what`` says whose limit it is."""

    def __init__(self, limit: int, per_s: float, what: str = "Too many requests from this address.") -> None:
        self._limit = limit
        self._per_s = per_s
        self._what = what
        self._swept_at = 0.0
        self._tries: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def check(self, caller: str) -> None:
        """Return when the caller may try; raise TooManyRequests otherwise."""
        with self._lock:
            self._check(caller)

    def take(self, caller: str) -> None:
        """Check and count, in one."""
        with self._lock:
            self._check(caller)
            self._forget_idle()
            self._tries.setdefault(caller, deque()).append(time.monotonic())

    def give_back(self, caller: str) -> None:
        """Forget one try: it turned out to be none that is to be limited."""
        with self._lock:
            if tries := self._recent(caller):
                tries.pop()

    def _check(self, caller: str) -> None:
        tries = self._recent(caller)
        if len(tries) >= self._limit:
            raise TooManyRequests(max(1, math.ceil(self._per_s - (time.monotonic() - tries[0]))), self._what)

    def _recent(self, caller: str) -> deque[float]:
        tries = self._tries.get(caller, deque())
        while tries and time.monotonic() - tries[0] > self._per_s:
            tries.popleft()
        return tries

    def _forget_idle(self) -> None:
        """Once a minute at most: with very many callers it takes a while."""
        if len(self._tries) <= _MAX_CALLERS or time.monotonic() - self._swept_at < _SWEEP_EVERY_S:
            return
        self._swept_at = time.monotonic()
        self._tries = {caller: tries for caller, tries in self._tries.items() if self._recent(caller)}


def caller_from(connection: HTTPConnection) -> str:
    """Who is counted for the limits of the public: the client's address, or its network."""
    return caller_of(address_of(connection))


def address_of(connection: HTTPConnection) -> str:
    """The client's address; the server has put it there, read from ``X-Forwarded-For`` behind a trusted proxy."""
    return connection.client.host if connection.client else "unknown"


def caller_of(address: str) -> str:
    """What is counted as one caller: an IPv4 address, or the network of an IPv6 address."""
    parsed = parsed_address(address)
    if not isinstance(parsed, IPv6Address):
        return str(parsed or address)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed), _HOUSEHOLD_BITS), strict=False))


def parsed_address(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address that ``text`` is, or None."""
    try:
        return ip_address(text)
    except ValueError:
        return None
