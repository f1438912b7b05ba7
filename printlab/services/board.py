"""All open jobs in memory, for whoever looks at a board: read once, then followed change by change.

One for each process. What a change means is worked out once, however many people look; each of them is told of what
their own query shows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from sqlmodel import Session, col, select

from printlab.db import Database
from printlab.domain.board import (
    BoardQuery,
    Column,
    CountingFile,
    Drawn,
    Entry,
    Facet,
    Listing,
    Placed,
    Tally,
    entry_of,
    facets,
    foreseen,
    looked_at,
    placed,
)
from printlab.domain.slicing import figures, in_words
from printlab.domain.status import ENDED, JobStatus
from printlab.domain.time_limits import Rules
from printlab.domain.views import STUDENTS_ORIGINS, CardView, Catalog, JobView
from printlab.domain.waiting import Forecast, Waits
from printlab.models import Job, OutboxMail
from printlab.models.mail import UNDELIVERABLE
from printlab.services.ended import EndedJobs, Position, count_all_ended, rows_of
from printlab.services.views import ViewBuilder

_BATCH = 500  # jobs that are read in one go: one by one is slow, all at once takes 80 MB at 5,000

_MOST_KEPT = 64  # of what is looked for among those that ended

_T = TypeVar("_T")
_Ended = tuple[Mapping[Column, list[Drawn]], Mapping[JobStatus, int]]  # the first of each status, and how many
Draw = Callable[[CardView], bytes]


@dataclass(frozen=True, slots=True)
class News:
    """What changed: jobs as they are now, numbers of jobs that are gone, how many ended with each status, and how many
    wait for staff or are new.

    ``touched``: the numbers of all jobs of which anything changed, also what no card says. ``arrived``: the new jobs
    among them that were not there before, or not open. ``with_new_file``: the jobs among them for which another file
    counts that was never there before and came from staff. ``ended_changed``: others may be among those that ended.
    ``everything``: any job may be another.
    """

    changed: tuple[Drawn, ...]
    gone: frozenset[int]
    ended: Mapping[JobStatus, int]
    tally: Tally
    touched: frozenset[int] = frozenset()
    arrived: tuple[Drawn, ...] = ()
    with_new_file: tuple[Drawn, ...] = ()
    ended_changed: bool = False
    everything: bool = False
    _placed: dict[BoardQuery, tuple[Placed, ...]] = field(
        default_factory=dict[BoardQuery, tuple[Placed, ...]], compare=False, repr=False
    )

    def placed(self, query: BoardQuery) -> tuple[Placed, ...]:
        """The jobs that changed, and where ``query`` shows them."""
        if query not in self._placed:
            self._placed[query] = placed(query, self.changed)
        return self._placed[query]


@dataclass(frozen=True, slots=True)
class Found:
    """What a query finds, the first jobs of each of its columns, and how many of those that ended it finds: of each
    status ``MOST_COUNTED``, and one more where there are more; all of them when the query leaves nothing out.
    """

    listing: Listing
    pages: Mapping[Column, Sequence[Drawn]]
    ended: Mapping[JobStatus, int]


class _KeptUntilOneEnds:
    """What was read of the jobs that ended, the same for everybody who looks, until one of them changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changes = 0
        self._kept: dict[Hashable, Any] = {}

    def value(self, key: Hashable, read: Callable[[], _T]) -> _T:
        """What ``read`` gave since the last change."""
        with self._lock:
            changes = self._changes
            if key in self._kept:
                return self._kept[key]
        fresh = read()
        with self._lock:
            if changes == self._changes:
                if len(self._kept) >= _MOST_KEPT:
                    self._kept.clear()
                self._kept[key] = fresh
        return fresh

    def forget(self) -> None:
        """One of them changed."""
        with self._lock:
            self._changes += 1
            self._kept.clear()


