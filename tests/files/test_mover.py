"""One intent of the journal, carried out as often as it takes."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from printlab.errors import StorageProblem
from printlab.files import mover
from printlab.files.mover import Mover, Order
from tests.files.planted import KINDS, PRECIOUS, made_by_another_account, not_hanging, plant, untouched

BYTES, OTHER = b"the revision that counts", b"what somebody else wrote"
STEM = "JaneDoe_Filament_Blue_7"


class Shelf:
    """A storage root with one job, and what was kept of foreign bytes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.kept: list[tuple[str, bytes]] = []
        self.while_keeping: Callable[[], object] | None = None
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
        if self.while_keeping is not None:
            self.while_keeping()

    def carry_out(self, *, sidecar_only: bool = False, size: int = len(BYTES)) -> None:
        sha256 = hashlib.sha256(BYTES).hexdigest()
        source, target = f"Uploaded/{self.source.name}", f"Pending/{STEM}.stl"
        if sidecar_only:
            target = source
        known = {sha256: self.archived}
        order = Order(7, STEM, source, target, self.archived, size, sha256, known, b"{}", sidecar_only=sidecar_only)
        with self.mover.lock(7):
            self.mover.carry_out(order)

    def files(self) -> dict[str, bytes]:
        return {
            f"{path.parent.name}/{path.name}": path.read_bytes()
            for folder in ("Uploaded", "Pending")
            for path in (self.root / folder).iterdir()
        }


def written(path: Path, content: bytes) -> None:
    """Long enough ago that nobody still writes it."""
    path.write_bytes(content)
    age(path)


def age(path: Path) -> None:
    os.utime(path, (0, 0))


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
    written(shelf.source, OTHER)
    shelf.carry_out()
    assert shelf.files() == MOVED
    assert shelf.kept == [(shelf.source.name, OTHER)]


@pytest.mark.parametrize("content", [BYTES, OTHER])
def test_a_source_with_the_longest_name_that_there_is_goes(content: bytes, shelf: Shelf) -> None:
    shelf.source.unlink()
    shelf.source = shelf.root / "Uploaded" / (f"{STEM}_".ljust(251, "x") + ".stl")
    written(shelf.source, content)
    shelf.carry_out()
    assert shelf.files() == MOVED
    assert shelf.kept == ([] if content == BYTES else [(shelf.source.name, OTHER)])


def test_a_foreign_target_is_kept(shelf: Shelf) -> None:
    written(shelf.target, OTHER)
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
    written(shelf.root / "Uploaded" / f".{STEM}.stl.taken", OTHER)
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


