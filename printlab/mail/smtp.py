"""The way to the mail server: one connection that is kept open, and failures that say whether another try helps."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import aiosmtplib

from printlab.errors import PrintLabError

TIMEOUT_S: Final = 20.0
MAILS_PER_CONNECTION: Final = 50
IDLE_MAX_S: Final = 60.0
_STEPS_PER_SEND = 3
_WORDS_MAX_CHARS = 300
_HOST = re.compile(r"[A-Za-z0-9._:-]+")


class Security(StrEnum):
    """How the connection is protected; the value is the scheme of the address. Certificates are always checked."""

    NONE = "smtp"
    TLS = "smtps"
    STARTTLS = "smtp+starttls"


_PORTS = {Security.NONE: 25, Security.TLS: 465, Security.STARTTLS: 587}


@dataclass(frozen=True, slots=True)
class SmtpUrl:
    """Where the mail server is and how to sign in there."""

    host: str
    port: int
    security: Security
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_s: float = TIMEOUT_S

    @classmethod
    def parse(cls, text: str) -> SmtpUrl:
        """Read ``smtps://user:password@host:port?timeout=20``; signs like @ in the password are written as ``%40``.

        Raises ValueError with a sentence that names what is wrong and never holds the password.
        """
        try:
            parts = urlsplit(text.strip())
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise ValueError("The mail server's address has no valid host or port, as in smtps://host:465.") from None
        security = _security(parts.scheme)
        if not _HOST.fullmatch(host) or parts.path not in {"", "/"} or parts.fragment:
            raise ValueError("The mail server's address is written smtps://user:password@host:port, nothing after it.")
        user, password = _credentials(parts)
        if password and security is Security.NONE and not _is_this_machine(host):
            raise ValueError(
                "With smtp:// the password would cross the network unprotected. Use smtps:// or smtp+starttls://."
            )
        return cls(host, port or _PORTS[security], security, user, password, _timeout_s(parts.query))


class SendFailed(PrintLabError):
    """A mail was not taken, as far as is known. ``detail`` is the sentence to show.

    ``permanent``: trying this mail again cannot help. ``perhaps_taken``: the connection broke while the mail was being
    handed over, so that the server may have it all the same.
    """

    def __init__(self, permanent: bool, detail: str, *, perhaps_taken: bool = False) -> None:
        super().__init__(detail)
        self.permanent = permanent
        self.detail = detail
        self.perhaps_taken = perhaps_taken


class Smtp:
    """Sends mails to one server, one after the other, from one event loop.

    The connection stays open between mails. It is made anew after 50 mails, after a minute without any, and after
    every failure.
    """

    def __init__(self, url: SmtpUrl) -> None:
        self._url = url
        self._connection: _Connection | None = None
        self._sent_on_connection = 0
        self._used_at_s = 0.0
        self._turn = asyncio.Lock()

    @property
    def longest_send_s(self) -> float:
        """After this many seconds a ``send`` has ended one way or the other; a lease must outlast it."""
        return self._url.timeout_s * _STEPS_PER_SEND

    async def send(self, message: EmailMessage) -> None:
        """Return when the server has taken ``message``; raise SendFailed otherwise."""
        async with self._turn:
            try:
                async with asyncio.timeout(self.longest_send_s):
                    await self._deliver(message)
            except (aiosmtplib.SMTPException, OSError, ValueError) as error:
                failure = self._failure(error)
                self._drop()
                raise failure from error
            except BaseException:
                self._drop()
                raise

    async def close(self) -> None:
        """Say goodbye to the server; a later ``send`` connects again."""
        async with self._turn:
            await self._hang_up()

    async def _deliver(self, message: EmailMessage) -> None:
        connection = await self._ready_connection()
        connection.hands_over = False
        try:
            await connection.send_message(message)
        except ValueError as error:
            raise SendFailed(True, f"The mail cannot be written for the server: {_words(str(error))}") from error
        self._sent_on_connection += 1
        self._used_at_s = asyncio.get_running_loop().time()

    async def _ready_connection(self) -> _Connection:
        # Servers and firewalls forget idle connections without a word; the next mail would wait for its timeout.
        idle_s = asyncio.get_running_loop().time() - self._used_at_s
        if self._sent_on_connection >= MAILS_PER_CONNECTION or idle_s > IDLE_MAX_S:
            await self._hang_up()
        if self._connection is None or not self._connection.is_connected:
            self._connection = _new_connection(self._url)
            self._sent_on_connection = 0
            await self._connection.connect()
        return self._connection

    async def _hang_up(self) -> None:
        if self._connection is not None and self._connection.is_connected:
            with suppress(aiosmtplib.SMTPException, OSError):
                await self._connection.quit(timeout=min(2.0, self._url.timeout_s))
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._sent_on_connection = 0

    def _failure(self, error: Exception) -> SendFailed:
        server = f"The mail server {self._url.host}:{self._url.port}"
        unknown = self._connection is not None and self._connection.hands_over
        match error:
            case aiosmtplib.SMTPRecipientsRefused(recipients=[refused, *_]):
                return _refusal(f"{server} refused the address", refused)
            case aiosmtplib.SMTPResponseException():
                return _refusal(f"{server} refused {_what(error)}", error)
            case aiosmtplib.SMTPNotSupported():
                return SendFailed(True, f"{server} does not take addresses with letters outside of ASCII.")
            case TimeoutError():
                silence = f"{server} did not answer in time. {_words(str(error))}".strip()
                return SendFailed(False, silence, perhaps_taken=unknown)
            case aiosmtplib.SMTPServerDisconnected():
                return SendFailed(False, f"{server} hung up: {_words(str(error))}", perhaps_taken=unknown)
            case _:
                return SendFailed(False, f"{server} cannot be used: {_words(str(error))}", perhaps_taken=unknown)


def _refusal(what: str, error: aiosmtplib.SMTPResponseException) -> SendFailed:
    permanent = _is_permanent(error)
    again = "" if permanent else " for now"
    return SendFailed(permanent, f"{what}{again}: {error.code} {_words(error.message)}")


def _is_permanent(error: aiosmtplib.SMTPResponseException) -> bool:
    """Whether the server will never take this very mail.

    5xx is final (RFC 5321 §4.2.1) where it is about the mail. A wrong password, an unwelcome sender or a greeting
    with 554 are about the lab's set-up: once that is mended, the mails that wait should go.
    """
    match error:
        case aiosmtplib.SMTPRecipientRefused():
            # 530: sign in first. 552: to a recipient it means "full for now" (RFC 5321 §4.5.3.1.10).
            return 500 <= error.code < 600 and error.code not in {530, 552}
        case aiosmtplib.SMTPDataError():
            return 500 <= error.code < 600 and error.code != 530
        case aiosmtplib.SMTPSenderRefused():
            return error.code == 552  # the mail is larger than the server takes
        case _:
            return False


def _what(error: aiosmtplib.SMTPResponseException) -> str:
    match error:
        case aiosmtplib.SMTPAuthenticationError():
            return "the sign-in"
        case aiosmtplib.SMTPSenderRefused():
            return "the sender"
        case aiosmtplib.SMTPDataError():
            return "the mail"
        case _:
            return "the connection"


def _words(text: str) -> str:
    """The server's words as one short line that any database and screen can hold."""
    sound = text.encode("utf-8", "replace").decode("utf-8")
    line = " ".join("".join(char if char.isprintable() else " " for char in sound).split())
    return line if len(line) <= _WORDS_MAX_CHARS else line[: _WORDS_MAX_CHARS - 1] + "…"


