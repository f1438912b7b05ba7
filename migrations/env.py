"""Alembic's entry: compare and migrate our tables on whichever database it is given."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from printlab.models import metadata
from printlab.settings import load_settings

_config = context.config


def _migrate_on(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _run() -> None:
    connection = _config.attributes.get("connection")
    if connection is not None:
        _migrate_on(connection)
        return
    engine = sa.create_engine(_config.attributes.get("url") or load_settings().sqlalchemy_url)
    with engine.connect() as own:
        _migrate_on(own)
        own.commit()
    engine.dispose()


_run()
