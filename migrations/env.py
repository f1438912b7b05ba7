"""Alembic's entry: compare and migrate our tables on whichever database it is given."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import context

from printlab.models import metadata
from printlab.settings import load_settings

_config = context.config
# DBOS keeps its tables in our SQLite file (on PostgreSQL in a schema of its own) and migrates them itself.
_TABLES_OF_DBOS = frozenset((
    "application_versions", "dbos_migrations", "notifications", "operation_outputs", "queues", "streams",
    "workflow_events", "workflow_events_history", "workflow_input", "workflow_output", "workflow_schedules",
    "workflow_status",
))  # fmt: skip


# The search's index is made by its migration and kept by triggers: no table of ours in code.
_SEARCH = "job_search"
_SEARCH_INDEXES = ("ix_job_search", "ix_job_ended")  # other ones on either database


def _is_ours(name: str | None, kind: str, _parents: Mapping[str, str | None]) -> bool:
    if kind == "table":
        return name not in _TABLES_OF_DBOS and name != _SEARCH and not (name or "").startswith(f"{_SEARCH}_")
    return name not in _SEARCH_INDEXES


def _migrate_on(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        include_name=_is_ours,
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
