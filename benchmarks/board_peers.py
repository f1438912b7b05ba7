"""The same work asked of others: a list of N items in a page, and one change on the way to M of them."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from benchmarks.board_changes import marks_in
from benchmarks.board_servers import fdm_monster, octoprint
from benchmarks.figures import in_ms, scaled
from benchmarks.sending import ask
from benchmarks.servers import free_port, running
from benchmarks.viewers import OnFrame, many_viewing
from benchmarks.watching import beyond_idle, rss_mb

_ITEMS = 1000
_MOST_ITEMS = 5000
_VIEWERS = 10  # pages or sockets
_MOST_VIEWERS = 200
_CHANGES = 10
_PAUSE_S = 0.5


async def peers(scale: float) -> dict[str, object]:
    """Plain NiceGUI with 1,000 and 5,000 items, and two servers with 1,000.

    A label and one element, with as many viewers as the board, say what this machine makes of the framework itself.
    """
    figures: dict[str, object] = {}
    viewers, changes = max(2, scaled(_VIEWERS, scale)), max(2, scaled(_CHANGES, scale))
    for items in (scaled(_ITEMS, scale), scaled(_MOST_ITEMS, scale)):
        for path in ("/cards", "/table"):
            figures[f"nicegui_{path[1:]}_{items}"] = await _nicegui(path, items, viewers, changes)
    for path in ("/label", "/element"):
        many = max(2, scaled(_MOST_VIEWERS, scale))
        figures[f"nicegui_{path[1:]}"] = await _nicegui(path, scaled(_MOST_ITEMS, scale), many, changes)
    for name, asked in {"octoprint": octoprint, "fdm_monster": fdm_monster}.items():
        figures[name] = await asked(
            scaled(_ITEMS, scale), max(2, scaled(_VIEWERS, scale)), max(2, scaled(_CHANGES, scale))
        )
    return figures


async def _nicegui(path: str, items: int, count: int, changes: int) -> dict[str, object]:
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("nicegui_lists.py"))]
    environment = {"LIST_ITEMS": str(items), "LIST_PORT": str(port)}
    with (
        tempfile.TemporaryDirectory(prefix="printlab-benchmark-") as name,
        running(command, Path(name), f"http://127.0.0.1:{port}/alive", environment) as process,
    ):
        arrived: dict[int, list[float]] = defaultdict(list)
        async with many_viewing(1, port, lambda _number: path, ""):
            memory, spent_s = rss_mb(process.pid), await beyond_idle(process.pid)
            noting = _noting(arrived)
            async with many_viewing(count, port, lambda _number: path, "", noting) as viewers:
                opened_s = spent_s()
                memory_mb = (rss_mb(process.pid) - memory) / count
                frames, frame_bytes = viewers[0].frames, viewers[0].frame_bytes
                asked, watched_s = await _changed(process.pid, port, changes)
                delays = [moment - asked[mark] for mark, moments in arrived.items() for moment in moments]
                return {
                    "viewers": count,
                    "cpu_ms": round(opened_s / count * 1000, 1),
                    "memory_mb": round(memory_mb, 2),
                    "html_gzip_bytes": viewers[0].page.packed_bytes,
                    "change_cpu_ms_a_viewer": round(watched_s / changes / (count + 1) * 1000, 2),
                    "change_frame_bytes": round(
                        (viewers[0].frame_bytes - frame_bytes) / max(1, viewers[0].frames - frames)
                    ),
                    "from_request_to_frame": in_ms(delays),
                }


def _noting(arrived: dict[int, list[float]]) -> Callable[[int], OnFrame]:
    def note(moment: float, text: str) -> None:
        for mark in marks_in(text):
            arrived[mark].append(moment)

    return lambda _number: note


async def _changed(pid: int, port: int, changes: int) -> tuple[dict[int, float], float]:
    """When each change was asked for, and the processor time that they took beyond what the server takes idle."""
    spent_s, asked = await beyond_idle(pid), dict[int, float]()
    for number in range(1, changes + 1):
        asked[number] = time.time()
        await asyncio.to_thread(ask, port, "POST", "/change")
        await asyncio.sleep(_PAUSE_S)
    await asyncio.sleep(2)
    return asked, spent_s()
