"""How often somebody tried something, counted in the database: for all processes of the lab together."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from printlab.db import Database
from printlab.errors import TooManyRequests
from printlab.models import CountedTry

_LONGEST = timedelta(days=1)


class CountedTries:
    """At most ``limit`` counted tries of one caller within ``per_s`` seconds, at most a day; ``what`` says whose limit
    it is. ``name`` tells this limit from others.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        name: str,
        limit: int,
        per_s: float,
        what: str = "Too many requests from this address.",
    ) -> None:
        self._database = database
        self._clock = clock
        self._name = name
        self._limit = limit
        self._per = timedelta(seconds=per_s)
        self._what = what

    def take(self, caller: str) -> None:
        """Count one more; raise TooManyRequests, and count none, when there were as many as are allowed."""
        who, now = self._who(caller), self._clock()
        with self._database.write() as unit:
            _one_at_a_time(unit.session, who)
            recent = select(CountedTry.at).where(CountedTry.who == who, CountedTry.at > now - self._per)
            tries = unit.session.exec(recent.order_by(col(CountedTry.at))).all()
            if len(tries) >= self._limit:
                left = tries[0] + self._per - now
                raise TooManyRequests(max(1, math.ceil(left.total_seconds())), self._what)
            unit.session.add(CountedTry(who=who, at=now))

    def give_back(self, caller: str) -> None:
        """Forget the newest: it turned out to be none that is to be limited."""
        newest = select(sa.func.max(CountedTry.id)).where(CountedTry.who == self._who(caller)).scalar_subquery()
        with self._database.write() as unit:
            unit.session.exec(sa.delete(CountedTry).where(col(CountedTry.id) == newest))

    def _who(self, caller: str) -> str:
        """Neither addresses nor names are kept for this."""
        return hashlib.sha256(f"{self._name}\n{caller}".encode()).hexdigest()


def forget_old_tries(session: Session, now: datetime) -> None:
    """Remove what no limit counts any more."""
    session.exec(sa.delete(CountedTry).where(col(CountedTry.at) < now - _LONGEST))


def _one_at_a_time(session: Session, who: str) -> None:
    """On PostgreSQL two could count the same tries, and both be let through; SQLite has one writer."""
    if session.get_bind().dialect.name == "postgresql":
        number = int(who[:15], 16)
        session.connection().execute(sa.select(sa.func.pg_advisory_xact_lock(sa.cast(number, sa.BigInteger))))
