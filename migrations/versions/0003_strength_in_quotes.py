"""A quote is for a strength too, and a job remembers which one was asked for

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STRENGTH = sa.String(length=32)
_NEW = (("job", "requested_strength"), ("quote", "strength"))


def upgrade() -> None:
    for table, column in _NEW:
        op.add_column(table, sa.Column(column, _STRENGTH, nullable=True))
    op.execute("UPDATE job SET requested_strength = strength")
    op.execute("UPDATE quote SET strength = (SELECT job.strength FROM job WHERE job.id = quote.job_id)")
    for table, column in _NEW:
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, existing_type=_STRENGTH, nullable=False)


def downgrade() -> None:
    for table, column in _NEW:
        op.drop_column(table, column)
