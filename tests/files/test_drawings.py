"""Pictures beside the jobs' files: whole whoever writes them, and nothing half written stays."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from printlab.files.drawings import Drawings, Finished

SHA256 = "a" * 64


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The storage root."""
    (tmp_path / "storage").mkdir()
    return tmp_path / "storage"


@pytest.fixture
def drawings(tmp_path: Path) -> Drawings:
    """With one picture in it."""
    made = Drawings(tmp_path / "drawings")
    unfinished = made.begin()
    unfinished.thumbnail.write_bytes(b"picture" * 5000)
    assert made.finish(unfinished, SHA256, 1) == Finished(has_model=False, has_thumbnail=True, has_tool_path=False)
    return made


def test_many_may_share_a_picture_at_once(drawings: Drawings, root: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(drawings.share, SHA256, 1, root, 7) for _ in range(60)]:
            done.result()
    folder = root / "thumbnails"
    assert [path.name for path in folder.iterdir()] == ["7.webp"]
    assert (folder / "7.webp").read_bytes() == b"picture" * 5000


def test_what_a_kill_left_half_written_is_swept_after_an_hour(drawings: Drawings, root: Path, tmp_path: Path) -> None:
    drawings.share(SHA256, 1, root, 7)
    old, new = root / "thumbnails" / ".0.webp", tmp_path / "drawings" / ".1.glb"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 4000,) * 2)
    assert drawings.sweep(root) == 1
    assert [old.exists(), new.exists(), (root / "thumbnails" / "7.webp").exists()] == [False, True, True]
