"""A new lab's defaults: printers, materials, colours, reject reasons, texts

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PRINTERS = (
    ("Prusa MK4S", "Filament", 250, 210, 220, 80_000, 10_000),
    ("Prusa XL", "Filament", 360, 360, 360, 90_000, 11_000),
    ("Raise3D Pro2 Plus", "Filament", 305, 305, 605, 100_000, 12_000),
    ("Formlabs Form 3", "Resin", 145, 145, 175, 120_000, 8_000),
)
_MATERIALS = (
    ("PLA", "Filament", 1240),
    ("PETG", "Filament", 1270),
    ("TPU", "Filament", 1210),
    ("ASA", "Filament", 1070),
    ("Standard resin", "Resin", 1150),
    ("Tough resin", "Resin", 1180),
)
_COLORS = (
    ("Black", "Filament", "#1A1A1A"),
    ("White", "Filament", "#F5F5F5"),
    ("Grey", "Filament", "#8A8D91"),
    ("Red", "Filament", "#C8202F"),
    ("Orange", "Filament", "#F07C1E"),
    ("Yellow", "Filament", "#F5CF27"),
    ("Green", "Filament", "#2E8B45"),
    ("Blue", "Filament", "#1F5FBF"),
    ("Purple", "Filament", "#6B3FA0"),
    ("Natural", "Filament", "#E8E2D0"),
    ("Black", "Resin", "#1A1A1A"),
    ("White", "Resin", "#F5F5F5"),
    ("Grey", "Resin", "#8A8D91"),
    ("Clear", "Resin", "#E4EEF2"),
)
_REASONS = (
    ("Not printable", "The part cannot be printed as it is drawn. Ask the lab’s staff what to change."),
    ("Too large", "The part is larger than the printer’s build volume. Scale it down or split it."),
    ("Walls too thin", "Some walls are too thin to print. Make them at least 1.2 mm thick."),
    ("Not watertight", "The surface has holes. Repair it so that it closes all around, and export it again."),
    ("Against the terms", "The lab’s terms do not allow this part."),
    ("Material unavailable", "The material you chose is not available at the moment. Choose another one."),
)
_TERMS = """The lab prints parts for study, teaching and research. You confirm that you may have this part made: it is \
no weapon or part of one, and it violates nobody’s rights.

Staff look at every file and tell you the price before anything is printed. You pay when you collect the part. A part \
that fails because of its design is charged as quoted.

Your name, e-mail address and file are kept to make the part and to account for it, and are seen by lab staff only."""
_LAB = {
    "id": 1,
    "opening_hours": "Monday to Friday, 9:00 to 17:00",
    "pickup_where": "At the print lab’s front desk.",
    "pickup_bring": "Your job number and a student card.",
    "welcome": "",
    "minimum_charge_cents": 0,
    "default_strength": "standard",
    "submissions_open": True,
    "closed_message": "",
}


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))


def _fill(name: str, columns: tuple[str, ...], rows: tuple[tuple[Any, ...], ...]) -> None:
    names = (*columns, "active", "position")
    values = [dict(zip(names, (*row, True, at), strict=True)) for at, row in enumerate(rows, start=1)]
    op.bulk_insert(_table(name, *names), values)


def upgrade() -> None:
    volume = ("build_x_mm", "build_y_mm", "build_z_mm")
    _fill("printer", ("name", "method", *volume, "per_gram_micro", "per_minute_micro"), _PRINTERS)
    _fill("material", ("name", "method", "density_mg_cm3"), _MATERIALS)
    _fill("color", ("name", "method", "hex"), _COLORS)
    _fill("reject_reason", ("label", "sentence"), _REASONS)
    op.bulk_insert(_table("lab", *_LAB), [_LAB])
    terms = sa.table(
        "terms", sa.column("text"), sa.column("created_at", sa.DateTime(timezone=True)), sa.column("created_by")
    )
    op.bulk_insert(terms, [{"text": _TERMS, "created_at": datetime.now(UTC), "created_by": "PrintLab"}])


def downgrade() -> None:
    for name in ("terms", "lab", "reject_reason", "color", "material", "printer"):
        op.execute(sa.delete(sa.table(name)))
