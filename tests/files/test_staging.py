"""Uploads on their way: streamed, counted, hashed, swept."""

from __future__ import annotations

import hashlib
import os
import time
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from printlab.errors import FileTooLarge, InvalidFile, NotFound
from printlab.files.staging import Staging
from tests import files_made
from tests.workbench import in_chunks

STL = (".stl",)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "staging"


@pytest.fixture
def staging(folder: Path) -> Staging:
    return Staging(folder)


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("chunk", [1, 97, 65_536, 3_000_000])
async def test_what_arrives_is_what_is_stored(staging: Staging, chunk: int) -> None:
    content = files_made.stl() if chunk < 97 else files_made.stl() + os.urandom(2_500_000)
    staged = await staging.receive("me", "C:\\parts\\My Part.STL", in_chunks(content, chunk), STL, 50)
    assert (staged.original_name, staged.extension, staged.bytes) == ("My Part.STL", ".stl", len(content))
    assert staged.sha256 == hashlib.sha256(content).hexdigest()
    found, path = staging.get("me", staged.id)
    assert found == staged
    assert path.read_bytes() == content


async def test_too_large_is_refused_while_it_arrives(staging: Staging, folder: Path) -> None:
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield b"\0" * 100_000

    with pytest.raises(FileTooLarge, match="larger than 1 MB"):
        await staging.receive("me", "a.stl", endless(), STL, 1)
    assert asked == 11
    assert files_in(folder) == []


async def test_the_limit_itself_is_allowed(staging: Staging) -> None:
    content = files_made.stl().ljust(1_000_000, b"\0")
    assert (await staging.receive("me", "a.stl", in_chunks(content), STL, 1)).bytes == 1_000_000
    with pytest.raises(FileTooLarge):
        await staging.receive("me", "a.stl", in_chunks(content + b"\0"), STL, 1)


async def test_a_wrong_extension_is_refused_before_a_byte(staging: Staging) -> None:
    async def untouched() -> AsyncIterator[bytes]:
        raise AssertionError("read")
        yield b""

    with pytest.raises(InvalidFile, match=r"accepts \.stl files"):
        await staging.receive("me", "a.exe", untouched(), STL, 1)


async def test_a_connection_that_breaks_leaves_nothing(staging: Staging, folder: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"\0" * 3_000_000
        raise EOFError("the browser is gone")

    with pytest.raises(EOFError):
        await staging.receive("me", "a.stl", broken(), STL, 50)
    assert files_in(folder) == []


@pytest.mark.parametrize("content", [b"", files_made.png()])
async def test_wrong_content_leaves_nothing(staging: Staging, folder: Path, content: bytes) -> None:
    with pytest.raises(InvalidFile):
        await staging.receive("me", "a.stl", in_chunks(content), STL, 50)
    assert files_in(folder) == []


async def test_a_large_upload_is_not_kept_in_memory(staging: Staging) -> None:
    """Only a block at a time is held, whatever the size of the file."""
    block = b"\0" * 256_000

    async def long() -> AsyncIterator[bytes]:
        yield files_made.stl()
        for _ in range(240):
            yield block

    tracemalloc.start()
    await staging.receive("me", "a.stl", long(), STL, 500)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


async def test_uploads_that_were_never_sent_are_swept(staging: Staging, folder: Path) -> None:
    old = await staging.receive("me", "a.stl", in_chunks(files_made.stl()), STL, 1)
    new = await staging.receive("me", "a.stl", in_chunks(files_made.stl()), STL, 1)
    (folder / "left.part").write_bytes(b"half")
    yesterday = time.time() - 25 * 3600
    for name in (f"{old.id}.bin", f"{old.id}.json", "left.part"):
        os.utime(folder / name, (yesterday, yesterday))
    assert staging.sweep() == 3
    with pytest.raises(NotFound):
        staging.get("me", old.id)
    assert staging.get("me", new.id)[0] == new


async def test_the_browser_is_not_written_down(staging: Staging, folder: Path) -> None:
    staged = await staging.receive("a secret cookie", "a.stl", in_chunks(files_made.stl()), STL, 1)
    assert "a secret cookie" not in (folder / f"{staged.id}.json").read_text()
