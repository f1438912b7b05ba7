"""What one query finds, column by column in its order; it follows single changes without looking at all jobs again."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from printlab.domain.board.entry import Entry
from printlab.domain.board.query import BoardQuery, Column, Facet, Key
from printlab.domain.board.sieve import Place, Sieve, values_in


class Listing:
    """The open jobs that match a query. A change costs a search in one column, however many jobs there are."""

    def __init__(self, query: BoardQuery, entries: Iterable[Entry]) -> None:
        self.query = query
        self._sieve = Sieve(query)
        self._places: dict[int, Place] = {}
        self._columns: dict[Column, list[tuple[Key, int]]] = {column: [] for column in query.columns}
        for entry in entries:
            if (place := self._sieve.place_of(entry)) is not None:
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
        place = None if entry is None else self._sieve.place_of(entry)
        if place is not None:
            self._places[job_id] = place
            insort(self._columns[place.column], (place.key, job_id))


_BEHIND = float("inf")


def facets(query: BoardQuery, entries: Iterable[Entry]) -> Mapping[Facet, Mapping[str, int]]:
    """For each filter how many jobs each of its values would show, the other filters staying as they are.

    What one filter alone keeps away counts for that one: it would be seen if another value were chosen there.
    """
    sieve = Sieve(query)
    shown: list[Entry] = []
    kept_away: dict[Facet, list[Entry]] = defaultdict(list)
    for entry in entries:
        missed = sieve.missed(entry)
        if missed == []:
            shown.append(entry)
        elif missed is not None and len(missed) == 1:
            kept_away[missed[0]].append(entry)
    return {facet: Counter(values_in((*shown, *kept_away[facet]), facet)) for facet in Facet}
