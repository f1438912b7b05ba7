"""Migrating a database: all of it or nothing, whenever the process is killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from printlab.domain.policy import SYSTEM, ActorKind
from printlab.migrate import alembic_config
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


def migrate_in(folder: Path) -> subprocess.CompletedProcess[str]:
    """What ``printlab migrate`` says about the database in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "printlab", "migrate"],
        env=without_settings() | {"PRINTLAB_DATA_DIR": str(folder)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("statements", [1, 4, 12, 30])
def test_a_first_start_that_is_cut_off_is_taken_up_again(statements: int, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _DIES, str(tmp_path), str(statements)]
    killed = subprocess.run(command, env=without_settings(), cwd=ROOT, capture_output=True, check=False, timeout=60)
    assert killed.returncode == _KILLED, killed.stderr
    again = migrate_in(tmp_path)
    assert again.returncode == 0, again.stderr
    services = build_services(load_settings(data_dir=tmp_path))
    services.accounts.add_user("sam@example.edu", "Sam", ActorKind.ADMIN, "a long enough password", SYSTEM)
    assert services.catalog.view().printers
    services.close()


def test_jobs_and_quotes_from_before_get_the_strength_that_the_job_has(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'printlab.db'}"
    config = alembic_config(url)
    command.upgrade(config, "0002")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for table, facts in (("job", {"id": 7, "strength": "strong"}), ("quote", {"id": 1, "job_id": 7})):
            reflected = sa.Table(table, sa.MetaData(), autoload_with=connection)
            needed = {c.name: 0 for c in reflected.columns if not c.nullable}
            names, values = zip(*(needed | facts).items(), strict=True)
            marks = ", ".join("?" * len(names))
            connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", values)  # noqa: S608  (names of our tables)
    command.upgrade(config, "head")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT requested_strength FROM job").scalar_one() == "strong"
        assert connection.exec_driver_sql("SELECT strength FROM quote").scalar_one() == "strong"
    engine.dispose()


def test_the_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'printlab.db'}"
    command.upgrade(alembic_config(url), "head")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    refused = migrate_in(tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        "printlab: The database was brought to step 9999 by a newer PrintLab. "
        "Start that version, or restore the backup from before the update.\n"
    )
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "9999"
    engine.dispose()
