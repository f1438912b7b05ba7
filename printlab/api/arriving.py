"""The one file of a form, written to disk while it arrives, and gone again unless it became part of a job."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator

from fastapi import Request

from printlab.api.body import announced_bytes
from printlab.api.context import Api
from printlab.api.multipart import OVERHEAD_LIMIT, Form, read_form
from printlab.domain.views import StagedFile
from printlab.errors import FileTooLarge
from printlab.files import disk
from printlab.offloop import off_loop


class ArrivingFile:
    """The one file of one request, staged under an id that nobody else knows."""

    def __init__(self, api: Api, request: Request, limit_mb: int, *, sliced: bool, caller: str | None) -> None:
        self.browser = secrets.token_urlsafe(24)
        self._api = api
        self._request = request
        self._sliced = sliced
        self._caller = caller
        self._staged: StagedFile | None = None
        self._announced = announced_bytes(request)
        if self._announced > limit_mb * disk.MB + OVERHEAD_LIMIT:
            raise FileTooLarge(limit_mb)

    async def read(self, known: frozenset[str]) -> Form[StagedFile]:
        """The form, with its file on disk."""
        content_type = self._request.headers.get("content-type", "")
        return await read_form(content_type, self._request.stream(), known, self._take)

    async def _take(self, filename: str, chunks: AsyncIterator[bytes]) -> StagedFile:
        receive = self._api.services.submissions.receive
        self._staged = await receive(
            self.browser,
            filename,
            chunks,
            sliced=self._sliced,
            announced_bytes=self._announced,
            caller=self._caller,
        )
        return self._staged

    async def clear(self) -> None:
        """Remove the file, unless it became part of a job already."""
        if self._staged is not None:
            await off_loop(self._api.services.submissions.discard, self.browser, self._staged.id)
