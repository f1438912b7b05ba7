"""What a lab wants its mails to say, asked in the transaction that writes one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import structlog
from jinja2 import TemplateError
from sqlmodel import Session

from printlab.mail.kinds import OPTIONAL, MailKind
from printlab.mail.wording import KEPT_AS, Wording
from printlab.models import MailWording

_log = structlog.get_logger(__name__)


def is_on(session: Session, kind: MailKind) -> bool:
    """Whether this lab sends mails of this kind."""
    row = session.get(MailWording, kind.value)
    return kind not in OPTIONAL if row is None else row.is_on


def own_words(session: Session, kind: MailKind, context: dict[str, Any]) -> dict[str, Any]:
    """What a mail with this context keeps of the lab's own words; nothing when it says what PrintLab comes with.

    Words that cannot be written with these very facts are left out, and the log says so: the mail matters more.
    """
    row = session.get(MailWording, kind.value)
    if row is None or row.subject is None or row.body is None:
        return {}
    wording = Wording(row.subject, row.body)
    try:
        wording.render_subject(context)
        wording.render_body(context | {"track_url": ""})
    except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError):
        _log.warning("mail.own_words_left_out", kind=kind.value, exc_info=True)
        return {}
    return {KEPT_AS: asdict(wording)}