class TestPlanted:
    """Somebody who may write to the share put something where a file of ours belongs."""

    @pytest.fixture
    def outside(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        return tmp_path_factory.mktemp("outside") / "precious"

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize(
        "place",
        [
            f"Pending/{STEM}.stl",
            f"Pending/.{STEM}.stl.taken",
            f"Pending/.{STEM}.stl.part",
            f"Pending/{STEM}.json",
            f"Pending/.{STEM}.json.part",
            f"Uploaded/{STEM}.stl",
            f"Uploaded/.{STEM}.stl.taken",
            f"Uploaded/{STEM}.json",
            "archive/7/r1.stl",
        ],
    )
    def test_it_is_refused_in_words_or_goes_itself(self, kind: str, place: str, shelf: Shelf, outside: Path) -> None:
        path = shelf.root / place
        (shelf.source if place.endswith(".part") else path).unlink(missing_ok=True)
        if place.startswith("archive"):
            shelf.source.unlink()
        plant(kind, path, outside)
        try:
            not_hanging(shelf.carry_out)
        except StorageProblem as problem:
            assert str(problem) == f"A folder or link lies where {path.name} belongs. Move it away."  # noqa: PT017
        else:
            assert shelf.files() == MOVED
        assert untouched(outside)
        assert shelf.kept == []
        if path.is_symlink() or path.is_fifo():
            path.unlink()
        elif path.is_dir():
            path.rmdir()
        if place.startswith("archive"):
            path.write_bytes(BYTES)
        shelf.carry_out()
        assert shelf.files() == MOVED

    def test_a_link_to_the_right_bytes_is_no_working_copy(self, shelf: Shelf, outside: Path) -> None:
        outside.write_bytes(BYTES)
        shelf.target.symlink_to(outside)
        with pytest.raises(StorageProblem, match="A folder or link lies where"):
            shelf.carry_out()
        assert shelf.source.read_bytes() == BYTES

    @pytest.mark.parametrize("folder", ["Uploaded", "Pending"])
    def test_a_folder_that_somebody_else_linked(
        self, folder: str, shelf: Shelf, outside: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (shelf.root / folder).rename(outside.parent / "folder")
        (shelf.root / folder).symlink_to(outside.parent / "folder")
        (outside.parent / "folder" / f"{STEM}.json").write_bytes(PRECIOUS)
        made_by_another_account(shelf.root / folder, monkeypatch)
        with pytest.raises(StorageProblem, match=f"A link or file lies where the folder “{folder}” belongs"):
            shelf.carry_out()
        assert (outside.parent / "folder" / f"{STEM}.json").read_bytes() == PRECIOUS

    def test_a_linked_folder_of_the_archive_proves_nothing(self, shelf: Shelf, outside: Path) -> None:
        """Its bytes may go at any moment: the working copy may be the last good one."""
        shelf.target.write_bytes(BYTES)
        (shelf.root / "archive" / "7").rename(outside.parent / "7")
        (shelf.root / "archive" / "7").symlink_to(outside.parent / "7")
        with pytest.raises(StorageProblem, match="where the folder “7” belongs"):
            shelf.carry_out()
        assert list(shelf.files().values()).count(BYTES) == 2


def test_the_last_good_bytes_of_a_revision_are_kept(shelf: Shelf) -> None:
    """The archive was damaged; what is taken away is the same revision, whole."""
    written(shelf.target, BYTES)
    shelf.archived.write_bytes(b"bit rot")
    shelf.carry_out()
    assert shelf.files() == MOVED
    assert shelf.kept == [(shelf.source.name, BYTES)]


def test_a_file_that_is_still_being_written_waits(shelf: Shelf) -> None:
    """A slicer had it open when it was taken away; what it writes then is not thrown away either."""
    written(shelf.source, OTHER)
    writer = shelf.source.open("ab", buffering=0)
    shelf.while_keeping = lambda: writer.write(b", to its end")
    with pytest.raises(StorageProblem, match="is being written by another program"):
        shelf.carry_out()
    writer.close()
    shelf.while_keeping = None
    age(shelf.source.with_name(f".{shelf.source.name}.taken"))
    shelf.carry_out()
    assert shelf.kept[-1] == (shelf.source.name, OTHER + b", to its end")
    assert shelf.files() == MOVED


def test_a_slicer_that_pauses_is_not_taken_to_have_finished(shelf: Shelf) -> None:
    shelf.source.write_bytes(OTHER)
    with shelf.source.open("ab", buffering=0) as writer:
        goes_on = threading.Timer(1, writer.write, [b", to its end"])
        goes_on.start()
        with pytest.raises(StorageProblem, match="is being written by another program"):
            shelf.carry_out()
        goes_on.join()
    assert shelf.kept == []
    shelf.carry_out()
    assert shelf.kept == [(shelf.source.name, OTHER + b", to its end")]
    assert shelf.files() == MOVED


@pytest.mark.parametrize("place", ["Pending/{}", "Uploaded/{}", "Pending/.{}.taken"])
def test_what_nobody_can_have_uploaded_is_not_read_for_hours(shelf: Shelf, place: str) -> None:
    path = shelf.root / place.format(f"{STEM}.stl")
    path.write_bytes(OTHER)
    os.truncate(path, 6 << 30)
    with pytest.raises(StorageProblem, match=rf"{STEM}\.stl is larger than 5000 MB, "):
        not_hanging(shelf.carry_out)
    assert path.stat().st_size == 6 << 30
    path.unlink()
    shelf.carry_out()
    assert shelf.files() == MOVED


def test_no_empty_file_stays_where_a_move_did_not_end(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.replace

    def open_on_a_pc(self: Path, target: Path) -> Path:
        if self == shelf.source:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", open_on_a_pc)
        with pytest.raises(StorageProblem, match="may be open on a PC"):
            shelf.carry_out()
    assert shelf.files() == {f"Uploaded/{STEM}.stl": BYTES}
    shelf.carry_out()
    assert shelf.files() == MOVED


def test_a_missing_archived_file_is_said(shelf: Shelf) -> None:
    shelf.source.unlink()
    shelf.archived.unlink()
    with pytest.raises(StorageProblem, match=r"The archived file of job 7 is missing\. Restore it from the backup\."):
        shelf.carry_out()


def test_a_lock_that_another_process_holds_is_said(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mover, "_LOCK_TIMEOUT_S", 0)
    refused = pytest.raises(StorageProblem, match="Another program is moving this job's files")
    with shelf.mover.lock(7), refused, shelf.mover.lock(7):
        raise AssertionError("both have it")
    shelf.carry_out()


def test_a_lock_that_cannot_be_made_is_said(shelf: Shelf) -> None:
    (shelf.root / "locks").write_bytes(b"a file where the folder belongs")
    with pytest.raises(StorageProblem, match="The lock"), shelf.mover.lock(7):
        raise AssertionError("nobody can have it")
