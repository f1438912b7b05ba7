"""From facts to a finished mail: subject, plain text and HTML from the templates, wrapped in headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, localtime
from functools import cache, cached_property
from typing import Any, cast

from css_inline import CSSInliner
from jinja2 import Template
from markupsafe import Markup

from printlab.errors import InvalidInput
from printlab.mail import palette
from printlab.mail.environment import HTML, TEMPLATES, TEXT
from printlab.mail.headers import check_message_id, header_text, is_fit, mailbox, parse_mailbox, policy_for
from printlab.mail.kinds import MailKind
from printlab.mail.wording import Wording

IS_TEST = "is_test"
"""In the context of a mail that an admin sends to try its words: the subject says so."""
_BLANK_LINES = re.compile(r"\n{3,}")
_OWN_BODY = "{% block body %}\n{{ own_words }}\n{% endblock %}"


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
        return _BLANK_LINES.sub("\n\n", _filled(kind, TEXT, self._facts(context))).strip() + "\n"

    def render_html(self, kind: MailKind, context: Mapping[str, Any]) -> str:
        """The HTML alone."""
        facts = self._facts(context) | {"subject": render_subject(kind, context)}
        return _INLINER.inline(_filled(kind, HTML, facts))

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
    facts = _clean(context)
    if (wording := Wording.of(facts)) is not None:
        subject = wording.render_subject(facts)
    else:
        template = TEMPLATES.get_template(f"{kind}.{TEXT}")
        subject = "".join(template.blocks["subject"](template.new_context(facts)))
    return header_text(f"Test: {subject}" if facts.get(IS_TEST) else subject.strip())


def _filled(kind: MailKind, part: str, facts: Mapping[str, Any]) -> str:
    wording = Wording.of(facts)
    if wording is None:
        return TEMPLATES.get_template(f"{kind}.{part}").render(facts)
    words = wording.render_html(facts) if part == HTML else Markup(wording.render_body(facts))  # noqa: S704  (plain text)
    return _with_own_body(kind, part).render(facts, own_words=words)


@cache
def _with_own_body(kind: MailKind, part: str) -> Template:
    """The shipped mail around words of the lab's own, which come in as a fact: they are no part of this template."""
    return TEMPLATES.from_string(f"{{% extends '{kind}.{part}' %}}" + _OWN_BODY)


def _plain(address: Address) -> Address:
    # With such a sender every mail would need SMTPUTF8, which many of the students' servers do not speak.
    if not address.username.isascii():
        raise InvalidInput(f"“{address.addr_spec}” has letters before the @ that many mail servers refuse.")
    return address


def _clean(value: Any) -> Any:  # noqa: ANN401 - JSON in, the same JSON out
    """The same facts without characters that a mail cannot carry; line breaks are ``\\n``."""
    if isinstance(value, str):
        if value.isprintable():
            return value  # nearly all: what is printable is fit
        unified = value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        return "".join(char for char in unified if char == "\n" or is_fit(char))
    if isinstance(value, Mapping):
        return {key: _clean(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in cast("list[Any]", value)]
    return value


# Nothing is ever fetched: the styles stand in the page itself.
_INLINER = CSSInliner(load_remote_stylesheets=False)
