"""What the cleanup did, run by run, and how full the disks were when somebody was last told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from printlab.domain.retention import CleanupKind
from printlab.domain.space import SpaceLevel
from printlab.models.base import enum_type


class CleanupRecord(SQLModel, table=True):
    """One run of one kind; ``jobs`` are some of the numbers of those that it was about."""

    __tablename__ = "cleanup_run"
    __table_args__ = (sa.Index("ix_cleanup_run_kind", "kind", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: CleanupKind = Field(sa_type=enum_type(CleanupKind))
    started_at: datetime
    ended_at: datetime
    by: str
    count: int
    bytes: int = Field(sa_type=sa.BigInteger)
    jobs: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    problem: str | None = None


class OrphanFile(SQLModel, table=True):
    """A file below the storage root that was of no job when it was last looked for; ``place`` is its path there."""

    __tablename__ = "orphan_file"

    place: str = Field(primary_key=True)
    bytes: int = Field(sa_type=sa.BigInteger)
    mtime_ns: int = Field(sa_type=sa.BigInteger)
    why: str


class DiskLevel(SQLModel, table=True):
    """How full a disk was when admins were last told; ``place`` names it, and the machine where it is local."""

    __tablename__ = "disk_level"

    place: str = Field(primary_key=True)
    level: SpaceLevel = Field(sa_type=enum_type(SpaceLevel))
    since: datetime
