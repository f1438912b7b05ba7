"""How often somebody may try and how much at once, counted in this process, and who counts as one caller."""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
import time
from collections import Counter, deque
from collections.abc import Generator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection

from printlab.errors import TooManyRequests

LIVE_CONNECTIONS, LIVE_CONNECTIONS_OF_ONE = 3000, 200
"""How many open pages may be connected: in all, and of one caller."""
UPLOADS_AT_ONCE, STAFF_UPLOADS_AT_ONCE, UPLOADS_AT_ONCE_OF_ONE_BROWSER = 50, 20, 5
"""How many files may be on their way: from an address, from staff there, and from one browser."""
DOWNLOADS_AT_ONCE, STAFF_DOWNLOADS_AT_ONCE = 20, 50
UPLOADS_PER_HOUR, UPLOADS_PER_HOUR_IN_A_CROWD = 300, 10
"""Of an address; and of one browser there once half of those are used up."""
FAILED_REDEMPTIONS_PER_MINUTE = 60
_NO_PAGES = ("/favicon.ico", "/healthz/live", "/healthz/ready")
_BELOW_THESE_NO_PAGES = ("/_nicegui", "/api/", "/static/")
_RETRY_S = 30
_MAX_CALLERS = 10_000
_SWEEP_EVERY_S = 60
_EVERYBODY = "everybody"  # no address
_HOUSEHOLD_BITS = 64  # one IPv6 customer has a whole /64


def is_no_page(path: str) -> bool:
    """Whether no page is built for this path, also where there is nothing: pages are limited, and others otherwise."""
    return path in _NO_PAGES or path.startswith(_BELOW_THESE_NO_PAGES)


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
            self._count(caller)

    def count(self, caller: str) -> None:
        """Count one that is within the limit or beyond it, for a limit that does not always hold."""
        with self._lock:
            self._count(caller)

    def taken(self, caller: str) -> int:
        """How often this caller was counted lately."""
        with self._lock:
            return len(self._recent(caller))

    def give_back(self, caller: str) -> None:
        """Forget one try: it turned out to be none that is to be limited."""
        with self._lock:
            if tries := self._recent(caller):
                tries.pop()

    def _check(self, caller: str) -> None:
        tries = self._recent(caller)
        if len(tries) >= self._limit:
            raise TooManyRequests(max(1, math.ceil(self._per_s - (time.monotonic() - tries[0]))), self._what)

    def _count(self, caller: str) -> None:
        self._forget_idle()
        self._tries.setdefault(caller, deque()).append(time.monotonic())

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


class AtOnce:
    """How many things of one caller are under way at once, counted on the event loop of this process."""

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()
        self._nothing = asyncio.Event()

    def under_way(self, caller: str) -> int:
        """How many of this caller are under way."""
        return self._under_way[caller]

    @contextlib.contextmanager
    def one(self, caller: str, limit: int, too_many: str) -> Generator[None]:
        """One more while the block runs; raises TooManyRequests, which says ``too_many``, when there are ``limit``."""
        if self._under_way[caller] >= limit:
            raise TooManyRequests(_RETRY_S, too_many)
        self._under_way[caller] += 1
        try:
            yield
        finally:
            self._under_way[caller] -= 1
            if not self._under_way[caller]:
                del self._under_way[caller]
            if not self._under_way:
                self._nothing.set()

    @contextlib.contextmanager
    def one_of_all(self, caller: str, limit: int, most: int, too_many: str) -> Generator[None]:
        """The same, when there are not ``most`` of all callers together either."""
        with self.one(_EVERYBODY, most, too_many), self.one(caller, limit, too_many):
            yield

    async def ended(self, within_s: float) -> None:
        """Return when nothing is under way, or when the time is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._under_way:
                    self._nothing.clear()
                    await self._nothing.wait()


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
