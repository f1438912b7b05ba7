"""How each of the staff has the board, the views they saved, and who looked at a new job first

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "preference",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(length=32), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_preference_user_id")),
        sa.PrimaryKeyConstraint("user_id", "name", name=op.f("pk_preference")),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(length=60), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name=op.f("fk_saved_view_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_saved_view_owner_id_name")),
    )
    op.add_column("job", sa.Column("looked_at", UTCDateTime(), nullable=True))
    op.add_column("job", sa.Column("looked_by", AutoString(), nullable=True))
    # Until now each browser remembered by itself what was seen: nothing that is there already is lit again.
    op.execute("UPDATE job SET looked_at = created_at")


def downgrade() -> None:
    op.drop_column("job", "looked_by")
    op.drop_column("job", "looked_at")
    op.drop_table("saved_view")
    op.drop_table("preference")
