"""After how long in its status a job is marked on the board

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_USUAL_H = {
    "Uploaded": [24, 72],
    "Pending": [120, 240],
    "ReadyToPrint": [72, 168],
    "Printing": [48, 96],
    "Completed": [168, 336],
}


def upgrade() -> None:
    with op.batch_alter_table("lab") as table:
        table.add_column(sa.Column("age_limits", sa.JSON(), nullable=False, server_default=json.dumps(_USUAL_H)))
    with op.batch_alter_table("lab") as table:
        table.alter_column("age_limits", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("lab") as table:
        table.drop_column("age_limits")
