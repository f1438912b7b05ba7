"""Signing in and out: plain routes, because only an HTTP answer can set a cookie.

Forms of other sites never get here: the middleware refuses them.
"""

from __future__ import annotations

from html import escape
from typing import Annotated
from urllib.parse import quote

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from nicegui import app

from pages import _frame as frame
from printlab.cookies import SESSION_COOKIE
from printlab.errors import PrintLabError, TooManyRequests
from printlab.offloop import off_loop, off_loop_hashing
from printlab.services import Services
from printlab.services.accounts import SESSION_LIFETIME

Text = Annotated[str, Form(max_length=500)]


def register(services: Services) -> None:
    """Define the routes."""

    @app.post("/auth/sign-in", include_in_schema=False)
    async def sign_in(request: Request, email: Text = "", password: Text = "", next: Text = "/board") -> Response:  # noqa: A002
        try:
            return await _signed_in(services, request, email, password, local_path(next))
        except PrintLabError as refusal:
            return _refused(request, refusal, "/login")

    @app.post("/auth/first-admin", include_in_schema=False)
    async def first_admin(
        request: Request, setup_token: Text = "", email: Text = "", name: Text = "", password: Text = ""
    ) -> Response:
        try:
            await off_loop_hashing(services.accounts.create_first_admin, setup_token, email, name, password)
            return await _signed_in(services, request, email, password, "/board")
        except PrintLabError as refusal:
            return _refused(request, refusal, f"/first-run/{quote(setup_token, safe='')}")

    @app.post("/auth/sign-out", include_in_schema=False)
    async def sign_out(request: Request) -> Response:
        if token := request.cookies.get(SESSION_COOKIE):
            await off_loop(services.accounts.sign_out, token)
            frame.SESSIONS_CHANGED.emit()
        response = RedirectResponse("/login", status_code=303)
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax", secure=services.settings.is_https)
        return response


def local_path(target: str) -> str:
    """``target`` when it is a path of this site, otherwise the board: a sign-in leads nowhere else."""
    is_local = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if is_local and target.isprintable() else "/board"


async def _signed_in(services: Services, request: Request, email: str, password: str, target: str) -> Response:
    agent = request.headers.get("user-agent", "")[:300]
    address = request.client.host if request.client else ""
    token = await off_loop_hashing(services.accounts.sign_in, email, password, agent, address)
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
