"""How long the lab waits for students, on which days it works, and until when a student needs to collect a part

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_USUAL_DAYS = {"lapse_days": 14, "warning_days": 3, "reminder_days": [3, 10, 21], "unclaimed_days": 30}
_USUAL_WEEK = {"weekdays": [0, 1, 2, 3, 4], "closings": []}


def upgrade() -> None:
    with op.batch_alter_table("lab") as table:
        table.add_column(sa.Column("time_limits", sa.JSON(), nullable=False, server_default=json.dumps(_USUAL_DAYS)))
        table.add_column(sa.Column("open_days", sa.JSON(), nullable=False, server_default=json.dumps(_USUAL_WEEK)))
    with op.batch_alter_table("lab") as table:
        table.alter_column("time_limits", server_default=None)
        table.alter_column("open_days", server_default=None)
    op.add_column("job", sa.Column("kept_until", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("job") as table:
        table.drop_column("kept_until")
    with op.batch_alter_table("lab") as table:
        table.drop_column("open_days")
        table.drop_column("time_limits")
