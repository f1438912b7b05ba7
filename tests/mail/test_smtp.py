"""Sending against a real server: what arrives, what fails, and whether another try makes sense."""

from __future__ import annotations

import asyncio
import email
import email.policy
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from email.message import EmailMessage

import pytest

from printlab.mail.kinds import MailKind
from printlab.mail.smtp import MAILS_PER_CONNECTION, SendFailed, Smtp, SmtpUrl
from tests.mail import server as mail_server
from tests.mail.facts import MESSAGE_ID, TRACK_URL, a_composer, facts_of
from tests.mail.server import MailServer


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server.running(enable_SMTPUTF8=True) as running:
        yield running


@asynccontextmanager
async def client(port: int, scheme: str = "smtp", credentials: str = "") -> AsyncIterator[Smtp]:
    smtp = Smtp(SmtpUrl.parse(f"{scheme}://{credentials}127.0.0.1:{port}?timeout=5"))
    try:
        yield smtp
    finally:
        await smtp.close()


def a_mail(to_address: str = "jane@example.com") -> EmailMessage:
    return a_composer().compose(MailKind.QUOTE, facts_of(MailKind.QUOTE), "Zoë Müller", to_address, MESSAGE_ID)


async def failure(smtp: Smtp) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        await smtp.send(a_mail())
    return caught.value


async def test_a_mail_arrives_as_it_was_written(server: MailServer) -> None:
    async with client(server.port) as smtp:
        await smtp.send(a_mail())
    [envelope] = server.received
    assert isinstance(envelope.content, bytes)
    arrived = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert envelope.mail_from == "printlab@example.edu"
    assert envelope.rcpt_tos == ["jane@example.com"]
    assert arrived["Message-ID"] == MESSAGE_ID
    assert arrived["Subject"] == "Job 142: your new quote is $3.86, please confirm"
    assert all(TRACK_URL in part.get_content() for part in arrived.iter_parts())
    assert envelope.content.isascii()


async def test_an_address_in_utf_8_is_announced_to_the_server_and_only_then(server: MailServer) -> None:
    async with client(server.port) as smtp:
        await smtp.send(a_mail("zoë@bücher.example"))
        await smtp.send(a_mail("zoe@bücher.example"))
    international, plain = server.received
    assert international.rcpt_tos == ["zoë@xn--bcher-kva.example"]
    assert "SMTPUTF8" in international.mail_options
    assert plain.rcpt_tos == ["zoe@xn--bcher-kva.example"]
    assert "SMTPUTF8" not in plain.mail_options


async def test_an_address_in_utf_8_fails_for_good_at_a_server_that_cannot_take_it() -> None:
    with mail_server.running(enable_SMTPUTF8=False) as plain_server:
        async with client(plain_server.port) as smtp:
            with pytest.raises(SendFailed, match="letters outside of ASCII") as caught:
                await smtp.send(a_mail("zoë@example.com"))
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("step", "answer", "permanent"),
    [
        ("RCPT", "550 5.1.1 No such user here", True),
        ("RCPT", "450 4.2.1 Mailbox busy", False),
        ("RCPT", "421 4.3.2 Going down", False),
        ("RCPT", "552 5.2.2 Mailbox full", False),
        ("RCPT", "530 5.7.0 Sign in first", False),
        ("DATA", "554 5.7.1 Looks like spam", True),
        ("DATA", "451 4.3.0 Try later", False),
        ("DATA", "421 4.7.0 Too many mails", False),
        ("MAIL", "550 5.7.1 Not a sender of ours", False),
        ("MAIL", "552 5.3.4 Mail too big", True),
        ("MAIL", "421 4.4.2 Idle for too long", False),
    ],
)
async def test_a_refusal_says_in_the_servers_words_whether_another_try_helps(
    server: MailServer, step: str, answer: str, permanent: bool
) -> None:
    server.answers[step] = answer
    async with client(server.port) as smtp:
        failed = await failure(smtp)
    assert failed.permanent is permanent
    assert not failed.perhaps_taken
    assert answer in str(failed)
    assert f"127.0.0.1:{server.port}" in failed.detail
    assert server.received == []


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_a_dropped_connection_is_no_verdict_on_the_mail(server: MailServer, step: str) -> None:
    server.answers[step] = "drop"
    async with client(server.port) as smtp:
        failed = await failure(smtp)
        assert not failed.permanent
        assert failed.perhaps_taken is (step == "DATA")
        assert "hung up" in failed.detail
        server.answers.clear()
        await smtp.send(a_mail())
    assert len(server.received) == 1


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
async def test_a_silent_server_is_given_up_after_the_timeout(server: MailServer, step: str) -> None:
    server.answers[step] = "hang"
    smtp = Smtp(SmtpUrl.parse(f"smtp://127.0.0.1:{server.port}?timeout=1"))
    started_s = time.monotonic()
    failed = await failure(smtp)
    assert not failed.permanent
    assert failed.perhaps_taken is (step == "DATA")
    assert "did not answer in time" in failed.detail
    assert time.monotonic() - started_s < smtp.longest_send_s


