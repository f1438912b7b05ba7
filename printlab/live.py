"""“Job 42 changed” → whoever subscribed, in this process, and from the others that write to the same database."""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING

import psycopg
import sqlalchemy as sa
import structlog
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import object_session
from sqlmodel import Session, col

from printlab.db import break_off
from printlab.models import Event

if TYPE_CHECKING:
    from printlab.db import Database, Unit

_log = structlog.get_logger(__name__)
_POLL_S = 0.25
_RETRY_S = 1.0
_ANSWERS_S = 3.0
_CHANNEL = "printlab_changed"
_LAB = "lab"
_LOOKS = "looks "
_WRITTEN = "events written"


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed: one job, or (None) the lab's own settings; ``everything`` after a gap in what was heard."""

    job_id: int | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Looking:
    """Somebody (an actor's key and name) has a job open on the page ``viewer``; no job: not any more."""

    viewer: str
    job_id: int | None
    key: str
    name: str


Subscriber = Callable[[Changed], None]
Watcher = Callable[[Looking], None]


class Live:
    """Subscribers are called from whatever thread committed; they hand over to their own loop.

    ``origin`` tells this process's notices from others' on PostgreSQL; on SQLite ``told`` has the events of commits of
    which everybody here heard at once, as long as a listener asks.
    """

    def __init__(self) -> None:
        self.origin = secrets.token_hex(8)
        self.told: set[int] | None = None
        self._subscribers: list[Subscriber] = []
        self._watchers: list[Watcher] = []

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call ``subscriber`` for every change; the returned function ends that."""
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            with contextlib.suppress(ValueError):
                self._subscribers.remove(subscriber)

        return unsubscribe

    def watch(self, watcher: Watcher) -> None:
        """Call ``watcher`` when somebody in another process looks at a job, until the end."""
        self._watchers.append(watcher)

    def hear(self, looking: Looking) -> None:
        """Tell all watchers; one that fails is logged and does not stop the others."""
        for watcher in self._watchers:
            try:
                watcher(looking)
            except Exception:  # noqa: BLE001  (who looks is said again soon; changes must go on being heard)
                _log.exception("live.watcher_failed", job_id=looking.job_id)

    def publish(self, change: Changed) -> None:
        """Tell all subscribers; one that fails is logged and does not stop the others."""
        for subscriber in list(self._subscribers):
            try:
                subscriber(change)
            except Exception:  # noqa: BLE001  (whatever a subscriber does, the commit stands and others must hear of it)
                _log.exception("live.subscriber_failed", job_id=change.job_id)


def announce(unit: Unit, live: Live, change: Changed) -> None:
    """Publish ``change`` after the commit: here at once, and on PostgreSQL to the other processes."""
    unit.after_commit(partial(_publish, unit.session, live, change))
    if unit.session.get_bind().dialect.name == "postgresql":
        payload = f"{live.origin} {_LAB if change.job_id is None else change.job_id}"
        unit.session.connection().execute(sa.select(sa.func.pg_notify(_CHANNEL, payload)))


def _publish(session: Session, live: Live, change: Changed) -> None:
    live.publish(change)
    if live.told is not None:
        written: list[Event] = session.info.get(_WRITTEN, [])
        live.told.update(one.id for one in written if one.id and one.job_id == change.job_id)


def _note(_mapper: object, _connection: object, written: Event) -> None:
    """What a transaction adds to the history."""
    if (session := object_session(written)) is not None:
        session.info.setdefault(_WRITTEN, []).append(written)


event.listen(Event, "after_insert", _note)


def tell_others(database: Database, live: Live, looking: Looking) -> None:
    """Let the other processes know who looks; one that does not hear of it is told again soon."""
    if not database.is_sqlite:
        payload = f"{live.origin} {_LOOKS}{json.dumps(asdict(looking))}"
        with database.write() as unit:
            unit.session.connection().execute(sa.select(sa.func.pg_notify(_CHANNEL, payload)))


class Listener:
    """A thread that hears of other processes' commits and publishes them here, and first notices that the database does
    not answer.
    """

    def __init__(self, database: Database, live: Live) -> None:
        self._database = database
        self._live = live
        self._stop = threading.Event()
        self._missed = False
        self._watchers: list[Callable[[bool], None]] = []
        self._thread = threading.Thread(target=self._run, name="printlab-live", daemon=True)

    @property
    def is_away(self) -> bool:
        """Whether the database is known to be out of reach."""
        return self._database.is_away

    def watch(self, watcher: Callable[[bool], None]) -> None:
        """Call ``watcher`` from the thread when the database is out of reach (True), and when it is back (False)."""
        self._watchers.append(watcher)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End within a second or two."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        listen = self._listen_sqlite if self._database.is_sqlite else self._listen_postgres
        while not self._stop.is_set():
            try:
                listen()
            except (SQLAlchemyError, psycopg.Error) as error:
                self._lose(error)
                self._stop.wait(_RETRY_S)
            except Exception:  # noqa: BLE001  (a thread that ends would leave all boards of the process as they are)
                _log.exception("live.listener_failed")
                self._missed = True
                self._stop.wait(_RETRY_S)

    def _lose(self, error: Exception) -> None:
        """Changes are missed from now on. What SQLite cannot read at this moment may be written to all the same."""
        if self._missed:
            return
        _log.warning("live.listener_lost", error=str(error))
        self._missed = True
        if not self._database.is_sqlite:
            self._database.lose()
            self._tell_watchers(is_away=True)

    def _catch_up(self) -> None:
        """Called once it listens again, not before: what is committed until then would be missed for good."""
        if not self._missed:
            return
        _log.info("live.listener_back")
        self._missed = False
        self._database.regain()
        self._live.publish(Changed(everything=True))
        self._tell_watchers(is_away=False)

    def _tell_watchers(self, *, is_away: bool) -> None:
        for watcher in self._watchers:
            watcher(is_away)

    def _listen_sqlite(self) -> None:
        """``data_version`` rises with every commit of another connection; then read which jobs have new events.

        SQLite's writers commit in the order of their ids, so a cursor on the id misses nothing. Commits of this process
        are seen here too: what was told of them already is not told again, and nothing is lost that was not.
        """
        self._live.told = set()
        with self._database.connect() as connection:
            seen = connection.scalar(sa.select(sa.func.max(Event.id))) or 0
            connection.rollback()
            self._catch_up()
            version = None
            while not self._stop.wait(_POLL_S):
                newest = connection.exec_driver_sql("PRAGMA data_version").scalar()
                connection.rollback()
                if newest != version:
                    version = newest
                    seen = self._publish_since(connection, seen)

    def _publish_since(self, connection: sa.Connection, seen: int) -> int:
        newer = sa.select(col(Event.id), col(Event.job_id)).where(col(Event.id) > seen).order_by(col(Event.id))
        rows = connection.execute(newer).all()
        connection.rollback()
        told, self._live.told = self._live.told or set(), set()
        for job_id in dict.fromkeys(row.job_id for row in rows if row.id not in told):
            self._live.publish(Changed(job_id))
        return rows[-1].id if rows else seen

    def _listen_postgres(self) -> None:
        """NOTIFY arrives at commit, in commit order, as long as the connection stands."""
        url = self._database.url.replace("postgresql+psycopg://", "postgresql://", 1)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"LISTEN {_CHANNEL}")
            self._catch_up()
            while not self._stop.is_set():
                for notice in connection.notifies(timeout=_RETRY_S):
                    self._publish_notice(notice)
                _check(connection)

    def _publish_notice(self, notice: psycopg.Notify) -> None:
        origin, _, what = notice.payload.partition(" ")
        if origin == self._live.origin:
            return  # what this process committed, it published itself
        if what.startswith(_LOOKS):
            self._hear(what.removeprefix(_LOOKS))
        elif what == _LAB or what.isdecimal():
            self._live.publish(Changed(None if what == _LAB else int(what)))
        else:  # not a notice as this version writes them: something changed
            self._live.publish(Changed(everything=True))

    def _hear(self, said: str) -> None:
        try:
            looking = Looking(**json.loads(said))
        except (ValueError, TypeError):
            _log.warning("live.not_understood", said=said[:200])  # a process of another version
        else:
            self._live.hear(looking)


def _check(connection: psycopg.Connection) -> None:
    """Whoever only listens hears nothing of a server that is gone: ask it. Raises psycopg.Error."""
    patience = threading.Timer(_ANSWERS_S, break_off, (connection,))
    patience.start()
    try:
        connection.execute("SELECT 1")
    finally:
        patience.cancel()
