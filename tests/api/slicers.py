"""The bytes that slicers send to an OctoPrint.

PrusaSlicer, SuperSlicer and OrcaSlicer build their form with libcurl's ``curl_formadd``, in the order ``print``,
``path``, ``file``; libcurl asks before it sends more than 1 MB. Cura's OctoPrint plugin builds its with Qt's
``QHttpMultiPart``, in the order ``path``, ``file``, ``select``, ``print``, and asks nothing.
"""

from __future__ import annotations

import json
import socket
from contextlib import closing
from dataclasses import dataclass
from typing import Any

_ASKS_BEFORE = 1 << 20
_CURL_7 = "------------------------264aa4561d9e1c9e"
_CURL_8 = "------------------------KtVdQ6ZyX0aBn3mWcR9sTe"
_QT = "boundary_.oOo._3kQ+Zb0r/7TnUe1v5yHcWdGm9LxPaS2f"
_GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """What came back; ``asked`` is whether the server said to go on before the body was sent."""

    status: int
    headers: dict[str, str]
    body: bytes
    asked: bool

    @property
    def text(self) -> str:
        """The body as slicers read it."""
        return self.body.decode()

    @property
    def json(self) -> Any:  # noqa: ANN401  (any JSON)
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Slicer:
    """One slicer, and how it writes its requests."""

    agent: str
    boundary: str

    def get(self, port: int, path: str, key: str | None) -> Answer:
        """Ask for something."""
        return exchange(port, self._head("GET", path, port, key) + b"\r\n")

    def upload(self, port: int, name: str, content: bytes, key: str | None, **options: str) -> Answer:
        """Send a file; ``options`` are the other fields, ``print`` is false unless it is among them."""
        return exchange(port, *self.request(port, name, content, key, options))

    def request(
        self, port: int, name: str, content: bytes, key: str | None, options: dict[str, str]
    ) -> tuple[bytes, bytes]:
        """The head and the body of an upload."""
        body = self.form(name, content, options)
        head = self._head("POST", "/api/files/local", port, key) + self._body_head(len(body))
        return head + b"\r\n", body

    def _head(self, method: str, path: str, port: int, key: str | None) -> bytes:
        raise NotImplementedError

    def _body_head(self, size: int) -> bytes:
        raise NotImplementedError

    def form(self, name: str, content: bytes, options: dict[str, str]) -> bytes:
        """The body of an upload."""
        raise NotImplementedError


class Curl(Slicer):
    """libcurl's way; recorded from libcurl 7.88.1."""

    def _head(self, method: str, path: str, port: int, key: str | None) -> bytes:
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: {self.agent}\r\nAccept: */*\r\n"
        return (head + (f"X-Api-Key: {key}\r\n" if key else "")).encode()

    def _body_head(self, size: int) -> bytes:
        head = f"Content-Length: {size}\r\nContent-Type: multipart/form-data; boundary={self.boundary}\r\n"
        return (head + ("Expect: 100-continue\r\n" if size > _ASKS_BEFORE else "")).encode()

    def form(self, name: str, content: bytes, options: dict[str, str]) -> bytes:
        fields = {"print": "false", "path": ""} | options
        texts = "".join(
            f'--{self.boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{text}\r\n'
            for field, text in fields.items()
        )
        file = (
            f'--{self.boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        return (texts + file).encode() + content + f"\r\n--{self.boundary}--\r\n".encode()


class Qt(Slicer):
    """Qt's way."""

    def _head(self, method: str, path: str, port: int, key: str | None) -> bytes:
        kind = "Content-Type: application/json\r\n" if method == "GET" else ""
        return (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Api-Key: {key or ''}\r\n"
            f"User-Agent: {self.agent}\r\n{kind}"
            "Connection: Keep-Alive\r\nAccept-Encoding: gzip, deflate\r\nAccept-Language: en-US,*\r\n"
        ).encode()

    def _body_head(self, size: int) -> bytes:
        return (
            f'Content-Type: multipart/form-data; boundary="{self.boundary}"\r\nMIME-Version: 1.0\r\n'
            f"Content-Length: {size}\r\n"
        ).encode()

    def form(self, name: str, content: bytes, options: dict[str, str]) -> bytes:
        parts = [
            ('name="path"', "text/plain", b""),
            (f'name="file"; filename="{name}"', "application/octet-stream", content),
            *((f'name="{field}"', "text/plain", text.encode()) for field, text in options.items()),
        ]
        return (
            b"".join(
                f"--{self.boundary}\r\nContent-Disposition: form-data; {about}\r\nContent-Type: {kind}\r\n\r\n".encode()
                + data
                + b"\r\n"
                for about, kind, data in parts
            )
            + f"--{self.boundary}--\r\n".encode()
        )


PRUSA = Curl("PrusaSlicer/2.9.0", _CURL_7)
SUPER = Curl("SuperSlicer/2.5.59", _CURL_7)
ORCA = Curl("OrcaSlicer/02.02.00.85", _CURL_8)
CURA = Qt("cura/5.8.0 OctoPrintPlugin/3.7.3", _QT)
SLICERS = {"PrusaSlicer": PRUSA, "SuperSlicer": SUPER, "OrcaSlicer": ORCA, "Cura": CURA}


def exchange(port: int, head: bytes, body: bytes = b"") -> Answer:
    """Send a request as it stands and read its answer; a body that is announced waits until it may come."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as connection:
        connection.sendall(head)
        received = bytearray()
        asked = b"Expect: 100-continue" in head
        if asked:
            _read_until(connection, received, b"\r\n\r\n")
            asked = received.startswith(_GO_ON)
            if asked:
                del received[: len(_GO_ON)]
        if asked or b"Expect: 100-continue" not in head:
            connection.sendall(body)
        _read_until(connection, received, b"\r\n\r\n")
        lines, _, rest = bytes(received).partition(b"\r\n\r\n")
        first, *others = lines.decode("latin-1").split("\r\n")
        headers = {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in others)}
        content = bytearray(rest)
        while len(content) < int(headers["content-length"]):
            content += _some(connection)
        return Answer(int(first.split()[1]), headers, bytes(content), asked)


def _read_until(connection: socket.socket, received: bytearray, end: bytes) -> None:
    while end not in received:
        received += _some(connection)


def _some(connection: socket.socket) -> bytes:
    block = connection.recv(65536)
    assert block, "the server closed the connection before it had answered"
    return block
