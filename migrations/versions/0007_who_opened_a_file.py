"""One-time links that open a file in place, and who opened a job's file last

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("last_opened_id", sa.Integer(), nullable=True))
    with op.batch_alter_table("access_token") as token:
        token.add_column(sa.Column("issued_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        token.add_column(sa.Column("job_id", sa.Integer(), nullable=True))
        token.add_column(sa.Column("workstation", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        token.add_column(sa.Column("problem", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        token.create_foreign_key(op.f("fk_access_token_job_id"), "job", ["job_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("access_token") as token:
        token.drop_constraint(op.f("fk_access_token_job_id"), type_="foreignkey")
        for column in ("problem", "workstation", "job_id", "issued_by"):
            token.drop_column(column)
    op.drop_column("job", "last_opened_id")
