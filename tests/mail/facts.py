"""What mails are written of and for in tests."""

from __future__ import annotations

from typing import Any

from printlab.mail.compose import Composer
from printlab.mail.kinds import MailKind
from printlab.mail.samples import VARIANTS, facts_of

__all__ = ["MESSAGE_ID", "TRACK_URL", "VARIANTS", "a_composer", "facts_of"]

TRACK_URL = facts_of(MailKind.RECEIVED)["track_url"]
MESSAGE_ID = "<42.quote.1@print.example.edu>"


def a_composer(**changes: Any) -> Composer:
    """A lab's composer."""
    values: dict[str, Any] = {
        "lab_name": "Campus Print Lab",
        "mail_from": "printlab@example.edu",
        "contact_email": "help@example.edu",
    }
    return Composer(**(values | changes))
