"""Jobs that ended, as a board lists them: too many to be kept in memory, the latest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

import sqlalchemy as sa
from sqlmodel import Session, and_, col, func, or_, select

from printlab.domain.board import MOST_COUNTED, BoardQuery
from printlab.domain.board.query import UNASSIGNED
from printlab.domain.status import ENDED, JobStatus
from printlab.models import Color, Job, Material, Printer, UserAccount
from printlab.services.finding import found_by

Position = tuple[datetime, int]
"""Since when the last job of a page has its status, and its number."""

Condition = sa.ColumnElement[bool]


class EndedJobs:
    """What a query finds among the jobs that ended, in the order of ``BoardQuery.key``."""

    def __init__(self, session: Session, query: BoardQuery, zone: tzinfo) -> None:
        self._session = session
        self._query = query
        self._conditions = _conditions(session, query, zone)

    def ids(self, status: JobStatus, before: Position | None, limit: int) -> list[int]:
        """The numbers of the next ``limit`` jobs with this status, behind ``before``: found in the index alone."""
        if not _may_match(self._query, status):
            return []
        # The texts come last: to look into them takes the longest, and only what passes the others is looked into.
        texts = found_by(self._session, self._query.words, status)
        wanted = select(Job.id).where(Job.status == status, *self._conditions, *texts)
        if before is not None:
            since, job_id = before
            earlier = and_(col(Job.status_since) == since, col(Job.id) < job_id)
            wanted = wanted.where(or_(col(Job.status_since) < since, earlier))
        newest_first = (col(Job.status_since).desc(), col(Job.id).desc())
        return [job_id or 0 for job_id in self._session.exec(wanted.order_by(*newest_first).limit(limit))]

    def first(self, status: JobStatus, limit: int) -> list[int]:
        """The first ``limit`` at least, and as many more as are counted: one more than that where there are more."""
        return self.ids(status, None, max(limit, MOST_COUNTED) + 1)


def rows_of(session: Session, job_ids: Sequence[int]) -> list[Job]:
    """The rows of these jobs, in this order."""
    rows = {row.id: row for row in session.exec(select(Job).where(col(Job.id).in_(job_ids)))} if job_ids else {}
    return [rows[job_id] for job_id in job_ids if job_id in rows]


def count_all_ended(session: Session) -> Mapping[JobStatus, int]:
    """How many jobs ended with each status, all of them."""
    counts = select(Job.status, func.count()).where(col(Job.status).in_(ENDED)).group_by(col(Job.status))
    found = {JobStatus(status): count for status, count in session.exec(counts)}
    return {status: found.get(status, 0) for status in ENDED}


def _may_match(query: BoardQuery, status: JobStatus) -> bool:
    """Nothing about a job that ended concerns anybody any more."""
    return not query.concern and (not query.status or status in query.status)


def _conditions(session: Session, query: BoardQuery, zone: tzinfo) -> list[Condition]:
    """Names are looked up first: what is asked in one question with them is planned for jobs that have any."""
    conditions: list[Condition] = []
    if query.printer or query.method:
        conditions.append(col(Job.printer_id).in_(_printers(session, query)))
    if query.material:
        conditions.append(col(Job.material_id).in_(_named(session, Material, query.material)))
    if query.color:
        conditions.append(col(Job.color_id).in_(_named(session, Color, query.color)))
    if query.assignee:
        conditions.append(_assigned(session, query.assignee))
    if query.since is not None:
        conditions.append(col(Job.created_at) >= _begin(query.since, zone))
    if query.until is not None:
        conditions.append(col(Job.created_at) < _begin(query.until + timedelta(days=1), zone))
    return conditions


def _printers(session: Session, query: BoardQuery) -> Sequence[int | None]:
    found = select(Printer.id)
    found = found.where(col(Printer.name).in_(query.printer)) if query.printer else found
    return session.exec(found.where(col(Printer.method).in_(query.method)) if query.method else found).all()


def _named(session: Session, table: type[Material | Color | UserAccount], names: Iterable[str]) -> Sequence[int | None]:
    return session.exec(select(table.id).where(col(table.name).in_(names))).all()


def _assigned(session: Session, names: frozenset[str]) -> Condition:
    of_these = col(Job.assignee_id).in_(_named(session, UserAccount, names))
    return or_(of_these, col(Job.assignee_id).is_(None)) if UNASSIGNED in names else of_these


def _begin(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
