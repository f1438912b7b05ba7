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
    LAPSING = "lapsing"
    LAPSED = "lapsed"
    COLLECT = "collect"
    UNCLAIMED = "unclaimed"
    STARTED = "started"
    FAILED_ATTEMPT = "failed-attempt"
    STUDENT_MESSAGE = "student-message"
    DISK = "disk"


OPTIONAL = frozenset({MailKind.STARTED, MailKind.FAILED_ATTEMPT})
"""Mails that a lab sends only once an admin has switched them on."""
TO_STAFF = frozenset({MailKind.STUDENT_MESSAGE, MailKind.DISK})
"""Mails that the lab gets, not the student."""
WITHOUT_JOB = frozenset({MailKind.DISK})
"""Mails that are about no job."""
