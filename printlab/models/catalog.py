"""What can be chosen: printers, materials, colours, reject reasons."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from printlab.domain.views import PrintsLike
from printlab.models.base import enum_type


class Printer(SQLModel, table=True):
    """Build volume in mm, rates in millionths of the currency unit."""

    __tablename__ = "printer"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    method: str
    build_x_mm: int
    build_y_mm: int
    build_z_mm: int
    per_gram_micro: int = Field(sa_type=sa.BigInteger)
    per_minute_micro: int = Field(sa_type=sa.BigInteger)
    active: bool = True
    position: int = 0
    prints_like: PrintsLike = Field(sa_type=enum_type(PrintsLike))


class PrinterProfile(SQLModel, table=True):
    """The slicer's settings of a printer; ``settings`` is the text of an .ini file without what could do harm."""

    __tablename__ = "printer_profile"

    printer_id: int = Field(primary_key=True, foreign_key="printer.id")
    name: str
    settings: str
    sha256: str = Field(max_length=64)
    uploaded_by: str
    uploaded_at: datetime


class Material(SQLModel, table=True):
    """Density in mg/cm³."""

    __tablename__ = "material"
    __table_args__ = (sa.UniqueConstraint("name", "method"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    method: str
    density_mg_cm3: int
    active: bool = True
    position: int = 0


class Color(SQLModel, table=True):
    """A colour of a method; inactive means out of stock."""

    __tablename__ = "color"
    __table_args__ = (sa.UniqueConstraint("name", "method"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    method: str
    hex: str
    active: bool = True
    position: int = 0


class RejectReason(SQLModel, table=True):
    """A reason that staff tick, with the sentence that the student reads."""

    __tablename__ = "reject_reason"

    id: int | None = Field(default=None, primary_key=True)
    label: str = Field(unique=True)
    sentence: str
    active: bool = True
    position: int = 0
