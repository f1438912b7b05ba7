"""Which of the measured printers a printer of the lab resembles

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MK4S, _RESIN = "Prusa MK4S", "Resin"
_MEASURED = ("Prusa XL", "Raise3D Pro2 Plus")
_printer = sa.table("printer", sa.column("name"), sa.column("method"), sa.column("prints_like"))


def upgrade() -> None:
    with op.batch_alter_table("printer") as table:
        table.add_column(sa.Column("prints_like", sa.String(length=32), nullable=False, server_default=_MK4S))
    op.execute(_printer.update().where(_printer.c.method == _RESIN).values(prints_like=_RESIN))
    op.execute(_printer.update().where(_printer.c.name.in_(_MEASURED)).values(prints_like=_printer.c.name))
    with op.batch_alter_table("printer") as table:
        table.alter_column("prints_like", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("printer") as table:
        table.drop_column("prints_like")
