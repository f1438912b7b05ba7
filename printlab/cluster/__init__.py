"""``printlab cluster``: several processes of one lab behind nginx on this machine, for trying and for tests."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from printlab.cluster import nginx, postgres
from printlab.cluster.children import Child
from printlab.cluster.problem import NoCluster
from printlab.settings import Settings, load_settings

__all__ = ["NoCluster", "run"]

_MAIN = Path(__file__).parents[2] / "main.py"
_LOOKS_EVERY_S = 0.1
_DATABASE_S, _SERVES_S = 30.0, 120.0
_APP_ENDS_S, _ENDS_S = 15.0, 10.0
_SQLITE = (
    "Several processes need PostgreSQL, and PRINTLAB_DATABASE_URL names SQLite. "
    "Name a PostgreSQL there, or leave it empty for one that is thrown away at the end."
)


def run(processes: int, port: int) -> None:
    """Serve until Ctrl-C or SIGTERM. Raises NoCluster when a process ends that it cannot do without.

    Without PRINTLAB_DATABASE_URL database and files lie in a folder of their own, which is removed at the end.
    """
    if sys.platform != "linux":
        raise NoCluster("“printlab cluster” runs on Linux only. Elsewhere use “printlab serve”, which is one process.")
    settings = load_settings()
    if settings.database_url is not None and settings.sqlalchemy_url.startswith("sqlite"):
        raise NoCluster(_SQLITE)
    nginx.program()
    signal.signal(signal.SIGTERM, _stop)
    with _folder() as folder, ExitStack() as running:
        url, data_dir = _database(running, settings, folder)
        ports = [postgres.free_port() for _ in range(processes)]
        apps = [_app(number, own, port, url, data_dir, folder, settings) for number, own in enumerate(ports, 1)]
        for app in apps:
            running.callback(app.end, _APP_ENDS_S)
        for app, own in zip(apps, ports, strict=True):
            _wait(app, partial(_answers, own), _SERVES_S)
        front = nginx.start(folder, port, ports)
        running.callback(front.end, _ENDS_S)
        _wait(front, partial(_answers, port), _ENDS_S)
        _say(f"PrintLab serves http://127.0.0.1:{port} by {processes} processes.")
        for app, own in zip(apps, ports, strict=True):
            _say(f"{app.name} is process {app.pid} on port {own}.")
        _watch(front, apps)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _folder() -> Generator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="printlab-cluster-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _database(running: ExitStack, settings: Settings, folder: Path) -> tuple[str, Path]:
    """The operator's database and data folder; or new ones, since neither fits to the other of another lab."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value(), settings.data_dir.absolute()
    server, url = postgres.start(folder)
    running.callback(server.end, _ENDS_S)
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=sa.NullPool)
    _wait(server, partial(_takes, engine), _DATABASE_S)
    data_dir = folder / "data"
    _say("Nothing here is kept when it ends. For other commands beside it:")
    _say(f"export PRINTLAB_DATABASE_URL={url} PRINTLAB_DATA_DIR={data_dir}")
    return url, data_dir


def _app(number: int, own: int, port: int, url: str, data_dir: Path, folder: Path, settings: Settings) -> Child:
    environment = os.environ | {
        "PRINTLAB_DATABASE_URL": url,
        "PRINTLAB_DATA_DIR": str(data_dir),
        "PRINTLAB_HOST": "127.0.0.1",
        "PRINTLAB_PORT": str(own),
        "PRINTLAB_PROCESS": f"app-{number}",
        "PRINTLAB_BASE_URL": settings.base_url or f"http://localhost:{port}",
        "PRINTLAB_TRUSTED_PROXIES": "127.0.0.1",
    }
    return Child(f"app-{number}", [sys.executable, str(_MAIN)], folder=folder, environment=environment)


def _wait(child: Child, is_ready: Callable[[], bool], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not is_ready():
        if how := child.ended():
            raise NoCluster(f"{child.name} ended {how} before it served; what it said stands above.")
        if time.monotonic() > deadline:
            raise NoCluster(f"{child.name} does not answer after {within_s:g} s.")
        time.sleep(_LOOKS_EVERY_S)


def _takes(engine: sa.Engine) -> bool:
    try:
        with engine.connect():
            return True
    except SQLAlchemyError:
        return False


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz/live", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _watch(front: Child, apps: list[Child]) -> None:
    """Go on as long as nginx and one app do; each app that ends is told once."""
    left = list(apps)
    while left:
        for app in [app for app in left if app.ended()]:
            left.remove(app)
            _say(f"{app.name} ended {app.ended()}; {len(left)} of {len(apps)} go on.")
        if how := front.ended():
            raise NoCluster(f"nginx ended {how}.")
        time.sleep(_LOOKS_EVERY_S)
    raise NoCluster("All processes ended.")


def _say(text: str) -> None:
    print(f"{'cluster':<8} {text}", flush=True)  # noqa: T201  (the operator reads the console)
