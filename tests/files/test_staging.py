"""Uploads on their way: streamed, counted, hashed, swept."""

from __future__ import annotations

import hashlib
import os
import time
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from printlab.domain.retention import Amount
from printlab.errors import FileTooLarge, InvalidFile, NotFound, StorageProblem
from printlab.files import disk
from printlab.files.staging import Staging
from tests import files_made
from tests.workbench import in_chunks

STL = (".stl",)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "staging"


@pytest.fixture
def staging(folder: Path) -> Staging:
    return Staging(folder, 10_000, 1000)


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
    """Only a block at a time is held, whatever the size of the file; other threads may hold something meanwhile."""
    block = b"\0" * 256_000

    async def long() -> AsyncIterator[bytes]:
        yield files_made.stl()
        for _ in range(240):
            yield block

    tracemalloc.start()
    await staging.receive("me", "a.stl", long(), STL, 500)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 61_000_000 / 2


async def test_uploads_that_were_never_sent_are_swept(staging: Staging, folder: Path) -> None:
    old = await staging.receive("me", "a.stl", in_chunks(files_made.stl()), STL, 1)
    new = await staging.receive("me", "a.stl", in_chunks(files_made.stl()), STL, 1)
    (folder / "left.part").write_bytes(b"half")
    yesterday = time.time() - 25 * 3600
    for name in (f"{old.id}.bin", f"{old.id}.json", "left.part"):
        os.utime(folder / name, (yesterday, yesterday))
    assert staging.abandoned().count == 2
    assert staging.sweep() == Amount(2, old.bytes + len(b"half"), datetime.fromtimestamp(yesterday, UTC))
    assert staging.abandoned() == Amount()
    with pytest.raises(NotFound):
        staging.get("me", old.id)
    assert staging.get("me", new.id)[0] == new


async def test_the_browser_is_not_written_down(staging: Staging, folder: Path) -> None:
    staged = await staging.receive("a secret cookie", "a.stl", in_chunks(files_made.stl()), STL, 1)
    assert "a secret cookie" not in (folder / f"{staged.id}.json").read_text()


async def unread() -> AsyncIterator[bytes]:
    """A body that must not be asked for."""
    raise AssertionError("read")
    yield b""


async def zeros(mb: int) -> AsyncIterator[bytes]:
    """So many megabytes of a file."""
    yield files_made.stl()
    for _ in range(mb):
        yield bytes(1_000_000)


async def stage(staging: Staging, browser: str = "me", caller: str | None = None) -> str:
    """Upload a small file, as staff or from the address of a stranger; return its id."""
    return (await staging.receive(browser, "a.stl", in_chunks(files_made.stl()), STL, 1, caller=caller)).id


def is_waiting(staging: Staging, staged_id: str, browser: str = "me") -> bool:
    try:
        staging.get(browser, staged_id)
    except NotFound:
        return False
    return True


def modes_in(folder: Path) -> list[int]:
    return [path.stat().st_mode & 0o777 for path in folder.iterdir()]


def age(folder: Path, staged_id: str, hours: float) -> None:
    """Let an upload have waited so long."""
    for path in folder.glob(f"{staged_id}.*"):
        os.utime(path, (time.time() - hours * 3600,) * 2)


