"""What the database is told about itself, so that its plans fit."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from printlab.domain.board import BoardQuery
from printlab.domain.status import JobStatus
from printlab.services import Services
from printlab.services.ended import EndedJobs, rows_of
from tests.workbench import Workbench

_COUNTED = sa.text("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'job'")


def test_sqlite_plans_by_how_full_its_tables_are(bench: Workbench, services: Services) -> None:
    bench.submit()
    services.database.count_rows()
    with services.database.connect() as connection:
        assert connection.execute(_COUNTED).scalar_one() > 0


def test_jobs_that_ended_are_found_in_an_index_and_only_the_rows_of_a_page_are_read(
    bench: Workbench, services: Services
) -> None:
    bench.at(JobStatus.REJECTED)
    with services.database.read() as session:
        plans = _plans(session)
        ended = EndedJobs(session, BoardQuery(q="ja", color=frozenset({"Blue"})), services.settings.zone)
        assert [row.status for row in rows_of(session, ended.first(JobStatus.REJECTED, 5))] == [JobStatus.REJECTED]
    assert plans == [
        "SEARCH job USING COVERING INDEX ix_job_ended (status=?)",
        "SEARCH job USING INTEGER PRIMARY KEY (rowid=?)",
    ]


def test_jobs_with_a_rare_word_are_looked_up_whatever_their_status(bench: Workbench, services: Services) -> None:
    for name in ("Jane Doe", "Ola Nordmann", "Grace Hopper", "Åsa Lind"):
        bench.at(JobStatus.REJECTED, name=name)
    services.database.count_rows()
    services.database.dispose()
    with services.database.read() as session:
        plans = _plans(session)
        ended = EndedJobs(session, BoardQuery(q="nordmann ola"), services.settings.zone)
        assert len(ended.ids(JobStatus.REJECTED, None, 5)) == 1
    assert plans == ["SEARCH job USING INTEGER PRIMARY KEY (rowid=?)"]


def _plans(session: Session) -> list[str]:
    """How SQLite comes to jobs, filled question by question."""
    plans: list[str] = []

    def explain(
        connection: sa.Connection, _cursor: object, statement: str, values: tuple[Any, ...], *_: object
    ) -> None:
        rows = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", values)
        plans.extend(row[3] for row in rows if row[3].split()[1] == "job")

    sa.event.listen(session.connection(), "before_cursor_execute", explain)
    return plans
