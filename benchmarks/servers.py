"""The servers that are measured, each a process of its own on a free port, ended by its id."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.sending import ask
from printlab.domain.policy import SYSTEM, ActorKind
from printlab.services import Services
from printlab.settings import Settings, load_settings
from printlab.start import open_services

_REPOSITORY = Path(__file__).parent.parent
_START_S = 60.0
_STAFF_EMAIL = "sam@example.com"


@dataclass(frozen=True)
class Lab:
    """A PrintLab that serves. ``token`` is a staff token, ``session`` the cookie of somebody who is signed in."""

    port: int
    pid: int
    data: Path
    token: str
    session: str

    @property
    def cookie(self) -> str:
        """What that person's browser says."""
        return f"printlab_session={self.session}"

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """What the API answers to staff."""
        return json.loads(ask(self.port, method, path, body, {"Authorization": f"Bearer {self.token}"}))

    @contextmanager
    def opened(self, settings: dict[str, str]) -> Generator[Services]:
        """Its services in this process, beside the server; ``settings`` as it was started with."""
        services = open_services(load_settings(_env_file=None, data_dir=self.data, **settings))
        try:
            yield services
        finally:
            services.close()


@dataclass(frozen=True)
class Bare:
    """A handler that does nothing but store the request's body."""

    port: int
    pid: int


@contextmanager
def running_lab(folder: Path, fill: Callable[[Settings], None] | None = None, **settings: str) -> Generator[Lab]:
    """``python main.py`` on an empty data folder, or one that ``fill`` filled; ``settings`` are PRINTLAB_* in lower
    case.
    """
    port, data = free_port(), folder / "data"
    values = {"data_dir": str(data), "port": str(port), **settings}
    if fill is not None:
        fill(load_settings(_env_file=None, **values))
    token, session = _staff(values)
    environment = _without_settings() | {f"PRINTLAB_{name.upper()}": value for name, value in values.items()}
    with _process([sys.executable, str(_REPOSITORY / "main.py")], folder, environment) as process:
        _wait_for(f"http://127.0.0.1:{port}/healthz/live", process, folder)
        yield Lab(port, process.pid, data, token, session)


@contextmanager
def running_bare(folder: Path) -> Generator[Bare]:
    """benchmarks/bare.py under uvicorn, writing into ``folder``."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.bare:app", "--port", str(port), "--log-level", "warning"]
    environment = _without_settings() | {"PYTHONPATH": str(_REPOSITORY), "BARE_FOLDER": str(folder)}
    with _process(command, folder, environment) as process:
        _wait_for(f"http://127.0.0.1:{port}/", process, folder)
        yield Bare(port, process.pid)


def _staff(values: dict[str, str]) -> tuple[str, str]:
    """A staff token and a session, made before the server starts."""
    services = open_services(load_settings(_env_file=None, **values))
    password = secrets.token_urlsafe(16)
    services.accounts.add_user(_STAFF_EMAIL, "Sam Rivera", ActorKind.STAFF, password, SYSTEM)
    token = services.accounts.create_token("benchmarks", ActorKind.STAFF, SYSTEM)
    session = services.accounts.sign_in(_STAFF_EMAIL, password, "benchmarks", "127.0.0.1")
    services.close()
    return token, session


def _without_settings() -> dict[str, str]:
    """The environment without settings of this machine, and without what NiceGUI takes for a test."""
    foreign = ("PRINTLAB_", "NICEGUI_", "PYTEST_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


@contextmanager
def running(
    command: list[str], folder: Path, address: str, environment: dict[str, str] | None = None
) -> Generator[subprocess.Popen[bytes]]:
    """Another server, as soon as it answers at ``address``."""
    with _process(command, folder, _without_settings() | (environment or {})) as process:
        _wait_for(address, process, folder)
        yield process


@contextmanager
def _process(command: list[str], folder: Path, environment: dict[str, str]) -> Generator[subprocess.Popen[bytes]]:
    with (folder / "console.txt").open("wb") as console:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _START_S
    while not _answers(address):
        console = (folder / "console.txt").read_text(encoding="utf-8", errors="replace")
        assert process.poll() is None, f"the server ended:\n{console}"
        assert time.monotonic() < deadline, f"the server does not answer:\n{console}"
        time.sleep(0.02)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310  (a server of our own)
            return answer.status == 200
    except (OSError, http.client.HTTPException):
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
