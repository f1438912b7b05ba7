"""What staff chose for themselves: how the board looks, and what they look for again and again."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class Preference(SQLModel, table=True):
    """One choice of one person, by its name."""

    __tablename__ = "preference"

    user_id: int = Field(foreign_key="user_account.id", primary_key=True)
    name: str = Field(primary_key=True, max_length=32)
    value: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)


class SavedView(SQLModel, table=True):
    """What somebody looks for on the board, under a name; ``params`` are those of the board's address."""

    __tablename__ = "saved_view"
    __table_args__ = (sa.UniqueConstraint("owner_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    owner_id: int = Field(foreign_key="user_account.id")
    name: str = Field(max_length=60)
    params: list[list[str]] = Field(default_factory=list, sa_type=sa.JSON)
    is_shared: bool = False
