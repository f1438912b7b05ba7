"""Ways that can be cut without a word to either end: to PostgreSQL for one process, and to a lab for a browser."""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa


class Way:
    """Forwards connections to a PostgreSQL, until they are cut."""

    def __init__(self, url: str) -> None:
        self._target = sa.make_url(url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: dict[int, threading.Event] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The address of the database by this way."""
        port = self._listener.getsockname()[1]
        here = self._target.set(host="127.0.0.1", port=port, query={"sslmode": "disable"})
        return here.set(drivername="postgresql").render_as_string(hide_password=False)

    def cut(self, pid: int) -> None:
        """From now on nothing of this process gets through, nor anything to it."""
        self._gate(pid).clear()

    def mend(self, pid: int) -> None:
        """All that was kept back goes on."""
        self._gate(pid).set()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _gate(self, pid: int) -> threading.Event:
        with self._lock:
            if pid not in self._open:
                self._open[pid] = threading.Event()
                self._open[pid].set()
            return self._open[pid]

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                come, (_, port) = self._listener.accept()
                gate, gone = self._gate(_owner(port)), self._connected()
                for source, target in ((come, gone), (gone, come)):
                    threading.Thread(target=_forward, args=(source, target, gate), daemon=True).start()

    def _connected(self) -> socket.socket:
        host = str(self._target.query.get("host") or self._target.host or "")
        if host.startswith("/"):
            way = socket.socket(socket.AF_UNIX)
            way.connect(f"{host}/.s.PGSQL.{self._target.port or 5432}")
            return way
        return socket.create_connection((host, self._target.port or 5432))


class Cable:
    """Forwards a browser's connections to a port of this machine. Nobody is told when it is pulled: what is sent goes
    nowhere, and what was open then stays silent for good, as behind a router that has forgotten it.
    """

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._gate = threading.Event()
        self._gate.set()
        self._pieces: int | None = None
        self._ends: list[socket.socket] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def port(self) -> int:
        """Where the browser finds the lab."""
        return self._listener.getsockname()[1]

    def pull(self) -> None:
        """From now on nothing gets through."""
        self._gate.clear()

    def mend(self, pieces: int | None = None) -> None:
        """New connections get through; it is pulled again as soon as a browser has said so many pieces over one."""
        self._pieces = pieces
        self._gate = threading.Event()
        self._gate.set()

    def close(self) -> None:
        """Take no more connections, and end those that there are."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                come, _ = self._listener.accept()
                gate = self._gate
                self._ends.append(come)
                if not gate.is_set():
                    continue
                gone = socket.create_connection(self._target)
                self._ends.append(gone)
                for source, target, pieces in ((come, gone, self._pieces), (gone, come, None)):
                    threading.Thread(target=_forward, args=(source, target, gate, pieces), daemon=True).start()


def _forward(source: socket.socket, target: socket.socket, gate: threading.Event, pieces: int | None = None) -> None:
    with contextlib.suppress(OSError):
        for number in itertools.count():
            if not (sent := source.recv(65536)):
                break
            if number == pieces:
                gate.clear()
            gate.wait()
            target.sendall(sent)
    gate.wait()
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
    source.close()


def _owner(port: int) -> int:
    """The process that has this local port of a connection."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    inodes = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{port:04X}")}
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if str(link.readlink()) in inodes:
                return int(re.findall(r"\d+", str(link))[0])
    return 0


@contextmanager
def way_to(url: str) -> Iterator[Way]:
    """A way to the database at ``url`` while the block runs."""
    way = Way(url)
    try:
        yield way
    finally:
        way.close()


@contextmanager
def cable_to(port: int) -> Iterator[Cable]:
    """A cable to the lab on ``port`` while the block runs."""
    cable = Cable(port)
    try:
        yield cable
    finally:
        cable.close()
