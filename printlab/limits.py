"""How often somebody may try, counted in this process, and who counts as one caller."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from printlab.errors import TooManyRequests

_MAX_CALLERS = 10_000
_HOUSEHOLD_BITS = 64  # one IPv6 customer has a whole /64


class RateLimiter:
    """At most ``limit`` counted tries of one caller within ``per_s`` seconds."""

    def __init__(self, limit: int, per_s: float) -> None:
        self._limit = limit
        self._per_s = per_s
        self._tries: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def check(self, caller: str) -> None:
        """Return when the caller may try; raise TooManyRequests otherwise."""
        with self._lock:
            tries = self._recent(caller)
            if len(tries) >= self._limit:
                raise TooManyRequests(max(1, math.ceil(self._per_s - (time.monotonic() - tries[0]))))

    def count(self, caller: str) -> None:
        """Count one try."""
        with self._lock:
            if len(self._tries) > _MAX_CALLERS:
                self._forget_idle()
            self._tries.setdefault(caller, deque()).append(time.monotonic())

    def take(self, caller: str) -> None:
        """Check and count."""
        self.check(caller)
        self.count(caller)

    def _recent(self, caller: str) -> deque[float]:
        tries = self._tries.get(caller, deque())
        while tries and time.monotonic() - tries[0] > self._per_s:
            tries.popleft()
        return tries

    def _forget_idle(self) -> None:
        self._tries = {caller: tries for caller, tries in self._tries.items() if self._recent(caller)}


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
