"""What one query finds, column by column in its order; it follows single changes without looking at all jobs again."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from printlab.domain.board.entry import Entry
from printlab.domain.board.query import BoardQuery, Column, Facet, Key, values_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job stands: its column, and what it is sorted by there."""

    column: Column
    key: Key


class Listing:
    """The open jobs that match a query. A change costs a search in one column, however many jobs there are."""

    def __init__(self, query: BoardQuery, entries: Iterable[Entry]) -> None:
        self.query = query
        self._places: dict[int, Place] = {}
        self._columns: dict[Column, list[tuple[Key, int]]] = {column: [] for column in query.columns}
        for entry in entries:
            if (place := place_of(query, entry)) is not None:
                self._places[entry.id] = place
                self._columns[place.column].append((place.key, entry.id))
        for column in self._columns.values():
            column.sort()

    def count(self, column: Column) -> int:
        """How many jobs the column has."""
        return len(self._columns[column])

    def page(self, column: Column, after: Key | None, limit: int) -> list[int]:
        """The numbers of the next ``limit`` jobs of a column, behind the one that is sorted by ``after``."""
        jobs = self._columns[column]
        start = 0 if after is None else bisect_left(jobs, (after, _BEHIND))
        return [job_id for _, job_id in jobs[start : start + limit]]

    def all(self) -> list[int]:
        """The numbers of all of them, column by column."""
        return [job_id for jobs in self._columns.values() for _, job_id in jobs]

    def follow(self, job_id: int, entry: Entry | None) -> None:
        """The job is as ``entry`` says now; None when the board does not show it any more."""
        before = self._places.pop(job_id, None)
        if before is not None:
            jobs = self._columns[before.column]
            del jobs[bisect_left(jobs, (before.key, job_id))]
        place = None if entry is None else place_of(self.query, entry)
        if place is not None:
            self._places[job_id] = place
            insort(self._columns[place.column], (place.key, job_id))


def place_of(query: BoardQuery, entry: Entry) -> Place | None:
    """Where ``query`` shows the job; None where it does not show it."""
    column = query.column(entry) if query.matches(entry) else None
    return None if column is None else Place(column, query.key(entry))


_BEHIND = float("inf")


def facets(query: BoardQuery, entries: Iterable[Entry]) -> Mapping[Facet, Mapping[str, int]]:
    """For each filter how many jobs each of its values would show, the other filters staying as they are."""
    found: dict[Facet, Counter[str]] = {facet: Counter() for facet in Facet}
    for entry in entries:
        if query.column(entry) is None:
            continue
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
