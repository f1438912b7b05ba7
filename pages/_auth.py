"""Signing in and out: plain routes, because only an HTTP answer can set a cookie.

Forms of other sites never get here: the middleware refuses them.
"""

from __future__ import annotations

from collections import defaultdict
from html import escape
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from nicegui import app

from pages import _frame as frame
from printlab.cookies import SESSION_COOKIE
from printlab.errors import PrintLabError, TooManyRequests
from printlab.limits import address_of
from printlab.offloop import off_loop, off_loop_hashing
from printlab.services import Services
from printlab.services.accounts import SESSION_LIFETIME

_MOST_FIELDS, _LONGEST = 10, 4000  # the address of a board says all that is looked for


def register(services: Services) -> None:
    """Define the routes."""

    @app.post("/auth/sign-in", include_in_schema=False)
    async def sign_in(request: Request) -> Response:
        form = await _form(request)
        try:
            return await _signed_in(services, request, form["email"], form["password"], local_path(form["next"]))
        except PrintLabError as refusal:
            return _refused(request, refusal, "/login")

    @app.post("/auth/first-admin", include_in_schema=False)
    async def first_admin(request: Request) -> Response:
        form = await _form(request)
        link, email, name, password = (form[field] for field in ("setup_token", "email", "name", "password"))
        try:
            await off_loop_hashing(services.accounts.create_first_admin, link, email, name, password)
            return await _signed_in(services, request, email, password, "/board")
        except PrintLabError as refusal:
            return _refused(request, refusal, f"/first-run/{quote(link, safe='')}")

    @app.post("/auth/sign-out", include_in_schema=False)
    async def sign_out(request: Request) -> Response:
        if token := request.cookies.get(SESSION_COOKIE):
            await off_loop(services.accounts.sign_out, token)
            frame.SESSIONS_CHANGED.emit()
        response = RedirectResponse("/login", status_code=303)
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax", secure=services.settings.is_https)
        return response


async def _form(request: Request) -> defaultdict[str, str]:
    """The form's texts, without files; what was not sent is empty.

    A form may name an encoding in which half a character can be sent; that is none that could be stored.
    """
    sent = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    texts = {name: value[:_LONGEST] for name, value in sent.items() if isinstance(value, str)}
    return defaultdict(str, {name: text.encode(errors="replace").decode() for name, text in texts.items()})


def local_path(target: str) -> str:
    """``target`` when it is a path of this site, otherwise the board: a sign-in leads nowhere else."""
    is_local = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if is_local and target.isprintable() else "/board"


async def _signed_in(services: Services, request: Request, email: str, password: str, target: str) -> Response:
    agent = request.headers.get("user-agent", "")[:300]
    token = await off_loop_hashing(services.accounts.sign_in, email, password, agent, address_of(request))
    if earlier := request.cookies.get(SESSION_COOKIE):
        await off_loop(services.accounts.sign_out, earlier)
        frame.SESSIONS_CHANGED.emit()
    response = JSONResponse({"next": target}) if _wants_json(request) else RedirectResponse(target, status_code=303)
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=services.settings.is_https,
    )
    return response


def _refused(request: Request, refusal: PrintLabError, page: str) -> Response:
    slow_down = isinstance(refusal, TooManyRequests)
    headers = {"Retry-After": str(refusal.retry_after_s)} if slow_down else {}
    status = 429 if slow_down else 401
    if _wants_json(request):
        return JSONResponse({"detail": str(refusal)}, status_code=status, headers=headers)
    return HTMLResponse(_told(str(refusal), page), status_code=status, headers=headers)


def _told(sentence: str, page: str) -> str:
    """The refusal as a page of its own, for a browser without scripts."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Not signed in</title>'
        '<meta name="viewport" content="width=device-width">'
        f'<h1>You are not signed in</h1><p>{escape(sentence)}</p><p><a href="{escape(page)}">Back to the form</a></p>'
    )


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")
