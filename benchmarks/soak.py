"""Twenty minutes of a busy lab: fifty boards that come and go, five changes a second; does its memory stay flat?"""

from __future__ import annotations

import asyncio
import http
import itertools
import json
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.sending import RefusedError, box, send_form
from benchmarks.servers import Lab, running_lab
from benchmarks.upload import ORDER
from benchmarks.viewers import viewing
from benchmarks.watching import memory_watched

_WHOLE_S = 1200.0
_VIEWERS = 50
_STAYS_S = (15.0, 60.0)
_CHANGES_PER_S = 5.0
_JOBS = 40
_MEMORY_EVERY_S = 2.0
_WARM_UP, _SAMPLED = 0.3, 0.15
"""Parts of the whole: until the memory counts, and at its beginning and its end over how much the median is taken."""
_TRIES = 10
_COLORS = ("Blue", "Black", "Red")


@dataclass
class _Counted:
    viewers: int = 0
    frames: int = 0
    changes: int = 0

    def frame(self, _moment: float, _text: str) -> None:
        """A page was told something."""
        self.frames += 1


def measure(scale: float) -> dict[str, object]:
    """``scale`` shortens the time, nothing else."""
    whole_s = _WHOLE_S * scale
    with tempfile.TemporaryDirectory(prefix="printlab-benchmark-") as name, running_lab(Path(name)) as lab:
        jobs = [send_form(lab.port, "/api/v1/jobs", part, ORDER, lab.token).body["id"] for part in [box()] * _JOBS]
        counted = _Counted()
        with memory_watched(lab.pid, _MEMORY_EVERY_S) as samples:
            asyncio.run(_soak(lab, jobs, counted, time.monotonic() + whole_s))
        warm, end = _memory(samples)
        errors = _errors(lab.data / "logs")
    return {
        "seconds": round(whole_s),
        "viewers_opened": counted.viewers,
        "frames": counted.frames,
        "changes": counted.changes,
        "memory_of_warm": round(end / warm, 3),
        "memory": {"warm_mb": round(warm, 1), "end_mb": round(end, 1), "peak_mb": round(max(samples), 1)},
        "errors_in_log": errors,
    }


async def _soak(lab: Lab, jobs: Sequence[int], counted: _Counted, until_s: float) -> None:
    async with asyncio.TaskGroup() as people:
        for number in range(_VIEWERS):
            people.create_task(_come_and_go(lab, counted, until_s, random.Random(number)))
        people.create_task(_change(lab, jobs, counted, until_s))


async def _come_and_go(lab: Lab, counted: _Counted, until_s: float, chance: random.Random) -> None:
    await asyncio.sleep(chance.uniform(0, _STAYS_S[0]))
    while (left_s := until_s - time.monotonic()) > 0:
        async with viewing(lab.port, "/board", lab.cookie, counted.frame):
            counted.viewers += 1
            await asyncio.sleep(min(chance.uniform(*_STAYS_S), left_s))


async def _change(lab: Lab, jobs: Sequence[int], counted: _Counted, until_s: float) -> None:
    """Correct colour and number of copies of one job after the other; the card of each shows both."""
    due_s = time.monotonic()
    for number, job_id in enumerate(itertools.cycle(jobs)):
        if time.monotonic() >= until_s:
            return
        facts = {"color": _COLORS[number // _JOBS % len(_COLORS)], "quantity": 1 + number // _JOBS % 4}
        await asyncio.to_thread(_correct, lab, job_id, facts)
        counted.changes += 1
        due_s += 1 / _CHANGES_PER_S
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))


def _correct(lab: Lab, job_id: int, facts: dict[str, Any]) -> None:
    """Another may change the job in between, as the look into its file does: then again, some times."""
    path = f"/api/v1/jobs/{job_id}"
    for left in reversed(range(_TRIES)):
        try:
            lab.ask("PATCH", path, {"version": lab.ask("GET", path)["version"], **facts})
        except RefusedError as refused:
            if refused.status != http.HTTPStatus.CONFLICT or not left:
                raise
        else:
            return


def _memory(samples: Sequence[float]) -> tuple[float, float]:
    """After the warm-up, and in the end, in MB."""
    first, few = round(len(samples) * _WARM_UP), max(1, round(len(samples) * _SAMPLED))
    return median(samples[first : first + few]), median(samples[-few:])


def _errors(logs: Path) -> list[str]:
    """What the server logged as an error."""
    lines = [line for log in logs.iterdir() for line in log.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if json.loads(line).get("level") in ("error", "critical")]
