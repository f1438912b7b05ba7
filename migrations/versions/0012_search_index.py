"""An index of what the search looks in: any three letters of a job's text are found without reading all jobs

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# The texts are casefolded already, and stay in the job's row: the index keeps only where they are.
_SQLITE = (
    """CREATE VIRTUAL TABLE job_search USING fts5(
        search_text, content='job', content_rowid='id', tokenize='trigram case_sensitive 1', detail='full'
    )""",
    "INSERT INTO job_search(job_search) VALUES('rebuild')",
    """CREATE TRIGGER job_search_new AFTER INSERT ON job BEGIN
        INSERT INTO job_search(rowid, search_text) VALUES (new.id, new.search_text);
    END""",
    """CREATE TRIGGER job_search_gone AFTER DELETE ON job BEGIN
        INSERT INTO job_search(job_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
    END""",
    """CREATE TRIGGER job_search_changed AFTER UPDATE OF search_text ON job
    WHEN new.search_text IS NOT old.search_text BEGIN
        INSERT INTO job_search(job_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
        INSERT INTO job_search(rowid, search_text) VALUES (new.id, new.search_text);
    END""",
)
_POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX ix_job_search ON job USING gin (search_text gin_trgm_ops)",
)


def upgrade() -> None:
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP INDEX ix_job_search")
        return
    for name in ("new", "gone", "changed"):
        op.execute(f"DROP TRIGGER job_search_{name}")
    op.execute("DROP TABLE job_search")
