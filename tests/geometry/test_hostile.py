"""Every hostile file ends in a clear refusal or a right result, within its memory and time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from printlab.geometry.refusals import Refusal
from tests.geometry.hostile import OK, Hostile, files

ALL = list(files())
SCALE = float(os.environ.get("PRINTLAB_TEST_SCALE", "0.02"))
EVERY = 1 if SCALE >= 1 else 12
TIME_LIMIT_S = 60
OF_ITS_OWN = {Refusal.CRASHED, Refusal.TAKES_TOO_LONG, Refusal.NEEDS_TOO_MUCH_MEMORY}
"""What only the sandbox may say, or a file that needs more than it may have."""


def test_there_are_a_hundred_of_them_with_names_of_their_own() -> None:
    assert len({hostile.name for hostile in ALL}) == len(ALL) >= 100


@pytest.mark.parametrize("hostile", ALL[::EVERY], ids=lambda hostile: hostile.name)
def test_it_ends_as_it_may(hostile: Hostile, tmp_path: Path) -> None:
    path = tmp_path / "upload.bin"
    hostile.write(path)
    command = [sys.executable, "-W", "error", "-m", "tests.geometry.hostile", str(path)]
    ended = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=TIME_LIMIT_S, check=False
    )
    path.unlink()
    assert ended.returncode == 0, ended.stderr
    allowed = hostile.outcomes or {OK, *Refusal} - OF_ITS_OWN
    assert ended.stdout in allowed
