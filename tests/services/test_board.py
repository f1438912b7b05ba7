"""The open jobs in memory are those of the database, whatever happened since they were read."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, date, timedelta

import pytest

from printlab.domain.board import Attention, BoardQuery, Concern, Drawn, Entry, Facet, Order, View
from printlab.domain.board.query import UNASSIGNED
from printlab.domain.board.sieve import Sieve
from printlab.domain.deadline import Danger
from printlab.domain.status import ENDED, JobStatus
from printlab.domain.views import CardView, JobView
from printlab.services import Services
from printlab.services.board import BoardIndex, _KeptUntilOneEnds
from tests.databases import statements
from tests.past import one_job_a_day
from tests.workbench import COLLEAGUE, STAFF, Clock, Workbench

EVERYTHING = BoardQuery()


def draw(card: CardView) -> bytes:
    return f"{card.job.id} {card.job.version} {card.job.status}".encode()


@pytest.fixture
def index(services: Services) -> BoardIndex:
    return services.board_index(draw)


def shown(index: BoardIndex, query: BoardQuery = EVERYTHING) -> dict[JobStatus, list[tuple[Entry, bytes]]]:
    listing = index.listing(query)
    columns = {status: index.page(listing, status, None, 1000) for status in JobStatus}
    return {status: [(drawn.entry, drawn.card) for drawn in column] for status, column in columns.items()}


def numbers(index: BoardIndex, query: BoardQuery) -> set[int]:
    return {entry.id for column in shown(index, query).values() for entry, _ in column}


@pytest.mark.usefixtures("database_url")
def test_what_follows_the_changes_is_what_a_new_reading_finds(
    bench: Workbench, services: Services, index: BoardIndex
) -> None:
    chance = random.Random(5)
    jobs = [bench.at(chance.choice(list(JobStatus)), quantity=number % 3 + 1) for number in range(12)]
    queries = [EVERYTHING, BoardQuery(q="jane", order=Order.NEWEST), BoardQuery(status=frozenset({JobStatus.PENDING}))]
    held = [index.listing(query) for query in queries]
    for _ in range(15):
        changed: list[JobView] = []
        for number in chance.sample(range(len(jobs)), 2):
            job = jobs[number] = _moved_on(bench, jobs[number])
            changed.append(job)
        news = index.follow(job.id for job in changed)
        assert {draw(bench.card(bench.get(job.id))) for job in changed} == {drawn.card for drawn in news.changed}
    anew = services.board_index(draw)
    for query in queries:
        assert shown(index, query) == shown(anew, query)
    assert index.follow(()).ended == anew.follow(()).ended
    assert sum(listing.count(status) for listing in held for status in ENDED) == 0


def _moved_on(bench: Workbench, job: JobView) -> JobView:
    match job.status:
        case JobStatus.UPLOADED:
            return bench.approve(job)
        case JobStatus.PENDING:
            return bench.confirm(job)
        case JobStatus.READY_TO_PRINT:
            return bench.start(job)
        case JobStatus.PRINTING:
            return bench.complete(job)
        case JobStatus.COMPLETED:
            return bench.hand_over(job)
        case _:
            return bench.submit()


def test_a_column_is_read_page_by_page(bench: Workbench, index: BoardIndex) -> None:
    ids = [bench.submit().id for _ in range(5)]
    listing = index.listing(EVERYTHING)
    first = index.page(listing, JobStatus.UPLOADED, None, 3)
    behind = first[-1].entry
    assert [drawn.entry.id for drawn in first] == ids[:3]
    index.follow([bench.approve(bench.get(ids[2])).id])  # the page's last is gone: what follows it stays in place
    assert [drawn.entry.id for drawn in index.page(listing, JobStatus.UPLOADED, behind, 3)] == ids[3:]


def test_filters_and_their_counts(bench: Workbench, index: BoardIndex) -> None:
    blue, red = bench.submit(color="Blue", notes="The flat side up."), bench.submit(color="Red")
    assert numbers(index, BoardQuery(color=frozenset({"Blue"}))) == {blue.id}
    assert numbers(index, BoardQuery(concern=frozenset({Concern.STUDENT_WROTE}))) == {blue.id}
    assert numbers(index, BoardQuery(q=f"#{red.id}")) == {red.id}
    assert numbers(index, BoardQuery(since=red.created_at.astimezone(UTC).date().replace(year=2100))) == set()
    counts = index.facets(BoardQuery(color=frozenset({"Blue"})))
    assert counts[Facet.COLOR] == {"Blue": 1, "Red": 1}
    assert counts[Facet.STATUS] == {JobStatus.UPLOADED: 1}


def test_a_job_that_ended_is_told_and_left(bench: Workbench, index: BoardIndex) -> None:
    job = bench.at(JobStatus.COMPLETED)
    listing = index.listing(EVERYTHING)
    news = index.follow([bench.hand_over(job).id, 999_999])
    assert [(drawn.entry.id, drawn.entry.status) for drawn in news.changed] == [(job.id, JobStatus.PAID_PICKED_UP)]
    assert news.gone == {999_999}
    assert listing.all() == []
    assert news.ended[JobStatus.PAID_PICKED_UP] == 1


def test_two_who_look_for_the_same_share_one_listing(bench: Workbench, index: BoardIndex) -> None:
    bench.submit()
    assert index.listing(BoardQuery(q="jane")) is index.listing(BoardQuery.of([("q", " jane ")]))


def test_a_change_costs_as_many_queries_among_many_jobs_as_among_two(bench: Workbench, index: BoardIndex) -> None:
    ids = [bench.submit().id for _ in range(2)]
    index.read()
    with statements() as among_two:
        index.follow(ids[:1])
    for _ in range(30):
        bench.submit()
    index.read_again()
    with statements() as among_many:
        index.follow(ids[:1])
    assert len(among_many) == len(among_two)


@pytest.mark.usefixtures("database_url")
def test_what_ended_is_found_by_the_same_rules(bench: Workbench, services: Services, index: BoardIndex) -> None:
    """As if the jobs that ended were kept in memory as well."""
    chance = random.Random(7)
    for number in range(14):
        name, color, notes = chance.choice(["Jane Doe", "Åsa"]), chance.choice(["Blue", "Red"]), f"note {number}"
        bench.clock.advance(hours=chance.choice([0, 1, 20]))
        bench.at(chance.choice(ENDED), name=name, color=color, notes=notes)
    day = bench.clock.now.astimezone(services.settings.zone).date()
    queries = [
        EVERYTHING,
        BoardQuery(q="jane note"),
        BoardQuery(q="åsa 1", color=frozenset({"Blue"})),
        BoardQuery(color=frozenset({"Red", "Green"}), material=frozenset({"PLA"})),
        BoardQuery(printer=frozenset({"Prusa MK4S"}), method=frozenset({"Resin"})),
        BoardQuery(printer=frozenset({"Prusa MK4S"}), method=frozenset({"Filament"})),
        BoardQuery(since=day - timedelta(days=2), until=day - timedelta(days=1)),
        BoardQuery(assignee=frozenset({UNASSIGNED})),
        BoardQuery(assignee=frozenset({"Somebody"})),
        BoardQuery(status=frozenset({JobStatus.REJECTED})),
        BoardQuery(concern=frozenset({Concern.STUDENT_WROTE})),
    ]
    whole = [drawn for status in ENDED for drawn in index.ended(EVERYTHING, status, None, 100)]
    assert len(whole) == 14
    for query in queries:
        for status in ENDED:
            matching = [d for d in whole if d.entry.status is status and Sieve(query).place_of(d.entry)]
            assert _paged(index, query, status) == matching
            assert index.count_ended(query)[status] == len(matching)


def _paged(index: BoardIndex, query: BoardQuery, status: JobStatus) -> list[Drawn]:
    found: list[Drawn] = []
    while page := index.ended(query, status, (found[-1].entry.since, found[-1].entry.id) if found else None, 3):
        found += page
    return found


def test_what_a_search_finds_among_ended_jobs_is_counted_only_so_far(
    bench: Workbench, index: BoardIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("printlab.services.ended.MOST_COUNTED", 2)
    for _ in range(4):
        bench.at(JobStatus.REJECTED)
    jane = BoardQuery(q="jane")
    assert index.count_ended(jane)[JobStatus.REJECTED] == 3  # one more than are counted: there are more
    assert len(index.find(jane, dict.fromkeys(jane.columns, 10)).pages[JobStatus.REJECTED]) == 4
    assert index.count_ended(EVERYTHING)[JobStatus.REJECTED] == 4


def test_who_looks_first_takes_the_light_off_for_everybody(
    bench: Workbench, services: Services, index: BoardIndex
) -> None:
    job = bench.submit()
    index.read()
    assert (index.tally().new, index.tally().needs) == (1, 1)
    services.jobs.look_at(job.id, STAFF)
    services.jobs.look_at(job.id, COLLEAGUE)
    seen = bench.get(job.id)
    assert (seen.looked_by, seen.version) == (STAFF.name, job.version)
    assert index.follow([job.id]).tally.new == 0


def test_what_a_student_sends_again_is_new_again(bench: Workbench, services: Services, index: BoardIndex) -> None:
    job = bench.submit()
    services.jobs.look_at(job.id, STAFF)
    index.read()
    rejected = bench.reject(bench.get(job.id))
    index.follow([job.id])
    bench.correct(rejected)
    news = index.follow([job.id])
    assert news.tally.new == 1
    assert [drawn.entry.id for drawn in news.arrived] == [job.id]


def test_a_job_arrives_once(bench: Workbench, index: BoardIndex) -> None:
    index.read()
    job = bench.submit()
    assert [drawn.entry.id for drawn in index.follow([job.id]).arrived] == [job.id]
    assert index.follow([job.id]).arrived == ()


def test_time_alone_makes_a_job_wait_for_staff(bench: Workbench, clock: Clock, index: BoardIndex) -> None:
    printing = bench.at(JobStatus.PRINTING)
    needs = BoardQuery(view=View.NEEDS)
    listing = index.listing(needs)
    assert listing.count(Attention.FINISHED) == 0
    clock.advance(days=2)
    news = index.follow((), is_turn=True)
    assert [drawn.entry.id for drawn in news.changed] == [printing.id]
    assert (listing.page(Attention.FINISHED, None, 9), news.tally.needs) == ([printing.id], 1)
    assert index.follow((), is_turn=True).changed == ()


def test_a_job_that_came_while_all_was_read_anew_has_arrived_too(bench: Workbench, index: BoardIndex) -> None:
    old = bench.submit()
    assert index.read_again().arrived == ()
    job = bench.submit()
    news = index.read_again()
    assert (news.everything, [drawn.entry.id for drawn in news.arrived]) == (True, [job.id])
    assert index.follow([old.id, job.id]).arrived == ()


def in_days(clock: Clock, days: int) -> date:
    return (clock.now + timedelta(days=days)).date()


@pytest.mark.usefixtures("database_url")
def test_time_alone_puts_a_day_at_risk(bench: Workbench, clock: Clock, index: BoardIndex) -> None:
    job = bench.submit(needed_by=in_days(clock, 2))
    at_risk = BoardQuery(concern=frozenset({Concern.DEADLINE_AT_RISK}))
    listing = index.listing(at_risk)
    found: list[Danger] = []
    for _ in range(4):
        assert listing.count(JobStatus.UPLOADED) == len(found[:1])
        clock.advance(days=1)
        changed = [drawn.entry for drawn in index.follow((), is_turn=True).changed if drawn.entry.id == job.id]
        found += [entry.deadline.danger for entry in changed if entry.deadline]
    assert found == [Danger.TOMORROW, Danger.TODAY, Danger.PASSED]
    assert index.facets(EVERYTHING)[Facet.CONCERN][Concern.DEADLINE_AT_RISK] == 1


def test_a_part_that_is_ready_is_at_no_risk(bench: Workbench, clock: Clock, index: BoardIndex) -> None:
    job = bench.at(JobStatus.PRINTING, needed_by=in_days(clock, 0))
    assert [entry.deadline is not None for entry, _ in shown(index)[JobStatus.PRINTING]] == [True]
    done = bench.complete(job)
    assert [drawn.entry.deadline for drawn in index.follow([done.id]).changed] == [None]


def test_a_place_far_back_in_the_line_puts_a_day_at_risk(bench: Workbench, clock: Clock, index: BoardIndex) -> None:
    """The printer takes a job an hour, so the thirtieth is started tomorrow night; the first is ready today."""
    one_job_a_day(bench)
    jobs = [bench.at(JobStatus.READY_TO_PRINT, needed_by=in_days(clock, 1)) for _ in range(30)]
    deadlines = {entry.id: entry.deadline for entry, _ in shown(index)[JobStatus.READY_TO_PRINT]}
    last = deadlines[jobs[-1].id]
    assert deadlines[jobs[0].id] is None
    assert last
    assert last.danger is Danger.HARDLY


def test_looking_at_all_days_costs_as_many_queries_among_many_jobs_as_among_two(
    bench: Workbench, clock: Clock, index: BoardIndex
) -> None:
    counts: list[int] = []
    for _ in range(2):
        for _ in range(2 + 8 * len(counts)):
            bench.submit(needed_by=in_days(clock, 3))
        index.follow((), is_turn=True)
        clock.advance(minutes=1)
        bench.submit()
        with statements() as asked:
            index.follow((), is_turn=True)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    bench.submit()
    with statements() as asked:  # a moment later the queue is not read for it
        index.follow(())
    assert not asked


def _of_ended(
    index: BoardIndex, query: BoardQuery = EVERYTHING
) -> tuple[dict[JobStatus, list[int]], dict[JobStatus, int]]:
    """What a board shows of ended jobs, asked for twice: the second answer is kept."""
    asked = [
        (
            {status: [drawn.entry.id for drawn in index.ended(query, status, None, 5)] for status in ENDED},
            dict(index.count_ended(query)),
        )
        for _ in range(2)
    ]
    assert asked[0] == asked[1]
    return asked[0]


@pytest.mark.usefixtures("database_url")
def test_what_is_kept_of_ended_jobs_follows_their_changes(
    bench: Workbench, services: Services, index: BoardIndex
) -> None:
    jane = BoardQuery(q="jane")
    job = bench.at(JobStatus.COMPLETED)
    bench.at(JobStatus.PAID_PICKED_UP, name="Ola Nordmann")
    _of_ended(index)
    _of_ended(index, jane)
    steps = (
        lambda: bench.hand_over(bench.get(job.id)),
        lambda: bench.undo(bench.get(job.id)),
        lambda: bench.reject(bench.submit(name="Jane Roe")),
    )
    for step in steps:
        changed = step()
        assert index.follow([changed.id]).ended_changed
        anew = services.board_index(draw)
        for query in (EVERYTHING, jane):
            assert _of_ended(index, query) == _of_ended(anew, query)


def test_what_changes_while_it_is_read_is_not_kept() -> None:
    kept, readings = _KeptUntilOneEnds(), itertools.count(1)

    def read() -> int:
        number = next(readings)
        if number == 1:
            kept.forget()  # one of them changed meanwhile, and this may not have seen it
        return number

    assert [kept.value("all", read) for _ in range(3)] == [1, 2, 2]
