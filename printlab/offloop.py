"""Work that would block the event loop runs here, in threads."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")
_pool = ThreadPoolExecutor(16, thread_name_prefix="printlab")
# argon2 takes 64 MB and a tenth of a second each: a flood of sign-ins waits here, and nobody else waits for it.
_hashing_pool = ThreadPoolExecutor(2, thread_name_prefix="printlab-hashing")


async def off_loop(function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run ``function`` in a thread, with this task's context (request and job ids of the log), and wait for it."""
    return await _run(_pool, partial(function, *args, **kwargs))


async def off_loop_hashing(function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """The same for what hashes or checks a password: two at a time, in threads of their own."""
    return await _run(_hashing_pool, partial(function, *args, **kwargs))


async def _run(pool: ThreadPoolExecutor, call: Callable[[], _T]) -> _T:
    return await asyncio.get_running_loop().run_in_executor(pool, partial(contextvars.copy_context().run, call))
