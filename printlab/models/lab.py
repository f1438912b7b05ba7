"""What an admin edits about the lab."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from printlab.domain.views import Strength
from printlab.models.base import enum_type


class Lab(SQLModel, table=True):
    """The lab's one row."""

    __tablename__ = "lab"

    id: int = Field(default=1, primary_key=True)
    opening_hours: str
    pickup_where: str
    pickup_bring: str
    welcome: str
    minimum_charge_cents: int
    default_strength: Strength = Field(sa_type=enum_type(Strength))
    submissions_open: bool
    closed_message: str
    reopens_on: date | None = None
    age_limits: dict[str, Any] = Field(sa_type=sa.JSON)  # hours, as in printlab/domain/ageing.py
    archive_after_days: int | None = None  # after a job ended; None: never, as for the next two
    purge_after_days: int | None = None
    anonymise_after_days: int | None = None
    time_limits: dict[str, Any] = Field(sa_type=sa.JSON)  # days, as in printlab/domain/time_limits.py
    open_days: dict[str, Any] = Field(sa_type=sa.JSON)  # as in printlab/domain/calendar.py


class Terms(SQLModel, table=True):
    """One version of the terms; never changed, so that what a student agreed to stays readable."""

    __tablename__ = "terms"

    version: int | None = Field(default=None, primary_key=True)
    text: str
    created_at: datetime
    created_by: str
