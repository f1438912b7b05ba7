"""Mails through a mail server that fails in every way, while those who send them are killed: none is lost."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import pytest
from sqlmodel import select

from printlab.models import MailState, OutboxMail
from printlab.services import Services
from tests.crash.sender import SendingLab, send_until_killed
from tests.mail import server as mail_server
from tests.mail.fickle import FickleServer
from tests.workbench import Clock, Workbench

pytestmark = pytest.mark.serial

_MAILS, _KILLS = 1000, 4
_NOBODY_EVERY = 25
_CONNECTIONS = 2  # a sender that is killed had so many mails on their way at most
_PATIENCE_S = 600


@pytest.fixture
def server() -> Iterator[FickleServer]:
    """The mail server, in a thread of this process."""
    with mail_server.listening(FickleServer(seed=7)) as server:
        yield server


@pytest.fixture
def lab(data_dir: Path, database_url: str, server: FickleServer) -> SendingLab:
    """An empty lab that sends through this server, on each database."""
    return SendingLab(data_dir, database_url, server.port, datetime.now(UTC))


def test_every_mail_arrives_whoever_is_killed(
    lab: SendingLab,
    server: FickleServer,
    processes: ForkServerContext,
    scale: float,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mails, kills = max(40, int(_MAILS * scale)), max(1, int(_KILLS * scale))
    services = lab.open()
    _order(services, mails)
    senders = [_started(processes, lab) for _ in range(1 if services.database.is_sqlite else 2)]
    for kill in range(kills):
        wanted = mails * (kill + 0.5) / (kills + 0.5)
        _until(lambda wanted=wanted: len(server.received) > wanted, senders)
        _kill(senders.pop(0))
        senders.append(_started(processes, lab))
    _until(lambda: not _open(services), senders)
    for sender in senders:
        _kill(sender)
    _check(services, server, kills)
    services.close()
    doubles, lost = server.accepted.total() - len(server.accepted), server.unheard.total()
    with capsys.disabled():
        sys.stdout.write(
            f"\n{mails} mails, {len(senders)} at a time, {kills} kills: {len(server.accepted)} arrived, "
            f"{doubles} once more; {lost} answers were lost\n"
        )


def _check(services: Services, server: FickleServer, kills: int) -> None:
    mails = _all(services)
    refused = {mail.message_id for mail in mails if mail.to_address.startswith("nobody")}
    assert {mail.message_id for mail in mails if mail.state is MailState.FAILED} == refused
    assert {mail.message_id for mail in mails if mail.state is MailState.SENT} == set(server.accepted)
    assert set(server.accepted) == {mail.message_id for mail in mails} - refused
    heard_twice = [mail for mail, count in server.accepted.items() if count - server.unheard[mail] > 1]
    assert len(heard_twice) <= kills * _CONNECTIONS


def _order(services: Services, count: int) -> None:
    """So many jobs, each of a student who gets a mail about it; some have mistyped their address."""
    bench = Workbench(services, Clock())
    for number in range(count):
        name = "nobody" if number % _NOBODY_EVERY == 0 else "student"
        bench.submit(email=f"{name}{number}@example.edu", browser=str(number), key=str(number))


def _started(processes: ForkServerContext, lab: SendingLab) -> ForkServerProcess:
    process = processes.Process(target=send_until_killed, args=(lab,))
    process.start()
    return process


def _kill(sender: ForkServerProcess) -> None:
    """It has to be alive: one that a mail or an answer had ended would go unnoticed."""
    sender.kill()
    sender.join()
    assert sender.exitcode == -signal.SIGKILL


def _all(services: Services) -> list[OutboxMail]:
    with services.database.read() as session:
        return list(session.exec(select(OutboxMail)))


def _open(services: Services) -> bool:
    return any(mail.state in (MailState.QUEUED, MailState.SENDING) for mail in _all(services))


def _until(happens: Callable[[], bool], senders: list[ForkServerProcess]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not happens():
        assert all(sender.is_alive() for sender in senders)
        assert time.monotonic() < deadline
        time.sleep(0.2)
