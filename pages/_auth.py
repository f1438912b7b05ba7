"""Signing in and out: plain routes, because only an HTTP answer can set a cookie. They take no foreign form."""

from __future__ import annotations

import re
import secrets
from http.cookies import SimpleCookie
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from nicegui import app
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages import _frame as frame
from printlab.errors import NotAllowed, PrintLabError, TooManyRequests
from printlab.offloop import off_loop
from printlab.services import Services

_SESSION_AGE_S = 14 * 24 * 3600
_BROWSER_AGE_S = 365 * 24 * 3600
_BROWSER_ID = re.compile(r"[A-Za-z0-9_-]{22,64}")
_MACHINE_PATHS = ("/_nicegui", "/static/", "/api/", "/healthz/")

Text = Annotated[str, Form(max_length=500)]


def register(services: Services) -> None:
    """Define the routes and the middleware that knows a browser again."""
    app.add_middleware(BrowserCookie, secure=_is_secure(services))

    @app.post("/auth/sign-in", include_in_schema=False)
    async def sign_in(request: Request, email: Text, password: Text, next: Text = "/board") -> Response:  # noqa: A002
        try:
            _check_origin(services, request)
            return await _signed_in(services, request, email, password, local_path(next))
        except PrintLabError as refusal:
            return _refused(request, refusal, "/login")

    @app.post("/auth/first-admin", include_in_schema=False)
    async def first_admin(request: Request, setup_token: Text, email: Text, name: Text, password: Text) -> Response:
        try:
            _check_origin(services, request)
            await off_loop(services.accounts.create_first_admin, setup_token, email, name, password)
            return await _signed_in(services, request, email, password, "/board")
        except PrintLabError as refusal:
            return _refused(request, refusal, f"/first-run/{quote(setup_token, safe='')}")

    @app.post("/auth/sign-out", include_in_schema=False)
    async def sign_out(request: Request) -> Response:
        try:
            _check_origin(services, request)
        except NotAllowed as refusal:
            return _refused(request, refusal, "/board")
        if token := request.cookies.get(frame.SESSION_COOKIE):
            await off_loop(services.accounts.sign_out, token)
            frame.SESSIONS_CHANGED.emit()
        response = RedirectResponse("/login", status_code=303)
        response.delete_cookie(frame.SESSION_COOKIE, httponly=True, samesite="lax", secure=_is_secure(services))
        return response


def local_path(target: str) -> str:
    """``target`` when it is a path of this site, otherwise the board: a sign-in leads nowhere else."""
    parts = urlsplit(target)
    is_local = target.startswith("/") and not target.startswith("//") and "\\" not in target and not parts.netloc
    return target if is_local and target.isprintable() else "/board"


async def _signed_in(services: Services, request: Request, email: str, password: str, target: str) -> Response:
    agent = request.headers.get("user-agent", "")[:300]
    address = request.client.host if request.client else ""
    token = await off_loop(services.accounts.sign_in, email, password, agent, address)
    if earlier := request.cookies.get(frame.SESSION_COOKIE):
        await off_loop(services.accounts.sign_out, earlier)
        frame.SESSIONS_CHANGED.emit()
    response = JSONResponse({"next": target}) if _wants_json(request) else RedirectResponse(target, status_code=303)
    response.set_cookie(
        frame.SESSION_COOKIE,
        token,
        max_age=_SESSION_AGE_S,
        httponly=True,
        samesite="lax",
        secure=_is_secure(services),
    )
    return response


def _refused(request: Request, refusal: PrintLabError, page: str) -> Response:
    if not _wants_json(request):
        return RedirectResponse(page, status_code=303)
    if isinstance(refusal, TooManyRequests):
        headers = {"Retry-After": str(refusal.retry_after_s)}
        return JSONResponse({"detail": str(refusal)}, status_code=429, headers=headers)
    return JSONResponse({"detail": str(refusal)}, status_code=403 if isinstance(refusal, NotAllowed) else 401)


def _check_origin(services: Services, request: Request) -> None:
    """Refuse a form that another site posted. Browsers name the origin of every post; other programs hold no cookie."""
    origin = request.headers.get("origin")
    if origin is None:
        foreign = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    else:
        foreign = urlsplit(origin).netloc not in {
            request.headers.get("host"),
            urlsplit(services.settings.public_url).netloc,
        }
    if foreign:
        raise NotAllowed("This form was sent from another site. Open PrintLab itself and send it from there.")


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _is_secure(services: Services) -> bool:
    return services.settings.public_url.startswith("https://")


class BrowserCookie:
    """Gives every browser an opaque id of its own, under which its uploads wait until they are sent.

    The id is in ``request.state`` at once, so that the first page knows it too. Private tracking pages are also
    marked for search engines and for what a browser passes on.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self.secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with the browser's id; a new one is set with the answer."""
        if scope["type"] != "http" or scope["path"].startswith(_MACHINE_PATHS):
            await self.app(scope, receive, send)
            return
        known = Request(scope).cookies.get(frame.BROWSER_COOKIE, "")
        browser = known if _BROWSER_ID.fullmatch(known) else secrets.token_urlsafe(24)
        scope.setdefault("state", {})[frame.BROWSER_COOKIE] = browser

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if browser != known:
                    headers.append("Set-Cookie", self._cookie(browser))
                if scope["path"].startswith("/track/"):
                    headers["Referrer-Policy"] = "no-referrer"
                    headers["X-Robots-Tag"] = "noindex, nofollow"
            await send(message)

        await self.app(scope, receive, send_marked)

    def _cookie(self, browser: str) -> str:
        cookie: SimpleCookie = SimpleCookie({frame.BROWSER_COOKIE: browser})
        morsel = cookie[frame.BROWSER_COOKIE]
        morsel.update({"path": "/", "max-age": str(_BROWSER_AGE_S), "httponly": True, "samesite": "lax"})
        morsel["secure"] = self.secure
        return morsel.OutputString()
