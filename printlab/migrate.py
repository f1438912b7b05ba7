"""Bring the database to the newest migration: at start, under a lock, never twice at once."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import event

from printlab.errors import PrintLabError
from printlab.files import disk
from printlab.queue import migrate_queue

_SCRIPTS = Path(__file__).parent.parent / "migrations"
_POSTGRES_LOCK = 0x5072_696E_744C_6162  # "PrintLab"
_LOCK_TIMEOUT_S = 120
_ASKS_EVERY_S = 0.1


class MigrationFailed(PrintLabError):
    """The database could not be brought up to date."""


def alembic_config(url: str) -> Config:
    """Alembic's configuration for one database."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["url"] = url
    return config


def migrate(url: str, locks: Path) -> None:
    """Run every missing migration.

    Raises MigrationFailed when the database is a newer version's, or when rows would break a foreign key afterwards.
    """
    engine = sa.create_engine(url)
    _hide(engine.url)
    if engine.dialect.name == "sqlite":
        _make_atomic(engine)
    try:
        with _lock(engine, locks):
            with engine.connect() as connection:
                _run(connection, url)
            migrate_queue(url)
    finally:
        engine.dispose()


def _make_atomic(engine: sa.Engine) -> None:
    """All steps are one transaction: the driver's own would end before each table that is made, and a process that is
    killed then would leave tables that the next start makes once more.

    Foreign keys are off, which cannot be changed within one: a rebuilt table would delete its children by cascade.
    """

    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=OFF")

    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", begin)


def _hide(url: sa.URL) -> None:
    """Names and addresses lie in SQLite's file: it is made for this account alone, and its companions follow it.

    A file that is there is not opened: closing it again would drop the locks of this process's connections.
    """
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    with suppress(OSError):  # SQLite itself says best what is wrong with the path
        os.close(os.open(url.database, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    for companion in ("", "-wal", "-shm", "-journal"):
        disk.hide(Path(url.database + companion))


def _run(connection: sa.Connection, url: str) -> None:
    config = alembic_config(url)
    config.attributes["connection"] = connection
    _refuse_newer(connection)
    with _telling_steps():
        command.upgrade(config, "head")
    connection.commit()
    if connection.dialect.name == "sqlite" and (
        broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    ):
        raise MigrationFailed(f"After migrating, rows of {broken[0]} point nowhere. Restore the last backup.")


def _refuse_newer(connection: sa.Connection) -> None:
    known = {script.revision for script in ScriptDirectory(str(_SCRIPTS)).walk_revisions()}
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is not None and revision not in known:
        raise MigrationFailed(
            f"The database was brought to step {revision} by a newer PrintLab. "
            "Start that version, or restore the backup from before the update."
        )


@contextmanager
def _telling_steps() -> Generator[None]:
    """Let Alembic say what it does, as long as it does something."""
    logger = logging.getLogger("alembic")
    level = logger.level
    logger.setLevel(logging.NOTSET)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextmanager
def _lock(engine: sa.Engine, locks: Path) -> Generator[None]:
    if engine.dialect.name == "sqlite":
        disk.private_folder(locks)
        with FileLock(locks / "migrate.lock", timeout=_LOCK_TIMEOUT_S, mode=0o600):
            yield
        return
    # Asked again and again, in no transaction: an index that is built concurrently waits for everybody else's snapshot,
    # and so for whoever waits for this lock in one.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as holder:
        deadline = time.monotonic() + _LOCK_TIMEOUT_S
        while not holder.scalar(sa.select(sa.func.pg_try_advisory_lock(_POSTGRES_LOCK))):
            if time.monotonic() > deadline:
                raise MigrationFailed("Another process is migrating the database. Wait until it is done.")
            time.sleep(_ASKS_EVERY_S)
        try:
            yield
        finally:
            holder.execute(sa.select(sa.func.pg_advisory_unlock(_POSTGRES_LOCK)))


def is_current(connection: sa.Connection) -> bool:
    """Whether the database stands at the newest migration."""
    head = ScriptDirectory(str(_SCRIPTS)).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == head