async def test_a_server_that_is_not_there_is_tried_again_later(unused_tcp_port: int) -> None:
    async with client(unused_tcp_port) as smtp:
        failed = await failure(smtp)
    assert not failed.permanent
    assert f"127.0.0.1:{unused_tcp_port}" in failed.detail


async def _greet_with(line: bytes, use: Callable[[int], Awaitable[None]]) -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(line)
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with listener:
        await use(listener.sockets[0].getsockname()[1])


@pytest.mark.parametrize("greeting", [b"554 5.7.1 Blocked\r\n", b"421 Busy\r\n", b"", b"\xff\xfe what\r\n", b"250"])
async def test_a_bad_greeting_is_no_verdict_on_the_mail(greeting: bytes) -> None:
    async def use(port: int) -> None:
        async with client(port) as smtp:
            failed = await failure(smtp)
        assert not failed.permanent
        failed.detail.encode()

    await _greet_with(greeting, use)


async def test_one_connection_serves_fifty_mails_and_then_a_new_one_is_made(server: MailServer) -> None:
    async with client(server.port) as smtp:
        for _ in range(MAILS_PER_CONNECTION):
            await smtp.send(a_mail())
        assert server.connections == 1
        await smtp.send(a_mail())
        assert server.connections == 2
    assert len(server.received) == MAILS_PER_CONNECTION + 1


async def test_a_failure_makes_a_new_connection(server: MailServer) -> None:
    async with client(server.port) as smtp:
        await smtp.send(a_mail())
        server.answers["RCPT"] = "550 No such user"
        await failure(smtp)
        server.answers.clear()
        await smtp.send(a_mail())
    assert server.connections == 2
    assert len(server.received) == 2


async def test_an_idle_connection_is_not_trusted(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async with client(server.port) as smtp:
        await smtp.send(a_mail())
        monkeypatch.setattr("printlab.mail.smtp.IDLE_MAX_S", 0.0)
        await asyncio.sleep(0.01)
        await smtp.send(a_mail())
    assert server.connections == 2


async def test_mails_sent_at_once_wait_for_each_other(server: MailServer) -> None:
    async with client(server.port) as smtp:
        await asyncio.gather(*(smtp.send(a_mail()) for _ in range(8)))
    assert server.connections == 1
    assert len(server.received) == 8


async def test_a_cancelled_send_leaves_a_sender_that_works(server: MailServer) -> None:
    async with client(server.port) as smtp:
        await smtp.send(a_mail())
        server.answers["RCPT"] = "hang"
        sending = asyncio.create_task(smtp.send(a_mail()))
        await asyncio.sleep(0.3)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        server.answers.clear()
        await smtp.send(a_mail())
    assert server.connections == 2
    assert len(server.received) == 2


async def test_a_closed_sender_connects_again(server: MailServer) -> None:
    async with client(server.port) as smtp:
        await smtp.send(a_mail())
        await smtp.close()
        await smtp.close()
        await smtp.send(a_mail())
    assert server.connections == 2


async def test_starttls_signs_in_and_sends_when_the_certificate_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(mail_server.SELF_SIGNED))
    options = {"tls_context": mail_server.tls_context(), "authenticator": True, "auth_required": True}
    with mail_server.running(**options) as secure_server:
        async with client(secure_server.port, "smtp+starttls", "lab:p%40ss%20word@") as smtp:
            await smtp.send(a_mail())
    assert secure_server.sign_ins == [(b"lab", b"p@ss word")]
    assert len(secure_server.received) == 1


async def test_a_wrong_password_is_no_verdict_on_the_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(mail_server.SELF_SIGNED))
    options = {"tls_context": mail_server.tls_context(), "authenticator": True, "auth_required": True}
    with mail_server.running(**options) as secure_server:
        async with client(secure_server.port, "smtp+starttls", "lab:wrong@") as smtp:
            failed = await failure(smtp)
    assert not failed.permanent
    assert "sign-in" in failed.detail
    assert "wrong" not in failed.detail


async def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    with mail_server.running(tls_context=mail_server.tls_context()) as secure_server:
        async with client(secure_server.port, "smtp+starttls") as smtp:
            failed = await failure(smtp)
    assert not failed.permanent
    assert "CERTIFICATE_VERIFY_FAILED" in failed.detail
    assert secure_server.received == []


async def test_starttls_is_never_silently_left_out(server: MailServer) -> None:
    async with client(server.port, "smtp+starttls") as smtp:
        failed = await failure(smtp)
    assert not failed.permanent
    assert "STARTTLS" in failed.detail
    assert server.received == []
