"""What was found in model files, and the scale of a job whose file is in other units

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "analysis",
        sa.Column("sha256", AutoString(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("code", AutoString(), nullable=True),
        sa.Column("message", AutoString(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("has_model", sa.Boolean(), nullable=False),
        sa.Column("has_thumbnail", sa.Boolean(), nullable=False),
        sa.Column("queued_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", "version", name=op.f("pk_analysis")),
    )
    op.add_column("job", sa.Column("scale_micro", sa.BigInteger(), nullable=False, server_default="1000000"))
    op.add_column("job", sa.Column("size_is_right", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(op.f("ix_revision_sha256"), "revision", ["sha256"])
    op.add_column("revision", sa.Column("model", sa.Integer(), nullable=False, server_default="1"))
    op.execute("UPDATE revision SET model = number WHERE kind <> 'sliced'")
    op.execute(
        "UPDATE revision SET model = (SELECT max(other.number) FROM revision AS other"
        " WHERE other.job_id = revision.job_id AND other.kind <> 'sliced' AND other.number < revision.number)"
        " WHERE kind = 'sliced'"
    )


def downgrade() -> None:
    op.drop_column("revision", "model")
    op.drop_index(op.f("ix_revision_sha256"), "revision")
    op.drop_column("job", "size_is_right")
    op.drop_column("job", "scale_micro")
    op.drop_table("analysis")
