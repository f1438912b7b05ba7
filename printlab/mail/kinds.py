"""What mails there are."""

from __future__ import annotations

from enum import StrEnum


class MailKind(StrEnum):
    """What a mail tells. The value is the template's name and is stored in the outbox."""

    RECEIVED = "received"
    QUOTE = "quote"
    REJECTED = "rejected"
    READY = "ready"
    RECEIPT = "receipt"
    CORRECTION = "correction"
    LINK = "link"
    MESSAGE = "message"
