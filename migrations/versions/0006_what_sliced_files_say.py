"""What sliced files say of themselves, and which file a quote was told for

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seen_file",
        sa.Column("place", AutoString(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("inode", AutoString(), nullable=False),
        sa.Column("sha256", AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_seen_file")),
    )
    op.add_column("analysis", sa.Column("has_tool_path", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("revision", sa.Column("sliced", sa.JSON(), nullable=True))
    op.add_column("revision", sa.Column("one_copy", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("quote", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    # Which file an earlier quote was told for is not written anywhere: that of today is taken, which blocks no job.
    op.execute("UPDATE quote SET revision = (SELECT job.authoritative FROM job WHERE job.id = quote.job_id)")


def downgrade() -> None:
    op.drop_column("quote", "revision")
    op.drop_column("revision", "one_copy")
    op.drop_column("revision", "sliced")
    op.drop_column("analysis", "has_tool_path")
    op.drop_table("seen_file")
