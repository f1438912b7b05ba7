"""A real mail server on 127.0.0.1, in its own thread, that can be told how to misbehave."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

SELF_SIGNED = Path(__file__).with_name("self_signed.pem")


class MailServer:
    """What the server received, and what it answers instead of taking mails.

    ``answers`` maps ``MAIL``, ``RCPT`` or ``DATA`` to the line it answers; ``drop`` hangs up there, ``hang`` says
    nothing for a minute.
    """

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.received: list[Envelope] = []
        self.sign_ins: list[tuple[bytes, bytes]] = []
        self.answers: dict[str, str] = {}

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
        if answer == "drop" and server.transport is not None:
            server.transport.abort()
        if answer == "hang":
            await asyncio.sleep(60)
        return answer


class _Controller(Controller):
    def factory(self) -> SMTP:
        self.handler.connections += 1
        return super().factory()


@contextmanager
def running(**options: Any) -> Iterator[MailServer]:
    """A server that listens while the block runs; ``options`` go to aiosmtpd's SMTP."""
    server = MailServer()
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
