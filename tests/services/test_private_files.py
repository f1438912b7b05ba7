"""Students' names and addresses lie in the data folder: other accounts of the machine must not read them."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from printlab.migrate import migrate
from printlab.services import build_services
from printlab.settings import load_settings
from printlab.start import open_services
from tests.workbench import Clock, Workbench


@pytest.fixture(params=[0o000, 0o022])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """What the account's own umask leaves open."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def in_use(data_dir: Path) -> Workbench:
    """A lab that was started, took a file and has another one waiting."""
    settings = load_settings(data_dir=data_dir)
    migrate(settings.sqlalchemy_url, settings.locks)
    services = build_services(settings)
    services.filing.prepare()
    bench = Workbench(services, Clock())
    bench.approve(bench.submit(key=uuid.uuid4().hex))
    bench.stage()
    return bench


def readable_by_others(folder: Path) -> set[str]:
    """What another account finds when it starts at the data folder, without the share."""
    found: set[str] = set()
    for path in folder.iterdir():
        if path.name == "storage" or not path.stat().st_mode & 0o007:
            continue
        found |= readable_by_others(path) if path.is_dir() else {path.name}
    return found


def test_a_new_data_folder_shows_strangers_nothing(umask: int, tmp_path: Path) -> None:
    bench = in_use(tmp_path)
    assert {"printlab.db", "printlab.db-wal", "printlab.db-shm", "staging", "locks"} <= {
        path.name for path in tmp_path.iterdir()
    }
    assert readable_by_others(tmp_path) == set()
    bench.services.close()


def test_an_older_data_folder_is_closed_to_strangers_and_stays_open_to_its_group(umask: int, tmp_path: Path) -> None:
    in_use(tmp_path).services.close()
    for path in (tmp_path / "printlab.db", tmp_path / "staging", tmp_path / "locks"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    bench = in_use(tmp_path)
    assert readable_by_others(tmp_path) == set()
    assert (tmp_path / "printlab.db").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "staging").stat().st_mode & 0o777 == 0o750
    bench.services.close()


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_storage_root_in_the_data_folder_is_closed_with_it(umask: int, tmp_path: Path) -> None:
    new, older, for_a_group = tmp_path / "new", tmp_path / "older", tmp_path / "for a group"
    older.mkdir(mode=0o755)
    for_a_group.mkdir()
    for_a_group.chmod(0o750)
    for folder in (new, older, for_a_group):
        open_services(load_settings(data_dir=folder)).close()
    assert [mode(folder) for folder in (new, older, for_a_group)] == [0o700, 0o700, 0o750]


@pytest.mark.parametrize("by_link", [True, False])
def test_a_share_elsewhere_keeps_its_modes_and_leaves_the_data_folder_open(
    by_link: bool, umask: int, tmp_path: Path
) -> None:
    share, data_dir = tmp_path / "share", tmp_path / "data"
    for folder in (share, data_dir):
        folder.mkdir()
        folder.chmod(0o755)
    if by_link:
        (data_dir / "storage").symlink_to(share)
    settings = load_settings(data_dir=data_dir, storage_root=None if by_link else share)
    open_services(settings).close()
    assert (mode(share), mode(data_dir)) == (0o755, 0o755)
    assert mode(share / "Uploaded") == 0o777 & ~umask


def test_the_share_keeps_the_modes_of_the_umask(umask: int, tmp_path: Path) -> None:
    bench = in_use(tmp_path)
    job = bench.submit()
    path = bench.working_copy(job)
    archived = bench.root / "archive" / str(job.id) / "r1.stl"
    for file in (path, path.with_suffix(".json"), archived):
        assert file.stat().st_mode & 0o777 == 0o666 & ~umask
    assert archived.parent.stat().st_mode & 0o777 == 0o777 & ~umask
    bench.services.close()
