"""Addresses without a page."""

from __future__ import annotations

from nicegui import Client
from nicegui.testing import User


async def test_no_page_is_built_for_what_belongs_to_the_framework(visitor: User) -> None:
    """Pages are counted for each address; what the framework loads for them is not."""
    before = set(Client.instances)
    answer = await visitor.http_client.get("/_nicegui/nothing")
    assert answer.status_code == 404
    assert set(Client.instances) == before
