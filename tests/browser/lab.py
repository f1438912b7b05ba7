"""A whole lab for a browser: the real server as its own process, a real mail server, a folder that is thrown away."""

from __future__ import annotations

import email
import email.policy
import hashlib
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from printlab.domain.policy import SYSTEM, Actor, ActorKind
from printlab.domain.status import JobStatus
from printlab.domain.views import EventView, JobView, RevisionView
from printlab.services import Services, build_services
from printlab.settings import Settings, load_settings
from tests.mail.server import MailServer
from tests.mail.server import running as mail_server
from tests.workbench import ADMIN, Clock, Workbench, change_lab

REPOSITORY = Path(__file__).parents[2]
PASSWORD = "a short sentence"
ADMIN_EMAIL, STAFF_EMAIL, COLLEAGUE_EMAIL = "alex@example.edu", "sam@example.edu", "kim@example.edu"
WITHOUT_TASKS = {"run_tasks": "false"}
"""Settings of a lab that looks into no model and draws none: it starts with half the work."""
_START_S = 60.0
_WAIT_S = 20.0

Value = TypeVar("Value")


def until(look: Callable[[], Value | None], what: str, timeout_s: float = _WAIT_S) -> Value:
    """Look again and again until there is something; AssertionError that names it when there is nothing in time."""
    deadline = time.monotonic() + timeout_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {timeout_s:g} s in vain for {what}"
        time.sleep(0.02)
    return found


