"""Requests to a server on this machine; large bodies are sent from memory so that the client costs little."""

from __future__ import annotations

import http
import http.client
import json
import os
import secrets
import struct
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from benchmarks.parts import blocks
from printlab.geometry.stl_writing import write_stl

_BLOCK = os.urandom(1 << 18)
_BOUNDARY = "benchmark-boundary"
_STL_HEADER, _STL_FACET = 84, 50
_TIMEOUT_S = 300


@dataclass(frozen=True)
class File:
    """A made-up file of a size: a true beginning, then noise."""

    name: str
    beginning: bytes
    size: int

    def blocks(self) -> Iterator[bytes | memoryview]:
        """All its bytes."""
        yield self.beginning
        left, noise = self.size - len(self.beginning), memoryview(_BLOCK)
        while left > 0:
            yield noise[: min(left, len(noise))]
            left -= len(noise)


def stl(size: int) -> File:
    """A binary STL, as students send it, and each another one: what is once known to be no model is refused at once."""
    header = f"benchmark {secrets.token_hex(16)}".encode().ljust(80, b"\0")
    return File("part.stl", header + struct.pack("<I", (size - _STL_HEADER) // _STL_FACET), size)


def sliced(size: int) -> File:
    """What PreForm saves, as staff upload it: a closed format, in which nothing is looked for."""
    return File("part.form", b"FORM", size)


def box() -> File:
    """A part of 30 × 20 × 10 mm that prints; what is looked into once is known for all jobs."""
    content = write_stl(*blocks((0, 30), (0, 20), (0, 10), lambda *_: True))
    return File("box.stl", content, len(content))


@dataclass(frozen=True)
class Answer:
    """What came back. Both durations begin with the first byte sent.

    ``taken_s`` ends when the system took the last byte from us (all but what its buffers hold is with the server then),
    ``answered_s`` when the answer is read.
    """

    body: dict[str, Any]
    taken_s: float
    answered_s: float


class RefusedError(Exception):
    """An answer that is none of success."""

    def __init__(self, status: int, content: bytes) -> None:
        super().__init__(f"{status}: {content[:300]!r}")
        self.status = status


def ask(
    port: int, method: str, path: str, body: dict[str, Any] | str | None = None, headers: dict[str, str] | None = None
) -> bytes:
    """What a server on this machine answers; ``body`` is sent as JSON unless it is a text."""
    sent = json.dumps(body) if isinstance(body, dict) else body
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)) as connection:
        connection.request(method, path, sent, {"Content-Type": "application/json"} | (headers or {}))
        answer = connection.getresponse()
        content = answer.read()
    if answer.status >= http.HTTPStatus.MULTIPLE_CHOICES:
        raise RefusedError(answer.status, content)
    return content


def send_raw(port: int, path: str, file: File, headers: dict[str, str] | None = None) -> Answer:
    """The file as the request's whole body, like the form's page sends it."""
    return _send(port, path, file.blocks(), file.size, {"Content-Type": "application/octet-stream"} | (headers or {}))


def send_form(port: int, path: str, file: File, fields: dict[str, str], token: str) -> Answer:
    """The file in a multipart form, like programs send it."""
    before = "".join(
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    before += f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
    opening, ending = before.encode(), f"\r\n--{_BOUNDARY}--\r\n".encode()

    def blocks() -> Iterator[bytes | memoryview]:
        yield opening
        yield from file.blocks()
        yield ending

    headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}", "Authorization": f"Bearer {token}"}
    return _send(port, path, blocks(), len(opening) + file.size + len(ending), headers)


def _send(port: int, path: str, blocks: Iterator[bytes | memoryview], length: int, headers: dict[str, str]) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    try:
        connection.connect()
        started = time.perf_counter()
        connection.request("POST", path, blocks, headers | {"Content-Length": str(length)})
        taken_s = time.perf_counter() - started
        response = connection.getresponse()
        content = response.read()
        answered_s = time.perf_counter() - started
    finally:
        connection.close()
    assert response.status in (200, 201), content
    return Answer(json.loads(content), taken_s, answered_s)
