"""The slicer, real or not as it should be, within its limits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from printlab.prusa.profile import read_profile
from printlab.prusa.running import NotSliced, PrusaSlicer, SlicerStopped
from printlab.slicers.reading import read
from tests import files_made
from tests.browser.lab import REPOSITORY, free_port, until
from tests.prusa.profiles import exported

PROGRAM = shutil.which("prusa-slicer")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no PrusaSlicer on this machine")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the slicer works."""
    made = tmp_path / "slicing"
    made.mkdir()
    return made


@pytest.fixture
def part(tmp_path: Path) -> Path:
    path = tmp_path / "part.stl"
    path.write_bytes(files_made.stl(20))
    return path


def stand_in(tmp_path: Path, script: str) -> Path:
    """Another program in the slicer's place."""
    path = tmp_path / "stand-in"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def has_ended(pid: int) -> bool:
    """Whether this process runs no more, be it that nobody asked for its end yet."""
    try:
        return "State:\tZ" in (Path("/proc") / str(pid) / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_the_figures_are_those_of_the_slicer_called_by_hand(tmp_path: Path, folder: Path, part: Path) -> None:
    profile = read_profile(exported())
    PrusaSlicer(Path(str(PROGRAM)), folder).slice(part, profile, tmp_path / "ours.gcode")
    (tmp_path / "by_hand.ini").write_bytes(exported())
    command = [str(PROGRAM), "--load", "by_hand.ini", "--export-gcode", "--output", "by_hand.gcode", part.name]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    ours, by_hand = read(tmp_path / "ours.gcode"), read(tmp_path / "by_hand.gcode")
    assert ours.time_s is not None
    assert (ours.time_s, ours.filament_mm) == (by_hand.time_s, by_hand.filament_mm)
    assert list(folder.iterdir()) == []


def test_the_order_replaces_settings(tmp_path: Path, folder: Path, part: Path) -> None:
    used: list[float] = []
    for density in ("10%", "80%"):
        PrusaSlicer(Path(str(PROGRAM)), folder).slice(
            part, read_profile(exported()), tmp_path / "part.gcode", fill_density=density
        )
        used.append(read(tmp_path / "part.gcode").filament_mm or 0)
    assert used[1] > 1.5 * used[0]


def test_a_part_that_does_not_fit_is_told_so(tmp_path: Path, folder: Path) -> None:
    large = tmp_path / "large.stl"
    large.write_bytes(files_made.stl(400))
    with pytest.raises(NotSliced, match="could not slice this part: Objects could not fit on the bed"):
        PrusaSlicer(Path(str(PROGRAM)), folder).slice(large, read_profile(exported()), tmp_path / "part.gcode")
    assert not (tmp_path / "part.gcode").exists()


def test_no_script_of_a_profile_runs(tmp_path: Path, folder: Path, part: Path) -> None:
    marker = tmp_path / "was-here"
    script = stand_in(tmp_path, f"touch {marker}")
    profile = read_profile(exported(post_process=script))
    PrusaSlicer(Path(str(PROGRAM)), folder).slice(part, profile, tmp_path / "part.gcode")
    assert read(tmp_path / "part.gcode").time_s
    assert not marker.exists()


def test_a_program_that_hangs_is_ended_with_what_it_started(tmp_path: Path, folder: Path, part: Path) -> None:
    pid_of = tmp_path / "pid"
    hanging = stand_in(tmp_path, f"sleep 600 & echo $! > {pid_of}; wait")
    began = time.monotonic()
    with pytest.raises(NotSliced, match="longer than 1 s"):
        PrusaSlicer(hanging, folder, longest_s=1).slice(part, read_profile(exported()), tmp_path / "part.gcode")
    assert time.monotonic() - began < 30
    until(lambda: has_ended(int(pid_of.read_text())), "what the program started to end")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "script",
    ["yes > part.gcode", "exec python3 -c 'bytearray(6 << 30)'", "exit 3", "kill -SEGV $$"],
    ids=["disk", "memory", "fails", "crashes"],
)
def test_a_program_that_takes_too_much_or_fails_gives_no_figures(
    tmp_path: Path, folder: Path, part: Path, script: str
) -> None:
    with pytest.raises(NotSliced):
        PrusaSlicer(stand_in(tmp_path, script), folder, longest_s=60).slice(
            part, read_profile(exported()), tmp_path / "part.gcode"
        )
    assert list(folder.iterdir()) == []


def test_it_says_what_it_is_called(folder: Path) -> None:
    assert PrusaSlicer(Path(str(PROGRAM)), folder).version().startswith("PrusaSlicer-")


def test_a_server_with_another_program_in_its_place_does_not_start(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRINTLAB_")}
    environment |= {
        "PRINTLAB_DATA_DIR": str(tmp_path / "data"),
        "PRINTLAB_PORT": str(free_port()),
        "PRINTLAB_PRUSA_SLICER": str(stand_in(tmp_path, "echo hello")),
        "PYTHONPATH": str(REPOSITORY),
    }
    command = [sys.executable, "-c", "from printlab.start import start_server; start_server()"]
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    line = ended.stderr.strip().splitlines()[-1]
    assert line.startswith("PrintLab cannot start. PRINTLAB_PRUSA_SLICER: ")
    assert line.endswith("does not answer as PrusaSlicer does.")


def test_a_server_that_stops_ends_the_slicer_and_starts_none(tmp_path: Path, folder: Path, part: Path) -> None:
    began = tmp_path / "began"
    slicer = PrusaSlicer(stand_in(tmp_path, f"touch {began}; sleep 600"), folder)
    with ThreadPoolExecutor() as threads:
        sliced = threads.submit(slicer.slice, part, read_profile(exported()), tmp_path / "part.gcode")
        until(began.exists, "the program to begin")
        slicer.close()
        with pytest.raises(SlicerStopped):
            sliced.result(timeout=30)
    with pytest.raises(SlicerStopped):
        slicer.slice(part, read_profile(exported()), tmp_path / "part.gcode")
