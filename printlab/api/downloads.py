"""Files on their way out: compared with what was recorded, beside everything else, for whoever is still there."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from io import BufferedReader
from pathlib import Path

import anyio
from fastapi.responses import FileResponse
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from printlab.api.body import SERVERS_RECEIVE
from printlab.domain.views import RevisionView
from printlab.files.intact import IntactFiles
from printlab.offloop import off_loop

_COMPARED_AT_ONCE = 2


class Downloads:
    """Two files are compared at a time, whoever asks for how many: pages and verbs have the other threads."""

    def __init__(self) -> None:
        self._files = IntactFiles()
        self._comparing = asyncio.Semaphore(_COMPARED_AT_ONCE)

    async def opened(self, request: Request, path: Path, revision: RevisionView) -> FileResponse:
        """The bytes of ``revision`` as a download that no browser interprets.

        Raises StorageProblem unless just those lie there, OSError, ClientDisconnect when nobody waits any more.
        """
        async with self._comparing:
            if await _has_left(request):
                raise ClientDisconnect
            file = await off_loop(self._files.open, path, revision.bytes, revision.sha256)
        return _OpenedFile(file, revision.filename)


async def _has_left(request: Request) -> bool:
    """Asked of the server itself: what stands between hears of it only when it reads."""
    return await Request(request.scope, request.scope.get(SERVERS_RECEIVE, request.receive)).is_disconnected()


class _OpenedFile(FileResponse):
    """A file that is open already: whatever somebody puts under its name on the share now is not what is sent."""

    def __init__(self, file: BufferedReader, filename: str) -> None:
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
            # Compressed on the way, a large file would keep the event loop busy, and have neither length nor ranges.
            "Content-Encoding": "identity",
        }
        facts = os.fstat(file.fileno())
        super().__init__("", 200, headers, "application/octet-stream", filename=filename, stat_result=facts)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()

    @asynccontextmanager
    async def _open_file(self) -> AsyncGenerator[anyio.AsyncFile[bytes]]:
        yield anyio.wrap_file(self._file)
