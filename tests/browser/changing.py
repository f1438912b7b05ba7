"""Changes to a running lab, so many a second, and what came of each as its sender knows it."""

from __future__ import annotations

import itertools
import json
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from printlab.domain.commands import EditJob
from printlab.domain.policy import SYSTEM, ActorKind
from printlab.domain.views import JobView
from tests.browser.lab import Lab
from tests.workbench import ADMIN

_HANDS = 5
_ROMAN = ("I", "II", "III", "IV", "V")


@dataclass
class Changes:
    """What was answered, by job: ``done`` was said to be done, of ``unknown`` no answer came."""

    done: Counter[int] = field(default_factory=Counter[int])
    unknown: Counter[int] = field(default_factory=Counter[int])


@contextmanager
def changing(lab: Lab, jobs: Sequence[JobView], per_s: float) -> Generator[Changes]:
    """Start jobs that are ready to print and log failed prints, by turns, until the block ends."""
    token = lab.services.accounts.create_token("robot", ActorKind.STAFF, SYSTEM)
    changes, over = Changes(), threading.Event()

    def work(own: Sequence[JobView]) -> None:
        # A browser's word of its own: hands go to whichever process theirs belongs to.
        hand = _Hand(lab, token)
        due = time.monotonic()
        while not over.is_set():
            for job in own:
                hand.move(job.id, changes)
                due = max(due + _HANDS / per_s, time.monotonic())
                over.wait(due - time.monotonic())

    hands = [threading.Thread(target=work, args=(jobs[n::_HANDS],)) for n in range(_HANDS)]
    for hand in hands:
        hand.start()
    try:
        yield changes
    finally:
        over.set()
        for hand in hands:
            hand.join()


@contextmanager
def editing(lab: Lab, jobs: Sequence[JobView], per_s: float) -> Generator[Counter[int]]:
    """Correct the student's name, again and again, past the servers, until the block ends; gives how often, by job.

    That takes no file along and no way through nginx: it is quick enough to be done fifty times a second.
    """
    done, over = Counter[int](), threading.Event()

    def work(own: Sequence[JobView]) -> None:
        due = time.monotonic()
        for job in itertools.cycle(own):
            if over.is_set():
                return
            name = f"Jane Doe {_ROMAN[done[job.id] % len(_ROMAN)]}"
            lab.services.jobs.edit(EditJob(job.id, lab.job(job.id).version, name=name), ADMIN)
            done[job.id] += 1
            due = max(due + _HANDS / per_s, time.monotonic() - 1)
            over.wait(due - time.monotonic())

    with ThreadPoolExecutor(_HANDS) as hands:
        works = [hands.submit(work, jobs[n::_HANDS]) for n in range(_HANDS)]
        try:
            yield done
        finally:
            over.set()
            for one in works:
                one.result()


class _Hand:
    """One program that sends changes; it knows what it was answered last."""

    def __init__(self, lab: Lab, token: str) -> None:
        self._url = f"{lab.url}/api/v1/jobs"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._known: dict[int, dict[str, Any]] = {}

    def move(self, job_id: int, changes: Changes) -> None:
        """Start the job, or log that its print failed."""
        job = self._known.pop(job_id, None) or self._asked(f"/{job_id}")
        if job is None:
            return
        verb, facts = ("start", {}) if job["status"] == "ReadyToPrint" else ("fail", {"reason": "came off the bed"})
        moved = self._asked(f"/{job_id}/{verb}", {"version": job["version"], **facts})
        if moved is None:
            changes.unknown[job_id] += 1
            return
        changes.done[job_id] += 1
        self._known[job_id] = moved

    def _asked(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any] | None:
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, content, self._headers)  # noqa: S310  (our own server)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  (as above)
                return json.load(answer)
        except (urllib.error.URLError, OSError, ValueError):
            return None
