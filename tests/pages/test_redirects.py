"""Where an answer sends a browser: to this site, whatever the client says that it is called."""

from __future__ import annotations

import pytest
from nicegui.testing import User


@pytest.mark.parametrize(
    ("path", "target"), [("/login/", "/login"), ("/login/?next=/board", "/login?next=/board"), ("/board", "/login")]
)
async def test_a_redirect_stays_on_this_site(visitor: User, path: str, target: str) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Prefix": "//evil.example"}
    answer = await visitor.http_client.get(path, headers=headers, follow_redirects=False)
    assert answer.status_code in (303, 307)
    assert answer.headers["location"].startswith(target)
    assert answer.headers["cache-control"] == "no-store"


async def test_a_page_takes_no_prefix_from_its_visitor(visitor: User) -> None:
    answer = await visitor.http_client.get("/login", headers={"X-Forwarded-Prefix": "/elsewhere"})
    assert "elsewhere" not in answer.text
