"""What staff and the student of a job write to each other."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class Message(SQLModel, table=True):
    """``seen_at`` is when the other side first had it on a page, ``told_at`` when a mail told them of it."""

    __tablename__ = "message"
    __table_args__ = (sa.Index("ix_message_unseen", "seen_at", "told_at", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    job_id: int = Field(foreign_key="job.id", index=True)
    from_student: bool
    author_key: str
    author_name: str
    text: str
    at: datetime
    seen_at: datetime | None = None
    told_at: datetime | None = None
