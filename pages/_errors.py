"""Pages that are not there and pages that failed: said in words, nothing of the inside shown."""

from __future__ import annotations

import logging
import secrets

from fastapi import Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import Response
from nicegui import Client, app, ui
from starlette.exceptions import HTTPException

from components import design
from pages import _frame as frame
from printlab.errors import DatabaseAway, PrintLabError
from printlab.limits import is_no_page
from printlab.services import Services

_LOOKS_AGAIN_S = 5
_COMES_BACK = "Nothing can be shown or changed until it is back. This page looks again by itself every few seconds."
log = logging.getLogger("printlab.pages")


def register(services: Services) -> None:
    """Answer for addresses without a page, and for pages that could not be built."""

    def broken(error: Exception) -> None:
        if isinstance(error, DatabaseAway):
            _lay_out(services, "The lab's database is out of reach", _COMES_BACK, 503)
            ui.add_head_html(f'<meta http-equiv="refresh" content="{_LOOKS_AGAIN_S}">')
            return
        if isinstance(error, PrintLabError):
            _lay_out(services, "This page cannot be shown", str(error), 500)
            return
        error_id = secrets.token_hex(4)
        log.error("page failed, shown as %s", error_id, exc_info=error, extra={"error_id": error_id})
        text = (
            f"This page could not be built; it is logged as {error_id}. Nothing was changed. Load it again in a moment."
        )
        _lay_out(services, "Something went wrong", text, 500)

    app.on_page_exception(broken)

    @app.exception_handler(404)
    async def nothing_here(request: Request, error: Exception) -> Response:  # pyright: ignore[reportUnusedFunction]
        is_found = request.scope.get("endpoint") is not None
        if (is_found or is_no_page(request.url.path)) and isinstance(error, HTTPException):
            return await http_exception_handler(request, error)
        with Client(ui.page(""), request=request) as client:
            text = "This address leads nowhere. Perhaps it was cut off on its way, or the page has moved."
            _lay_out(services, "There is no such page", text, 404)
        return client.build_response(request, 404)


def _lay_out(services: Services, title: str, text: str, status: int) -> None:
    with frame.problem(services, title, text, status):
        ui.link("Send a file to be printed", "/").classes(design.LINK)
        ui.link("For staff: the board", "/board").classes(design.LINK)