@dataclass(frozen=True)
class Lab:
    """One running lab: its address, its folder, its mails, and its services as this process sees them."""

    folder: Path
    port: int
    smtp: MailServer
    environment: dict[str, str]
    process: subprocess.Popen[bytes]
    users: dict[str, Actor] = field(default_factory=dict[str, Actor])

    @property
    def url(self) -> str:
        """The address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def storage(self) -> Path:
        """The storage root."""
        return self.folder / "data" / "storage"

    @property
    def console(self) -> str:
        """All that the server printed so far."""
        return (self.folder / "console.txt").read_text(encoding="utf-8", errors="replace")

    @cached_property
    def services(self) -> Services:
        """The same services on the same data, in this process: to prepare jobs, and to look behind the pages."""
        return build_services(self.settings)

    @cached_property
    def settings(self) -> Settings:
        """The settings that the server has."""
        values = {name.removeprefix("PRINTLAB_").lower(): value for name, value in self.environment.items()}
        return load_settings(_env_file=None, **values)

    @cached_property
    def bench(self) -> Workbench:
        """Short ways to bring jobs where a test needs them."""
        return Workbench(self.services, Clock())

    # ---------- accounts ----------

    @cached_property
    def setup_link(self) -> str:
        """The one-time link for the first admin, from the console."""
        found = until(lambda: re.search(r"First run: .* at (\S+)", self.console), "the one-time link on the console")
        return found[1].replace("localhost", "127.0.0.1")

    def staff(self, address: str = STAFF_EMAIL, name: str = "Sam Rivera", kind: ActorKind = ActorKind.STAFF) -> str:
        """An account that can sign in with PASSWORD; gives its address. A second call makes no second one."""
        if address not in self.users:
            if kind is not ActorKind.ADMIN:
                self.admin()
            user = self.services.accounts.add_user(address, name, kind, PASSWORD, SYSTEM)
            self.users[address] = Actor(kind, f"user:{user.id}", user.name)
        return address

    def colleague(self) -> str:
        """Another staff account."""
        return self.staff(COLLEAGUE_EMAIL, "Kim Okafor")

    def admin(self) -> str:
        """An admin's account."""
        return self.staff(ADMIN_EMAIL, "Alex Morgan", ActorKind.ADMIN)

    def change(self, **texts: Any) -> None:
        """Set some of what an admin can set about the lab."""
        change_lab(self.services, ADMIN, **texts)

    # ---------- jobs ----------

    def job(self, job_id: int) -> JobView:
        """The job as it is now."""
        return self.services.search.get(job_id, ADMIN)

    def jobs(self) -> int:
        """How many jobs there are, whatever their status."""
        return sum(self.services.search.counts(ADMIN).values())

    def newest_job(self) -> JobView:
        """The job with the highest number."""
        return max(self.bench.jobs(), key=lambda job: job.id)

    def moved(self, job_id: int, status: JobStatus) -> JobView:
        """The job as soon as it has ``status`` and its working copy lies there."""
        return until(
            lambda: job if (job := self.job(job_id)).status is status and self.bench.agrees(job) else None,
            f"job {job_id} to be {status.label}, its file in the folder",
        )

    def events(self, job_id: int) -> list[EventView]:
        """The history, oldest first."""
        return list(reversed(self.services.search.events(job_id, ADMIN)))

    def archived(self, job: JobView, revision: RevisionView) -> bytes:
        """The archived bytes of a revision, which must be what its row says."""
        (path,) = (self.storage / "archive" / str(job.id)).glob(f"r{revision.number}.*")
        content = path.read_bytes()
        assert hashlib.sha256(content).hexdigest() == revision.sha256
        assert len(content) == revision.bytes
        return content

    # ---------- mails ----------

    def mails(self, to: str) -> list[EmailMessage]:
        """What arrived for an address, oldest first."""
        received = [mail for mail in list(self.smtp.received) if to in mail.rcpt_tos]
        return [_read(mail.content or b"") for mail in received]

    def mail(self, to: str, subject: str) -> EmailMessage:
        """The newest mail to an address whose subject holds ``subject``, as soon as it is there."""

        def look() -> EmailMessage | None:
            return next((mail for mail in reversed(self.mails(to)) if subject in mail["Subject"]), None)

        return until(look, f"a mail to {to} about “{subject}” among {[m['Subject'] for m in self.mails(to)]}")

    # ---------- the operator ----------

    def cli(self, *arguments: str, typed: str = "") -> str:
        """Run ``printlab …`` beside the server; gives what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "printlab", *arguments],
            cwd=self.folder,
            env=self.environment | {"PYTHONPATH": str(REPOSITORY)},
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def link_in(mail: EmailMessage) -> str:
    """The address behind the button of a mail, which is also in its text."""
    page, text = part(mail, "html"), part(mail, "plain")
    links = [link for link in re.findall(r'href="(http[^"]+)"', page) if "/track/" in link]
    assert links, page
    assert links[0] in text
    return links[0].replace("localhost", "127.0.0.1")


def part(mail: EmailMessage, kind: str) -> str:
    """The text of a mail, ``plain`` or ``html``."""
    body = mail.get_body((kind,))
    assert body is not None
    return body.get_content()


def _read(content: bytes | str) -> EmailMessage:
    data = content.encode() if isinstance(content, str) else content
    return email.message_from_bytes(data, policy=email.policy.default)


@contextmanager
def running_lab(folder: Path, **settings: str) -> Iterator[Lab]:
    """A lab that serves while the block runs; ``settings`` are PRINTLAB_* in lower case."""
    folder.mkdir(parents=True, exist_ok=True)
    with mail_server() as smtp:
        port = free_port()
        environment = environment_of(folder, port, smtp, settings)
        lab = Lab(folder, port, smtp, environment, _launched(folder, environment))
        try:
            wait_until_it_serves(lab)
            yield lab
        finally:
            end(lab)


def environment_of(folder: Path, port: int, smtp: MailServer, settings: dict[str, str]) -> dict[str, str]:
    """What a server's process is given: nothing of this machine's own settings, and nothing of pytest."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRINTLAB_")}
    environment |= {
        "PRINTLAB_DATA_DIR": str(folder / "data"),
        "PRINTLAB_PORT": str(port),
        "PRINTLAB_LAB_NAME": "Campus Print Lab",
        "PRINTLAB_CONTACT_EMAIL": "lab@example.edu",
        "PRINTLAB_MAIL_FROM": "lab@example.edu",
        "PRINTLAB_TIMEZONE": "America/Chicago",
        "PRINTLAB_SMTP_URL": f"smtp://127.0.0.1:{smtp.port}",
    }
    environment |= {f"PRINTLAB_{name.upper()}": value for name, value in settings.items()}
    # NiceGUI takes a server below pytest for a simulated one.
    environment.pop("PYTEST_CURRENT_TEST", None)
    environment.pop("NICEGUI_SCREEN_TEST_PORT", None)
    return environment


def _launched(folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    with (folder / "console.txt").open("ab") as console:
        return subprocess.Popen(
            [sys.executable, str(REPOSITORY / "main.py")],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
        )


@contextmanager
def served_again(lab: Lab, port: int | None = None) -> Iterator[Lab]:
    """The same lab by another process, while the block runs: after a kill, or beside the first on a port of its own."""
    environment = lab.environment | {"PRINTLAB_PORT": str(port or lab.port)}
    again = Lab(lab.folder, port or lab.port, lab.smtp, environment, _launched(lab.folder, environment))
    try:
        wait_until_it_serves(again)
        yield again
    finally:
        end(again)


def wait_until_it_serves(lab: Lab) -> None:
    """Return once it answers; AssertionError when it does not in time."""
    until(lambda: _answers(lab), f"the server; it printed:\n{lab.console}", _START_S)


def _answers(lab: Lab) -> bool:
    assert lab.process.poll() is None, f"the server ended:\n{lab.console}"
    try:
        with urllib.request.urlopen(f"{lab.url}/healthz/live", timeout=5) as answer:  # noqa: S310  (our own server)
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def end(lab: Lab) -> None:
    """End its process, by force when that takes long."""
    if "services" in lab.__dict__:
        lab.services.close()
    lab.process.terminate()
    try:
        lab.process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        lab.process.kill()
        lab.process.wait()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
