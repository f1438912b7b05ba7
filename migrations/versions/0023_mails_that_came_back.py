"""Mails are found by their Message-ID when a server says that one did not arrive

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_outbox_mail_message_id"), "outbox_mail", ["message_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_outbox_mail_message_id"), "outbox_mail")
