"""The file that an accepted price holds for by the word of staff, and how often an analysis told nothing for sure

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quote", sa.Column("holds_for_revision", sa.Integer(), nullable=True))
    op.add_column("analysis", sa.Column("unsure", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("analysis", "unsure")
    op.drop_column("quote", "holds_for_revision")
