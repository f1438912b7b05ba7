"""One intent of the journal, carried out as often as it takes."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from printlab.errors import StorageProblem
from printlab.files.mover import Mover, Order

BYTES, OTHER = b"the revision that counts", b"what somebody else wrote"
STEM = "JaneDoe_Filament_Blue_7"


class Shelf:
    """A storage root with one job, and what was kept of foreign bytes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.kept: list[tuple[str, bytes]] = []
        self.mover = Mover(root, root / "locks", self._keep)
        self.archived = root / "archive" / "7" / "r1.stl"
        for folder in ("Uploaded", "Pending", "archive/7"):
            (root / folder).mkdir(parents=True)
        self.archived.write_bytes(BYTES)
        self.source = root / "Uploaded" / f"{STEM}.stl"
        self.target = root / "Pending" / f"{STEM}.stl"
        self.source.write_bytes(BYTES)

    def _keep(self, job_id: int, path: Path, name: str) -> None:
        assert job_id == 7
        self.kept.append((name, path.read_bytes()))

    def carry_out(self, *, sidecar_only: bool = False, size: int = len(BYTES)) -> None:
        sha256 = hashlib.sha256(BYTES).hexdigest()
        source, target = f"Uploaded/{STEM}.stl", f"Pending/{STEM}.stl"
        if sidecar_only:
            target = source
        order = Order(
            7, STEM, source, target, self.archived, size, sha256, frozenset({sha256}), b"{}", sidecar_only=sidecar_only
        )
        with self.mover.lock(7):
            self.mover.carry_out(order)

    def files(self) -> dict[str, bytes]:
        return {
            f"{path.parent.name}/{path.name}": path.read_bytes()
            for folder in ("Uploaded", "Pending")
            for path in (self.root / folder).iterdir()
        }


MOVED = {f"Pending/{STEM}.stl": BYTES, f"Pending/{STEM}.json": b"{}"}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_it_moves(shelf: Shelf) -> None:
    (shelf.root / "Uploaded" / f"{STEM}.json").write_bytes(b"old")
    shelf.carry_out()
    assert shelf.files() == MOVED
    assert shelf.kept == []


def test_again_changes_nothing(shelf: Shelf) -> None:
    shelf.carry_out()
    before = shelf.target.stat().st_mtime_ns
    shelf.carry_out()
    assert shelf.files() == MOVED
    assert shelf.target.stat().st_mtime_ns == before


def test_without_a_source_it_comes_from_the_archive(shelf: Shelf) -> None:
    shelf.source.unlink()
    shelf.carry_out()
    assert shelf.files() == MOVED


def test_a_changed_source_is_kept(shelf: Shelf) -> None:
    shelf.source.write_bytes(OTHER)
    shelf.carry_out()
    assert shelf.files() == MOVED
    assert shelf.kept == [(shelf.source.name, OTHER)]


def test_a_foreign_target_is_kept(shelf: Shelf) -> None:
    shelf.target.write_bytes(OTHER)
    shelf.carry_out()
    assert shelf.files() == MOVED
    assert shelf.kept == [(shelf.target.name, OTHER)]


@pytest.mark.parametrize("name", [f".{STEM}.stl.taken", f".{STEM}.stl.part"])
def test_leftovers_of_a_crash_are_cleared(shelf: Shelf, name: str) -> None:
    shelf.source.unlink()
    (shelf.root / "Pending" / name).write_bytes(BYTES)
    shelf.carry_out()
    assert shelf.files() == MOVED
    assert shelf.kept == []


def test_what_a_crash_had_taken_away_is_kept(shelf: Shelf) -> None:
    (shelf.root / "Uploaded" / f".{STEM}.stl.taken").write_bytes(OTHER)
    shelf.carry_out()
    assert shelf.files() == MOVED
    assert shelf.kept == [(shelf.source.name, OTHER)]


def test_a_reserved_name_of_a_crash_is_used(shelf: Shelf) -> None:
    shelf.target.touch()
    shelf.carry_out()
    assert shelf.files() == MOVED
    assert shelf.kept == []


def test_facts_only_leave_the_file_alone(shelf: Shelf) -> None:
    shelf.source.write_bytes(OTHER)
    shelf.carry_out(sidecar_only=True)
    assert shelf.files() == {f"Uploaded/{STEM}.stl": OTHER, f"Uploaded/{STEM}.json": b"{}"}


def test_facts_only_bring_a_missing_file_back(shelf: Shelf) -> None:
    shelf.source.unlink()
    shelf.carry_out(sidecar_only=True)
    assert shelf.files() == {f"Uploaded/{STEM}.stl": BYTES, f"Uploaded/{STEM}.json": b"{}"}


def test_across_file_systems(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if self.parent != Path(target).parent:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    shelf.carry_out()
    assert shelf.files() == MOVED


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (PermissionError(errno.EACCES, "Permission denied"), "may be open on a PC"),
        (OSError(errno.EIO, "Input/output error"), "could not be moved (Input/output error)"),
    ],
)
def test_a_refusing_disk_is_said_and_tried_again(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, error: OSError, sentence: str
) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", refuse)
        with pytest.raises(StorageProblem) as refused:
            shelf.carry_out()
    assert sentence in str(refused.value)
    assert shelf.source.read_bytes() == BYTES
    shelf.carry_out()
    assert shelf.files() == MOVED


def test_a_damaged_archive_is_not_spread(shelf: Shelf) -> None:
    shelf.source.unlink()
    shelf.archived.write_bytes(b"bit rot")
    with pytest.raises(StorageProblem, match="damaged"):
        shelf.carry_out()
    assert shelf.files() == {}


def test_a_folder_in_the_way(shelf: Shelf) -> None:
    shelf.target.mkdir()
    with pytest.raises(StorageProblem, match="A folder or link lies where"):
        shelf.carry_out()
    assert shelf.source.read_bytes() == BYTES
