"""A real mail server on 127.0.0.1, in its own thread, that can be told how to misbehave."""

from __future__ import annotations

import asyncio
import email.policy
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from pathlib import Path
from typing import Any, TypeVar

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

_PATIENCE_S = 20
MESSAGES = BytesParser(policy=email.policy.default)

SELF_SIGNED = Path(__file__).with_name("self_signed.pem")


class MailServer:
    """What the server received, and what it answers instead of taking mails.

    ``answers`` maps ``MAIL``, ``RCPT`` or ``DATA`` to the line it answers; ``drop`` hangs up there, ``hang`` says
    nothing for a minute, ``wait`` says nothing until ``go_on``.
    """

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.received: list[Envelope] = []
        self.sign_ins: list[tuple[bytes, bytes]] = []
        self.answers: dict[str, str] = {}
        self._late_answer: str | None = None
        self._waiting = threading.Semaphore(0)
        self._go_on = threading.Event()

    @property
    def subjects(self) -> list[str]:
        """The subjects of what it received, oldest first."""
        contents = [envelope.content for envelope in self.received]
        return [MESSAGES.parsebytes(content)["Subject"] for content in contents if isinstance(content, bytes)]

    @property
    def texts(self) -> list[str]:
        """The plain text of what it received, oldest first."""
        contents = [envelope.content for envelope in self.received]
        messages = [MESSAGES.parsebytes(content) for content in contents if isinstance(content, bytes)]
        return [message.get_body(("plain",)).get_content() for message in messages]

    async def has_mails_waiting(self, count: int = 1) -> None:
        """Return once so many more mails wait for an answer."""
        for _ in range(count):
            assert await asyncio.to_thread(self._waiting.acquire, timeout=_PATIENCE_S)

    def go_on(self, answer: str | None = None) -> None:
        """Give the mail that waits this answer, or take it; and take all that come after it."""
        self._late_answer = answer
        self.answers.clear()
        self._go_on.set()

    async def handle_MAIL(  # noqa: N802 - the names aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := await self._misbehave("MAIL", server):
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := await self._misbehave("RCPT", server):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if answer := await self._misbehave("DATA", server):
            return answer
        self.received.append(envelope)
        return "250 Taken"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.sign_ins.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss word", handled=False)

    async def _misbehave(self, step: str, server: SMTP) -> str | None:
        answer = self.answers.get(step)
        if answer == "wait":
            self._waiting.release()
            await asyncio.to_thread(self._go_on.wait, _PATIENCE_S)
            answer = self._late_answer
        if answer == "drop" and server.transport is not None:
            server.transport.abort()
        if answer == "hang":
            await asyncio.sleep(60)
        return answer


_Server = TypeVar("_Server", bound=MailServer)


class _Handler:
    """What aiosmtpd gets to see: it asks for every property of its handler with each connection."""

    def __init__(self, server: MailServer) -> None:
        self.handle_MAIL = server.handle_MAIL
        self.handle_RCPT = server.handle_RCPT
        self.handle_DATA = server.handle_DATA


class _Controller(Controller):
    def __init__(self, server: MailServer, **options: Any) -> None:
        super().__init__(_Handler(server), **options)
        self._server = server

    def factory(self) -> SMTP:
        self._server.connections += 1
        return super().factory()


@contextmanager
def running(**options: Any) -> Iterator[MailServer]:
    """A server that listens while the block runs; ``options`` go to aiosmtpd's SMTP."""
    with listening(MailServer(), **options) as server:
        yield server


@contextmanager
def listening(server: _Server, **options: Any) -> Iterator[_Server]:
    """The same for a server of another mind."""
    if options.get("authenticator"):
        options["authenticator"] = server.authenticate
    controller = _Controller(server, hostname="127.0.0.1", port=_free_port(), **options)
    controller.start()
    server.port = controller.port
    server.connections = 0  # the controller knocks once to see whether it runs
    try:
        yield server
    finally:
        controller.stop()


def tls_context() -> ssl.SSLContext:
    """The server's side of TLS, with a certificate that only those trust who are told to."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(SELF_SIGNED)
    return context


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
