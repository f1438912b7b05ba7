"""Retention: archived jobs, deleted files, anonymised students, what the cleanup did, files of no job, full disks

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_ARCHIVE_AFTER_DAYS = 30
_DAYS = ("archive_after_days", "purge_after_days", "anonymise_after_days")


def upgrade() -> None:
    op.add_column("job", sa.Column("archived_at", UTCDateTime(), nullable=True))
    op.add_column("job", sa.Column("anonymised_at", UTCDateTime(), nullable=True))
    op.add_column("revision", sa.Column("purged_at", UTCDateTime(), nullable=True))
    with op.batch_alter_table("revision") as table:
        table.add_column(sa.Column("bytes_gone", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("revision") as table:
        table.alter_column("bytes_gone", server_default=None)
    with op.batch_alter_table("file_move") as table:
        table.add_column(sa.Column("leaves", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("file_move") as table:
        table.alter_column("leaves", server_default=None)
    for name in _DAYS:
        op.add_column("lab", sa.Column(name, sa.Integer(), nullable=True))
    op.execute(sa.text("UPDATE lab SET archive_after_days = :days").bindparams(days=_ARCHIVE_AFTER_DAYS))
    _create_tables()


def _create_tables() -> None:
    op.create_table(
        "cleanup_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("jobs", sa.JSON(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cleanup_run")),
    )
    op.create_index("ix_cleanup_run_kind", "cleanup_run", ["kind", "id"])
    op.create_table(
        "orphan_file",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_orphan_file")),
    )
    op.create_table(
        "disk_level",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_disk_level")),
    )


def downgrade() -> None:
    for table_name in ("disk_level", "orphan_file", "cleanup_run"):
        op.drop_table(table_name)
    columns = {"lab": _DAYS, "file_move": ("leaves",), "revision": ("bytes_gone", "purged_at")}
    for name in ("anonymised_at", "archived_at"):
        op.drop_column("job", name)  # in place: a table that is made anew loses the triggers of the search
    for table_name, names in columns.items():
        with op.batch_alter_table(table_name) as table:
            for name in names:
                table.drop_column(name)
