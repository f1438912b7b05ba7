"""Uploads before they are sent: streamed to the local disk under an opaque id that one browser knows."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import os
import re
import secrets
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import BinaryIO

import structlog

from printlab.domain import naming
from printlab.domain.retention import Amount
from printlab.domain.views import StagedFile
from printlab.errors import FileTooLarge, InvalidFile, NotFound, StorageProblem
from printlab.files import disk
from printlab.files.room import MARK_CHARACTERS, Room, mark_of
from printlab.files.sniff import check_content
from printlab.files.space import NO_LIMITS, Space
from printlab.offloop import off_loop

_log = structlog.get_logger(__name__)
_ID = re.compile(r"^[A-Za-z0-9_-]{29}$")
_OWNER_CHARACTERS = 8  # of an id, after its sender's mark; they tell which browser's it is, the rest is random
_BLOCK = 1 << 20
_STEP = 16 << 20  # how much arrives between two looks at the disk
_KEEP_S = 24 * 3600
_WAITING_PER_BROWSER = 20
_PRIVATE = 0o600


class _Writer:
    """A file that hashes what is written, while there is room for it; its methods run in a thread."""

    def __init__(self, path: Path, room: Room, announced_bytes: int) -> None:
        self._sender = path.name[:MARK_CHARACTERS]
        room.check(announced_bytes or _BLOCK, self._sender)
        self._file: BinaryIO = disk.create(path, _PRIVATE)
        self._digest = hashlib.sha256()
        self._room = room
        self._to_come = announced_bytes or sys.maxsize
        self._until_look = _STEP

    def write(self, block: bytes) -> None:
        self._until_look -= len(block)
        if self._until_look < 0:
            self._room.check(max(0, min(self._to_come, _STEP)), self._sender)
            self._until_look = _STEP
        self._file.write(block)
        self._digest.update(block)
        self._to_come -= len(block)

    def finish(self) -> str:
        """Make the bytes durable; return their SHA-256."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._digest.hexdigest()

    def close(self) -> None:
        self._file.close()


