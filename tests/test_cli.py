"""``printlab …`` as an operator types it: a process of its own, what it prints, and what it leaves behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from printlab.domain.policy import SYSTEM, ActorKind
from printlab.domain.status import JobStatus
from printlab.services import Services, build_services
from printlab.settings import load_settings

Run = Callable[..., subprocess.CompletedProcess[str]]
PASSWORD = "a long enough password"


@pytest.fixture
def printlab(tmp_path: Path) -> Run:
    """Run a command on an empty data folder."""

    def run(*arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PRINTLAB_DATA_DIR": str(tmp_path / "data")} | settings
        command = [sys.executable, "-m", "printlab", *arguments]
        return subprocess.run(
            command,
            input=stdin,
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def lab(tmp_path: Path) -> Callable[[], Services]:
    """The lab as the command left it."""
    return lambda: build_services(load_settings(data_dir=tmp_path / "data"))


def test_an_account_and_a_token(printlab: Run, lab: Callable[[], Services]) -> None:
    added = printlab("user", "add", "Sam@example.edu", "--name", "Sam", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert (added.returncode, added.stderr) == (0, "")
    assert added.stdout == "Sam <sam@example.edu> can sign in as staff.\n"
    created = printlab("token", "create", "--name", "robot", "--role", "admin")
    assert (created.returncode, created.stderr) == (0, "")

    services = lab()
    services.accounts.sign_in("sam@example.edu", PASSWORD, "Firefox", "::1")
    token = created.stdout.removesuffix("\n")
    assert token == token.strip() != ""
    assert services.accounts.actor_of_token(token).kind is ActorKind.ADMIN
    services.database.dispose()


def test_what_cannot_be_done_is_one_line_and_leaves_nothing(printlab: Run, lab: Callable[[], Services]) -> None:
    short = printlab("user", "add", "sam@example.edu", "--name", "Sam", "--password-stdin", stdin="short\n")
    assert (short.returncode, short.stdout) == (1, "")
    assert short.stderr == "printlab: Choose a password of 10 to 200 characters.\n"
    services = lab()
    assert services.accounts.users(SYSTEM) == ()
    services.database.dispose()


@pytest.mark.parametrize("command", ["serve", "migrate", "demo"])
def test_a_wrong_setting_is_one_line_that_names_it(printlab: Run, command: str) -> None:
    refused = printlab(command, PRINTLAB_CURRENCY="dollars")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert len(refused.stderr.splitlines()) == 1
    assert "PRINTLAB_CURRENCY" in refused.stderr


def test_migrating_twice_is_the_same(printlab: Run) -> None:
    for _ in range(2):
        done = printlab("migrate")
        assert (done.returncode, done.stdout, done.stderr) == (0, "The database is up to date.\n", "")


def test_the_demo_fills_an_empty_lab_and_no_other(printlab: Run, lab: Callable[[], Services], tmp_path: Path) -> None:
    filled = printlab("demo")
    assert (filled.returncode, filled.stderr) == (0, "")
    services = lab()
    counts = services.search.counts(SYSTEM)
    assert all(counts[status] for status in JobStatus)
    assert sum(counts.values()) >= 40
    assert filled.stdout == f"{sum(counts.values())} demo jobs are in the lab. Open the board to see them.\n"
    mails = services.mail.outbox(SYSTEM, limit=1000)
    assert {mail.state for mail in mails} <= {"not sent", "cancelled"}
    assert all(mail.to.endswith("@example.com") for mail in mails)
    for status in JobStatus:
        files = [path for path in (tmp_path / "data" / "storage" / status).iterdir() if path.suffix != ".json"]
        assert len(files) == counts[status]

    again = printlab("demo")
    assert again.returncode == 1
    assert len(again.stderr.splitlines()) == 1
    assert services.search.counts(SYSTEM) == counts
    services.database.dispose()


def test_a_port_that_is_taken_is_one_line_and_no_promise(printlab: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = printlab("serve", PRINTLAB_PORT=str(port))
    assert refused.returncode == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in refused.stderr
    assert "PrintLab serves" not in refused.stdout
