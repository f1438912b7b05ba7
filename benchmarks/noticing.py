"""Noticing: how long one look through a storage root of many files takes, while nothing changes in it."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.figures import scaled
from printlab.domain.status import ENDED, JobStatus
from printlab.files import layout
from printlab.files.watching import Watch

_FILES, _ARCHIVED = 15_000, 100_000
_PROMISED_S = 0.3
_ROUNDS = 9
_ONE_S, _QUIET_S = 1.0, 60.0


def measure(scale: float) -> dict[str, object]:
    """Seconds of a look at the folders of open jobs, as it comes every second or two, and of one at the archive too."""
    with tempfile.TemporaryDirectory(prefix="printlab-benchmark-") as name:
        root = Path(name)
        files, archived = scaled(_FILES, scale), scaled(_ARCHIVED, scale)
        _fill(root, files, archived)
        watch, rounds = Watch(root), scaled(_ROUNDS, scale)
        for found in watch.look(0.0):
            watch.know(found)
        usual = median(_looked(watch, place * _ONE_S) for place in range(1, rounds + 1))
        whole = median(_looked(watch, place * _QUIET_S) for place in range(1, rounds + 1))
        return {
            "files": files,
            "archived": archived,
            "s": round(usual, 3),
            "s_of_limit": round(usual / _PROMISED_S, 3),
            "with_archive_s": round(whole, 3),
        }


def _looked(watch: Watch, now_s: float) -> float:
    started = time.perf_counter()
    assert watch.look(now_s) == {}
    return time.perf_counter() - started


def _fill(root: Path, files: int, archived: int) -> None:
    """Working copies with their facts in the folders of open jobs, and revisions in the archive, one to a job."""
    folders = [root / status.value for status in JobStatus if status not in ENDED]
    for folder in folders:
        folder.mkdir()
    for number in range(files):
        (folders[number % len(folders)] / f"JaneDoe_Filament_Blue_{number}.gcode").write_bytes(b"G28")
    for number in range(archived):
        folder = root / layout.ARCHIVE / str(number)
        folder.mkdir(parents=True)
        (folder / "r1.stl").write_bytes(b"solid")
