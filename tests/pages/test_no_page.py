"""Addresses without a page."""

from __future__ import annotations

import pytest
from nicegui import Client
from nicegui.testing import User


@pytest.mark.parametrize("path", ["/_nicegui/nothing", "/api/v1/nothing", "/static/nothing"])
async def test_no_page_is_built_for_what_pages_load_and_programs_ask_for(visitor: User, path: str) -> None:
    """Pages are counted for each address; these are not."""
    before = set(Client.instances)
    answer = await visitor.http_client.get(path)
    assert answer.status_code == 404
    assert set(Client.instances) == before


@pytest.mark.parametrize("path", ["/nothing", "/healthz/livex", "/favicon.ico1"])
async def test_pages_of_addresses_that_lead_nowhere_are_counted(visitor: User, path: str) -> None:
    answers = [(await visitor.http_client.get(path)).status_code for _ in range(301)]
    assert set(answers) == {404, 429}
