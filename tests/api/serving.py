"""A real server on 127.0.0.1, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn


@contextmanager
def serving(config: uvicorn.Config) -> Iterator[int]:
    """The port on which the server listens while the block runs."""
    with contextlib.closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(timeout=15)


async def soon(happened: Callable[[], bool]) -> bool:
    """Whether it happens within a few seconds; the server runs in a thread and tells nobody."""
    for _ in range(250):
        if happened():
            return True
        await asyncio.sleep(0.02)
    return False
