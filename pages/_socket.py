"""What a browser may send over a page's live connection, and how many one may have: the framework takes whatever comes
from whoever knows the page's id, and any number of connections that belong to no page."""

from __future__ import annotations

import asyncio
import inspect
import logging
import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qs

from nicegui import Client, app, core, ui
from socketio import packet
from starlette.requests import HTTPConnection

from printlab.errors import TooManyRequests
from printlab.limits import LIVE_CONNECTIONS, LIVE_CONNECTIONS_OF_ONE, AtOnce, RateLimiter, caller_from

log = logging.getLogger("printlab.pages")

_OPENS = "handshake"
_CONNECTS = "connect"
_LONGEST_NAME = 64
_MOST_MESSAGES, _MESSAGES_S = 1000, 10.0  # who types fast sends 15 a second
_LONGEST_MESSAGE = 64_000  # no field takes more than 4000 characters, no draft more than some of those
_MESSAGE_NUMBER = re.compile(r"[0-9]{1,12}")
_FROM_ITS_OWN_PAGE = ("event", "javascript_response", "ack")
_SAID = {_OPENS, *_FROM_ITS_OWN_PAGE, "log"}
_TOO_MANY = "Too many pages are open here. Close some and load this one again."
_HANDSHAKE_S = 20.0
_SPEAKS_EVERY_S = 3.0
_ANSWERED_WITHIN_S = 20.0
_LOOKS_EVERY_S = 1.0
_STANDSTILL_S = 6.0  # after so long a silence a page looks for another server: components/quick_return.js
_TAB_KEPT_S = 600.0
_Handler = Callable[[str, Any], Any]


def install() -> Callable[[], None]:
    """Bind what a page sends to the socket that opened it, and keep browsers' words out of the log. Call once.

    Gives what is to be called once the server has started. What the framework keeps for each tab holds nothing here: it
    need not stay for a month.
    """
    app.storage.max_tab_storage_age = _TAB_KEPT_S
    cast("Any", core.sio).packet_class = OfOurScript
    handlers = cast("dict[str, _Handler]", core.sio.handlers["/"])
    handlers[_CONNECTS] = _if_sound_in_its_address(handlers[_CONNECTS])
    handlers[_OPENS] = _unless_malformed(_if_sound(handlers[_OPENS]))
    for name in _FROM_ITS_OWN_PAGE:
        handlers[name] = _bound(_unless_malformed(handlers[name]))
    handlers["log"] = _not_logged
    _take_numbers_only()
    connections = LiveConnections(cast("Any", core.sio).eio, _belongs_to_a_page)
    connections.install()

    def started() -> None:
        # The framework has set its own as it started. A page that is slow to answer is not dropped at once.
        server = cast("Any", core.sio).eio
        server.ping_interval, server.ping_timeout = _SPEAKS_EVERY_S, _ANSWERED_WITHIN_S
        Standstill(connections.break_off).watch()

    return started


@dataclass
class Standstill:
    """Tells when this process did nothing for so long that its pages have gone to another one: it was stopped."""

    on_waking: Callable[[], object]
    _looked_at_s: float = field(default_factory=time.monotonic)

    def watch(self) -> None:
        """From now on, as long as the loop runs."""
        self._looked_at_s = time.monotonic()
        asyncio.get_running_loop().call_later(_LOOKS_EVERY_S, self._look)

    def _look(self) -> None:
        if time.monotonic() - self._looked_at_s > _STANDSTILL_S:
            log.warning("this process stood still for a while; its pages have to connect again")
            self.on_waking()
        self.watch()


def _belongs_to_a_page(connection_id: str) -> bool:
    """Whether a connection has shaken hands for a page that is there."""
    server = cast("Any", core.sio)
    socket_id = server.manager.sid_from_eio_sid(connection_id, "/")
    return socket_id is not None and any(room in Client.instances for room in server.rooms(socket_id))


class Foreign(ValueError):
    """Something that the script of our pages never sends."""


class OfOurScript(packet.Packet):
    """A packet as our pages send it: text, and one of a few events with what it says.

    The framework would wait for as many binary attachments as a client announces, and keep all that come.
    """

    def decode(self, encoded_packet: str) -> int:
        """Take a packet to pieces; 0, the number of its attachments. Raises Foreign."""
        try:
            attachments = super().decode(encoded_packet)
        except (TypeError, ValueError) as error:
            raise Foreign from error
        if attachments or self.packet_type in (packet.BINARY_EVENT, packet.BINARY_ACK):
            raise Foreign
        if self.packet_type == packet.EVENT and not _is_said(self.data):
            raise Foreign
        return 0


def _as_text(sent: Any) -> str:  # noqa: ANN401  (what a client sends arrives as text or as bytes)
    """What is kept of a message, in fields, drafts and answers that nobody reads, is many times as long as it."""
    if not isinstance(sent, str) or not 0 < len(sent) <= _LONGEST_MESSAGE:
        raise Foreign
    return sent


def _is_said(event: Any) -> bool:  # noqa: ANN401  (whatever JSON a client sends)
    match event:
        case [str(name), _]:
            return name in _SAID
        case _:
            return False


