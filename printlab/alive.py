"""Which server processes live, told by locks in PostgreSQL: what a dead one was at is taken over by another."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable
from contextlib import ExitStack

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError

_log = structlog.get_logger(__name__)
_LOCKS_OF_THE_LIVING = 0x5072_696E  # “Prin”: the first half of each lock, the second is the process's own
_LOOKS_EVERY_S = 2.0
_ENDS_S = 5.0


class StillHeldError(Exception):
    """This process's own lock belongs to a connection of its own that was cut."""


class Alive:
    """Holds this process's lock as long as its connection lives, and looks for owners of work whose lock is free."""

    def __init__(self, url: str, name: str, owners: Callable[[], set[str]], take_over: Callable[[str], object]) -> None:
        self._engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        self._name = name
        self._owners = owners
        self._take_over = take_over
        self._connection: sa.Connection | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="alive", daemon=True)

    def start(self) -> None:
        """Hold the lock from now on; called before this process owns any work."""
        self._hold()
        self._thread.start()

    def stop(self) -> None:
        """Let go of the lock; what is still at work belongs to the others then."""
        self._stopped.set()
        self._thread.join(timeout=_ENDS_S)
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()

    def _watch(self) -> None:
        while not self._stopped.wait(_LOOKS_EVERY_S):
            try:
                self._look()
            except Exception:  # noqa: BLE001  (the database may be away for a while; the next look tries again)
                _log.warning("alive.not_looked", exc_info=True)

    def _look(self) -> None:
        connection = self._hold()
        for owner in self._owners() - {self._name}:
            if not _locked(connection, owner):
                continue
            try:
                self._take_over(owner)
                _log.info("alive.taken_over", owner=owner)
            finally:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(*_key(owner))))

    def _hold(self) -> sa.Connection:
        """The connection that holds the lock; where it was cut, a new one. Raises StillHeldError while the server has
        not noticed yet that the one before is gone.
        """
        if self._connection is not None:
            try:
                self._connection.execute(sa.select(1))
            except SQLAlchemyError:
                self._connection.close()
                self._connection = None
            else:
                return self._connection
        with ExitStack() as on_failure:
            connection = on_failure.enter_context(self._engine.connect())
            if not _locked(connection, self._name):
                raise StillHeldError(self._name)
            on_failure.pop_all()
        self._connection = connection
        return connection


def _locked(connection: sa.Connection, owner: str) -> bool:
    return bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(*_key(owner)))))


def _key(name: str) -> tuple[sa.Cast[int], sa.Cast[int]]:
    number = zlib.crc32(name.encode())
    return sa.cast(_LOCKS_OF_THE_LIVING, sa.Integer), sa.cast(number - (1 << 31), sa.Integer)
