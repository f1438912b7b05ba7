"""A mail server as one meets them on a bad day: it refuses for now, refuses for good, falls silent and dies."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.mail.server import MESSAGES, MailServer

_FOR_NOW = (
    "421 4.3.2 Going down",
    "450 4.2.1 Mailbox busy",
    "451 4.3.0 Try again later",
    "452 4.2.2 Mailbox full",
)
_FOR_GOOD = "550 5.1.1 No such user"


class FickleServer(MailServer):
    """``accepted`` counts the Message-IDs it has taken; ``unheard`` those of which it could not say so any more.

    An address that begins with “nobody” does not exist, ever.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = Random(seed)
        self.accepted: Counter[str] = Counter()
        self.unheard: Counter[str] = Counter()

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        return await self._trouble(server, 0.1) or await super().handle_MAIL(
            server, session, envelope, address, options
        )

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return _FOR_GOOD
        return await self._trouble(server, 0.1) or await super().handle_RCPT(
            server, session, envelope, address, options
        )

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if trouble := await self._trouble(server, 0.2):
            return trouble
        message_id = MESSAGES.parsebytes(envelope.content or b"")["Message-ID"]
        self.accepted[message_id] += 1
        self.received.append(envelope)
        if self._random.random() < 0.05:  # it has the mail, and dies or hangs before it says so
            self.unheard[message_id] += 1
            return await self._silence(server)
        return "250 Taken"

    async def _trouble(self, server: SMTP, chance: float) -> str | None:
        """What it answers instead of going on."""
        if self._random.random() >= chance:
            return None
        if self._random.random() < 0.2:
            return await self._silence(server)
        return self._random.choice(_FOR_NOW)

    async def _silence(self, server: SMTP) -> str:
        """Hang up at once, or say nothing for longer than anybody waits."""
        if self._random.random() < 0.5:
            await asyncio.sleep(30)
        if server.transport is not None:
            server.transport.abort()
        return _FOR_NOW[0]
