"""Engines and units of work. The only place that commits.

SQLite's and its driver's defaults lose updates: every write here is one ``BEGIN IMMEDIATE``, one writer at a time in
this process; reads go through a second engine that cannot write. PostgreSQL locks rows with ``FOR UPDATE``.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar
from weakref import WeakSet

import psycopg
import sqlalchemy as sa
import structlog
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

from printlab.errors import DatabaseAway, StorageProblem

_log = structlog.get_logger(__name__)
_Value = TypeVar("_Value")
_IN_ONE_STATEMENT = 500
_LONGEST_PAUSE_S = 20

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000")

_FULL = "The disk with the lab's database is full, so nothing was saved. Try again when space has been freed there."
_REFUSES = "The disk with the lab's database does not take what was to be saved. Tell whoever looks after it."
_AWAY = "The lab's database cannot be reached, so nothing was saved or read. Try again when the page says “live”."
_PERHAPS = (
    "The connection to the lab's database broke off while this was saved. "
    "Look whether it was, once the page says “live”, before you try again."
)
_POSTGRES_FULL = "53100"
_POSTGRES_ENDS = {"57P01", "57P02", "57P03", "25P03"}
_POSTGRES_CONNECTION = "08"
_PRIMARY_CODE = 0xFF  # of SQLite's extended codes

_POSTGRES_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


@dataclass(slots=True)
class Unit:
    """One write transaction. What ``after_commit`` is given runs once the commit is on the disk, never otherwise."""

    session: Session
    _callbacks: list[Callable[[], object]] = field(default_factory=list[Callable[[], object]])

    def after_commit(self, callback: Callable[[], object]) -> None:
        """Run ``callback`` after the commit."""
        self._callbacks.append(callback)

    def run_callbacks(self) -> None:
        """Called by the database after the commit, which stands: what fails now is logged, and the others still run."""
        for callback in self._callbacks:
            try:
                callback()
            except Exception:  # noqa: BLE001  (a failure here must not be taken for one of the transaction)
                _log.exception("database.after_commit_failed")


_SQLITE_BYTES = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"


class Database:
    """Both engines of one database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            self._writer = _sqlite_engine(url, begin="BEGIN IMMEDIATE", pragmas=_PRAGMAS)
            self._reader = _sqlite_engine(url, begin="BEGIN", pragmas=(*_PRAGMAS, "query_only=ON"))
        else:
            self._writer = sa.create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)
            self._reader = self._writer
        self._one_writer = threading.Lock()
        self._is_away = False
        self._open: WeakSet[psycopg.Connection] = WeakSet()
        if not self.is_sqlite:
            event.listen(self._writer, "connect", self._opened)

    @property
    def product(self) -> str:
        """The database's name, for people."""
        return "SQLite" if self.is_sqlite else "PostgreSQL"

    def size_bytes(self) -> int:
        """How much the database holds on its disk. Raises SQLAlchemyError."""
        size = _SQLITE_BYTES if self.is_sqlite else "SELECT pg_database_size(current_database())"
        with self.connect() as connection:
            return connection.execute(sa.text(size)).scalar_one()

    @contextmanager
    def read(self) -> Generator[Session]:
        """A session on one consistent snapshot; it cannot write. Raises DatabaseAway."""
        with self._in_words(), Session(self._reader, expire_on_commit=False) as session:
            if not self.is_sqlite:
                session.connection(execution_options=_POSTGRES_SNAPSHOT)
            yield session

    @contextmanager
    def write(self) -> Generator[Unit]:
        """One transaction: committed when the block ends, rolled back when it raises.

        Raises StorageProblem when the database's disk is full or refuses, DatabaseAway.
        """
        with self._in_words(), self._writer_turn(), Session(self._writer, expire_on_commit=False) as session:
            unit = Unit(session)
            yield unit
            session.flush()
            with _in_words(_PERHAPS):
                session.commit()
        unit.run_callbacks()

    def _opened(self, connection: psycopg.Connection, _record: object) -> None:
        # A process that is stopped in the midst of a transaction would keep what it locked from all others.
        connection.execute(b"SET idle_in_transaction_session_timeout = '%ds'" % _LONGEST_PAUSE_S)
        connection.commit()
        self._open.add(connection)

    def lose(self) -> None:
        """The server does not answer: refuse at once whatever is asked, and let nobody wait on a connection to it."""
        self._is_away = True
        for connection in list(self._open):
            break_off(connection)

    def regain(self) -> None:
        """The server answers again."""
        self._is_away = False

    @property
    def is_away(self) -> bool:
        """Whether it is known not to answer."""
        return self._is_away

    @contextmanager
    def _in_words(self) -> Generator[None]:
        if self._is_away:
            raise DatabaseAway(_AWAY)
        with _in_words(_AWAY):
            yield

    @contextmanager
    def _writer_turn(self) -> Generator[None]:
        """On SQLite waiting here is fair and cheap; waiting in the database's busy loop took up to 5 s."""
        if not self.is_sqlite:
            yield
            return
        with self._one_writer:
            yield

    def count_rows(self) -> None:
        """Let SQLite plan by how full its tables are, as PostgreSQL does by itself; 0.2 s at 100,000 jobs.

        Whole tables are counted: a sample takes seven statuses for hundreds, and an order for better than a number.
        """
        if self.is_sqlite:
            with self.write() as unit:
                unit.session.connection().exec_driver_sql("ANALYZE")

    def connect(self) -> sa.Connection:
        """A plain connection of the reading engine, for health checks and for noticing other processes' commits."""
        return self._reader.connect()

    def dispose(self) -> None:
        """Close all connections."""
        self._writer.dispose()
        self._reader.dispose()