class BoardIndex:
    """The open jobs, and the listings of them that somebody looks at.

    ``draw`` makes of a card what browsers get. Until the first reading, and after one that failed, nothing is known:
    the next who asks reads all of it.
    """

    def __init__(
        self,
        database: Database,
        views: ViewBuilder,
        catalog: Callable[[], Catalog],
        zone: tzinfo,
        clock: Callable[[], datetime],
        waits: Callable[[], Waits],
        rules: Callable[[], Rules],
        draw: Draw,
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._views = views
        self._zone = zone
        self._clock = clock
        self._waits = waits
        self._rules = rules
        self._draw = draw
        self._reading = threading.Lock()  # readings follow each other: a later one has seen more
        self._lock = threading.Lock()
        self._forecast: Forecast | None = None
        self._open: dict[int, Drawn] = {}
        self._needs: set[int] = set()
        self._new: set[int] = set()
        self._ended_counts: Mapping[JobStatus, int] = {}
        self._listings: WeakValueDictionary[BoardQuery, Listing] = WeakValueDictionary()
        self._ended = _KeptUntilOneEnds()
        self._is_read = False
        self._was_read = False

    def read(self) -> None:
        """Read all open jobs, unless that was done."""
        if self._is_read:
            return
        with self._reading:
            if not self._is_read:
                self._read_all()

    def read_again(self) -> News:
        """Read all of it anew: changes may have been missed, or names on every card are others."""
        with self._reading:
            before, was_read = set(self._new), self._was_read
            self._read_all()
            with self._lock:
                fresh = self._new - before if was_read else ()
                arrived = tuple(self._open[job_id] for job_id in sorted(fresh))
                return News((), frozenset(), self._ended_counts, self.tally(), arrived=arrived, everything=True)

    def follow(self, job_ids: Iterable[int], *, is_turn: bool = False) -> News:
        """Read these jobs again, and give what has become of them. At a turn also those that wait for staff by now, or
        no more, only because time has passed, and it is foreseen anew which days are at risk.
        """
        wanted = set(job_ids)
        with self._reading:
            if not self._is_read:
                self._read_all()
            forecast = self._foresee(anew=is_turn)
            found, ended = self._read_some(wanted, forecast) if wanted else ((), self._ended_counts)
            gone = frozenset(wanted - {drawn.entry.id for drawn in found})
            turned = self._turned(wanted, forecast) if is_turn else ()
            with self._lock:
                # What is told of a job may be nothing that a card says, such as that its files are where they belong.
                changed = tuple(drawn for drawn in found if drawn != self._open.get(drawn.entry.id))
                arrived = tuple(one for one in changed if one.entry.is_new and one.entry.id not in self._new)
                with_new_file = tuple(drawn for drawn in changed if self._has_new_file(drawn))
                ended_changed = self._apply((*changed, *turned), gone)
                self._ended_counts = ended
                touched = frozenset((*wanted, *(drawn.entry.id for drawn in turned)))
                both = (*changed, *turned)
                return News(both, gone, ended, self.tally(), touched, arrived, with_new_file, ended_changed)

    def _read_some(self, job_ids: set[int], forecast: Forecast) -> tuple[tuple[Drawn, ...], Mapping[JobStatus, int]]:
        with self._database.read() as session:
            found = tuple(self._batches(session, sorted(job_ids), forecast))
            may_differ = len(found) < len(job_ids) or any(self._may_be_ended(one.entry) for one in found)
            return found, count_all_ended(session) if may_differ else self._ended_counts

    def _may_be_ended(self, entry: Entry) -> bool:
        """Whether it is, or may have been: one that was not among the open ones."""
        return entry.status in ENDED or entry.id not in self._open

    def _foresee(self, *, anew: bool) -> Forecast:
        """Of the last turn, unless it is wanted ``anew``: the queue is not read after every change. One at a time."""
        if self._forecast is None or anew:
            self._forecast = Forecast(self._waits())
        return self._forecast

    def _turned(self, but: set[int], forecast: Forecast) -> tuple[Drawn, ...]:
        """What time alone has made other, of all jobs ``but`` these."""
        now, rules = self._clock(), self._rules()
        turned: list[Drawn] = []
        for drawn in self._open.values():
            entry = foreseen(looked_at(drawn.entry, now, rules), forecast, self._zone)
            if entry is not drawn.entry and entry.id not in but:
                turned.append(replace(drawn, entry=entry))
        return tuple(turned)

    def listing(self, query: BoardQuery) -> Listing:
        """The open jobs that match; it follows every change as long as somebody holds it."""
        self.read()
        with self._lock:
            listing = self._listings.get(query)
            if listing is None:
                listing = self._listings[query] = Listing(query, self._entries())
            return listing

    def find(self, query: BoardQuery, limits: Mapping[Column, int]) -> Found:
        """What a board shows first: of each column of ``query`` at most as many jobs as ``limits`` says."""
        listing = self.listing(query)
        of_ended = {column: limits[column] for column in query.columns if column in ENDED}
        ended, counts = self._first_ended(query, of_ended)
        of_open = (column for column in query.columns if column not in ENDED)
        pages = {column: self.page(listing, column, None, limits[column]) for column in of_open}
        return Found(listing, pages | {column: ended[column] for column in of_ended}, counts)

    def page(self, listing: Listing, column: Column, after: Entry | None, limit: int) -> list[Drawn]:
        """The next ``limit`` jobs of a column, behind ``after``."""
        if isinstance(column, JobStatus) and column in ENDED:
            return self.ended(listing.query, column, after and (after.since, after.id), limit)
        with self._lock:
            key = after and listing.query.key(after)
            return [self._open[job_id] for job_id in listing.page(column, key, limit)]

    def all(self, listing: Listing) -> list[int]:
        """The numbers of all open jobs that it finds, column by column."""
        with self._lock:
            return listing.all()

    def ended(self, query: BoardQuery, status: JobStatus, before: Position | None, limit: int) -> list[Drawn]:
        """The next ``limit`` jobs that ended like this and match, the latest first."""
        with self._database.read() as session:
            found = EndedJobs(session, query, self._zone).ids(status, before, limit)
            return list(self._drawn(session, rows_of(session, found), None))

    def count_ended(self, query: BoardQuery) -> Mapping[JobStatus, int]:
        """How many jobs that ended match, as ``Found`` counts them."""
        self.read()
        return self._first_ended(query, {})[1]

    def _first_ended(self, query: BoardQuery, limits: Mapping[Column, int]) -> _Ended:
        """Of each status that ``limits`` names its first jobs; and how many there are of every one."""

        def read() -> _Ended:
            with self._database.read() as session:
                ended = EndedJobs(session, query, self._zone)
                ids = {status: ended.first(status, limits.get(status, 0)) for status in sorted(ENDED)}
                shown = [job_id for status, found in ids.items() for job_id in found[: limits.get(status, 0)]]
                pages: dict[Column, list[Drawn]] = {status: [] for status in ids}
                for drawn in self._drawn(session, rows_of(session, shown), None):
                    pages[drawn.entry.status].append(drawn)
            counts = {status: len(found) for status, found in ids.items()}
            return pages, counts if query.is_narrowed else self._ended_counts

        return self._ended.value((query, *sorted(limits.items())), read)

    def tally(self) -> Tally:
        """How many jobs wait for staff, and how many are new."""
        return Tally(len(self._needs), len(self._new))

    def facets(self, query: BoardQuery) -> Mapping[Facet, Mapping[str, int]]:
        """For each filter how many open jobs each of its values would show."""
        with self._lock:
            entries = tuple(self._entries())
        return facets(query, entries)

    # ---------- reading ----------

    def _read_all(self) -> None:
        self._is_read = False
        forecast = self._foresee(anew=True)
        with self._database.read() as session:
            found = {drawn.entry.id: drawn for drawn in self._open_jobs(session, forecast)}
            ended = count_all_ended(session)
        with self._lock:
            gone = self._open.keys() - found.keys()
            self._apply(tuple(found.values()), gone)
            self._ended_counts = ended
        self._ended.forget()
        self._is_read = self._was_read = True

    def _open_jobs(self, session: Session, forecast: Forecast) -> Iterator[Drawn]:
        ids = session.exec(select(Job.id).where(col(Job.status).not_in(ENDED)).order_by(col(Job.id))).all()
        return self._batches(session, ids, forecast)

    def _batches(self, session: Session, job_ids: Sequence[int | None], forecast: Forecast) -> Iterator[Drawn]:
        """On one snapshot, some at a time: the rows of all of them need not be in memory together."""
        for start in range(0, len(job_ids), _BATCH):
            some = col(Job.id).in_(job_ids[start : start + _BATCH])
            rows = session.exec(select(Job).where(some).order_by(col(Job.id))).all()
            yield from self._drawn(session, rows, forecast)
            session.expunge_all()

    def _drawn(self, session: Session, rows: Sequence[Job], forecast: Forecast | None) -> Iterator[Drawn]:
        """No day of a job that ended is at risk: that needs no forecast."""
        if not rows:
            return
        failed, rules = _with_failed_mail(session, rows), self._rules()
        for row, card in zip(rows, self._views.cards(session, rows), strict=True):
            entry = entry_of(card, row.search_text, self._zone, mail_failed=row.id in failed)
            entry = looked_at(entry, self._clock(), rules)
            entry = entry if forecast is None else foreseen(entry, forecast, self._zone)
            yield Drawn(entry, self._draw(card), card.job.last_move, _counting_file(card.job, self._catalog()))

    def _has_new_file(self, drawn: Drawn) -> bool:
        """An undo brings back what was told of."""
        before, now = self._open.get(drawn.entry.id), drawn.file
        if before is None or before.file is None or now is None:
            return False
        return now.number > before.file.highest and not now.is_students

    def _apply(self, changed: Sequence[Drawn], gone: Collection[int]) -> bool:
        """Whether others may be among those that ended now."""
        ended_changed = bool(gone) or any(self._may_be_ended(one.entry) for one in changed)
        if ended_changed:
            self._ended.forget()
        for job_id in gone:
            self._place(job_id, None)
        for drawn in changed:
            self._place(drawn.entry.id, None if drawn.entry.status in ENDED else drawn)
        return ended_changed

    def _place(self, job_id: int, drawn: Drawn | None) -> None:
        if drawn is None:
            self._open.pop(job_id, None)
        else:
            self._open[job_id] = drawn
        (self._needs.add if drawn and drawn.entry.attention else self._needs.discard)(job_id)
        (self._new.add if drawn and drawn.entry.is_new else self._new.discard)(job_id)
        for listing in self._listings.values():
            listing.follow(job_id, None if drawn is None else drawn.entry)

    def _entries(self) -> Iterator[Entry]:
        return (drawn.entry for drawn in self._open.values())


def _counting_file(job: JobView, catalog: Catalog) -> CountingFile:
    file = job.counting_file
    return CountingFile(
        number=job.authoritative,
        highest=max(revision.number for revision in job.revisions),
        by=file.created_by,
        is_students=file.origin in STUDENTS_ORIGINS,
        is_sliced=job.is_sliced,
        takes=in_words(figures(file, job, catalog)),
    )


def _with_failed_mail(session: Session, rows: Sequence[Job]) -> set[int | None]:
    of_these = col(OutboxMail.job_id).in_([row.id for row in rows])
    return set(session.exec(select(OutboxMail.job_id).where(of_these, col(OutboxMail.state).in_(UNDELIVERABLE))))
