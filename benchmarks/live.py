"""From a submission to a second person's board: to the frame on its connection, and to the card in its browser."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.figures import in_ms, percentile, scaled
from benchmarks.sending import send_form, stl
from benchmarks.servers import Lab, running_lab
from benchmarks.upload import ORDER
from benchmarks.viewers import viewing
from benchmarks.watching import round_trip

_SUBMISSIONS = 50
_FILE_BYTES = 100_000
_PROMISED_S = 1.0
_WAIT_S = 10.0
_POLL_S = 0.001
_PAUSE_S = 0.05
_CARD = re.compile(r'\\"id\\":(\d+),')
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_WATCH = """
window.seenAt = {};
new MutationObserver(() => {
  for (const card of document.querySelectorAll("[data-job]")) window.seenAt[card.dataset.job] ??= Date.now();
}).observe(document, {childList: true, subtree: true});
"""

# Gives the moment (seconds since 1970) at which a job was first there.
SeenAt = Callable[[int], float]


def measure(scale: float) -> dict[str, object]:
    """Submissions through the API while somebody else looks at the board."""
    count = scaled(_SUBMISSIONS, scale)
    with tempfile.TemporaryDirectory(prefix="printlab-benchmark-") as name, running_lab(Path(name)) as lab:
        round_trips = _round_trips(lab, count)
        figures: dict[str, object] = {"submissions": count, "round_trip": in_ms(round_trips)}
        with _commits(lab) as committed_at:
            for place, watched in {"websocket_frame": _socket_board, "card_in_browser": _browser_board}.items():
                with watched(lab) as seen_at:
                    _submit(lab, 2, committed_at, seen_at)
                    figures[place] = _figures(_submit(lab, count, committed_at, seen_at), round_trips)
    return figures


@dataclass(frozen=True)
class _Moments:
    """When one submission was sent, committed, answered with 201, and seen; seconds since 1970."""

    sent: float
    committed: float
    answered: float
    seen: float


def _submit(lab: Lab, count: int, committed_at: SeenAt, seen_at: SeenAt) -> list[_Moments]:
    moments: list[_Moments] = []
    for _ in range(count):
        sent = time.time()
        answer = send_form(lab.port, "/api/v1/jobs", stl(_FILE_BYTES), ORDER, lab.token)
        answered, job_id = time.time(), int(answer.body["id"])
        moments.append(_Moments(sent, committed_at(job_id), answered, seen_at(job_id)))
        time.sleep(_PAUSE_S)
    return moments


def _figures(moments: list[_Moments], round_trips: list[float]) -> dict[str, object]:
    from_send = [moment.seen - moment.sent for moment in moments]
    from_commit = [moment.seen - moment.committed for moment in moments]
    return {
        "p99_of_promised_second": round(percentile(from_send, 99) / _PROMISED_S, 3),
        "p50_against_round_trip": round(percentile(from_commit, 50) / percentile(round_trips, 50), 2),
        "from_send": in_ms(from_send),
        "from_commit": in_ms(from_commit),
        "from_answer": in_ms([moment.seen - moment.answered for moment in moments]),
    }


def _round_trips(lab: Lab, count: int) -> list[float]:
    """The smallest request that this server answers, in seconds."""
    with closing(http.client.HTTPConnection("127.0.0.1", lab.port, timeout=60)) as connection:
        round_trip(connection)
        return [round_trip(connection) for _ in range(max(20, count))]


class _Board:
    """Remembers when each job was first there; whoever asks early waits."""

    def __init__(self) -> None:
        self._seen: dict[int, float] = {}
        self._news = threading.Condition()

    def see(self, job_id: int, moment: float) -> None:
        """Only the first time counts."""
        with self._news:
            self._seen.setdefault(job_id, moment)
            self._news.notify_all()

    def seen_at(self, job_id: int) -> float:
        """The moment, as soon as there is one."""
        with self._news:
            assert self._news.wait_for(lambda: job_id in self._seen, _WAIT_S), f"job {job_id} did not appear"
            return self._seen[job_id]


@contextmanager
def _commits(lab: Lab) -> Generator[SeenAt]:
    """When each job could first be read by another connection to the database, to the millisecond."""
    board, stop = _Board(), threading.Event()

    def watch() -> None:
        with closing(sqlite3.connect(lab.data / "printlab.db")) as database:
            newest = 0
            while not stop.wait(_POLL_S):
                rows = database.execute("SELECT id FROM job WHERE id > ? ORDER BY id", (newest,)).fetchall()
                moment = time.time()
                for (job_id,) in rows:
                    board.see(job_id, moment)
                    newest = job_id

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield board.seen_at
    finally:
        stop.set()
        thread.join()


# ---------- without a browser ----------


@contextmanager
def _socket_board(lab: Lab) -> Generator[SeenAt]:
    """A board page whose live connection is read by us; a job is there when a frame brings its card."""
    board, opened, over = _Board(), threading.Event(), threading.Event()

    def see(moment: float, text: str) -> None:
        for found in _CARD.finditer(text):
            board.see(int(found[1]), moment)

    async def look() -> None:
        async with viewing(lab.port, "/board", lab.cookie, see):
            opened.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=asyncio.run, args=(look(),))
    thread.start()
    assert opened.wait(_WAIT_S), "the live connection does not stand"
    yield board.seen_at
    over.set()
    thread.join()


# ---------- with a browser ----------


@contextmanager
def _browser_board(lab: Lab) -> Generator[SeenAt]:
    """The board in Chromium; a job is there when its card is in the document."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or CHROMIUM
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        context.add_cookies([{"name": "printlab_session", "value": lab.session, "url": f"http://127.0.0.1:{lab.port}"}])
        context.add_init_script(_WATCH)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{lab.port}/board")
        page.wait_for_function("window.did_handshake === true")
        yield lambda job_id: _card_at(page, job_id)
        browser.close()


def _card_at(page: Page, job_id: int) -> float:
    handle = page.wait_for_function("id => window.seenAt[id]", arg=str(job_id), timeout=_WAIT_S * 1000)
    return float(handle.json_value()) / 1000
