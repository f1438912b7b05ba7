"""What slicers on the server said of parts, as views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session, col, select

from printlab.domain.automatic import Automatic, need_of
from printlab.domain.views import Catalog, JobView
from printlab.models import AutomaticEstimate


def with_automatic(session: Session, jobs: Sequence[JobView], catalog: Catalog) -> Sequence[JobView]:
    """The jobs, each with its automatic estimate where one was wanted, by one query for all; none where no printer has
    a profile.
    """
    needs = {job.id: need.key for job in jobs if (need := need_of(job, catalog)) is not None}
    if not needs:
        return jobs
    query = select(AutomaticEstimate).where(col(AutomaticEstimate.key).in_(set(needs.values())))
    found = {row.key: _view(row) for row in session.exec(query)}
    return [replace(job, automatic=found.get(needs.get(job.id, ""))) for job in jobs]


def _view(row: AutomaticEstimate) -> Automatic:
    return Automatic(row.state, row.volume_mm3, row.time_s, row.message)
