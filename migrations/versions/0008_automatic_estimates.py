"""The slicer's settings of a printer, and what a slicer on the server says of parts

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "printer_profile",
        sa.Column("printer_id", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("settings", AutoString(), nullable=False),
        sa.Column("sha256", AutoString(length=64), nullable=False),
        sa.Column("uploaded_by", AutoString(), nullable=False),
        sa.Column("uploaded_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["printer_id"], ["printer.id"], name=op.f("fk_printer_profile_printer_id")),
        sa.PrimaryKeyConstraint("printer_id", name=op.f("pk_printer_profile")),
    )
    op.create_table(
        "automatic_estimate",
        sa.Column("key", AutoString(length=64), nullable=False),
        sa.Column("sha256", AutoString(length=64), nullable=False),
        sa.Column("scale_micro", sa.BigInteger(), nullable=False),
        sa.Column("profile_sha256", AutoString(length=64), nullable=False),
        sa.Column("strength", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("slicer", AutoString(), nullable=True),
        sa.Column("volume_mm3", sa.Float(), nullable=True),
        sa.Column("time_s", sa.Integer(), nullable=True),
        sa.Column("message", AutoString(), nullable=True),
        sa.Column("queued_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_automatic_estimate")),
    )
    op.create_index(op.f("ix_automatic_estimate_sha256"), "automatic_estimate", ["sha256"])


def downgrade() -> None:
    op.drop_table("automatic_estimate")
    op.drop_table("printer_profile")
