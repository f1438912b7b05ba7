"""Jobs that ended, as a board lists them: too many to be kept in memory, the latest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta, tzinfo

import sqlalchemy as sa
from sqlmodel import Session, and_, col, func, or_, select

from printlab.domain.board import BoardQuery
from printlab.domain.board.query import UNASSIGNED
from printlab.domain.status import ENDED, JobStatus
from printlab.models import Color, Job, Material, Printer, UserAccount
from printlab.services.finding import found_by

Position = tuple[datetime, int]
"""Since when the last job of a page has its status, and its number."""

Condition = sa.ColumnElement[bool]


def ended_jobs(
    session: Session, query: BoardQuery, zone: tzinfo, status: JobStatus, before: Position | None, limit: int
) -> list[Job]:
    """The next ``limit`` jobs with this status that match, behind ``before``, in the order of ``BoardQuery.key``."""
    if not _may_match(query, status):
        return []
    wanted = select(Job.id).where(Job.status == status, *_conditions(session, query, zone))
    if before is not None:
        since, job_id = before
        earlier = and_(col(Job.status_since) == since, col(Job.id) < job_id)
        wanted = wanted.where(or_(col(Job.status_since) < since, earlier))
    newest_first = (col(Job.status_since).desc(), col(Job.id).desc())
    # Found in the index alone; only the rows of this page are read.
    page = wanted.order_by(*newest_first).limit(limit).subquery()
    return list(session.exec(select(Job).where(col(Job.id).in_(select(page.c.id))).order_by(*newest_first)))


def count_ended(session: Session, query: BoardQuery, zone: tzinfo) -> Mapping[JobStatus, int]:
    """How many jobs that ended match, of each status."""
    found: dict[JobStatus, int] = {}
    if wanted := [status for status in sorted(ENDED) if _may_match(query, status)]:
        matching = (col(Job.status).in_(wanted), *_conditions(session, query, zone))
        counts = select(Job.status, func.count()).where(*matching).group_by(col(Job.status))
        found = {JobStatus(status): count for status, count in session.exec(counts)}
    return {status: found.get(status, 0) for status in ENDED}


def _may_match(query: BoardQuery, status: JobStatus) -> bool:
    """Nothing about a job that ended concerns anybody any more."""
    return not query.concern and (not query.status or status in query.status)


def _conditions(session: Session, query: BoardQuery, zone: tzinfo) -> list[Condition]:
    conditions = found_by(session, query.words)
    if query.printer or query.method:
        conditions.append(col(Job.printer_id).in_(_printers(query)))
    if query.material:
        conditions.append(col(Job.material_id).in_(_named(Material, query.material)))
    if query.color:
        conditions.append(col(Job.color_id).in_(_named(Color, query.color)))
    if query.assignee:
        conditions.append(_assigned(query.assignee))
    if query.since is not None:
        conditions.append(col(Job.created_at) >= _begin(query.since, zone))
    if query.until is not None:
        conditions.append(col(Job.created_at) < _begin(query.until + timedelta(days=1), zone))
    return conditions


def _printers(query: BoardQuery) -> sa.Select[int | None]:
    found = sa.select(col(Printer.id))
    found = found.where(col(Printer.name).in_(query.printer)) if query.printer else found
    return found.where(col(Printer.method).in_(query.method)) if query.method else found


def _named(table: type[Material | Color], names: Iterable[str]) -> sa.Select[int | None]:
    return sa.select(col(table.id)).where(col(table.name).in_(names))


def _assigned(names: frozenset[str]) -> Condition:
    people = sa.select(col(UserAccount.id)).where(col(UserAccount.name).in_(names))
    of_these = col(Job.assignee_id).in_(people)
    return or_(of_these, col(Job.assignee_id).is_(None)) if UNASSIGNED in names else of_these


def _begin(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
