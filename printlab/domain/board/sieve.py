"""A query held against thousands of jobs: what of it can be worked out beforehand is, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

from printlab.domain.board.entry import Entry
from printlab.domain.board.query import UNASSIGNED, BoardQuery, Column, Facet, Key


class Place(NamedTuple):
    """Where a job stands: its column, and what it is sorted by there."""

    column: Column
    key: Key


class Sieve:
    """Which jobs a query shows, and which it would show if one of its filters were another."""

    def __init__(self, query: BoardQuery) -> None:
        self._query = query
        self._words = query.words
        self._since = query.since or date.min
        self._until = query.until or date.max
        self._filters = [
            (facet, asked.isdisjoint, _VALUES[facet]) for facet in Facet if (asked := getattr(query, facet))
        ]

    def place_of(self, entry: Entry) -> Place | None:
        """Where the query shows the job; None where it does not show it."""
        if not self._is_said(entry):
            return None
        for _, is_none_of, values in self._filters:
            if is_none_of(values(entry)):
                return None
        column = self._query.column(entry)
        return None if column is None else Place(column, self._query.key(entry))

    def missed(self, entry: Entry) -> list[Facet] | None:
        """The filters that the job does not pass; None where other values of them would not show it either."""
        if not self._is_said(entry) or self._query.column(entry) is None:
            return None
        return [facet for facet, is_none_of, values in self._filters if is_none_of(values(entry))]

    def _is_said(self, entry: Entry) -> bool:
        """Whether its text and its day let it pass."""
        for word in self._words:
            if word not in entry.text:
                return False
        return self._since <= entry.sent_on <= self._until


def values_in(entries: Iterable[Entry], facet: Facet) -> Iterable[str]:
    """What the entries count as among the values of a filter, one after the other."""
    return chain.from_iterable(map(_VALUES[facet], entries))


def _only(name: str) -> Callable[[Entry], tuple[str, ...]]:
    value = attrgetter(name)
    return lambda entry: (value(entry),)


_VALUES: dict[Facet, Callable[[Entry], Iterable[str]]] = {
    **{facet: _only(facet) for facet in Facet},
    Facet.ASSIGNEE: lambda entry: (entry.assignee or UNASSIGNED,),
    Facet.CONCERN: attrgetter("concerns"),
}
