"""Reading what comes back: a delivery status notification (RFC 3464) says which mail did not arrive, and why."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, TypeAlias, cast

_WORDS_MAX_CHARS = 300
_Parsed: TypeAlias = "EmailMessage[Any, Any]"


@dataclass(frozen=True, slots=True)
class Bounce:
    """The Message-ID of a mail that was not delivered for good, and the words of the server that says so."""

    message_id: str
    words: str


def read_bounce(raw: bytes) -> Bounce | None:
    """What a mail says of one of ours; None when it is no such notice, or tells of a delay or of success."""
    try:
        notice = email.message_from_bytes(raw, policy=email.policy.default)
        words = next(_failures(notice), None)
        message_id = next(_returned_ids(notice), None)
    except Exception:  # noqa: BLE001  (anybody can send anything to a mailbox; what the library cannot read is no notice)
        return None
    return Bounce(message_id, words) if words is not None and message_id else None


def _failures(notice: _Parsed) -> Iterator[str]:
    """Why, for each reader whom the mail did not reach."""
    for part in notice.walk():
        for block in _inner(part, "message/delivery-status"):
            if str(block.get("Action", "")).strip().lower() == "failed":
                yield _line(str(block.get("Diagnostic-Code") or block.get("Status") or "without a reason"))


def _returned_ids(notice: _Parsed) -> Iterator[str]:
    """The Message-ID of what is returned, whole or its headers alone."""
    for part in notice.walk():
        returned = list(_inner(part, "message/rfc822"))
        if part.get_content_type() == "text/rfc822-headers":
            returned.append(email.message_from_string(str(part.get_content()), policy=email.policy.default))
        for message in returned:
            if message_id := str(message.get("Message-ID", "")).strip():
                yield message_id


def _inner(part: _Parsed, kind: str) -> Iterator[_Parsed]:
    """The messages, or blocks of headers, in a part of this kind."""
    if part.get_content_type() == kind and part.is_multipart():
        yield from cast("list[_Parsed]", part.get_payload())


def _line(text: str) -> str:
    """The server's words as one short line, without the kind that stands before them (“smtp; 550 …”)."""
    words = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    kind, semicolon, rest = words.partition(";")
    words = rest.strip() if semicolon and " " not in kind else words
    return words if len(words) <= _WORDS_MAX_CHARS else f"{words[: _WORDS_MAX_CHARS - 1]}…"
