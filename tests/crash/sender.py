"""The process that sends mails until it is killed, by a clock that runs fast: retries and leases take seconds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from printlab.log import configure_logging
from printlab.services import Services, build_services
from printlab.settings import load_settings

_TIMES_AS_FAST = 30
_LOOKS_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class SendingLab:
    """A lab with a mail server; can be handed to another process. A minute of its time is two seconds of ours."""

    data_dir: Path
    database_url: str
    port: int
    began: datetime

    def open(self) -> Services:
        """Services as a server that has just started. It waits a second for an answer of the mail server."""
        settings = load_settings(
            _env_file=None,
            data_dir=self.data_dir,
            database_url=self.database_url,
            smtp_url=f"smtp://127.0.0.1:{self.port}?timeout=1",
            mail_from="lab@example.edu",
        )
        services = build_services(settings, self._now)
        services.filing.prepare()
        return services

    def _now(self) -> datetime:
        return self.began + (datetime.now(UTC) - self.began) * _TIMES_AS_FAST


def send_until_killed(lab: SendingLab) -> None:
    """Look for mails that are due, again and again."""
    configure_logging(lab.data_dir / "logs", "ERROR")
    asyncio.run(_send(lab.open()))


async def _send(services: Services) -> None:
    while True:
        await services.delivery.deliver()
        await asyncio.sleep(_LOOKS_EVERY_S)