class TestRoom:
    """Uploads that nobody sends must not fill the lab's disk."""

    @pytest.fixture
    def free_mb(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """A disk with so many megabytes, and staging on it."""
        size_mb = [700]

        def free_and_whole_bytes(_folder: Path) -> tuple[int, int]:
            return size_mb[0] * disk.MB - sum(path.stat().st_size for path in folder.iterdir()), 10**12

        monkeypatch.setattr(disk, "free_and_whole_bytes", free_and_whole_bytes)
        return size_mb

    async def test_what_does_not_fit_is_refused_before_it_is_read(
        self, staging: Staging, folder: Path, free_mb: list[int]
    ) -> None:
        with pytest.raises(StorageProblem, match=r"disk is almost full.*Tell the lab and choose the file again later"):
            await staging.receive("me", "a.stl", unread(), STL, 500, announced_bytes=201_000_000)
        free_mb[0] = disk.LEAST_FREE_MB
        with pytest.raises(StorageProblem):
            await staging.receive("me", "a.stl", unread(), STL, 500)
        assert files_in(folder) == []

    async def test_a_file_of_unknown_size_stops_where_the_disk_would_be_full(
        self, staging: Staging, folder: Path, free_mb: list[int]
    ) -> None:
        lowest = [10**12]

        async def watched() -> AsyncIterator[bytes]:
            async for block in zeros(400):
                lowest[0] = min(lowest[0], disk.free_bytes(folder))
                yield block

        with pytest.raises(StorageProblem, match="disk is almost full"):
            await staging.receive("me", "a.stl", watched(), STL, 500)
        assert disk.LEAST_FREE_MB * disk.MB <= lowest[0] < 600 * disk.MB
        assert files_in(folder) == []
        await staging.receive("me", "a.stl", zeros(100), STL, 500, announced_bytes=101_000_000)

    async def test_all_uploads_together_are_limited(self, folder: Path) -> None:
        staging = Staging(folder, 60, 60)
        await staging.receive("me", "a.stl", zeros(30), STL, 50)
        for announced in (31_000_000, 0):
            with pytest.raises(StorageProblem, match=r"Too many files wait here.*Choose the file again in an hour"):
                await staging.receive("you", "a.stl", zeros(50), STL, 50, announced_bytes=announced)
        assert len(files_in(folder)) == 2
        await staging.receive("you", "a.stl", zeros(25), STL, 50, announced_bytes=25_100_000)

    async def test_small_ones_are_limited_too(self, folder: Path) -> None:
        staging = Staging(folder, 10, 10)
        for number in range(9):
            await stage(staging, f"browser {number}")
        with pytest.raises(StorageProblem):
            await stage(staging, "one more")

    async def test_what_waits_for_an_hour_makes_room_when_it_is_needed(self, folder: Path) -> None:
        staging = Staging(folder, 4, 4)
        ids = [await stage(staging) for _ in range(3)]
        age(folder, ids[0], hours=1.1)
        age(folder, ids[1], hours=0.9)
        await stage(staging)
        assert [is_waiting(staging, staged_id) for staged_id in ids] == [False, True, True]

    async def test_one_address_has_a_room_of_its_own_also_after_a_restart(self, folder: Path) -> None:
        staging = Staging(folder, 100, 4)
        for number in range(3):
            await stage(staging, f"browser {number}", "192.0.2.1")
        staging = Staging(folder, 100, 4)
        with pytest.raises(StorageProblem, match=r"Too many files from your network wait here.*Send those first"):
            await stage(staging, "another browser", "192.0.2.1")
        await stage(staging, "me", "192.0.2.2")
        await stage(staging, "me")

    async def test_what_arrives_counts_for_its_address(self, folder: Path) -> None:
        staging = Staging(folder, 500, 40)
        with pytest.raises(StorageProblem, match="from your network"):
            await staging.receive("me", "a.stl", unread(), STL, 500, 41_000_000, caller="192.0.2.1")
        with pytest.raises(StorageProblem, match="from your network"):
            await staging.receive("me", "a.stl", zeros(100), STL, 500, caller="192.0.2.1")
        assert files_in(folder) == []
        await staging.receive("me", "a.stl", zeros(100), STL, 500)

    async def test_an_address_that_is_full_loses_what_waited_for_an_hour_and_others_nothing(self, folder: Path) -> None:
        staging = Staging(folder, 100, 3)
        own = [await stage(staging, "me", "192.0.2.1") for _ in range(2)]
        other = await stage(staging, "you", "192.0.2.2")
        for staged_id in (own[0], other):
            age(folder, staged_id, hours=1.1)
        await stage(staging, "me", "192.0.2.1")
        assert [is_waiting(staging, staged_id) for staged_id in own] == [False, True]
        assert is_waiting(staging, other, "you")

    async def test_a_fifth_is_kept_for_staff(self, folder: Path) -> None:
        staging = Staging(folder, 10, 3)
        for number in range(7):
            await stage(staging, f"browser {number}", f"192.0.2.{number}")
        with pytest.raises(StorageProblem, match="Too many files wait here to be sent"):
            await stage(staging, "one more", "192.0.2.99")
        await stage(staging, "desk")
        await stage(staging, "desk")
        with pytest.raises(StorageProblem):
            await stage(staging, "desk")

    async def test_while_there_is_room_it_may_wait(self, staging: Staging, folder: Path) -> None:
        waiting = await stage(staging)
        age(folder, waiting, hours=23)
        await stage(staging)
        assert is_waiting(staging, waiting)


async def test_the_newest_twenty_of_a_browser_wait(staging: Staging, folder: Path) -> None:
    other = await stage(staging, "another browser")
    age(folder, other, hours=5)
    ids = [await stage(staging) for _ in range(22)]
    assert [is_waiting(staging, staged_id) for staged_id in ids] == [False] * 2 + [True] * 20
    assert is_waiting(staging, other, "another browser")
    assert len(files_in(folder)) == 2 * 21


async def test_they_are_the_newest_of_a_browser_that_moves_between_networks(staging: Staging) -> None:
    ids = [await stage(staging, "me", f"192.0.2.{number}") for number in range(21)]
    assert [is_waiting(staging, staged_id) for staged_id in ids] == [False] + [True] * 20


async def test_a_refused_file_pushes_nothing_out(staging: Staging) -> None:
    ids = [await stage(staging) for _ in range(20)]
    with pytest.raises(InvalidFile):
        await staging.receive("me", "a.stl", in_chunks(files_made.png()), STL, 1)
    assert all(is_waiting(staging, staged_id) for staged_id in ids)


async def test_strangers_on_the_machine_see_nothing(staging: Staging, folder: Path) -> None:
    async def watched() -> AsyncIterator[bytes]:
        async for block in zeros(2):
            yield block
            modes.update(modes_in(folder))

    modes: set[int] = set()
    await staging.receive("me", "Jane Doe.stl", watched(), STL, 50)
    assert {*modes, *modes_in(folder)} == {0o600}
    assert modes_in(folder.parent) == [0o700]


async def test_an_upload_that_cannot_be_removed_now_is_no_failure(staging: Staging, folder: Path) -> None:
    """It became a job already; the sweep comes again."""
    staged_id = await stage(staging)
    (folder / f"{staged_id}.json").rename(folder / "facts")
    (folder / f"{staged_id}.bin").unlink()
    (folder / f"{staged_id}.bin").mkdir()
    (folder / "facts").rename(folder / f"{staged_id}.json")
    staging.discard("me", staged_id)
    age(folder, staged_id, hours=30)
    staging.sweep()
    assert files_in(folder) == [f"{staged_id}.bin"]
