"""What a lab did before a test begins."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import SQLModel, col, select

from printlab.domain.status import JobStatus
from printlab.domain.waiting import LEAST_SEEN
from printlab.models import Event, Job, Quote, Revision
from tests.workbench import Workbench


def one_job_a_day(bench: Workbench, days: int = LEAST_SEEN) -> None:
    """The same every day: decided after 2 h, accepted at once, started 1 h later, ready 4 h after that.

    It goes through the services once; the days before it are copies. The last one was ready 17 h ago.
    """
    job = bench.submit(key="what was before")
    bench.clock.advance(hours=2)
    job = bench.confirm(bench.approve(job))
    bench.clock.advance(hours=1)
    job = bench.start(job)
    bench.clock.advance(hours=4)
    bench.hand_over(bench.complete(job))  # whose files nobody looks for any more
    _copy(bench, job.id, [timedelta(days=days_ago) for days_ago in range(1, days)])
    bench.clock.advance(hours=17)
    bench.services.waiting.renew()


def many_of_one_student(bench: Workbench, count: int, name: str) -> None:
    """So many jobs of one student that were handed over, a minute after one another: one goes through the services."""
    job = bench.at(JobStatus.PAID_PICKED_UP, name=name)
    _copy(bench, job.id, [timedelta(minutes=minutes) for minutes in range(1, count)])


def _copy(bench: Workbench, job_id: int, earlier: Iterable[timedelta]) -> None:
    with bench.services.database.write() as unit:
        session = unit.session
        for ago in earlier:
            own = {"stem": f"copy of {ago}", "submission_key": None, "last_move_id": None}
            copied = Job(**_values(session.get_one(Job, job_id), ago) | own)
            session.add(copied)
            session.flush()
            for table in (Event, Quote, Revision):
                for row in session.exec(select(table).where(table.job_id == job_id).order_by(col(table.id))).all():
                    session.add(table(**_values(row, ago) | {"job_id": copied.id}))
                    session.flush()


def _values(row: SQLModel, earlier: timedelta) -> dict[str, Any]:
    values = row.model_dump(exclude={"id", "version"})
    return {name: value - earlier if isinstance(value, datetime) else value for name, value in values.items()}
