"""The outbox: mails are written in the move's transaction and sent afterwards."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col

from printlab.models.base import enum_type


class MailState(StrEnum):
    """Where a mail stands. ``not sent``: written while no mail server was set up; it never sends itself later.

    ``bounced``: the mail server took it, and another one said afterwards that it cannot be delivered.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    NOT_SENT = "not sent"
    CANCELLED = "cancelled"
    FAILED = "failed"
    BOUNCED = "bounced"


UNDELIVERABLE = (MailState.FAILED, MailState.BOUNCED)
"""Somebody has to look at them."""
OPEN = (MailState.QUEUED, MailState.SENDING)
"""Still to go."""
_IS_OPEN = sa.text("state IN ('queued', 'sending')")


class OutboxMail(SQLModel, table=True):
    """``context`` holds the facts as they were at the move; the text is rendered from it when it is sent or read.

    A mail ``to_staff`` keeps its address, those of a job's student go to the address that the job has by then.

    ``sent_at`` is when the server took the mail; in any other state than SENT, when it may have taken it: the
    connection broke before its answer came.
    """

    __tablename__ = "outbox_mail"
    __table_args__ = (
        # Of the few that are still to go, however many were sent.
        sa.Index("ix_outbox_mail_open", "due_at", "id", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    )

    id: int | None = Field(default=None, primary_key=True)
    job_id: int | None = Field(default=None, foreign_key="job.id", index=True)
    event_id: int | None = Field(default=None, foreign_key="event.id", index=True)
    kind: str
    to_staff: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    to_address: str
    to_name: str
    context: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    state: MailState = Field(sa_type=enum_type(MailState))
    dedupe_key: str = Field(unique=True)
    message_id: str = Field(index=True)
    attempts: int = 0
    due_at: datetime
    leased_until: datetime | None = None
    last_error: str | None = None
    created_at: datetime
    sent_at: datetime | None = None

    @property
    def has_left(self) -> bool:
        """Whether the student may have it: it was sent, is being sent, or the server's answer got lost."""
        return self.state in (MailState.SENT, MailState.SENDING) or self.sent_at is not None


def is_open(mail: type[OutboxMail]) -> sa.ColumnElement[bool]:
    """Whether it is still to go, in the very words of the index: a database takes it for nothing else."""
    return col(mail.state).in_(sa.bindparam("open", OPEN, expanding=True, literal_execute=True))
