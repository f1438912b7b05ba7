"""What one browser has of a query's jobs: of each column its beginning, down to the last card that it was sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from printlab.domain.board.entry import Entry
from printlab.domain.board.query import BoardQuery, Column, Key
from printlab.domain.board.sieve import Place, Sieve
from printlab.domain.views import LastMove


@dataclass(frozen=True, slots=True)
class CountingFile:
    """The file of a job that counts: its number, the highest that the job has, whose it is, and what it takes."""

    number: int
    highest: int
    by: str
    is_students: bool
    is_sliced: bool
    takes: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A job on the board: its facts, its card as browsers get it, and the move that can perhaps be taken back."""

    entry: Entry
    card: bytes
    last_move: LastMove | None = None
    file: CountingFile | None = None


class Placed(NamedTuple):
    """A job, and where a query shows it; None where it does not."""

    drawn: Drawn
    place: Place | None


def placed(query: BoardQuery, jobs: Iterable[Drawn]) -> tuple[Placed, ...]:
    """The same for all who look for the same: worked out once, however many they are."""
    sieve = Sieve(query)
    return tuple(Placed(drawn, sieve.place_of(drawn.entry)) for drawn in jobs)


@dataclass(frozen=True, slots=True)
class Delta:
    """What a browser has to be told: cards that it shows now, and numbers of jobs that it shows no more."""

    shown: tuple[Drawn, ...]
    gone: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.shown or self.gone)


class Window:
    """Follows what a browser was sent. A job that belongs further down than its column reaches is not sent: it comes
    with the next page.
    """

    def __init__(self, query: BoardQuery) -> None:
        self.query = query
        self._sent: set[int] = set()
        self._last: dict[Column, Entry] = {}
        self._sizes: dict[Column, int] = {}
        self._whole: set[Column] = set()

    def last(self, column: Column) -> Entry | None:
        """The last card that it was sent of a column, as it was then; None while it was sent none."""
        return self._last.get(column)

    def reach(self, column: Column) -> Key | None:
        """By what that card is sorted."""
        last = self._last.get(column)
        return None if last is None else self.query.key(last)

    def size(self, column: Column) -> int:
        """How many cards it was sent of a column, page by page."""
        return self._sizes.get(column, 0)

    def least(self, column: Column) -> int:
        """How many jobs a column has at least, by what the browser was sent of it."""
        return self.size(column) + (column not in self._whole)

    def add(self, column: Column, page: Sequence[Drawn], *, is_last: bool) -> None:
        """The browser was sent the next page of a column; behind the last one there is nothing."""
        self._sent.update(drawn.entry.id for drawn in page)
        self._sizes[column] = self.size(column) + len(page)
        if page:
            self._last[column] = page[-1].entry
        if is_last:
            self._whole.add(column)

    def follow(self, changed: Iterable[Placed], gone: Iterable[int]) -> Delta:
        """What a change means for this browser; the places are those of its query."""
        shown: list[Drawn] = []
        left = [job_id for job_id in gone if job_id in self._sent]
        for drawn, place in changed:
            if place is not None and self._reaches(place):
                shown.append(drawn)
            elif drawn.entry.id in self._sent:
                left.append(drawn.entry.id)
        self._sent.difference_update(left)
        self._sent.update(drawn.entry.id for drawn in shown)
        return Delta(tuple(shown), tuple(left))

    def _reaches(self, place: Place) -> bool:
        reach = self.reach(place.column)
        return place.column in self._whole or (reach is not None and place.key <= reach)
