"""What one query finds, column by column in its order; it follows single changes without looking at all jobs again."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from printlab.domain.board.entry import Entry
from printlab.domain.board.query import BoardQuery, Facet, Key, values_of
from printlab.domain.status import JobStatus


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job stands: its column, and what it is sorted by there."""

    status: JobStatus
    key: Key


class Listing:
    """The open jobs that match a query. A change costs a search in one column, however many jobs there are."""

    def __init__(self, query: BoardQuery, entries: Iterable[Entry]) -> None:
        self.query = query
        self._places: dict[int, Place] = {}
        self._columns: dict[JobStatus, list[tuple[Key, int]]] = {status: [] for status in JobStatus}
        for entry in entries:
            if query.matches(entry):
                place = self._places[entry.id] = Place(entry.status, query.key(entry))
                self._columns[entry.status].append((place.key, entry.id))
        for column in self._columns.values():
            column.sort()

    def place(self, job_id: int) -> Place | None:
        """Where the job stands; None while it is not among these."""
        return self._places.get(job_id)

    def count(self, status: JobStatus) -> int:
        """How many jobs of this status there are."""
        return len(self._columns[status])

    def page(self, status: JobStatus, after: Key | None, limit: int) -> list[int]:
        """The numbers of the next ``limit`` jobs of a column, behind the one that is sorted by ``after``."""
        column = self._columns[status]
        start = 0 if after is None else bisect_left(column, (after, _BEHIND))
        return [job_id for _, job_id in column[start : start + limit]]

    def follow(self, job_id: int, entry: Entry | None) -> None:
        """The job is as ``entry`` says now; None when the board does not show it any more."""
        before = self._places.pop(job_id, None)
        if before is not None:
            column = self._columns[before.status]
            del column[bisect_left(column, (before.key, job_id))]
        if entry is not None and self.query.matches(entry):
            place = self._places[job_id] = Place(entry.status, self.query.key(entry))
            insort(self._columns[entry.status], (place.key, job_id))


_BEHIND = float("inf")


def facets(query: BoardQuery, entries: Iterable[Entry]) -> Mapping[Facet, Mapping[str, int]]:
    """For each filter how many jobs each of its values would show, the other filters staying as they are."""
    found: dict[Facet, Counter[str]] = {facet: Counter() for facet in Facet}
    for entry in entries:
        failed = query.failed(entry)
        for facet in _counted(failed):
            found[facet].update(values_of(entry, facet))
    return found


def _counted(failed: Sequence[Facet | None]) -> Sequence[Facet]:
    """What fails one filter alone counts for that one: it would be seen if another value were chosen there."""
    if not failed:
        return tuple(Facet)
    only = failed[0]
    return (only,) if len(failed) == 1 and only is not None else ()
