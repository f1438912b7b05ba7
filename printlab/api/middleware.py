"""What every request passes, pages and API alike: who asks, from where, and what the browser may do with the answer."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit, urlunsplit

import structlog
from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from printlab.api.body import SERVERS_RECEIVE, SmallBodies
from printlab.api.origins import SAFE_METHODS, is_own_origin
from printlab.api.routing import body_limit
from printlab.cookies import BROWSER_COOKIE
from printlab.errors import TooManyRequests
from printlab.keyring import Keyring
from printlab.limits import LIVE_CONNECTIONS, LIVE_CONNECTIONS_OF_ONE, AtOnce, RateLimiter, caller_from, is_no_page
from printlab.settings import Settings

_BROWSER_DAYS = 30
_SOCKET = "/_nicegui_ws"
_PAGES_A_MINUTE = 300
_PREFIX = b"x-forwarded-prefix"
# The pages start by inline scripts that carry the nonce; Vue compiles templates in the browser, hence 'unsafe-eval'.
_POLICY = (
    "default-src 'self'; "
    "script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; "
    "font-src 'self' data:; "
    "connect-src 'self'; "
    "worker-src 'self' blob:; "
    "form-action 'self'; "
    "object-src 'none'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'"
)


def protect(app: FastAPI, settings: Settings, keyring: Keyring) -> None:
    """Put the guards around the whole application; the one added last is the outermost."""
    app.add_middleware(BrowserId, keyring=keyring, secure=settings.is_https)
    app.add_middleware(SameOrigin, public_url=settings.base_url)
    app.add_middleware(FewPages)
    app.add_middleware(FewWebSockets)
    app.add_middleware(SmallBodies, limit_of=body_limit, caller=caller_from)
    app.add_middleware(SecurityHeaders, secure=settings.is_https, public_url=settings.public_url)
    app.add_middleware(RequestId)
    build = app.build_middleware_stack
    app.build_middleware_stack = lambda: ServersReceive(WithoutPrefix(build()))


class ServersReceive:
    """Keeps the server's own ``receive`` for routes that read a large body as it arrives.

    The framework puts several BaseHTTPMiddleware around the application after ours, and each of them starts tasks for
    every chunk: an upload through them is half as fast (benchmarks/README.md). So this one is outside of all others.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[SERVERS_RECEIVE] = receive
        await self.app(scope, receive, send)


class WithoutPrefix:
    """Takes away a header that the framework would put before every address, whoever sent it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope["headers"] = [header for header in scope["headers"] if header[0].lower() != _PREFIX]
        await self.app(scope, receive, send)


class RequestId:
    """A short id of each request, in the log and in the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(6)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        await self.app(scope, receive, send_with_id)


class SecurityHeaders:
    """What the browser may do with an answer: nothing that we do not need."""

    def __init__(self, app: ASGIApp, *, secure: bool, public_url: str = "") -> None:
        self.app = app
        self._secure = secure
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["csp_nonce"] = nonce

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._guard(MutableHeaders(scope=message), scope["path"], nonce)
            await send(message)

        await self.app(scope, receive, send_guarded)

    def _guard(self, headers: MutableHeaders, path: str, nonce: str) -> None:
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "no-referrer" if path.startswith("/track/") else "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if self._secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if headers.get("Content-Type", "").startswith("text/html"):
            headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce)
            headers["Cache-Control"] = "no-store"
        if "Location" in headers:
            headers["Location"] = self._here(headers["Location"])
            headers["Cache-Control"] = "no-store"

    def _here(self, location: str) -> str:
        """The address on this site, without one unless it is the lab's own: another is what the client said it is."""
        if self._public_url and location.startswith(f"{self._public_url}/"):
            return location
        _, _, path, query, fragment = urlsplit(location)
        return urlunsplit(("", "", "/" + path.lstrip("/\\"), query, fragment))


class SameOrigin:
    """Other sites cannot act here with a visitor's cookies, nor open the live connection.

    A browser names the page that a request comes from. Programs with a token name none, and send no cookies.
    """

    def __init__(self, app: ASGIApp, *, public_url: str) -> None:
        self.app = app
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and self._is_foreign(scope):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await _refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_foreign(self, scope: Scope) -> bool:
        """Whether a request that could act comes from another site's page."""
        acts = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        if not acts and not scope["path"].startswith(_SOCKET):
            return False
        headers = Headers(scope=scope)
        if (is_own := is_own_origin(HTTPConnection(scope), self._public_url)) is None:
            return headers.get("sec-fetch-site") in ("cross-site", "same-site")
        if headers.get("authorization", "").lower().startswith("bearer ") and scope["path"].startswith("/api/"):
            return False
        return not is_own


async def _refusal(scope: Scope, receive: Receive, send: Send) -> None:
    detail = "This request came from a page of another site. Open PrintLab itself and try again."
    problem = {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": detail}
    response = JSONResponse(problem, 403, media_type="application/problem+json")
    await response(scope, receive, send)


class FewPages:
    """How many pages of one caller are built: each stays in memory until its browser leaves, a minute without one."""

    def __init__(self, app: ASGIApp, *, a_minute: int = _PAGES_A_MINUTE) -> None:
        self.app = app
        self._built = RateLimiter(a_minute, 60, "Too many pages were loaded from this address.")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_no_page(scope["path"]):
            await self.app(scope, receive, send)
            return
        try:
            self._built.take(caller_from(HTTPConnection(scope)))
        except TooManyRequests as refusal:
            headers = {"Retry-After": str(refusal.retry_after_s), "Cache-Control": "no-store"}
            await PlainTextResponse(str(refusal), 429, headers)(scope, receive, send)
            return
        await self.app(scope, receive, send)


class FewWebSockets:
    """How many WebSockets are open, of one caller and of all; what they are for is looked at behind this."""

    def __init__(
        self, app: ASGIApp, *, most: int = LIVE_CONNECTIONS, most_of_one: int = LIVE_CONNECTIONS_OF_ONE
    ) -> None:
        self.app = app
        self._most = most
        self._most_of_one = most_of_one
        self._open = AtOnce()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        caller = caller_from(HTTPConnection(scope))
        try:
            with self._open.one_of_all(caller, self._most_of_one, self._most, "Too many pages are open here."):
                await self.app(scope, receive, send)
        except TooManyRequests:
            await send({"type": "websocket.close", "code": 1013})


class BrowserId:
    """An opaque id for each browser that loads a page: what it uploads before sending belongs to it alone.

    Nothing else gives ids out, so that there are no more of them than pages that one caller may load.
    """

    def __init__(self, app: ASGIApp, *, keyring: Keyring, secure: bool) -> None:
        self.app = app
        self._keyring = keyring
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in SAFE_METHODS or is_no_page(scope["path"]):
            await self.app(scope, receive, send)
            return
        known = self._known(scope)
        browser = known or self._keyring.new_browser()
        scope.setdefault("state", {})[BROWSER_COOKIE] = browser

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and known is None:
                MutableHeaders(scope=message).append("Set-Cookie", self._cookie(browser))
            await send(message)

        await self.app(scope, receive, send_with_cookie)

    def _known(self, scope: Scope) -> str | None:
        """The id in the cookie, read as uploads read it; whatever is not of our making counts as none."""
        brought = HTTPConnection(scope).cookies.get(BROWSER_COOKIE, "")
        return brought if self._keyring.is_browser(brought) else None

    def _cookie(self, browser: str) -> str:
        flags = "; Secure" if self._secure else ""
        age_s = _BROWSER_DAYS * 24 * 3600
        return f"{BROWSER_COOKIE}={browser}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Lax{flags}"
