"""A page's live connection belongs to the browser that opened it, whoever learns the page's id."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Page, WebSocket, expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.browser.lab import WITHOUT_TASKS, Lab
from tests.browser.people import DESKTOP, NewPerson, Person, alive

LAB_SETTINGS = WITHOUT_TASKS  # nobody asks what is in a model

_JOIN, _PING, _PONG = "40", "2", "3"
_REFUSED = "44"
_ASK, _ANSWERED = '420["handshake",{"client_id":"nobody","tab_id":"x"}]', "430"


@contextmanager
def another_socket(lab: Lab) -> Iterator[ClientConnection]:
    """A live connection of somebody who has shaken hands for no page."""
    with connected(lab) as socket:
        wait_for(socket, _JOIN)
        yield socket


@contextmanager
def connected(lab: Lab, **said: str) -> Iterator[ClientConnection]:
    """A live connection that has asked to join, and has said this in its address."""
    address = f"ws://127.0.0.1:{lab.port}/_nicegui_ws/socket.io/?EIO=4&transport=websocket&{urlencode(said)}"
    with connect(address) as socket:
        wait_for(socket, "0")
        socket.send(_JOIN)
        yield socket


def wait_for(socket: ClientConnection, beginning: str) -> None:
    """Read until a frame begins so; the server answers in the order in which it was asked."""
    while not (frame := str(socket.recv(timeout=10))).startswith(beginning):
        if frame == _PING:
            socket.send(_PONG)


def say(lab: Lab, message: str) -> None:
    """Send a message over a connection of one's own, and wait until the server has dealt with it."""
    with another_socket(lab) as socket:
        socket.send(message)
        socket.send(_ASK)
        wait_for(socket, _ANSWERED)


def heard_from(page: Page) -> list[str]:
    """What the page sends from now on over its live connection."""
    frames: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: frames.append(str(frame)))

    page.on("websocket", listen)
    return frames


def test_a_page_acts_only_on_what_its_own_connection_sends(lab: Lab, student: Person) -> None:
    job = lab.bench.approve(lab.bench.submit())
    frames = heard_from(student.page)
    page = student.visit(job.track_url.replace("localhost", "127.0.0.1"))
    dialog = page.get_by_role("dialog")
    before = len(frames)
    page.get_by_role("button", name="Decline").click()
    expect(dialog).to_be_visible()
    clicks = [frame for frame in frames[before:] if frame.startswith('42["event"')]
    page.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()

    assert clicks
    for click in clicks:
        say(lab, click)
    lab.bench.requote(job)
    expect(page.get_by_text("$5.80").first).to_be_visible()  # what the server sent before is there by now
    expect(dialog).to_be_hidden()


def test_a_browser_writes_no_lines_into_the_log(lab: Lab, student: Person) -> None:
    page = student.visit("/")
    client_id = page.evaluate("window.clientId")
    assert re.fullmatch(r"[\w-]+", client_id)
    say(lab, f'42["log",{{"client_id":"{client_id}","level":"error","message":"bad\\nforged line"}}]')
    assert "forged line" not in lab.console
    logs = (lab.folder / "data" / "logs").iterdir()
    assert not any("forged line" in log.read_text() for log in logs)
    alive(page)


def test_what_no_page_of_ours_would_send_writes_no_lines_either(lab: Lab, student: Person) -> None:
    page = student.visit("/")
    client_id = page.evaluate("window.clientId")
    before = lab.console
    for message in ('["handshake",{}]', '["handshake",[1]]', '["event",{}]', '["ack",7]', '["event","x"]'):
        say(lab, f"42{message}")
    say(lab, f'42["event",{{"client_id":"{client_id}","id":[]}}]')
    assert lab.console == before
    alive(page)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param('45999999999-["event",{"_placeholder":true,"num":0}]', id="binary event"),
        pytest.param('461-7[{"_placeholder":true,"num":0}]', id="binary answer"),
        pytest.param('421-["event",{"_placeholder":true,"num":0}]', id="event with an attachment"),
        pytest.param(b"A" * 900_000, id="attachment of nothing"),
        pytest.param('42["connect",{"QUERY_STRING":""}]', id="event of the framework's own"),
        pytest.param('42["event"]', id="event that says nothing"),
        pytest.param("42{", id="no JSON"),
        pytest.param(f'42["event",{{"args":["{"A" * 64_000}"]}}]', id="event longer than any text"),
        pytest.param("4", id="nothing"),
    ],
)
def test_a_connection_that_sends_what_no_page_would_is_closed(lab: Lab, sent: str | bytes) -> None:
    before = lab.console
    with another_socket(lab) as socket:
        socket.send(sent)
        with pytest.raises(ConnectionClosed):
            wait_for(socket, "never")
    assert lab.console == before
    say(lab, '42["ack",{}]')


def handshake_of_a_new_page(lab: Lab) -> dict[str, str]:
    """What the script of a page that was just loaded would say first."""
    page = httpx.get(lab.url, timeout=20).text
    client_id = re.search(r"client_id\W+([0-9a-f-]{36})", page)
    assert client_id is not None
    return {"client_id": client_id[1], "tab_id": "tab", "document_id": "document", "next_message_id": "0"}


_UNSOUND = [
    {"tab_id": "A" * 65},
    {"old_tab_id": "A" * 65},
    {"document_id": "A" * 65},
    {"next_message_id": "first"},
    {"next_message_id": "1" * 5000},
]


@pytest.mark.parametrize("unsound", [*_UNSOUND, {"tab_id": None}, {"tab_id": 7}, {"document_id": ["A"]}])
def test_a_page_that_names_itself_by_no_id_is_refused(lab: Lab, unsound: dict[str, Any]) -> None:
    before = lab.console
    handshake = handshake_of_a_new_page(lab)
    with another_socket(lab) as socket:
        for said, answer in ((handshake | unsound, f"{_ANSWERED}[false]"), (handshake, f"{_ANSWERED}[true]")):
            socket.send(f"420{json.dumps(['handshake', said])}")
            wait_for(socket, answer)
    assert lab.console == before


@pytest.mark.parametrize("unsound", _UNSOUND)
def test_so_is_one_that_does_in_the_address(lab: Lab, unsound: dict[str, str]) -> None:
    before = lab.console
    handshake = handshake_of_a_new_page(lab) | {"implicit_handshake": "true"}
    for said, answer in ((handshake | unsound, _REFUSED), (handshake, _JOIN)):
        with connected(lab, **said) as socket:
            wait_for(socket, answer)
    assert lab.console == before


def test_what_is_typed_as_soon_as_a_page_is_alive_stays(lab: Lab, person: NewPerson) -> None:
    admin = person(lab, **DESKTOP).signed_in(lab.admin())
    for text in ("Never", "On Sundays", "At night"):
        page = admin.visit("/admin")
        hours = page.get_by_label("Opening hours")
        hours.fill(text)
        expect(page.get_by_text("Not saved yet")).to_be_visible()
        page.wait_for_timeout(300)
        expect(hours).to_have_value(text)
        page.get_by_role("button", name="Discard").click()
        expect(page.get_by_text("All changes are saved")).to_be_visible()
