"""What a connection may do before there is a request, and while it is answered: the server itself limits neither the
size of headers nor the time they take, and waits for ever for whoever does not read."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import Counter
from typing import Any, ClassVar, cast

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets import wsproto_impl
from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto.extensions import PerMessageDeflate

from printlab.limits import caller_of

_MOST_FILES = 65_536
_SENTENCE = b"The request's headers are larger than 64 kB. Shorten the address or the cookies."
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
) % (len(_SENTENCE), _SENTENCE)

_NO_HANDSHAKE = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class _PackedMessages(PerMessageDeflate):
    """Each message is packed by itself, looking back 8 kB: to keep others would be 0.2 MB of every open page."""

    def __init__(self) -> None:
        super().__init__(client_no_context_takeover=True, server_no_context_takeover=True, server_max_window_bits=13)

    def accept(self, offer: str) -> bool | str | None:
        """What of the offer is taken; none of one that is no offer."""
        with contextlib.suppress(ValueError):
            return super().accept(offer)
        return None


wsproto_impl.PerMessageDeflate = _PackedMessages  # pyright: ignore[reportPrivateImportUsage]


class _UnreadIsCutOff(asyncio.Protocol):
    """Whoever reads neither 60 kB nor all that waits for them within 60 s is cut off."""

    unread_s = 60.0
    least_read = 60_000
    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop

    _unread = 0
    _reading_clock: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """Something could not be passed on at once."""
        super().pause_writing()
        self._wait_for_reader()

    def resume_writing(self) -> None:
        """All of it went out."""
        self._stop_waiting_for_reader()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        self._stop_waiting_for_reader()
        super().connection_lost(exc)

    def _wait_for_reader(self) -> None:
        self._unread = self.transport.get_write_buffer_size()
        self._reading_clock = self.loop.call_later(self.unread_s, self._look_at_reader)

    def _stop_waiting_for_reader(self) -> None:
        if self._reading_clock is not None:
            self._reading_clock.cancel()
            self._reading_clock = None

    def _look_at_reader(self) -> None:
        if self.transport.get_protocol() is not self:  # it has become a WebSocket
            return
        if self._unread - self.transport.get_write_buffer_size() < self.least_read:
            self.transport.abort()
        else:
            self._wait_for_reader()


class PatientSocket(_UnreadIsCutOff, WSProtocol):
    """A WebSocket whose other end reads. Each handshake is answered: a proxy takes silence for a failed process."""

    def data_received(self, data: bytes) -> None:
        """Read on; refuse what the library fails on, such as headers that are no text."""
        try:
            super().data_received(data)
        except Exception:  # noqa: BLE001  (whichever way it fails, this connection is over and no other is touched)
            if not self.handshake_complete:
                self.transport.write(_NO_HANDSHAKE)
            self.transport.close()

    def shutdown(self) -> None:
        """Say goodbye, to whoever is still there."""
        if not self.transport.is_closing():
            super().shutdown()


class PatientProtocol(_UnreadIsCutOff, HttpToolsProtocol):
    """HTTP/1.1 whose headers are of at most 64 kB, complete within 15 s, and of one address 100 at a time incomplete.

    A trusted proxy stands for many: of it 5000 may be incomplete. Answers are read, or the connection is cut off.

    Bodies pass: of them only what brings no bytes is limited here (lines between chunks, trailers). A connection that
    becomes a WebSocket leaves this class when its headers are complete.
    """

    head_limit = 64_000
    head_s = 15.0
    half_open_limit = 100
    half_open_proxy_limit = 5000
    socket_class = PatientSocket
    _half_open: ClassVar[Counter[str]] = Counter()

    _in_body = False
    _room = head_limit
    _clock: asyncio.TimerHandle | None = None
    _address = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  (as its parent)
        """Begin to wait for headers, unless this address keeps too many waiting already."""
        super().connection_made(transport)
        self.ws_protocol_class = self.socket_class  # the framework names its own when it starts the server
        transport.set_write_buffer_limits(high=0)  # to be told of every byte that is not taken
        self._room = self.head_limit
        self._address = caller_of(self.client[0]) if self.client else ""
        self._start_clock()
        if self._half_open[self._address] > (self.half_open_proxy_limit if self._is_proxy() else self.half_open_limit):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; refuse what never becomes a request."""
        if not self._in_body:
            self._start_clock()
        self._room -= len(data)
        super().data_received(data)
        if self._room < 0 and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        """The next request may begin in the middle of what arrived."""
        super().on_message_begin()
        self._start_clock()

    def on_headers_complete(self) -> None:
        """From here on the request is in the hands of the application."""
        self._stop_clock()
        self._in_body, self._room = True, self.head_limit
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Bytes that count."""
        self._room = self.head_limit
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The next request may take its time to begin; the server's own clock ends an idle connection."""
        self._stop_clock()
        self._in_body, self._room = False, self.head_limit
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The rest of a body that was answered already is not waited for."""
        super().on_response_complete()
        if self.cycle.response_complete and self.cycle.more_body and not self.transport.is_closing():
            self._start_clock()

    def _is_proxy(self) -> bool:
        """Whether the other end is one of those that name whom they stand for."""
        app: object = cast("Any", self).app
        return isinstance(app, ProxyHeadersMiddleware) and bool(self.client) and self.client[0] in app.trusted_hosts

    def _start_clock(self) -> None:
        if self._clock is None:
            self._half_open[self._address] += 1
            self._clock = self.loop.call_later(self.head_s, self._too_late)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
            self._half_open[self._address] -= 1
            if not self._half_open[self._address]:
                del self._half_open[self._address]

    def _too_late(self) -> None:
        self._stop_clock()
        if self.cycle and not self.cycle.response_complete:
            # A request that came before this one is still being answered, and holds back what is read.
            self._start_clock()
        else:
            self.transport.close()


def raise_open_files() -> None:
    """Let this process hold as many open files and connections as it may, at most 65536."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  (not everywhere)

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
