"""Several processes of one lab behind nginx, as ``printlab cluster`` starts them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.lab import REPOSITORY, Lab, end, environment_of, free_port, until
from tests.browser.people import Person
from tests.mail.server import running as mail_server

_START_S = 120.0
_ESTABLISHED = "01"

needs_nginx = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") is None,
    reason="nginx is not installed",
)


@dataclass(frozen=True)
class App:
    """One process of a cluster."""

    name: str
    pid: int
    port: int

    def kill(self) -> None:
        """End it by force."""
        os.kill(self.pid, signal.SIGKILL)

    def sockets(self) -> int:
        """How many connections it has at this moment: those of open pages, when nothing else is asked of it."""
        mine = f":{self.port:04X}"
        rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
        return sum(row[1].endswith(mine) and row[3] == _ESTABLISHED for row in rows)


@dataclass(frozen=True)
class Cluster:
    """A lab behind nginx; ``lab.process`` is the command that started all of it."""

    lab: Lab
    apps: tuple[App, ...]

    def opened(self, person: Person, path: str = "/board") -> App:
        """Open a page in a window that shows none; gives the process that it lives in."""
        before = {app: app.sockets() for app in self.apps}
        person.visit(path)

        def look() -> App | None:
            grown = [app for app in self.apps if app.sockets() > before[app]]
            return grown[0] if len(grown) == 1 else None

        return until(look, "one more connection, to one process")

    def on_two(self, invite: Callable[[], Person]) -> tuple[tuple[Person, App], tuple[Person, App]]:
        """Two people with the board open, each of another process; more are invited until there are."""
        first = invite()
        lives_in = self.opened(first)
        for _ in range(20):
            second = invite()
            if (other := self.opened(second)) != lives_in:
                return (first, lives_in), (second, other)
        raise AssertionError("twenty browsers came to one process")


@contextmanager
def running_cluster(folder: Path, database_url: str, processes: int = 2, **settings: str) -> Iterator[Cluster]:
    """A cluster that serves while the block runs; ``settings`` are PRINTLAB_* in lower case."""
    folder.mkdir(parents=True, exist_ok=True)
    with mail_server() as smtp:
        port = free_port()
        own = {"database_url": database_url, "base_url": f"http://127.0.0.1:{port}"}
        environment = environment_of(folder, port, smtp, own | settings) | {"PYTHONPATH": str(REPOSITORY)}
        command = [sys.executable, "-m", "printlab", "cluster", "--processes", str(processes), "--port", str(port)]
        with (folder / "console.txt").open("wb") as console:
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=console, stderr=subprocess.STDOUT)
        lab = Lab(folder, port, smtp, environment, process)
        try:
            yield Cluster(lab, _serving(lab, processes))
        finally:
            end(lab)


def _serving(lab: Lab, processes: int) -> tuple[App, ...]:
    """The processes, as soon as all of them serve."""

    def look() -> list[tuple[str, str, str]] | None:
        assert lab.process.poll() is None, f"the cluster ended:\n{lab.console}"
        found = re.findall(r"(app-\d+) is process (\d+) on port (\d+)\.", lab.console)
        return found if len(found) == processes else None

    found = until(look, f"the cluster; it printed:\n{lab.console}", _START_S)
    return tuple(App(name, int(pid), int(port)) for name, pid, port in found)
