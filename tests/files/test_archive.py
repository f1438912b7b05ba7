"""The archive loses nothing, follows nothing, and says in words what the disk refuses."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from printlab.errors import NotFound, StorageProblem
from printlab.files import disk, layout
from printlab.files.archive import Archive
from tests.files.planted import KINDS, made_by_another_account, not_hanging, plant, untouched

BYTES = b"a student's mesh"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    layout.prepare(root, is_new=True)
    return root


@pytest.fixture
def archive(root: Path) -> Archive:
    return Archive(root)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "upload"
    path.write_bytes(BYTES)
    return path


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    return tmp_path / "outside" / "precious"


def entrance(root: Path) -> list[Path]:
    return list((root / "archive" / ".incoming").iterdir())


def test_bytes_come_in_and_stay(archive: Archive, source: Path) -> None:
    incoming = archive.take_in(source)
    archive.keep(incoming, 7, 1, ".stl")
    found = archive.find(7, 1, ".stl")
    assert found is not None
    assert found.read_bytes() == BYTES == source.read_bytes()
    assert archive.find(7, 2, ".stl") is None
    assert archive.find(8, 1, ".stl") is None
    assert entrance(archive.root) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_does_not_come_in(kind: str, archive: Archive, tmp_path: Path, outside: Path) -> None:
    plant(kind, tmp_path / "planted", outside)
    with pytest.raises(StorageProblem, match="A folder or link lies where planted belongs"):
        not_hanging(lambda: archive.take_in(tmp_path / "planted"))
    assert entrance(archive.root) == []


def test_a_source_that_is_gone(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="Choose it again"):
        archive.take_in(tmp_path / "gone")


@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe"])
def test_what_lies_in_a_revisions_place_is_not_read(kind: str, archive: Archive, source: Path, outside: Path) -> None:
    archive.keep(archive.take_in(source), 7, 1, ".stl")
    archive.path(7, 1, ".stl").unlink()
    plant(kind, archive.path(7, 1, ".stl"), outside)
    with pytest.raises(StorageProblem, match=r"A folder or link lies where r1\.stl belongs"):
        not_hanging(lambda: archive.find(7, 1, ".stl"))


@pytest.mark.parametrize("folder", [".incoming", "7", ".orphans"])
def test_a_planted_folder_is_not_written_into(folder: str, archive: Archive, source: Path, outside: Path) -> None:
    outside.parent.mkdir()
    (outside.parent / "r1.stl").write_bytes(b"outside")
    planted = archive.root / "archive" / folder
    if folder == ".orphans":
        (archive.root / "archive" / "7").mkdir()
        (archive.root / "archive" / "7" / "r1.obj").write_bytes(b"left")
    elif planted.exists():
        planted.rmdir()
    planted.symlink_to(outside.parent)
    with pytest.raises(StorageProblem, match=f"A link or file lies where the folder “{folder}” belongs"):
        archive.keep(archive.take_in(source), 7, 1, ".stl")
    assert [path.name for path in outside.parent.iterdir()] == ["r1.stl"]
    assert (outside.parent / "r1.stl").read_bytes() == b"outside"


def test_a_planted_folder_is_not_read_from(archive: Archive, outside: Path) -> None:
    outside.parent.mkdir()
    (outside.parent / "r1.stl").write_bytes(b"outside")
    (archive.root / "archive" / "7").symlink_to(outside.parent)
    with pytest.raises(StorageProblem, match="A link or file lies where the folder “7” belongs"):
        archive.find(7, 1, ".stl")


def test_the_operator_may_put_the_archive_on_another_disk(archive: Archive, source: Path, tmp_path: Path) -> None:
    (archive.root / "archive").rename(tmp_path / "elsewhere")
    (archive.root / "archive").symlink_to(tmp_path / "elsewhere")
    archive.keep(archive.take_in(source), 7, 1, ".stl")
    assert (tmp_path / "elsewhere" / "7" / "r1.stl").read_bytes() == BYTES


def test_somebody_else_may_not(archive: Archive, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (archive.root / "archive").rename(tmp_path / "elsewhere")
    link = archive.root / "archive"
    link.symlink_to(tmp_path / "elsewhere")
    made_by_another_account(link, monkeypatch)
    with pytest.raises(StorageProblem, match="A link or file lies where the folder “archive” belongs"):
        archive.take_in(source)


def test_what_lies_in_the_way_is_moved_aside(archive: Archive, source: Path) -> None:
    folder = archive.root / "archive" / "7"
    (folder / "r2.folder").mkdir(parents=True)
    left = {"r2.gcode": b"left by a crash", "R2.OBJ": b"of a time before the backup", "r2.stl": b"too"}
    for name, content in left.items():
        (folder / name).write_bytes(content)
    (folder / "r20.stl").write_bytes(b"another number")
    (folder / f"r2.{'x' * 240}").write_bytes(b"a long name")
    archive.keep(archive.take_in(source), 7, 2, ".stl")
    assert sorted(path.name for path in folder.iterdir()) == ["r2.stl", "r20.stl"]
    assert (folder / "r2.stl").read_bytes() == BYTES
    aside = list((archive.root / "archive" / ".orphans").iterdir())
    assert all(path.name.startswith("7-r2-") for path in aside)
    kept = {path.read_bytes() for path in aside if path.is_file()}
    assert kept == {*left.values(), b"a long name"}


def test_the_same_number_again_and_again_overwrites_nothing(archive: Archive, source: Path) -> None:
    """A database that was restored from a backup gives out numbers that were used before."""
    contents = [b"first", b"second", b"third"]
    for content in contents:
        source.write_bytes(content)
        archive.keep(archive.take_in(source), 7, 1, ".stl")
    aside = [path.read_bytes() for path in (archive.root / "archive" / ".orphans").iterdir()]
    assert sorted(aside) == [b"first", b"second"]
    assert archive.path(7, 1, ".stl").read_bytes() == b"third"


@pytest.mark.parametrize("kind", ["link", "pipe", "other bytes"])
def test_bytes_that_were_swapped_in_the_entrance_are_refused(
    kind: str, archive: Archive, source: Path, outside: Path
) -> None:
    incoming = archive.take_in(source)
    incoming.path.unlink()
    if kind == "link":
        incoming.path.symlink_to(source)
    elif kind == "pipe":
        plant(kind, incoming.path, outside)
    else:
        incoming.path.write_bytes(b"other")
    with pytest.raises(StorageProblem, match="changed on its way"):
        archive.keep(incoming, 7, 1, ".stl")
    assert archive.find(7, 1, ".stl") is None


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (errno.ENOSPC, "The lab's storage is full"),
        (errno.EDQUOT, "The lab's storage is full"),
        (errno.EIO, r"could not be put into the archive \(Input/output error\)"),
    ],
)
def test_a_refusing_disk_is_said_and_nothing_half_stays(
    error: int, sentence: str, archive: Archive, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(error, os.strerror(error))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", refuse)
        with pytest.raises(StorageProblem, match=sentence):
            archive.take_in(source)
    assert entrance(archive.root) == []
    assert source.read_bytes() == BYTES


def test_the_last_of_the_disk_is_left(archive: Archive, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = disk.LEAST_FREE_MB * disk.MB + len(BYTES)
    monkeypatch.setattr(disk, "free_bytes", lambda _folder: free)
    archive.drop(archive.take_in(source))
    source.write_bytes(BYTES + b".")
    with pytest.raises(StorageProblem, match="The lab's storage is full"):
        archive.take_in(source)
    assert entrance(archive.root) == []


def test_a_place_that_cannot_be_made_is_said(archive: Archive, source: Path) -> None:
    incoming = archive.take_in(source)
    (archive.root / "archive" / "7").write_bytes(b"a file where the job's folder belongs")
    with pytest.raises(StorageProblem, match="A link or file lies where the folder “7” belongs"):
        archive.keep(incoming, 7, 1, ".stl")
    archive.drop(incoming)
    assert entrance(archive.root) == []


def test_leftovers_are_swept_whatever_lies_between_them(archive: Archive, source: Path, outside: Path) -> None:
    folder = archive.root / "archive" / ".incoming"
    old, new = archive.take_in(source), archive.take_in(source)
    (folder / "a folder.part").mkdir()
    plant("pipe", folder / "a pipe.part", outside)
    plant("link", folder / "a link.part", outside)
    long_ago = time.time() - 3700
    for path in (old.path, folder / "a folder.part", outside):
        os.utime(path, (long_ago, long_ago))
    not_hanging(archive.sweep)
    assert not old.path.exists()
    assert new.path.exists()
    assert untouched(outside)
