"""What is read with every request and changed once a week, kept in memory until it changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from sqlmodel import Session

from printlab.db import Database
from printlab.live import Changed, Live

_T = TypeVar("_T")


class Cached(Generic[_T]):
    """A value that ``read`` makes of the database, until the lab's own settings change, here or in another process."""

    def __init__(self, database: Database, live: Live, read: Callable[[Session], _T]) -> None:
        self._database = database
        self._read = read
        self._lock = threading.Lock()
        self._kept: _T | None = None
        self._generation = 0
        live.subscribe(self._changed)

    def value(self) -> _T:
        """The value as it is now."""
        with self._lock:
            kept, generation = self._kept, self._generation
        if kept is not None:
            return kept
        with self._database.read() as session:
            fresh = self._read(session)
        with self._lock:
            # What was read before a change must not be kept after it.
            if generation == self._generation:
                self._kept = fresh
        return fresh

    def forget(self) -> None:
        """Read again at the next request."""
        with self._lock:
            self._generation += 1
            self._kept = None

    def _changed(self, change: Changed) -> None:
        if change.job_id is None:
            self.forget()
