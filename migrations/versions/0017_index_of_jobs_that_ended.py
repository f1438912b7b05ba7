"""An index with all that jobs that ended are looked for by: none of their rows is read to count or to order them

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_FACTS = "status, status_since, id, printer_id, material_id, color_id, assignee_id, created_at"


def upgrade() -> None:
    # PostgreSQL has an index of the texts already, and takes no entry as long as a text may be.
    texts = ", search_text" if op.get_bind().dialect.name == "sqlite" else ""
    op.execute(f"CREATE INDEX ix_job_ended ON job ({_FACTS}{texts})")


def downgrade() -> None:
    op.execute("DROP INDEX ix_job_ended")