class Staging:
    """``<folder>/<id>.bin`` with its facts in ``<id>.json``; all uploads together are at most ``limit_mb``.

    The public leaves a fifth of that to staff, and what waits from one address is at most ``sender_mb``.
    """

    def __init__(self, folder: Path, limit_mb: int, sender_mb: int, space: Space | None = None) -> None:
        self._folder = folder
        self._room = Room(folder, limit_mb, sender_mb, space or Space(NO_LIMITS, {"uploads": folder}))
        disk.private_folder(folder)

    async def receive(
        self,
        browser: str,
        filename: str,
        chunks: AsyncIterator[bytes],
        extensions: tuple[str, ...],
        limit_mb: int,
        announced_bytes: int = 0,
        caller: str | None = None,
    ) -> StagedFile:
        """Write ``chunks`` to disk as they arrive; at most one block is in memory. 0 announced bytes are unknown.

        ``caller`` is the address that a stranger sends from, None for staff. Of one browser the newest 20 uploads wait;
        its oldest makes room for one more.

        Raises InvalidFile (extension or content), FileTooLarge as soon as the limit is passed, StorageProblem when
        there is no room for the announced bytes, or no more room while they arrive.
        """
        extension = naming.extension(filename, extensions)
        if extension is None:
            raise InvalidFile(f"{naming.accepted_sentence(extensions)} Export your part as one of these.")
        part = self._folder / f"{_new_id(browser, mark_of(caller))}.part"
        try:
            opened = partial(_Writer, part, self._room, announced_bytes)
            size, sha256 = await _stream(opened, chunks, limit_mb)
            await off_loop(check_content, part, extension)
            staged = StagedFile(part.stem, naming.display_name(filename), extension, size, sha256)
            await off_loop(self._publish, part, staged, browser)
        except asyncio.CancelledError:
            # The server stops: it waits for nothing any more, not even for a thread.
            disk.discard(part)
            raise
        except OSError as error:
            raise StorageProblem("The file could not be stored; the disk may be full. Tell the lab.") from error
        finally:
            await off_loop(disk.discard, part)
        return staged

    def _publish(self, part: Path, staged: StagedFile, browser: str) -> None:
        facts = asdict(staged) | {"browser": _fingerprint(browser)}
        disk.write(self._facts(staged.id), json.dumps(facts).encode(), _PRIVATE)
        part.replace(self._bytes(staged.id))
        disk.sync_folder(self._folder)
        self._drop_oldest(browser, staged.id)

    def _drop_oldest(self, browser: str, newest_id: str) -> None:
        """A person who chooses one file after another means the last ones."""
        any_mark = "?" * MARK_CHARACTERS
        ids = (path.stem for path in self._folder.glob(f"{any_mark}{_owner(browser)}*.json"))
        earlier = sorted((staged_id for staged_id in ids if staged_id != newest_id), key=self._written_ns)
        for staged_id in earlier[: -(_WAITING_PER_BROWSER - 1)]:
            self._remove(staged_id)

    def _written_ns(self, staged_id: str) -> int:
        with contextlib.suppress(FileNotFoundError):
            return self._facts(staged_id).stat().st_mtime_ns
        return 0

    def get(self, browser: str, staged_id: str) -> tuple[StagedFile, Path]:
        """The facts and the path of an upload of this browser; raises NotFound."""
        if _ID.fullmatch(staged_id):
            with contextlib.suppress(FileNotFoundError):
                facts = json.loads(self._facts(staged_id).read_bytes())
                path = self._bytes(staged_id)
                if secrets.compare_digest(facts.pop("browser"), _fingerprint(browser)) and disk.is_regular(path):
                    return StagedFile(**facts), path
        raise NotFound("The uploaded file is no longer here. Choose it again.")

    def with_hash(self, sha256: str) -> Path | None:
        """An upload of whatever browser with this content; None when there is none."""
        for facts in self._folder.glob("*.json"):
            with contextlib.suppress(OSError, ValueError, KeyError):
                path = self._bytes(facts.stem)
                if json.loads(facts.read_bytes())["sha256"] == sha256 and disk.is_regular(path):
                    return path
        return None

    def discard(self, browser: str, staged_id: str) -> None:
        """Remove an upload of this browser, if it is there."""
        try:
            self.get(browser, staged_id)
            self._remove(staged_id)
        except NotFound:
            return
        except OSError:  # what became of it is committed already; it is swept after a day
            _log.warning("staging.not_removed", staged_id=staged_id, exc_info=True)

    def abandoned(self) -> Amount:
        """The uploads that have lain here for more than a day."""
        return self._room.idle(_KEEP_S)

    def sweep(self) -> Amount:
        """Remove them; return what was removed."""
        abandoned = self.abandoned()
        self._room.drop_idle(_KEEP_S)
        return abandoned

    def _remove(self, staged_id: str) -> None:
        disk.discard(self._bytes(staged_id))
        disk.discard(self._facts(staged_id))

    def _bytes(self, staged_id: str) -> Path:
        return self._folder / f"{staged_id}.bin"

    def _facts(self, staged_id: str) -> Path:
        return self._folder / f"{staged_id}.json"


def _fingerprint(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()


def _owner(browser: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(browser.encode()).digest()).decode()[:_OWNER_CHARACTERS]


def _new_id(browser: str, mark: str) -> str:
    """29 characters, 14 of them random: 80 bits that only this browser is told."""
    return f"{mark}{_owner(browser)}{secrets.token_urlsafe(10)}"


async def _stream(opened: Callable[[], _Writer], chunks: AsyncIterator[bytes], limit_mb: int) -> tuple[int, str]:
    """Write ``chunks`` in threads, a block at a time, while the next block arrives; return size and SHA-256."""
    writer = await off_loop(opened)
    writing: asyncio.Future[None] | None = None
    block, arrived = bytearray(), 0
    try:
        async for chunk in chunks:
            arrived += len(chunk)
            if arrived > limit_mb * disk.MB:
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
