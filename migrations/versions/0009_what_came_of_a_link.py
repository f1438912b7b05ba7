"""The line of the history that a one-time link wrote

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("access_token") as token:
        token.add_column(sa.Column("event_id", sa.Integer(), nullable=True))
        token.create_foreign_key(op.f("fk_access_token_event_id"), "event", ["event_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("access_token") as token:
        token.drop_constraint(op.f("fk_access_token_event_id"), type_="foreignkey")
        token.drop_column("event_id")
