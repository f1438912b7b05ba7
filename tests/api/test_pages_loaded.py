"""How many pages an address may load."""

from __future__ import annotations

import httpx
import pytest
from starlette.responses import PlainTextResponse

from printlab.api.middleware import FewPages


def client(app: FewPages, address: str = "192.0.2.7") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app, client=(address, 4711)), base_url="http://lab.test")


async def test_so_many_pages_are_built_a_minute_for_one_address() -> None:
    app = FewPages(PlainTextResponse("a page"), a_minute=3)
    async with client(app) as visitor, client(app, "192.0.2.8") as other:
        assert [(await visitor.get(path)).status_code for path in ("/", "/login", "/nothing", "/")] == [
            200,
            200,
            200,
            429,
        ]
        assert (await other.get("/")).status_code == 200
        refused = await visitor.get("/board")
    assert refused.text.startswith("Too many pages were loaded from this address. Try again in ")
    assert int(refused.headers["retry-after"]) <= 60


@pytest.mark.parametrize("path", ["/api/v1/jobs", "/_nicegui/x.js", "/static/x.css", "/favicon.ico", "/healthz/live"])
async def test_what_is_no_page_is_not_counted(path: str) -> None:
    async with client(FewPages(PlainTextResponse("no page"), a_minute=1)) as visitor:
        assert [(await visitor.get(path)).status_code for _ in range(3)] == [200] * 3
