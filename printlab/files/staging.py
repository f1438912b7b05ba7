"""Uploads before they are sent: streamed to the local disk under an opaque id that one browser knows."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import re
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from printlab.domain import naming
from printlab.domain.views import StagedFile
from printlab.errors import FileTooLarge, InvalidFile, NotFound, StorageProblem
from printlab.files import disk
from printlab.files.sniff import check_content
from printlab.offloop import off_loop

_ID = re.compile(r"^[A-Za-z0-9_-]{22}$")
_MB = 1_000_000
_BLOCK = 1 << 20
_KEEP_S = 24 * 3600


class _Writer:
    """A file that counts and hashes what is written; its methods run in a thread."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("wb")
        self._digest = hashlib.sha256()
        self.bytes = 0

    def write(self, block: bytes) -> None:
        self._file.write(block)
        self._digest.update(block)
        self.bytes += len(block)

    def finish(self) -> str:
        """Make the bytes durable; return their SHA-256."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._digest.hexdigest()

    def close(self) -> None:
        self._file.close()


class Staging:
    """``<folder>/<id>.bin`` with its facts in ``<id>.json``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def receive(
        self, browser: str, filename: str, chunks: AsyncIterator[bytes], extensions: tuple[str, ...], limit_mb: int
    ) -> StagedFile:
        """Write ``chunks`` to disk as they arrive; at most one block is in memory.

        Raises InvalidFile (extension or content), FileTooLarge as soon as the limit is passed, StorageProblem.
        """
        extension = naming.extension(filename, extensions)
        if extension is None:
            raise InvalidFile(f"This lab accepts {', '.join(extensions)} files. Export your part as one of these.")
        part = self._folder / f"{secrets.token_urlsafe(16)}.part"
        try:
            size, sha256 = await _stream(part, chunks, limit_mb)
            await off_loop(check_content, part, extension)
            staged = StagedFile(part.stem, naming.display_name(filename), extension, size, sha256)
            await off_loop(self._publish, part, staged, browser)
        except OSError as error:
            raise StorageProblem("The file could not be stored; the disk may be full. Tell the lab.") from error
        finally:
            await off_loop(part.unlink, missing_ok=True)
        return staged

    def _publish(self, part: Path, staged: StagedFile, browser: str) -> None:
        facts = asdict(staged) | {"browser": _fingerprint(browser)}
        disk.write(self._facts(staged.id), json.dumps(facts).encode())
        part.replace(self._bytes(staged.id))
        disk.sync_folder(self._folder)

    def get(self, browser: str, staged_id: str) -> tuple[StagedFile, Path]:
        """The facts and the path of an upload of this browser; raises NotFound."""
        if _ID.fullmatch(staged_id):
            with contextlib.suppress(FileNotFoundError):
                facts = json.loads(self._facts(staged_id).read_bytes())
                path = self._bytes(staged_id)
                if secrets.compare_digest(facts.pop("browser"), _fingerprint(browser)) and path.is_file():
                    return StagedFile(**facts), path
        raise NotFound("The uploaded file is no longer here. Choose it again.")

    def discard(self, browser: str, staged_id: str) -> None:
        """Remove an upload of this browser, if it is there."""
        with contextlib.suppress(NotFound):
            self.get(browser, staged_id)
            self._bytes(staged_id).unlink(missing_ok=True)
            self._facts(staged_id).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Remove what was left here for more than a day; return how many files."""
        old = [path for path in self._folder.iterdir() if time.time() - path.stat().st_mtime > _KEEP_S]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _bytes(self, staged_id: str) -> Path:
        return self._folder / f"{staged_id}.bin"

    def _facts(self, staged_id: str) -> Path:
        return self._folder / f"{staged_id}.json"


def _fingerprint(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()


async def _stream(path: Path, chunks: AsyncIterator[bytes], limit_mb: int) -> tuple[int, str]:
    """Write ``chunks`` in threads, a block at a time, while the next block arrives; return size and SHA-256."""
    writer = await off_loop(_Writer, path)
    writing: asyncio.Future[None] | None = None
    block, arrived = bytearray(), 0
    try:
        async for chunk in chunks:
            arrived += len(chunk)
            if arrived > limit_mb * _MB:
                raise FileTooLarge(limit_mb)
            block += chunk
            if len(block) >= _BLOCK:
                if writing is not None:
                    await writing
                writing = asyncio.ensure_future(off_loop(writer.write, bytes(block)))
                block.clear()
        if writing is not None:
            await writing
            writing = None
        await off_loop(writer.write, bytes(block))
        return arrived, await off_loop(writer.finish)
    finally:
        if writing is not None:
            await asyncio.wait([writing])
        await off_loop(writer.close)