def break_off(connection: psycopg.Connection) -> None:
    """End a connection to a server that does not answer: whoever waits for it gets an error. Called from any thread."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as way:
        way.shutdown(socket.SHUT_RDWR)


@contextmanager
def _in_words(lost: str) -> Generator[None]:
    """What the database's disk refuses, as a sentence for whoever wanted it; ``lost`` when it is out of reach."""
    try:
        yield
    except DBAPIError as error:
        if problem := _disk_problem(error.orig):
            _log.error("database.disk_refused", error=str(error.orig))
            raise StorageProblem(problem) from error
        if _is_lost(error):
            raise DatabaseAway(lost) from error
        raise


def _is_lost(error: DBAPIError) -> bool:
    """Whether it is the connection that failed, not what was asked."""
    if error.connection_invalidated:
        return True
    if not isinstance(error.orig, psycopg.OperationalError):
        return False
    state = error.orig.sqlstate
    return state is None or state in _POSTGRES_ENDS or state.startswith(_POSTGRES_CONNECTION)


def _disk_problem(error: BaseException | None) -> str | None:
    if getattr(error, "sqlstate", None) == _POSTGRES_FULL:
        return _FULL
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
    return {sqlite3.SQLITE_FULL: _FULL, sqlite3.SQLITE_IOERR: _REFUSES}.get(code)


def _sqlite_engine(url: str, begin: str, pragmas: tuple[str, ...]) -> sa.Engine:
    engine = sa.create_engine(url, pool_size=10, max_overflow=20)

    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    def begin_so(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", begin_so)
    return engine


def add_if_new(session: Session, row: type[SQLModel], values: Mapping[str, object]) -> bool:
    """Insert a row of these values unless its key is there already; whether it was not, whoever else tries at once."""
    connection = session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    added = insert(row).values(**values).on_conflict_do_nothing().returning(sa.literal(1))
    return connection.execute(added).first() is not None  # its rowcount is -1 on PostgreSQL, whatever happened


def batched(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    """A few at a time: a database takes so many values in one statement, and no more."""
    for start in range(0, len(values), _IN_ONE_STATEMENT):
        yield values[start : start + _IN_ONE_STATEMENT]
