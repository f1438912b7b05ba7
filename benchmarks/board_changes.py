"""Changes of jobs that every board shows: one at a time through the API, or two hundred as fast as they come."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

from benchmarks.servers import Lab
from benchmarks.viewers import OnFrame, board, many_viewing
from printlab.domain.policy import SYSTEM
from printlab.domain.status import JobStatus
from printlab.live import Changed, announce
from printlab.models import Job
from printlab.services import Services
from printlab.services.history import new_event

_IN_TURN = 5  # jobs, the first of the first column
_BURST = 200
_BURST_THREADS = 8
_RESTS_S = 5
_MARK = re.compile(r"change (\d+) of the benchmark")
_VERSION = re.compile(r'\\"id\\":(\d+),\\"version\\":(\d+)')


def shown_jobs(lab: Lab) -> list[int]:
    """The numbers of the first jobs of the first column, which every board shows."""
    page = lab.ask("GET", f"/api/v1/jobs?status={JobStatus.UPLOADED}&sort=status_since&limit={_IN_TURN}")
    return [item["id"] for item in page["items"]]


def marks_in(text: str) -> list[int]:
    """Of which changes a frame tells."""
    return [int(mark) for mark in _MARK.findall(text)]


class Changes:
    """Changes the notes of some jobs in turn, and knows when each was committed."""

    def __init__(self, lab: Lab, jobs: Sequence[int]) -> None:
        self._lab = lab
        self._jobs = itertools.cycle(jobs)
        self._versions = {job: _version(lab, job) for job in jobs}
        self._marks = itertools.count(1)
        self._log = lab.data / "logs" / "printlab.log"
        self._since = _now()
        self._made: list[int] = []

    def start_over(self) -> None:
        """Those until now do not count."""
        self._since = _now()
        self._made.clear()

    def committed(self) -> dict[int, float]:
        """When each was on the server's disk: right after it, the server writes a line to its log."""
        lines = (json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines())
        edits = (line for line in lines if line["event"] == "job.changed" and line["action"] == "edit")
        moments = [moment for line in edits if (moment := _moment(line["timestamp"])) >= self._since]
        return dict(zip(self._made, moments, strict=True))

    async def one(self) -> None:
        """The next change."""
        await asyncio.to_thread(self._change, next(self._jobs), next(self._marks))

    def several(self, job_id: int, count: int) -> None:
        """So many of one job."""
        for _ in range(count):
            self._change(job_id, next(self._marks))

    def _change(self, job_id: int, mark: int) -> None:
        body = {"version": self._versions[job_id], "notes": f"change {mark} of the benchmark"}
        answer = self._lab.ask("PATCH", f"/api/v1/jobs/{job_id}", body)
        self._versions[job_id] = answer["version"]
        self._made.append(mark)


def _now() -> float:
    return datetime.now(UTC).timestamp()


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


async def burst(lab: Lab, settings: dict[str, str], count: int) -> dict[str, object]:
    """Many changes, as fast as the API takes them and as fast as another process commits them; each of ``count`` boards
    must show the last of each job.
    """
    jobs = await asyncio.to_thread(shown_jobs, lab)
    made = Changes(lab, jobs)
    asked = partial(_at_once, [_of(made, job, _BURST // len(jobs)) for job in jobs])
    with lab.opened(settings) as services:
        return {
            "by_the_api": await _burst(lab, jobs, count, asked),
            "by_another_process": await _burst(lab, jobs, count, partial(_committed, services, jobs)),
        }


async def _burst(lab: Lab, jobs: Sequence[int], count: int, act: Callable[[], None]) -> dict[str, object]:
    seen: dict[int, dict[int, int]] = defaultdict(dict)

    def noting(number: int) -> OnFrame:
        return lambda _moment, text: seen[number].update((int(job), int(at)) for job, at in _VERSION.findall(text))

    async with many_viewing(count, lab.port, board, lab.cookie, noting) as viewers:
        await asyncio.sleep(2)
        frames = sum(viewer.frames for viewer in viewers)
        began = time.monotonic()
        await asyncio.to_thread(act)
        took_s = time.monotonic() - began
        await asyncio.sleep(_RESTS_S)
        told = (sum(viewer.frames for viewer in viewers) - frames) / count
    last = {job: _version(lab, job) for job in jobs}
    right = sum(all(seen[number].get(job_id) == version for job_id, version in last.items()) for number in range(count))
    return {
        "viewers": count,
        "changes": _BURST,
        "changes_per_s": round(_BURST / took_s, 1),
        "frames_a_viewer": round(told, 1),
        "right_in_the_end": right,
    }


def _committed(services: Services, jobs: Sequence[int]) -> None:
    """One transaction after the other, each with a job's notes and a line of its history."""
    for number, job_id in zip(range(_BURST), itertools.cycle(jobs), strict=False):
        with services.database.write() as unit:
            unit.session.get_one(Job, job_id).notes = f"change {number} from elsewhere"
            unit.session.add(new_event(SYSTEM, "edit", services.clock(), job_id))
            announce(unit, services.live, Changed(job_id))


def _version(lab: Lab, job_id: int) -> int:
    return int(lab.ask("GET", f"/api/v1/jobs/{job_id}")["version"])


def _of(made: Changes, job_id: int, count: int) -> Callable[[], None]:
    return lambda: made.several(job_id, count)


def _at_once(acts: Sequence[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(_BURST_THREADS) as pool:
        for done in [pool.submit(act) for act in acts]:
            done.result()
