"""What the board finds, in which order, and what it counts: laws that hold for any jobs and any query."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printlab.domain.board import (
    Attention,
    BoardQuery,
    Column,
    Concern,
    Drawn,
    Entry,
    Facet,
    Listing,
    Order,
    View,
    Window,
    attention,
    facets,
    looked_at,
    placed,
)
from printlab.domain.board.entry import LAPSES_AFTER
from printlab.domain.board.sieve import values_in
from printlab.domain.calendar import LabCalendar, OpenDays
from printlab.domain.status import JobStatus
from printlab.domain.time_limits import Rules, TimeLimits

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULES = Rules(TimeLimits(), LabCalendar(OpenDays(), UTC))

_names = st.sampled_from(["", "PLA", "PETG", "Prusa MK4S", "Å & B, c=d", "a+b #1%20"])
_days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
_moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
entries = st.builds(
    Entry,
    id=st.integers(1, 40),
    status=st.sampled_from(JobStatus),
    since=_moments,
    created=_moments,
    sent_on=_days,
    needed_by=st.none() | _days,
    who=st.sampled_from(["Jane Doe", "jane doe", "Åsa", ""]),
    price_cents=st.none() | st.integers(0, 5000),
    time_min=st.none() | st.integers(0, 5000),
    method=_names,
    printer=_names,
    material=_names,
    color=_names,
    assignee=st.none() | _names.filter(bool),
    concerns=st.frozensets(st.sampled_from(Concern), max_size=3),
    text=st.sampled_from(["#1 jane doe bracket.stl blue", "#2 åsa gear.3mf", ""]),
    attention=st.none() | st.sampled_from(Attention),
)
labs = st.lists(entries, max_size=30, unique_by=lambda entry: entry.id)
_few = st.frozensets(_names, max_size=2)
queries = st.builds(
    BoardQuery,
    q=st.sampled_from(["", "jane", "JANE blue", "#2", "nobody", *View, *Order]).map(str),
    status=st.frozensets(st.sampled_from(JobStatus), max_size=2),
    printer=_few,
    method=_few,
    material=_few,
    color=_few,
    assignee=_few,
    concern=st.frozensets(st.sampled_from(Concern), max_size=2),
    since=st.none() | _days,
    until=st.none() | _days,
    order=st.sampled_from(Order),
    view=st.sampled_from(View),
)


def shown(listing: Listing) -> dict[Column, list[int]]:
    return {column: listing.page(column, None, 1000) for column in listing.query.columns}


def _shows(query: BoardQuery, entry: Entry) -> bool:
    """What a query means, said once more without a thought for how long it takes."""
    is_of_these_days = (query.since or date.min) <= entry.sent_on <= (query.until or date.max)
    has_the_words = all(word in entry.text for word in query.q.casefold().split())
    passes = all(set(values_in([entry], facet)) & asked for facet in Facet if (asked := getattr(query, facet)))
    return query.column(entry) is not None and is_of_these_days and has_the_words and passes


@given(queries)
def test_a_query_comes_back_from_the_address_the_same(query: BoardQuery) -> None:
    assert BoardQuery.of(query.params()) == query


@given(st.lists(st.tuples(st.sampled_from(["q", "status", "since", "order", "concern", "x"]), st.text(max_size=300))))
def test_any_address_is_some_query(params: list[tuple[str, str]]) -> None:
    query = BoardQuery.of(params)
    assert BoardQuery.of(query.params()) == query


@pytest.mark.parametrize("day", [date.min.isoformat(), date.max.isoformat(), "1969-12-31", "2026-13-01", "today"])
def test_a_day_that_nobody_can_have_chosen_is_left_out(day: str) -> None:
    assert BoardQuery.of([("since", day), ("until", day)]) == BoardQuery()


def test_what_no_database_takes_in_a_text_is_left_out() -> None:
    assert BoardQuery.of([("q", "gear\x00\ud800 box")]).q == "gear box"


@given(labs, queries)
def test_a_listing_has_just_what_matches_in_its_order(lab: list[Entry], query: BoardQuery) -> None:
    listing = Listing(query, lab)
    for column, found in shown(listing).items():
        of_column = [entry for entry in lab if query.column(entry) is column and _shows(query, entry)]
        assert found == [entry.id for entry in sorted(of_column, key=query.key)]
        assert listing.count(column) == len(found)
    assert sorted(listing.all()) == sorted(entry.id for entry in lab if _shows(query, entry))


@given(labs, queries, st.lists(st.tuples(st.integers(1, 40), st.none() | entries), max_size=15))
def test_a_listing_that_follows_changes_is_one_that_is_made_anew(
    lab: list[Entry], query: BoardQuery, changes: list[tuple[int, Entry | None]]
) -> None:
    listing, now = Listing(query, lab), {entry.id: entry for entry in lab}
    for job_id, entry in changes:
        changed = None if entry is None else replace(entry, id=job_id)
        listing.follow(job_id, changed)
        now.pop(job_id, None)
        if changed is not None:
            now[job_id] = changed
    assert shown(listing) == shown(Listing(query, now.values()))


@given(labs, queries, st.integers(1, 5))
def test_pages_one_after_the_other_show_every_job_once(lab: list[Entry], query: BoardQuery, limit: int) -> None:
    listing, keys = Listing(query, lab), {entry.id: query.key(entry) for entry in lab}
    for column, whole in shown(listing).items():
        found: list[int] = []
        while page := listing.page(column, keys[found[-1]] if found else None, limit):
            assert len(page) <= limit
            found += page
        assert found == whole


@given(labs, queries, st.sampled_from(Facet))
def test_a_filters_count_is_what_choosing_it_shows(lab: list[Entry], query: BoardQuery, facet: Facet) -> None:
    counts = facets(query, lab)[facet]
    for value in set(values_in(lab, facet)):
        chosen = replace(query, **{facet: frozenset({value})})
        assert counts[value] == sum(_shows(chosen, entry) for entry in lab)


@given(labs, queries, st.integers(1, 4), st.lists(st.tuples(st.integers(1, 40), st.none() | entries), max_size=15))
def test_a_browser_that_follows_has_the_beginning_of_each_column(
    lab: list[Entry], query: BoardQuery, limit: int, changes: list[tuple[int, Entry | None]]
) -> None:
    """Whatever changes: what it has is what a new page would show down to where it reaches, and nothing else."""
    listing, window, has = Listing(query, lab), Window(query), dict[int, Column | None]()
    complete: set[Column] = set()
    now = {entry.id: Drawn(entry, b"") for entry in lab}
    for column in query.columns:
        page = [now[job_id] for job_id in listing.page(column, None, limit)]
        window.add(column, page, is_last=len(page) < limit)
        complete |= {column} if len(page) < limit else set()
        has |= {drawn.entry.id: column for drawn in page}
    for job_id, entry in changes:
        drawn = None if entry is None else Drawn(replace(entry, id=job_id), b"")
        listing.follow(job_id, drawn and drawn.entry)
        now.pop(job_id, None)
        if drawn is not None:
            now[job_id] = drawn
        delta = window.follow(placed(query, [drawn] if drawn else []), [] if drawn else [job_id])
        has = {known: column for known, column in has.items() if known not in delta.gone}
        has |= {shown.entry.id: query.column(shown.entry) for shown in delta.shown}
    for column in query.columns:
        whole = listing.page(column, None, 1000)
        shown = {id_ for id_, at in has.items() if at is column}
        assert sorted(shown) == sorted(whole if column in complete else whole[: len(shown)])


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": JobStatus.UPLOADED}, Attention.TO_DECIDE),
        ({"status": JobStatus.READY_TO_PRINT}, Attention.TO_START),
        ({"status": JobStatus.PENDING}, None),
        ({"status": JobStatus.PENDING, "since": NOON - LAPSES_AFTER}, None),  # it lapses by itself
        ({"status": JobStatus.PRINTING, "time_min": 61}, None),
        ({"status": JobStatus.PRINTING, "time_min": 60}, Attention.FINISHED),
        ({"status": JobStatus.PRINTING, "time_min": None}, None),
        ({"status": JobStatus.COMPLETED}, None),
        ({"status": JobStatus.COMPLETED, "since": NOON - timedelta(days=31)}, Attention.UNCLAIMED),
        ({"status": JobStatus.COMPLETED, "since": NOON - timedelta(days=31), "moved": NOON}, None),  # it came back
        (
            {"status": JobStatus.COMPLETED, "since": NOON - timedelta(days=31), "kept_until": NOON.date()},
            None,
        ),
        ({"status": JobStatus.COMPLETED, "concerns": {Concern.MAIL_FAILED}}, Attention.MAIL),
        ({"status": JobStatus.COMPLETED, "concerns": {Concern.NEW_MESSAGE}}, Attention.MESSAGE),
        ({"status": JobStatus.READY_TO_PRINT, "concerns": {Concern.NEEDS_QUOTE}}, Attention.CONFLICT),
    ],
)
def test_what_waits_for_staff(changes: dict[str, object], why: Attention | None) -> None:
    plain = Entry(
        *(1, JobStatus.UPLOADED, NOON - timedelta(hours=1), NOON, NOON.date(), None, "Jane Doe", None, None),
        *("Filament", "Prusa MK4S", "PLA", "Blue", None, frozenset(), ""),
    )
    job = replace(plain, **changes)  # type: ignore[arg-type]
    assert attention(job, NOON, RULES) is why
    assert (Concern.UNCLAIMED in looked_at(job, NOON, RULES).concerns) == (why is Attention.UNCLAIMED)


def test_quotes_that_never_lapse_by_themselves_wait_for_staff_in_the_end() -> None:
    old = Entry(
        *(1, JobStatus.PENDING, NOON - LAPSES_AFTER, NOON, NOON.date(), None, "Jane Doe", None, None),
        *("Filament", "Prusa MK4S", "PLA", "Blue", None, frozenset(), ""),
    )
    never = replace(RULES, limits=TimeLimits(lapse_days=None))
    assert attention(old, NOON, never) is Attention.LAPSED
    assert attention(replace(old, since=NOON), NOON, never) is None
