"""What stands in a mail's headers: mailboxes of people with any name, and lines that nothing can be smuggled into."""

from __future__ import annotations

import re
import unicodedata
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy, Policy
from email.utils import parseaddr
from typing import cast

import idna

from printlab.errors import InvalidInput

NAME_MAX_CHARS = 80
_LOCAL_MAX_BYTES = 64
_DOMAIN_MAX_CHARS = 253
_FOLD_AT_CHARS = 76

_LOCAL_ASCII = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\-"
_LOCAL = re.compile(rf"[{_LOCAL_ASCII}\u00a0-\U0010ffff]+(?:\.[{_LOCAL_ASCII}\u00a0-\U0010ffff]+)*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>")

# Controls, lone surrogates, line and paragraph separators; and what turns the direction of reading around, so that a
# name cannot disguise the address behind it.
_UNFIT_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNS_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_fit(char: str) -> bool:
    """Whether ``char`` may stand in a mail as it is."""
    return unicodedata.category(char) not in _UNFIT_CATEGORIES and char not in _TURNS_DIRECTION


def header_text(text: str) -> str:
    """``text`` as one header line: unfit characters become spaces, spaces are single.

    Raises InvalidInput when it holds a line break, because then somebody tries to add headers of their own.
    """
    if "\r" in text or "\n" in text:
        raise InvalidInput("A name, an address or a subject holds a line break. Write it on one line.")
    return " ".join("".join(char if is_fit(char) else " " for char in text).split())


def mailbox(name: str, address: str) -> Address:
    """A person's mailbox. The domain comes back in ASCII (IDNA 2008); the part before the @ may be UTF-8.

    Raises InvalidInput when no mail can ever reach ``address``.
    """
    local, at, domain = header_text(address).rpartition("@")
    if not at or address != address.strip() or not _is_local_part(local):
        raise _unusable(address)
    # Many programs decode “=?utf-8?…?=” wherever it stands: a name could show itself as somebody else's address.
    display_name = header_text(name).replace("=?", "= ?")[:NAME_MAX_CHARS].rstrip()
    return Address(display_name=display_name, username=local, domain=_ascii_domain(domain, address))


def parse_mailbox(text: str, default_name: str = "") -> Address:
    """The mailbox written as ``lab@example.edu`` or ``Print Lab <lab@example.edu>``.

    Raises InvalidInput when it is neither.
    """
    name, address = parseaddr(header_text(text))
    if not address:
        raise _unusable(text)
    return mailbox(name or default_name, address)


def check_message_id(message_id: str) -> str:
    """``message_id`` itself when it reads ``<unique@host>``; raises InvalidInput otherwise."""
    if not _MESSAGE_ID.fullmatch(message_id):
        raise InvalidInput("A message ID is written <unique@host>, in plain letters and digits.")
    return message_id


def _is_local_part(local: str) -> bool:
    # Quoted local parts ("a b"@host) are legal on paper; no mailbox of a student is written like that.
    fits = len(local.encode("utf-8", "replace")) <= _LOCAL_MAX_BYTES
    return fits and _LOCAL.fullmatch(local) is not None and not any(char.isspace() for char in local)


def _ascii_domain(domain: str, address: str) -> str:
    try:
        ascii_domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise _unusable(address) from None
    if len(ascii_domain) > _DOMAIN_MAX_CHARS or not _DOMAIN.fullmatch(ascii_domain):
        raise _unusable(address)
    return ascii_domain.lower()


def _unusable(address: str) -> InvalidInput:
    shown = "".join(char if is_fit(char) else " " for char in address[:NAME_MAX_CHARS])
    return InvalidInput(f"“{shown}” is no e-mail address that mail can reach. Check how it is written.", field="email")


class _SoundHeader(BaseHeader):
    """A header that folds somebody's words without harm.

    The standard library (CPython 3.11) loses and adds spaces where it folds a long line in another script.
    """

    def fold(self, *, policy: Policy) -> str:
        """The header as it is sent, its last line break included."""
        addresses = cast("tuple[Address, ...]", getattr(self, "addresses", ()))
        is_utf8 = bool(getattr(policy, "utf8", False))
        if len(addresses) == 1:
            return f"{self.name}: {_written(addresses[0], self.name, is_utf8, policy.linesep)}{policy.linesep}"
        if self.isascii() or is_utf8:
            return super().fold(policy=policy)
        return f"{self.name}: {_encoded(self, self.name, policy.linesep)}{policy.linesep}"


def _written(address: Address, header_name: str, is_utf8: bool, linesep: str) -> str:
    name = address.display_name
    if not name:
        return address.addr_spec
    shown = _quoted(name) if is_utf8 or name.isascii() else _encoded(name, header_name, linesep)
    return f"{shown}{linesep} <{address.addr_spec}>"


def _encoded(text: str, header_name: str, linesep: str) -> str:
    return Header(text, "utf-8", maxlinelen=_FOLD_AT_CHARS, header_name=header_name).encode(linesep=linesep)


def _quoted(name: str) -> str:
    if not name or re.fullmatch(r"[\w ]+", name):
        return name
    return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


_REGISTRY = HeaderRegistry(base_class=_SoundHeader)


def policy_for(recipient: Address) -> EmailPolicy[EmailMessage]:
    """How a message to ``recipient`` is written: UTF-8 in headers only where the address itself needs it."""
    base = SMTP if recipient.addr_spec.isascii() else SMTPUTF8
    return base.clone(header_factory=_REGISTRY)
