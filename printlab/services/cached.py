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
    """A value that ``read`` makes of the database, until the lab's own settings change, here or in another process.

    Whoever publishes the change reads it again, in their thread: pages ask for it on the event loop.
    """

    def __init__(self, database: Database, live: Live, read: Callable[[Session], _T]) -> None:
        self._database = database
        self._read = read
        self._lock = threading.Lock()
        self._kept: _T | None = None
        self._readings = 0
        live.subscribe(self._changed)

    def value(self) -> _T:
        """The value as it was after the last change that was published; only the first who asks waits for it."""
        with self._lock:
            kept = self._kept
        return self._read_again() if kept is None else kept

    def _changed(self, change: Changed) -> None:
        if change.job_id is None:
            self._read_again()

    def _read_again(self) -> _T:
        """Of two readings the one that began later is kept; one that fails leaves it to the next who asks."""
        with self._lock:
            self._readings += 1
            own = self._readings
        try:
            with self._database.read() as session:
                fresh = self._read(session)
        except BaseException:
            self._keep(None, own)
            raise
        self._keep(fresh, own)
        return fresh

    def _keep(self, fresh: _T | None, reading: int) -> None:
        with self._lock:
            if reading == self._readings:
                self._kept = fresh
