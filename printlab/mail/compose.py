"""From facts to a finished mail: subject, plain text and HTML from the templates, wrapped in headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, localtime
from enum import StrEnum
from functools import cached_property
from typing import Any, cast

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from printlab.errors import InvalidInput
from printlab.mail import palette
from printlab.mail.headers import check_message_id, header_text, is_fit, mailbox, parse_mailbox, policy_for

_TEXT, _HTML = "txt.j2", "html.j2"
_BLANK_LINES = re.compile(r"\n{3,}")
_ADDRESS = re.compile(r"://|www\.|@|\w\.\w\w", re.IGNORECASE)
_PARTS_OF_ADDRESSES = re.compile(r"[.:/@](?!\s|\w*$)")  # the dot before a file's extension stays as it is
_NO_WIDTH = "\u200b"


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


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's words: one line of subject, plain text, and a whole HTML document with its styles inlined."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Composer:
    """Writes the mails of one lab.

    ``mail_from`` is ``lab@example.edu`` or ``Print Lab <lab@example.edu>``; colours are ``#rrggbb``. Raises
    InvalidInput for an address that cannot be used and ValueError for a colour.
    """

    lab_name: str
    mail_from: str
    contact_email: str | None = None
    brand_color: str = "#461D7C"
    accent_color: str = "#FDD023"

    def __post_init__(self) -> None:
        """Find out at the start, not with the first mail."""
        _ = self._sender, self._reply_to, self._themes

    def render(self, kind: MailKind, context: Mapping[str, Any]) -> Rendered:
        """The words of a mail of this kind; raises jinja2.UndefinedError when ``context`` lacks a fact."""
        return Rendered(render_subject(kind, context), self.render_text(kind, context), self.render_html(kind, context))

    def render_text(self, kind: MailKind, context: Mapping[str, Any]) -> str:
        """The plain text alone, a tenth of the work of ``render``."""
        text = _TEMPLATES.get_template(f"{kind}.{_TEXT}").render(self._facts(context))
        return _BLANK_LINES.sub("\n\n", text).strip() + "\n"

    def render_html(self, kind: MailKind, context: Mapping[str, Any]) -> str:
        """The HTML alone."""
        subject = render_subject(kind, context)
        return _INLINER.inline(_TEMPLATES.get_template(f"{kind}.{_HTML}").render(self._facts(context), subject=subject))

    def compose(
        self,
        kind: MailKind,
        context: Mapping[str, Any],
        to_name: str,
        to_address: str,
        message_id: str,
        written_at: datetime | None = None,
    ) -> EmailMessage:
        """The finished mail: text and HTML, ``written_at`` (default: now) as its date.

        Raises InvalidInput when a header cannot be written; trying again does not help then.
        """
        words = self.render(kind, context)
        recipient = mailbox(to_name, to_address)
        message = EmailMessage(policy=policy_for(recipient))
        message["From"] = self._sender
        message["To"] = recipient
        if self._reply_to:
            message["Reply-To"] = self._reply_to
        message["Subject"] = words.subject
        message["Date"] = format_datetime(written_at or localtime())
        message["Message-ID"] = check_message_id(message_id)
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"  # the same, for Exchange
        # Quoted-printable passes every server unchanged, whatever the line lengths and whether or not it takes 8 bits.
        message.set_content(words.text, cte="quoted-printable")
        message.add_alternative(words.html, subtype="html", cte="quoted-printable")
        return message

    def _facts(self, context: Mapping[str, Any]) -> dict[str, Any]:
        return {**_clean(context), "lab_name": self.lab_name, **self._themes}

    @cached_property
    def _sender(self) -> Address:
        return _plain(parse_mailbox(self.mail_from, default_name=self.lab_name))

    @cached_property
    def _reply_to(self) -> Address | None:
        return _plain(parse_mailbox(self.contact_email, default_name=self.lab_name)) if self.contact_email else None

    @cached_property
    def _themes(self) -> dict[str, palette.Theme]:
        return {
            "light": palette.light(self.brand_color, self.accent_color),
            "dark": palette.dark(self.brand_color, self.accent_color),
        }


def render_subject(kind: MailKind, context: Mapping[str, Any]) -> str:
    """The subject alone, for lists.

    Raises jinja2.UndefinedError when ``context`` lacks a fact, and InvalidInput for a line break in one.
    """
    template = _TEMPLATES.get_template(f"{kind}.{_TEXT}")
    return header_text("".join(template.blocks["subject"](template.new_context(_clean(context)))).strip())


def _plain(address: Address) -> Address:
    # With such a sender every mail would need SMTPUTF8, which many of the students' servers do not speak.
    if not address.username.isascii():
        raise InvalidInput(f"“{address.addr_spec}” has letters before the @ that many mail servers refuse.")
    return address


def _clean(value: Any) -> Any:  # noqa: ANN401 - JSON in, the same JSON out
    """The same facts without characters that a mail cannot carry; line breaks are ``\\n``."""
    if isinstance(value, str):
        unified = value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        return "".join(char for char in unified if char == "\n" or is_fit(char))
    if isinstance(value, Mapping):
        return {key: _clean(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in cast("list[Any]", value)]
    return value


def _lines(text: str) -> Markup:
    """``text`` for HTML, with its line breaks."""
    return Markup("<br>").join(escape(line) for line in text.strip().splitlines())


def _indented(text: str) -> str:
    """``text`` for plain text, as a block."""
    return "\n".join(f"  {line}".rstrip() for line in text.strip().splitlines())


def _capital(text: str) -> str:
    """``text`` with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def _shortened(text: str, max_chars: int) -> str:
    """``text`` on one line, cut in the middle: the end of a file's name says what it is."""
    line = " ".join(text.split())
    half = (max_chars - 1) // 2
    return line if len(line) <= max_chars else f"{line[:half]}…{line[-half:]}"


def _greeting(name: str) -> str:
    """``Hello Jane,``; without a name that is an advertisement rather than a name."""
    return "Hello," if not name.strip() or _ADDRESS.search(name) else f"Hello {_shortened(name, 80)},"


def _unlinked(text: str) -> str:
    """``text`` that reads the same and in which no mail program finds an address to make a link of."""
    return _PARTS_OF_ADDRESSES.sub(lambda found: found[0] + _NO_WIDTH, text)


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("printlab.mail"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=(_HTML,), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = cast("dict[str, Any]", environment.filters)
    filters.update(lines=_lines, indented=_indented, capital=_capital, shortened=_shortened)
    filters.update(greeting=_greeting, unlinked=_unlinked)
    return environment


_TEMPLATES = _templates()
# Nothing is ever fetched: the styles stand in the page itself.
_INLINER = CSSInliner(load_remote_stylesheets=False)
