"""The words of mails as this lab writes them, and which mails it sends."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel


class MailWording(SQLModel, table=True):
    """One kind of mail that somebody changed. Without words of its own it says what PrintLab comes with."""

    __tablename__ = "mail_wording"

    kind: str = Field(primary_key=True)
    subject: str | None = None
    body: str | None = None
    is_on: bool
    changed_at: datetime
    changed_by: str