@dataclass
class LiveConnections:
    """Counts live connections, by whatever transport, and closes those that have opened no page after a while.

    It also closes those that send what no page of ours would (Foreign), or more than anybody does.
    """

    server: Any  # engineio leaves its types open
    has_page: Callable[[str], bool]
    most: int = LIVE_CONNECTIONS
    most_of_one: int = LIVE_CONNECTIONS_OF_ONE
    handshake_s: float = _HANDSHAKE_S
    messages: RateLimiter = field(default_factory=lambda: RateLimiter(_MOST_MESSAGES, _MESSAGES_S))
    _open: AtOnce = field(default_factory=AtOnce)
    _held: dict[str, ExitStack] = field(default_factory=dict[str, ExitStack])
    _closing: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def install(self) -> None:
        """Stand before the server's own handlers. Call once."""
        handlers = cast("dict[str, _Handler]", self.server.handlers)
        opened, heard, closed = handlers["connect"], handlers["message"], handlers["disconnect"]

        async def connect(connection_id: str, environ: dict[str, Any]) -> Any:  # noqa: ANN401  (as the framework's own)
            try:
                self._hold(connection_id, caller_from(HTTPConnection(environ["asgi.scope"])))
            except TooManyRequests:
                return _TOO_MANY
            return await _answer(opened(connection_id, environ))

        async def message(connection_id: str, sent: Any) -> None:  # noqa: ANN401  (text or bytes)
            if connection_id not in self._held:
                return
            try:
                self.messages.take(connection_id)
                await _answer(heard(connection_id, _as_text(sent)))
            except (Foreign, TooManyRequests):
                await self._close(connection_id)

        async def disconnect(connection_id: str, reason: str) -> Any:  # noqa: ANN401  (as the framework's own)
            if (held := self._held.pop(connection_id, None)) is not None:
                held.close()
            return await _answer(closed(connection_id, reason))

        handlers |= {"connect": connect, "message": message, "disconnect": disconnect}

    def _hold(self, connection_id: str, caller: str) -> None:
        """Count the connection, and wait for its page, until it is closed."""
        with ExitStack() as held:
            held.enter_context(self._open.one_of_all(caller, self.most_of_one, self.most, _TOO_MANY))
            clock = asyncio.get_running_loop().call_later(self.handshake_s, self._look_at, connection_id)
            held.callback(clock.cancel)
            self._held[connection_id] = held.pop_all()

    def break_off(self) -> None:
        """Close all, and take nothing more of what came over them: whoever said it may have said it elsewhere since."""
        for connection_id, held in list(self._held.items()):
            held.close()
            self._close_soon(connection_id)
        self._held.clear()

    def _look_at(self, connection_id: str) -> None:
        if not self.has_page(connection_id):
            self._close_soon(connection_id)

    def _close_soon(self, connection_id: str) -> None:
        task = self.server.start_background_task(self._close, connection_id)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close(self, connection_id: str) -> None:
        """The server's own way would wait until the other end has heard of it."""
        if (connection := self.server.sockets.pop(connection_id, None)) is not None:
            await connection.close(wait=False)
            await connection.queue.put(None)


def _if_sound(handler: _Handler) -> _Handler:
    """Refuse a handshake that names a page, its tab or its document by more than an id: the framework keeps them."""

    async def sound(socket_id: str, message: Any) -> Any:  # noqa: ANN401  (the framework's own signature)
        return _is_sound(message) and await _answer(handler(socket_id, message))

    return sound


def _if_sound_in_its_address(handler: _Handler) -> _Handler:
    """The same for a page that shakes hands by the address of its connection, as ours do when they are loaded."""

    async def sound(socket_id: str, environ: dict[str, Any], *rest: Any) -> Any:  # noqa: ANN401  (as above)
        said = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        if said.get("implicit_handshake") == "true" and not _is_sound(said):
            return False
        return await _answer(handler(socket_id, environ, *rest))

    return sound


def _is_sound(handshake: dict[str, Any]) -> bool:
    names = [handshake.get(name) for name in ("client_id", "tab_id", "document_id")]
    names.append(handshake.get("old_tab_id") or "")
    are_short = all(isinstance(name, str) and len(name) <= _LONGEST_NAME for name in names)
    number = handshake.get("next_message_id") or 0
    return are_short and _MESSAGE_NUMBER.fullmatch(str(number)) is not None


def _bound(handler: _Handler) -> _Handler:
    """Pass on what comes from a socket that has shaken hands for the page that it names."""

    async def from_its_own_page(socket_id: str, message: Any) -> Any:  # noqa: ANN401  (the framework's own signature)
        if isinstance(message, dict) and message.get("client_id") in core.sio.rooms(socket_id):
            return await _answer(handler(socket_id, message))
        return None

    return from_its_own_page


def _unless_malformed(handler: _Handler) -> _Handler:
    """What our own script would never send is dropped: a traceback for each would turn the log over."""

    async def well_formed(socket_id: str, message: Any) -> Any:  # noqa: ANN401  (the framework's own signature)
        if not isinstance(message, dict):
            return None
        try:
            return await _answer(handler(socket_id, message))
        except (KeyError, TypeError, ValueError):
            log.debug("malformed, on socket %s: %.500r", socket_id, cast("object", message), exc_info=True)
        except AttributeError:  # nothing that is sent can cause it: it is a fault of ours
            log.exception("what a page sent was not taken")
        return None

    return well_formed


def _take_numbers_only() -> None:
    """A number field that is sent text by hand is an empty one, without a traceback for each."""
    fields = cast("Any", ui.number)
    read = fields._event_args_to_value  # noqa: SLF001  (the framework has no other place for it)

    def number(field: ui.number, sent: Any) -> float | None:  # noqa: ANN401  (the framework's own signature)
        try:
            return read(field, sent)
        except (TypeError, ValueError):
            log.debug("no number, for a number field: %.200r", sent.args)
            return None

    fields._event_args_to_value = number  # noqa: SLF001  (as above)


async def _answer(result: Any) -> Any:  # noqa: ANN401  (the framework's own signature)
    return await result if inspect.isawaitable(result) else result


def _not_logged(socket_id: str, message: Any) -> None:  # noqa: ANN401  (the framework's own signature)
    """Anybody could forge lines with it, or turn the log over until nothing of ours is left in it."""
    log.debug("a browser reports, on socket %s: %.500r", socket_id, message)
