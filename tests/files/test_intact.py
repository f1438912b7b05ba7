"""What is given out of the archive: the bytes that were recorded, or nothing."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from printlab.errors import StorageProblem
from printlab.files.intact import IntactFiles

OURS, THEIRS = b"ours", b"thei"
SHA256 = hashlib.sha256(OURS).hexdigest()
A_MINUTE_AGO = time.time_ns() - 60_000_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "name"
    path.write_bytes(OURS)
    return path


@pytest.fixture
def digests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was read whole."""
    read: list[str] = []
    digest = hashlib.file_digest

    def counted(file: object, name: str) -> object:
        read.append(name)
        return digest(file, name)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(hashlib, "file_digest", counted)
    return read


def settle(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the file be a while old: nobody but the clock can set the time at which its facts changed."""
    os.utime(path, ns=(A_MINUTE_AGO, A_MINUTE_AGO))
    later = time.time() + 60
    monkeypatch.setattr(time, "time", lambda: later)


def test_a_file_is_opened_only_with_the_bytes_it_was_written_with(path: Path) -> None:
    files = IntactFiles()
    with files.open(path, 4, SHA256) as file:
        assert file.read() == OURS
    for content in (THEIRS, b"our", b"ours!"):
        path.write_bytes(content)
        with pytest.raises(StorageProblem, match="The file name in the lab's archive was changed or replaced"):
            files.open(path, 4, SHA256)
    path.write_bytes(OURS)
    path.with_name("second").hardlink_to(path)
    with pytest.raises(StorageProblem, match="changed or replaced"):
        files.open(path, 4, SHA256)


def test_what_was_read_a_moment_ago_is_not_read_again(
    path: Path, digests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(path, monkeypatch)
    files = IntactFiles()
    for _ in range(3):
        with files.open(path, 4, SHA256) as file:
            assert file.read() == OURS
    assert len(digests) == 1
    a_while_later = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: a_while_later)
    files.open(path, 4, SHA256).close()
    assert len(digests) == 2


def test_what_was_just_written_is_read_every_time(path: Path, digests: list[str]) -> None:
    files = IntactFiles()
    for _ in range(2):
        files.open(path, 4, SHA256).close()
    assert len(digests) == 2


def test_a_change_is_seen_whatever_time_it_claims(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(path, monkeypatch)
    files = IntactFiles()
    files.open(path, 4, SHA256).close()
    path.write_bytes(THEIRS)
    os.utime(path, ns=(A_MINUTE_AGO, A_MINUTE_AGO))
    with pytest.raises(StorageProblem, match="changed or replaced"):
        files.open(path, 4, SHA256)
