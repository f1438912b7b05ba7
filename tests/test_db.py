"""What the database is told about itself, so that its plans fit."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from printlab.domain.board import BoardQuery
from printlab.domain.status import JobStatus
from printlab.services import Services
from printlab.services.ended import count_ended, ended_jobs
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
    query = BoardQuery(q="ja", color=frozenset({"Blue"}))
    plans: list[str] = []

    def explain(
        connection: sa.Connection, _cursor: object, statement: str, values: tuple[Any, ...], *_: object
    ) -> None:
        if "job.status" in statement:
            rows = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.extend(row[3] for row in rows if " job " in row[3])

    with services.database.read() as session:
        sa.event.listen(session.connection(), "before_cursor_execute", explain)
        zone = bench.services.settings.zone
        assert count_ended(session, query, zone)[JobStatus.REJECTED] == 1
        assert len(ended_jobs(session, query, zone, JobStatus.REJECTED, None, 5)) == 1
    reading_rows = [plan for plan in plans if "COVERING INDEX ix_job_ended" not in plan]
    assert reading_rows == ["SEARCH job USING INTEGER PRIMARY KEY (rowid=?)"]
    assert len(plans) == 3
