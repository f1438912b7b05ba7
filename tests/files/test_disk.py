"""Names that others may have put there: never followed, never waited for, never written through."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from pathlib import Path

import pytest

from printlab.errors import StorageProblem
from printlab.files import disk
from tests.files.planted import KINDS, PRECIOUS, not_hanging, plant, untouched


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    return tmp_path / "outside" / "precious"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "name"


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_plain_file_is_read(kind: str, path: Path, outside: Path) -> None:
    plant(kind, path, outside)
    with pytest.raises(StorageProblem, match=r"A folder or link lies where name belongs\. Move it away\."):
        not_hanging(lambda: disk.open_plain(path))
    sha256 = hashlib.sha256(PRECIOUS).hexdigest()
    assert not not_hanging(lambda: disk.holds(path, len(PRECIOUS), sha256))
    assert disk.holds(outside, len(PRECIOUS), sha256)


def test_what_is_not_there_holds_nothing(path: Path) -> None:
    assert not disk.holds(path, 0, hashlib.sha256(b"").hexdigest())
    assert not disk.holds(path / "below", 0, hashlib.sha256(b"").hexdigest())
    with pytest.raises(FileNotFoundError):
        disk.open_plain(path)


@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe"])
def test_a_leftover_of_our_name_is_replaced_and_not_written_through(kind: str, path: Path, outside: Path) -> None:
    plant(kind, path, outside)
    assert not_hanging(lambda: disk.copy(io.BytesIO(b"ours"), path))[0] == 4
    assert path.read_bytes() == b"ours"
    assert not path.is_symlink()
    assert untouched(outside)


@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe"])
@pytest.mark.parametrize("name", ["facts.json", ".facts.json.part"])
def test_a_step_that_replaces_writes_through_nothing(kind: str, name: str, tmp_path: Path, outside: Path) -> None:
    plant(kind, tmp_path / name, outside)
    not_hanging(lambda: disk.write(tmp_path / "facts.json", b"{}"))
    assert (tmp_path / "facts.json").read_bytes() == b"{}"
    assert untouched(outside)


@pytest.mark.parametrize("name", ["facts.json", ".facts.json.part"])
def test_a_folder_in_the_way_is_said(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(StorageProblem, match=f"A folder or link lies where {name} belongs"):
        disk.write(tmp_path / "facts.json", b"{}")


def test_a_name_is_taken_once(path: Path, outside: Path) -> None:
    plant("dangling link", path, outside)
    with pytest.raises(FileExistsError):
        disk.reserve(path)
    assert untouched(outside)


@pytest.mark.parametrize("mode", [0o755, 0o700, 0o750])
def test_a_private_folder(mode: int, path: Path) -> None:
    path.mkdir()
    path.chmod(mode)
    disk.private_folder(path)
    assert stat.S_IMODE(path.stat().st_mode) == mode & ~0o007


def test_a_new_private_folder_is_for_its_owner(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        disk.private_folder(tmp_path / "data" / "staging")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "data" / "staging").stat().st_mode) == 0o700
