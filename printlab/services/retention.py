"""The cleanup as a whole: what each kind would do now, doing it, and what the last runs did.

Each kind is one object that first says what it would do and then does just that: the dry run and the run read the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, func, select

from printlab.db import Database
from printlab.domain.policy import SYSTEM, Action, Actor, require
from printlab.domain.retention import Amount, CleanupKind, CleanupRun, Due, RetentionDays
from printlab.errors import PrintLabError
from printlab.models import CleanupRecord
from printlab.queue import Queue
from printlab.services.plans import Plan

_log = structlog.get_logger(__name__)
_NIGHT = timedelta(hours=4)
_KEPT_OF_A_KIND = 30
_NAMED_JOBS = 200
_FAILED = "Something went wrong. The log of the server says what."


class Cleanup(Protocol):
    """One kind of cleanup."""

    @property
    def kind(self) -> CleanupKind:
        """What it is about."""
        ...

    def plan(self) -> Plan:
        """What it would do now."""
        ...


class Rule(Cleanup, Protocol):
    """A kind that does so many days after a job ended what the lab's rule says."""

    def plan_after(self, days: int | None) -> Plan:
        """What it would do now if the rule said so many days; None is never."""
        ...


class Retention:
    """``rules``, by the field of RetentionDays, and ``once`` are what one process does once a day for all;
    ``everywhere`` is what each process does for itself, every hour.
    """

    def __init__(
        self,
        database: Database,
        queue: Queue,
        rules: Mapping[str, Rule],
        once: Sequence[Cleanup],
        everywhere: Sequence[Cleanup],
        zone: tzinfo,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._queue = queue
        self._rules = rules
        self._once = (*rules.values(), *once)
        self._everywhere = everywhere
        self._zone = zone
        self._clock = clock

    # ---------- saying ----------

    def dry_run(self) -> tuple[Due, ...]:
        """What every kind would do now; nothing is changed."""
        return tuple(cleanup.plan().due for cleanup in (*self._once, *self._everywhere))

    def would(self, days: RetentionDays) -> dict[str, str]:
        """What each rule would do now if the lab's rules were these, as a sentence by the name of the field."""
        wanted = asdict(days)
        plans = {name: rule.plan_after(wanted[name]) for name, rule in self._rules.items() if wanted[name] is not None}
        sentences = {name: plan.due.sentence for name, plan in plans.items()}
        return {name: f"Now: {text[:1].lower()}{text[1:]}" for name, text in sentences.items()}

    def runs(self, actor: Actor) -> tuple[CleanupRun, ...]:
        """The last run of each kind, in the order of the kinds. Raises NotSignedIn, NotAllowed."""
        require(actor, Action.MANAGE_LAB)
        newest = select(func.max(CleanupRecord.id)).group_by(col(CleanupRecord.kind))
        with self._database.read() as session:
            rows = session.exec(select(CleanupRecord).where(col(CleanupRecord.id).in_(newest))).all()
        by_kind = {row.kind: _view(row) for row in rows}
        return tuple(by_kind[kind] for kind in CleanupKind if kind in by_kind)

    def history(self, kind: CleanupKind, actor: Actor) -> tuple[CleanupRun, ...]:
        """The runs of one kind that are kept, the newest first. Raises NotSignedIn, NotAllowed."""
        require(actor, Action.MANAGE_LAB)
        newest_first = col(CleanupRecord.id).desc()
        with self._database.read() as session:
            rows = session.exec(select(CleanupRecord).where(CleanupRecord.kind == kind).order_by(newest_first)).all()
        return tuple(_view(row) for row in rows)

    # ---------- doing ----------

    def request(self) -> None:
        """Have one process clean up for this day, however often and by however many it is asked for.

        A day begins when the night is over: what a server that was switched off missed, it does later that day.
        """
        day = (self._clock().astimezone(self._zone) - _NIGHT).date()
        with self._database.write() as unit:
            self._queue.clean_up(unit.session, day)

    def run_once(self) -> tuple[CleanupRun, ...]:
        """What one process does for all of them."""
        return self._run(self._once, SYSTEM)

    def sweep(self) -> tuple[CleanupRun, ...]:
        """What each process does for itself."""
        return self._run(self._everywhere, SYSTEM)

    def run(self, actor: Actor = SYSTEM) -> tuple[CleanupRun, ...]:
        """All of it, now."""
        return self._run((*self._once, *self._everywhere), actor)

    def _run(self, cleanups: Iterable[Cleanup], actor: Actor) -> tuple[CleanupRun, ...]:
        """All plans are made before the first is carried out: what one leaves is not the next one's before tomorrow."""
        plans = [(cleanup.kind, self._planned(cleanup)) for cleanup in cleanups]
        return tuple(self.record(kind, carry_out, actor) for kind, carry_out in plans)

    @staticmethod
    def _planned(cleanup: Cleanup) -> Callable[[], Amount]:
        try:
            return cleanup.plan().carry_out
        except Exception as error:  # noqa: BLE001  (raised where it is recorded)
            failure = error

        def fail() -> Amount:
            raise failure

        return fail

    def record(self, kind: CleanupKind, carry_out: Callable[[], Amount], actor: Actor) -> CleanupRun:
        """Do one kind and keep what it did, or why it could not: what stops one kind does not stop the others."""
        started, amount, problem = self._clock(), Amount(), None
        try:
            amount = carry_out()
        except PrintLabError as refusal:
            problem = str(refusal)
            _log.warning("cleanup.refused", kind=kind.value, problem=problem)
        except Exception:  # noqa: BLE001  (the reason is in the log)
            problem = _FAILED
            _log.exception("cleanup.failed", kind=kind.value)
        run = CleanupRun(kind, started, self._clock(), actor.name, amount, problem)
        if amount.count:
            _log.info("cleanup.done", kind=kind.value, count=amount.count, bytes=amount.bytes, by=actor.key)
        with self._database.write() as unit:
            unit.session.add(_row(run))
            unit.session.flush()
            _forget_old_runs(unit.session, kind)
        return run


def _row(run: CleanupRun) -> CleanupRecord:
    return CleanupRecord(
        kind=run.kind,
        started_at=run.started_at,
        ended_at=run.ended_at,
        by=run.by,
        count=run.amount.count,
        bytes=run.amount.bytes,
        jobs=list(run.amount.jobs[:_NAMED_JOBS]),
        problem=run.problem,
    )


def _view(row: CleanupRecord) -> CleanupRun:
    amount = Amount(row.count, row.bytes, jobs=tuple(row.jobs))
    return CleanupRun(row.kind, row.started_at, row.ended_at, row.by, amount, row.problem)


def _forget_old_runs(session: Session, kind: CleanupKind) -> None:
    newest_first = select(CleanupRecord.id).where(CleanupRecord.kind == kind).order_by(col(CleanupRecord.id).desc())
    oldest_kept = session.exec(newest_first.offset(_KEPT_OF_A_KIND - 1).limit(1)).first()
    if oldest_kept is not None:
        older = sa.delete(CleanupRecord).where(col(CleanupRecord.kind) == kind, col(CleanupRecord.id) < oldest_kept)
        session.exec(older)
