"""Mails a second from one process to a server on this machine, and what looking into a long outbox takes."""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiosmtpd.controller import Controller
from sqlmodel import Session, col, select

from benchmarks import large_lab
from benchmarks.databases import DATABASES
from benchmarks.figures import in_ms, scaled
from benchmarks.servers import free_port
from printlab.log import configure_logging
from printlab.models import Job, MailState, OutboxMail
from printlab.services import Services
from printlab.settings import load_settings
from printlab.start import open_services

_MAILS = 1000
_OLD_MAILS = 100_000
_LOOKS = 100
_ROWS_A_STATEMENT = 5000
_STARTS_WITHIN_S = 10.0


def measure(scale: float) -> dict[str, object]:
    """Both databases: the first mails of a lab, then as many in one that has sent a hundred thousand."""
    figures: dict[str, object] = {"mails": scaled(_MAILS, scale), "old_mails": scaled(_OLD_MAILS, scale)}
    for database, running in DATABASES.items():
        with (
            tempfile.TemporaryDirectory(prefix="printlab-benchmark-") as name,
            running(Path(name)) as settings,
            _mail_server() as port,
            _lab(Path(name), {**settings, "smtp_url": f"smtp://127.0.0.1:{port}"}, scale) as services,
        ):
            figures[database] = _sending(services, scale)
    return figures


def _sending(services: Services, scale: float) -> dict[str, object]:
    outbox = _Rows(services)
    mails = scaled(_MAILS, scale)
    outbox.add(mails, MailState.QUEUED)
    empty = _delivered(services, mails)
    outbox.add(scaled(_OLD_MAILS, scale), MailState.SENT)
    services.database.count_rows()
    looks = [_timed(lambda: _delivered(services, 0)) for _ in range(scaled(_LOOKS, scale))]
    outbox.add(mails, MailState.QUEUED)
    return {
        "mails_per_s": round(mails / empty, 1),
        "with_old_mails_per_s": round(mails / _delivered(services, mails), 1),
        "look_with_old_mails": in_ms(looks),
    }


def _delivered(services: Services, mails: int) -> float:
    """The seconds in which all that is due was sent: so many mails."""
    began = time.perf_counter()
    assert asyncio.run(_deliver(services)) == mails
    return time.perf_counter() - began


async def _deliver(services: Services) -> int:
    sent = await services.delivery.deliver()
    await services.delivery.close()
    return sent


class _Rows:
    """Mails of all kinds that the demo wrote, as other jobs' mails."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._numbers = itertools.count()
        with services.database.read() as session:
            self._templates = [mail.model_dump(exclude={"id"}) for mail in session.exec(select(OutboxMail))]
            self._jobs = session.exec(select(Job.id, Job.student_name, Job.student_email).order_by(col(Job.id))).all()

    def add(self, count: int, state: MailState) -> None:
        """So many more, spread over all jobs."""
        now = self._services.clock()
        rows = (self._row(number, state, now) for number in itertools.islice(self._numbers, count))
        with self._services.database.write() as unit:
            while some := list(itertools.islice(rows, _ROWS_A_STATEMENT)):
                unit.session.execute(sa.insert(OutboxMail), some)

    def _row(self, number: int, state: MailState, now: datetime) -> dict[str, Any]:
        job_id, name, address = self._jobs[number % len(self._jobs)]
        sent_at = now - timedelta(minutes=number) if state is MailState.SENT else None
        return self._templates[number % len(self._templates)] | {
            "job_id": job_id,
            "event_id": None,
            "to_name": name,
            "to_address": address,
            "state": state,
            "dedupe_key": f"benchmark:{number}",
            "message_id": f"<{number}@benchmark.example>",
            "attempts": int(sent_at is not None),
            "due_at": sent_at or now,
            "created_at": sent_at or now,
            "sent_at": sent_at,
        }


@contextmanager
def _lab(folder: Path, settings: dict[str, str], scale: float) -> Generator[Services]:
    """Its services, in this process, with so many jobs that each new mail is another one's."""
    configure_logging(folder / "logs", "WARNING")
    values = load_settings(_env_file=None, data_dir=folder / "data", mail_from="lab@example.com", **settings)
    jobs = scaled(_MAILS, scale)
    large_lab.fill(values, open_jobs=jobs, ended_jobs=4 * jobs)
    services = open_services(values)
    with services.database.write() as unit:
        _settle(unit.session)
    try:
        yield services
    finally:
        services.close()


def _settle(session: Session) -> None:
    """What the demo wrote has been sent."""
    session.execute(sa.update(OutboxMail).values(state=MailState.SENT, sent_at=col(OutboxMail.created_at)))


@contextmanager
def _mail_server() -> Generator[int]:
    """A server that takes every mail and forgets it, in a process of its own; its port."""
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=_take_mails, args=(port,), daemon=True)
    process.start()
    try:
        yield port
    finally:
        process.terminate()
        process.join()


class _Taker:
    async def handle_DATA(self, *_: object) -> str:  # noqa: N802  (the name aiosmtpd looks for)
        return "250 Taken"


def _take_mails(port: int) -> None:
    Controller(_Taker(), hostname="127.0.0.1", port=port).start()
    while True:
        time.sleep(3600)


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
