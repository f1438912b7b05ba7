"""How many jobs there are of each status."""

from __future__ import annotations

from sqlmodel import Session, col, func, select

from printlab.domain.status import JobStatus
from printlab.models import Job


def jobs_by_status(session: Session) -> dict[JobStatus, int]:
    """Every status with its count, also those that no job has."""
    found = dict(session.exec(select(Job.status, func.count()).group_by(col(Job.status))).all())
    return {status: found.get(status, 0) for status in JobStatus}
