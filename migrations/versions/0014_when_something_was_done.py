"""An index of when what was done: how long the lab took lately is read without its whole history

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_event_action_at", "event", ["action", "at"])


def downgrade() -> None:
    op.drop_index("ix_event_action_at", "event")
