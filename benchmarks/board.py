"""The staff board of a large lab: opening it, one change, a burst of them, the search; without and with a browser."""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from benchmarks import large_lab
from benchmarks.board_browser import in_a_browser
from benchmarks.board_changes import Changes, burst, marks_in, shown_jobs
from benchmarks.board_finding import finding, track_paths
from benchmarks.board_peers import peers
from benchmarks.databases import DATABASES
from benchmarks.figures import in_ms, scaled
from benchmarks.servers import Lab, running_lab
from benchmarks.viewers import OnFrame, Viewer, board, many_viewing
from benchmarks.watching import beyond_idle, idle_share, rss_mb

_OPEN_JOBS = 5000
_ENDED_JOBS = 100_000
_VIEWERS = 200
_WARM_UP = 20
_CHANGES = 40
_TRACKED = 300
_IDLE_S = 30
_PAUSE_S = 0.2
_SETTLED = 0.25  # of a core: looking for changes of 5,000 files takes up to 0.16 where it was slowest
_QUIET_LOOKS = 5  # one after the other: it looks at some files only once they have rested for half a minute
_SETTLES_WITHIN_S = 300
_FORGOTTEN_S = 60.0  # the server waits so long for pages that were left: they are told of changes until then


def measure(scale: float) -> dict[str, object]:
    """The lab's board on both databases, and what others do with the same work."""
    fill = partial(large_lab.fill, open_jobs=scaled(_OPEN_JOBS, scale), ended_jobs=scaled(_ENDED_JOBS, scale))
    figures: dict[str, object] = {"open_jobs": scaled(_OPEN_JOBS, scale), "ended_jobs": scaled(_ENDED_JOBS, scale)}
    for database, running in DATABASES.items():
        with (
            tempfile.TemporaryDirectory(prefix="printlab-benchmark-") as name,
            running(Path(name)) as settings,
            running_lab(Path(name), fill, **settings) as lab,
        ):
            figures[database] = asyncio.run(_board(lab, settings, scale))
    return figures | {"others": asyncio.run(peers(scale))}


async def _board(lab: Lab, settings: dict[str, str], scale: float) -> dict[str, object]:
    """Each part is said on the error output as well, as soon as it is known: the whole takes long."""
    viewers = max(2, scaled(_VIEWERS, scale))
    parts: dict[str, Callable[[], Awaitable[object]]] = {
        "settled_s": partial(_settled, lab),
        "opening": partial(_opening, lab, viewers),
        "change": partial(_change, lab, viewers, max(5, scaled(_CHANGES, scale))),
        "burst": partial(burst, lab, settings, viewers),
        "finding": partial(asyncio.to_thread, finding, lab, settings, scale),
        "forgotten_s": partial(_forgotten, _FORGOTTEN_S * min(1.0, scale)),
        "browser": partial(asyncio.to_thread, in_a_browser, lab, scale),
        "tracking_pages": partial(_tracked, lab, settings, max(2, scaled(_TRACKED, scale)), scaled(_IDLE_S, scale)),
    }
    figures: dict[str, object] = {}
    for name, measured in parts.items():
        figures[name] = await measured()
        print(f"{name}: {figures[name]}", file=sys.stderr, flush=True)
    return figures


async def _settled(lab: Lab) -> float:
    """A server that has just started looks into its files; what is measured comes after that, so many seconds later.

    Raises TimeoutError when it does not come to rest: the figures would be of something else.
    """
    began = time.monotonic()
    async with asyncio.timeout(_SETTLES_WITHIN_S):
        quiet = 0
        while quiet < _QUIET_LOOKS:
            quiet = quiet + 1 if await idle_share(lab.pid, 3) < _SETTLED else 0
    return round(time.monotonic() - began)


async def _forgotten(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return seconds


async def _opening(lab: Lab, count: int) -> dict[str, object]:
    """So many boards, one after the other, that stay open; what the server does anyway is taken off."""
    cookie = lab.cookie
    async with many_viewing(_WARM_UP, lab.port, board, cookie):
        memory, spent_s = rss_mb(lab.pid), await beyond_idle(lab.pid)
        async with many_viewing(count, lab.port, board, cookie) as viewers:
            await asyncio.sleep(1)
            page = viewers[-1].page
            return {
                "boards": count,
                "cpu_ms": round(spent_s() / count * 1000, 1),
                "memory_mb": round((rss_mb(lab.pid) - memory) / count, 2),
                "html_bytes": page.raw_bytes,
                "html_gzip_bytes": page.packed_bytes,
                "first_frames_bytes": viewers[-1].frame_bytes,
            }


async def _change(lab: Lab, count: int, changes: int) -> dict[str, object]:
    """Single changes of jobs that every board shows, with nobody looking and with ``count`` boards."""
    made = Changes(lab, await asyncio.to_thread(shown_jobs, lab))
    alone = await _spent(lab, changes, made.one)
    arrived: dict[int, dict[int, float]] = {}

    def noting(viewer: int) -> OnFrame:
        """A card that is sent again for another reason has its mark still: the first time counts."""

        def note(moment: float, text: str) -> None:
            for mark in marks_in(text):
                arrived.setdefault(mark, {}).setdefault(viewer, moment)

        return note

    async with many_viewing(count, lab.port, board, lab.cookie, noting) as viewers:
        await asyncio.sleep(2)
        before = _sent(viewers)
        made.start_over()
        watched = await _spent(lab, changes, made.one)
        frames, frame_bytes, wire_bytes = (now - then for now, then in zip(_sent(viewers), before, strict=True))
    took = {
        mark: [moment - done for moment in arrived.get(mark, {}).values()] for mark, done in made.committed().items()
    }
    delays = list(itertools.chain.from_iterable(took.values()))
    return {
        "viewers": count,
        "changes": changes,
        "arrived": round(len(delays) / count / changes, 3),
        "cpu_ms_a_viewer": round((watched - alone) / changes / count * 1000, 3),
        "cpu_ms_of_the_verb": round(alone / changes * 1000, 1),
        "frames": round(frames / count / changes, 2),
        "frame_bytes": round(frame_bytes / max(1, frames)),
        "wire_bytes": round(wire_bytes / max(1, frames)),
        "from_commit_to_frame": in_ms(delays),
        "to_the_last_of_all": in_ms([max(moments) for moments in took.values() if moments]),
    }


def _sent(viewers: list[Viewer]) -> tuple[int, int, int]:
    return (
        sum(viewer.frames for viewer in viewers),
        sum(viewer.frame_bytes for viewer in viewers),
        sum(viewer.wire_bytes for viewer in viewers),
    )


async def _spent(lab: Lab, times: int, act: Callable[[], Awaitable[None]]) -> float:
    """The server's processor time, beyond what it takes while nothing is asked of it."""
    spent_s = await beyond_idle(lab.pid)
    for _ in range(times):
        await act()
        await asyncio.sleep(_PAUSE_S)
    await asyncio.sleep(1)
    return spent_s()


async def _tracked(lab: Lab, settings: dict[str, str], count: int, seconds: int) -> dict[str, object]:
    """Students' pages that are open while nothing happens."""
    without = await idle_share(lab.pid, seconds)
    links = await asyncio.to_thread(track_paths, lab, settings, count)
    async with many_viewing(count, lab.port, links.__getitem__, ""):
        await asyncio.sleep(5)
        with_them = await idle_share(lab.pid, seconds)
    return {"pages": count, "core_percent": round((with_them - without) * 100, 2)}
