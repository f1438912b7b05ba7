"""``printlab cluster`` as an operator types it: what it refuses, that it serves, and that nothing outlives it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from printlab.cluster import NoCluster, nginx
from tests.browser.cluster import needs_nginx
from tests.browser.lab import REPOSITORY, free_port, until
from tests.databases import without_settings
from tests.processes import descendants, is_alive
from tests.scaling import repeated

linux = pytest.mark.skipif(sys.platform != "linux", reason="runs on Linux only")


def environment(**settings: str) -> dict[str, str]:
    """What the command is given: NiceGUI takes a server below pytest for a simulated one."""
    own = {name: value for name, value in without_settings().items() if not name.startswith(("PYTEST_", "NICEGUI_"))}
    return own | settings | {"PYTHONPATH": str(REPOSITORY)}


def refused(folder: Path, **settings: str) -> str:
    """What the command says when it does not start."""
    done = subprocess.run(
        [sys.executable, "-m", "printlab", "cluster"],
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done
    return done.stderr + done.stdout


@linux
def test_several_processes_on_sqlite_are_refused(tmp_path: Path) -> None:
    assert "Several processes need PostgreSQL" in refused(tmp_path, PRINTLAB_DATABASE_URL="sqlite:///lab.db")


@linux
def test_without_nginx_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("printlab.cluster.nginx._PLACES", str(tmp_path))
    with pytest.raises(NoCluster, match="apt install nginx"):
        nginx.program()


@needs_nginx
@pytest.mark.serial
def test_a_process_that_ends_at_its_start_ends_all_and_is_named(tmp_path: Path, postgres_url: str) -> None:
    no_slicer = {"PRINTLAB_PRUSA_SLICER": "true", "PRINTLAB_DATA_DIR": str(tmp_path / "data")}
    said = refused(tmp_path, PRINTLAB_DATABASE_URL=postgres_url, **no_slicer)
    assert "does not answer as PrusaSlicer does" in said
    assert re.search(r"app-[12] ended with status 1 before it served", said)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A cluster with a database of its own."""
    port, console = free_port(), folder / "console.txt"
    command = [sys.executable, "-m", "printlab", "cluster", "--port", str(port)]
    with (
        console.open("wb") as out,
        subprocess.Popen(command, cwd=folder, env=environment(), stdout=out, stderr=subprocess.STDOUT) as process,
    ):
        try:
            until(lambda: "app-2 is process" in console.read_text() or process.poll(), "the cluster", 120)
            assert process.poll() is None, console.read_text()
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()


@needs_nginx
@pytest.mark.serial
@repeated(5)
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_it(tmp_path: Path, end: signal.Signals, turn: int) -> None:
    with serving(tmp_path) as (process, url):
        with urllib.request.urlopen(f"{url}/healthz/ready", timeout=20) as answer:  # noqa: S310  (our own server)
            assert answer.status == 200
        below = descendants(process.pid)
        assert len(below) > 4
        process.send_signal(end)
        process.wait(40)
        until(lambda: not any(is_alive(pid) for pid in below), "all its processes to end", 30)
        if end is not signal.SIGKILL:
            assert not Path(folder_of(tmp_path)).exists()


def folder_of(folder: Path) -> str:
    """Where the cluster kept its database and files."""
    said = (folder / "console.txt").read_text()
    return said.partition("PRINTLAB_DATA_DIR=")[2].split()[0]
