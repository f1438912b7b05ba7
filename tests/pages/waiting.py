"""Waiting for what a page does: its services work in threads, and say on no clock when they are done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from nicegui.testing import User

_PATIENCE_S = 10.0
_LOOK_EVERY_S = 0.01

Value = TypeVar("Value")


async def until(user: User, content: str) -> None:
    """Wait for a text."""
    await user.should_see(content, retries=round(_PATIENCE_S / 0.1))


async def eventually(look: Callable[[], Value | None]) -> Value:
    """Look again and again until there is something, and give it; AssertionError when there is nothing in time."""
    deadline = time.monotonic() + _PATIENCE_S
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {_PATIENCE_S:g} s in vain"
        await asyncio.sleep(_LOOK_EVERY_S)
    return found