class _Connection(aiosmtplib.SMTP):
    """Knows whether a mail was just being handed over when something broke."""

    hands_over = False

    async def data(self, message: str | bytes, /, **options: Any) -> aiosmtplib.SMTPResponse:
        self.hands_over = True
        return await super().data(message, **options)


def _new_connection(url: SmtpUrl) -> _Connection:
    return _Connection(
        hostname=url.host,
        port=url.port,
        username=url.user,
        password=url.password,
        timeout=url.timeout_s,
        use_tls=url.security is Security.TLS,
        start_tls=url.security is Security.STARTTLS,
    )


def _security(scheme: str) -> Security:
    try:
        return Security(scheme)
    except ValueError:
        raise ValueError("The mail server's address starts with smtps://, smtp+starttls:// or smtp://.") from None


def _credentials(parts: SplitResult) -> tuple[str | None, str | None]:
    user, password = (unquote(value) if value else None for value in (parts.username, parts.password))
    if password and not user:
        raise ValueError("The mail server's address holds a password but no user.")
    return user, password


def _timeout_s(query: str) -> float:
    options = dict(parse_qsl(query, keep_blank_values=True))
    text = options.pop("timeout", str(TIMEOUT_S))
    if options:
        raise ValueError(
            f"The mail server's address has an unknown option “{next(iter(options))}”; only timeout is known."
        )
    try:
        timeout_s = float(text)
    except ValueError:
        timeout_s = 0.0
    if not 1 <= timeout_s <= 300:
        raise ValueError("The mail server's timeout is a number of seconds from 1 to 300, as in ?timeout=20.")
    return timeout_s


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
