"""An index of the mails that are still to go: a look into the outbox takes the same however many were sent

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_IS_OPEN = sa.text("state IN ('queued', 'sending')")


def upgrade() -> None:
    op.drop_index("ix_outbox_mail_due", "outbox_mail")
    op.create_index(
        "ix_outbox_mail_open", "outbox_mail", ["due_at", "id"], sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_mail_open", "outbox_mail")
    op.create_index("ix_outbox_mail_due", "outbox_mail", ["state", "due_at", "id"])
