"""Every mail through a real mail server into a real mailbox, and read there as a mail program would."""

from __future__ import annotations

import asyncio
import email
import email.policy
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest

from printlab.mail.compose import render_subject
from printlab.mail.kinds import MailKind
from printlab.mail.samples import cases_of
from printlab.mail.smtp import Smtp, SmtpUrl
from tests.mail.facts import TRACK_URL, a_composer

_SMTPD = shutil.which("smtpd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_CASES = [(kind, case) for kind in MailKind for case in cases_of(kind)]
_PATIENCE_S = 30
_CONFIGURATION = """\
listen on 127.0.0.1 port {port} hostname "mx.example.com"
action "deliver" maildir "{folder}/%{{rcpt.user}}" user nobody virtual {{ "@" = nobody }}
match from any for any action "deliver"
"""

pytestmark = pytest.mark.skipif(
    _SMTPD is None or os.getuid() != 0,
    reason="needs OpenSMTPD (Debian: apt install opensmtpd) and root",
)


class _Page(HTMLParser):
    """The addresses that can be clicked, and those that are fetched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.lang: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.links += [value for name, value in attrs if name == "href" and value]
        self.fetched += [value for name, value in attrs if name in {"src", "background", "srcset"} and value]
        self.lang = values.get("lang", self.lang) if tag == "html" else self.lang


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where the mailboxes are: the server hands mails over as ``nobody``, who has to get there."""
    made = Path(tempfile.mkdtemp(prefix="printlab-mail-"))
    made.chmod(0o755)
    boxes = made / "boxes"
    boxes.mkdir()
    shutil.chown(boxes, "nobody")
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    """The server's, while it runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    configuration = folder / "smtpd.conf"
    configuration.write_text(_CONFIGURATION.format(port=port, folder=folder / "boxes"))
    assert _SMTPD is not None
    with (folder / "log.txt").open("wb") as log:
        server = subprocess.Popen(
            [_SMTPD, "-d", "-f", str(configuration)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    _wait_for(lambda: _answers(port), folder)
    yield port
    server.terminate()
    server.wait(timeout=30)


@pytest.fixture(scope="module")
def mailboxes(folder: Path, port: int) -> Path:
    """A mailbox for each kind of mail and each of its cases, each with that mail."""
    asyncio.run(_send_all(port))
    boxes = folder / "boxes"
    _wait_for(lambda: len(list(boxes.glob("*/new/*"))) == len(_CASES), folder)
    return boxes


async def _send_all(port: int) -> None:
    smtp = Smtp(SmtpUrl.parse(f"smtp://127.0.0.1:{port}?timeout=10"))
    for kind, case in _CASES:
        message_id = f"<{kind}.{case}@print.example.edu>"
        mail = a_composer().compose(kind, cases_of(kind)[case], "Zoë", f"{kind}.{case}@example.com", message_id)
        await smtp.send(mail)
    await smtp.close()


def test_as_many_mails_arrive_as_were_sent(mailboxes: Path) -> None:
    assert {box.name for box in mailboxes.iterdir()} == {f"{kind}.{case}" for kind, case in _CASES}


@pytest.mark.parametrize(("kind", "case"), _CASES)
def test_it_arrives_whole(mailboxes: Path, kind: MailKind, case: str) -> None:
    facts = cases_of(kind)[case]
    [path] = (mailboxes / f"{kind}.{case}" / "new").iterdir()
    written = path.read_bytes()
    mail = email.message_from_bytes(written, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert mail.defects == []
    assert max(len(line) for line in written.splitlines()) <= 998  # RFC 5321 §4.5.3.1.6
    assert str(mail["Subject"]) == render_subject(kind, facts)
    assert mail["Message-ID"] == f"<{kind}.{case}@print.example.edu>"
    assert mail["To"].addresses[0].addr_spec == f"{kind}.{case}@example.com"
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, html = mail.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().replace("\r\n", "\n") == a_composer().render_text(kind, facts)
    page = _Page(html.get_content())
    assert page.lang == "en"
    assert page.fetched == []
    assert [link for link in page.links if not link.startswith("mailto:")] == [TRACK_URL]
    assert re.findall(r"https?://\S+", plain.get_content()) == [TRACK_URL]


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            return connection.recv(3) == b"220"
    except OSError:
        return False


def _wait_for(happens: Callable[[], bool], folder: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not happens():
        assert time.monotonic() < deadline, (folder / "log.txt").read_text()
        time.sleep(0.1)
