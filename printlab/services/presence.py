"""Who looks at which job at this moment, on whichever process: said again and again, and forgotten soon after."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from printlab.db import Database
from printlab.live import Changed, Live, Looking, tell_others

SAID_AGAIN_S = 20.0
"""How often a page says that it is still there."""
_FORGOTTEN_AFTER = timedelta(seconds=2.5 * SAID_AGAIN_S)


@dataclass(frozen=True, slots=True)
class _Seen:
    job_id: int
    key: str
    name: str
    at: datetime


class Presence:
    """Keeps it in memory: a process that starts knows all of it after ``SAID_AGAIN_S``.

    ``viewer`` is a page: whoever has a job open twice looks at it twice.
    """

    def __init__(self, database: Database, live: Live, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._live = live
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, _Seen] = {}
        live.watch(self._heard)

    def look(self, viewer: str, job_id: int, key: str, name: str) -> None:
        """``name``, an actor by their ``key``, looks at the job now, on the page ``viewer``."""
        self._say(Looking(viewer, job_id, key, name))

    def leave(self, viewer: str) -> None:
        """The page is closed."""
        with self._lock:
            seen = self._seen.get(viewer)
        if seen is not None:
            self._say(Looking(viewer, None, seen.key, seen.name))

    def others(self, job_id: int, key: str) -> tuple[str, ...]:
        """The names of the others who look at the job, besides the actor of this ``key``."""
        since = self._clock() - _FORGOTTEN_AFTER
        with self._lock:
            self._seen = {viewer: seen for viewer, seen in self._seen.items() if seen.at >= since}
            names = {seen.name for seen in self._seen.values() if seen.job_id == job_id and seen.key != key}
        return tuple(sorted(names))

    def _say(self, looking: Looking) -> None:
        self._heard(looking)
        tell_others(self._database, self._live, looking)

    def _heard(self, looking: Looking) -> None:
        with self._lock:
            before = self._seen.pop(looking.viewer, None)
            if looking.job_id is not None:
                self._seen[looking.viewer] = _Seen(looking.job_id, looking.key, looking.name, self._clock())
        of_before = None if before is None else before.job_id
        if of_before != looking.job_id:
            for job_id in {of_before, looking.job_id} - {None}:
                self._live.publish(Changed(job_id))  # pages of the job read it again, and who looks at it with it
