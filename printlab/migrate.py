"""Bring the database to the newest migration: at start, under a lock, never twice at once."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock

from printlab.errors import PrintLabError

_SCRIPTS = Path(__file__).parent.parent / "migrations"
_POSTGRES_LOCK = 0x5072_696E_744C_6162  # "PrintLab"
_LOCK_TIMEOUT_S = 120


class MigrationFailed(PrintLabError):
    """The database could not be brought up to date."""


def alembic_config(url: str) -> Config:
    """Alembic's configuration for one database."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["url"] = url
    return config


def migrate(url: str, locks: Path) -> None:
    """Run every missing migration. Raises MigrationFailed when rows would break a foreign key afterwards."""
    engine = sa.create_engine(url)
    try:
        with _lock(engine, locks), engine.connect() as connection:
            _run(connection, url)
    finally:
        engine.dispose()


def _run(connection: sa.Connection, url: str) -> None:
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        # A rebuilt table would delete its children by cascade while foreign keys are enforced.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.commit()
    config = alembic_config(url)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
    if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
        raise MigrationFailed(f"After migrating, rows of {broken[0]} point nowhere. Restore the last backup.")


@contextmanager
def _lock(engine: sa.Engine, locks: Path) -> Generator[None]:
    if engine.dialect.name == "sqlite":
        locks.mkdir(parents=True, exist_ok=True)
        with FileLock(locks / "migrate.lock", timeout=_LOCK_TIMEOUT_S):
            yield
        return
    with engine.connect() as holder:
        holder.execute(sa.select(sa.func.pg_advisory_lock(_POSTGRES_LOCK)))
        try:
            yield
        finally:
            holder.execute(sa.select(sa.func.pg_advisory_unlock(_POSTGRES_LOCK)))


def is_current(connection: sa.Connection) -> bool:
    """Whether the database stands at the newest migration."""
    head = ScriptDirectory(str(_SCRIPTS)).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == head
