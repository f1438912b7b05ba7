"""Migrating a database: all of it or nothing, whenever the process is killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from printlab.domain.policy import SYSTEM, ActorKind
from printlab.services import build_services
from printlab.settings import load_settings
from tests.databases import without_settings

ROOT = Path(__file__).parents[1]
_KILLED = 9
_DIES = """
import os, sys
from pathlib import Path
import sqlalchemy as sa
from printlab.migrate import migrate
folder, left = Path(sys.argv[1]), [int(sys.argv[2])]

@sa.event.listens_for(sa.Engine, "after_cursor_execute")
def die(*_facts):
    left[0] -= 1
    if not left[0]:
        os._exit(9)

migrate(f"sqlite:///{folder / 'printlab.db'}", folder / "locks")
"""


@pytest.mark.parametrize("statements", [1, 4, 12, 30])
def test_a_first_start_that_is_cut_off_is_taken_up_again(statements: int, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _DIES, str(tmp_path), str(statements)]
    killed = subprocess.run(command, env=without_settings(), cwd=ROOT, capture_output=True, check=False, timeout=60)
    assert killed.returncode == _KILLED, killed.stderr
    again = subprocess.run(
        [sys.executable, "-m", "printlab", "migrate"],
        env=without_settings() | {"PRINTLAB_DATA_DIR": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert again.returncode == 0, again.stderr
    services = build_services(load_settings(data_dir=tmp_path))
    services.accounts.add_user("sam@example.edu", "Sam", ActorKind.ADMIN, "a long enough password", SYSTEM)
    assert services.catalog.view().printers
    services.database.dispose()
