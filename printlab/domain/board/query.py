"""What somebody looks for on the board: it stands in the page's address, whole, and comes back from it the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import TypeVar

from printlab.domain.board.entry import Attention, Concern, Entry
from printlab.domain.status import ENDED, JobStatus

_MOST_VALUES = 50
_LONGEST = 200
_NEVER = date.max.toordinal()
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no database takes these in a text, so none is found by them
_YEARS = range(1970, 9999)  # of days that have a day before and after them in every time zone

_Named = TypeVar("_Named", bound=StrEnum)
Param = tuple[str, str]
Key = tuple[float | str, ...]


class View(StrEnum):
    """As what the jobs are shown; the first is what a board begins with."""

    BOARD = "board"  # a column for each status
    NEEDS = "needs"  # only what waits for staff, a column for each reason
    TABLE = "table"  # rows: what is open, and below what has ended


class Rows(StrEnum):
    """The one list of a table that is no status."""

    OPEN = "open"


Column = JobStatus | Attention | Rows


class Order(StrEnum):
    """How the cards of a column follow each other."""

    WAITING = "waiting"  # the longest in its status first
    NEWEST = "newest"
    DEADLINE = "deadline"
    STUDENT = "student"
    PRINTER = "printer"
    MATERIAL = "material"
    STATUS = "status"
    PRICE = "price"  # the dearest first
    NUMBER = "number"


class Facet(StrEnum):
    """By what can be filtered; the name is that of the address's parameter and of the entry's fact."""

    STATUS = "status"
    PRINTER = "printer"
    METHOD = "method"
    MATERIAL = "material"
    COLOR = "color"
    ASSIGNEE = "assignee"
    CONCERN = "concern"


ENDED_LAST = (JobStatus.REJECTED, JobStatus.PAID_PICKED_UP)
STATUSES = (
    JobStatus.UPLOADED,
    JobStatus.PENDING,
    JobStatus.READY_TO_PRINT,
    JobStatus.PRINTING,
    JobStatus.COMPLETED,
    *ENDED_LAST,
)
"""In the order in which a job takes them; what has ended is last."""

UNASSIGNED = ""
"""What the filter calls whoever is assigned to no job."""


MOST_COUNTED = 500
"""Of the jobs that ended with one status a search counts no more: it would have to look at all that ever were."""


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """Empty filters let everything pass; of several values of one filter any will do.

    ``q``: each of its words has to be found. ``since`` and ``until`` are the first and the last day on which a job was
    sent.
    """

    q: str = ""
    status: frozenset[JobStatus] = frozenset()
    printer: frozenset[str] = frozenset()
    method: frozenset[str] = frozenset()
    material: frozenset[str] = frozenset()
    color: frozenset[str] = frozenset()
    assignee: frozenset[str] = frozenset()
    concern: frozenset[Concern] = frozenset()
    since: date | None = None
    until: date | None = None
    order: Order = Order.WAITING
    view: View = View.BOARD

    @classmethod
    def of(cls, params: Iterable[Param]) -> BoardQuery:
        """The query of an address. What nobody can have chosen is left out: an address may be old, or typed."""
        wanted: dict[str, set[str]] = {}
        for name, value in params:
            values = wanted.setdefault(name, set())
            if len(values) < _MOST_VALUES and len(value) <= _LONGEST:
                values.add(_UNSTORABLE.sub("", value))
        return cls(
            q=" ".join(_one(wanted, "q").split()),
            status=frozenset(_members(JobStatus, wanted.get("status", ()))),
            printer=frozenset(wanted.get("printer", ())),
            method=frozenset(wanted.get("method", ())),
            material=frozenset(wanted.get("material", ())),
            color=frozenset(wanted.get("color", ())),
            assignee=frozenset(wanted.get("assignee", ())),
            concern=frozenset(_members(Concern, wanted.get("concern", ()))),
            since=_day(_one(wanted, "since")),
            until=_day(_one(wanted, "until")),
            order=next(_members(Order, wanted.get("order", ())), Order.WAITING),
            view=next(_members(View, wanted.get("view", ())), View.BOARD),
        )

    def params(self) -> list[Param]:
        """The same as parameters of an address, without what is as it always is, in an order that does not change."""
        values = ((field, getattr(self, field.name)) for field in fields(self))
        return [(field.name, text) for field, value in values if value != field.default for text in _texts(value)]

    @property
    def words(self) -> tuple[str, ...]:
        """What has to be found in a job's text, casefolded like it."""
        return tuple(self.q.casefold().split())

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out by it."""
        return self != BoardQuery(order=self.order, view=self.view)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The lists in which the view shows jobs, in their order."""
        match self.view:
            case View.BOARD:
                return STATUSES
            case View.NEEDS:
                return tuple(Attention)
            case View.TABLE:
                return (Rows.OPEN, *ENDED_LAST)

    def column(self, entry: Entry) -> Column | None:
        """The list in which the view shows a job; None where it does not show it."""
        match self.view:
            case View.BOARD:
                return entry.status
            case View.NEEDS:
                return entry.attention
            case View.TABLE:
                return entry.status if entry.status in ENDED else Rows.OPEN

    def key(self, entry: Entry) -> Key:
        """What the entries of a column are sorted by, ascending; no two of a column have the same.

        Jobs that ended come by when they did, the latest first, whatever the order is: nobody waits for them.
        """
        if entry.status in ENDED:
            return -entry.since.timestamp(), -entry.id
        waiting = entry.since.timestamp(), entry.id
        return (*_KEYS[self.order](entry), *waiting)


_KEYS: dict[Order, Callable[[Entry], Key]] = {
    Order.WAITING: lambda _: (),
    Order.NEWEST: lambda entry: (-entry.created.timestamp(), -entry.id),
    Order.DEADLINE: lambda entry: (entry.needed_by.toordinal() if entry.needed_by else _NEVER,),
    Order.STUDENT: lambda entry: (entry.who.casefold(),),
    Order.PRINTER: lambda entry: (entry.printer.casefold(),),
    Order.MATERIAL: lambda entry: (entry.material.casefold(), entry.color.casefold()),
    Order.STATUS: lambda entry: (STATUSES.index(entry.status),),
    Order.PRICE: lambda entry: (-(entry.price_cents or 0),),
    Order.NUMBER: lambda entry: (entry.id,),
}
"""What comes before how long a job has waited, and its number."""


def _one(wanted: dict[str, set[str]], name: str) -> str:
    return max(wanted.get(name, ()), default="")


def _members(kind: type[_Named], texts: Iterable[str]) -> Iterator[_Named]:
    for text in texts:
        with suppress(ValueError):
            yield kind(text)


def _day(text: str) -> date | None:
    with suppress(ValueError):
        day = date.fromisoformat(text)
        return day if day.year in _YEARS else None
    return None


def _texts(value: str | date | frozenset[str]) -> list[str]:
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, date):
        return [value.isoformat()]
    return [str(value)]
