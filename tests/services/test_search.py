"""Finding jobs: pages that miss nothing and show nothing twice, filters, the board."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from printlab.domain.commands import EditJob, JobFilter
from printlab.domain.policy import ANONYMOUS, Actor
from printlab.domain.status import JobStatus
from printlab.domain.views import JobView
from printlab.errors import InvalidInput, NotSignedIn
from printlab.models import Job
from printlab.services import Services
from printlab.services.views import ViewBuilder
from tests import files_made
from tests.databases import statements
from tests.workbench import STAFF, Workbench

SORTS = [f"{sign}{name}" for name in ("id", "created_at", "updated_at", "status_since") for sign in ("", "-")]


def pages(services: Services, wanted: JobFilter) -> Iterator[tuple[JobView, ...]]:
    """All pages of a list, one after the other."""
    cursor: str | None = wanted.cursor
    while True:
        page = services.search.find(JobFilter(**_facts(wanted) | {"cursor": cursor}), STAFF)
        yield page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _facts(wanted: JobFilter) -> dict[str, object]:
    return {name: getattr(wanted, name) for name in JobFilter.__dataclass_fields__}


@pytest.mark.usefixtures("database_url")
def test_pages_are_disjoint_and_complete_under_every_sort(bench: Workbench, services: Services) -> None:
    """Also where many jobs share a moment, and where a moment has no fraction of a second."""
    ids = [bench.submit().id for _ in range(11)]
    whole = bench.clock.now.replace(microsecond=0)
    with services.database.write() as unit:
        for number, job_id in enumerate(ids):
            at = whole + timedelta(microseconds=(number * 7 % 4) * 250_000)
            moments = {"created_at": at, "updated_at": at, "status_since": at}
            unit.session.exec(sa.update(Job).where(col(Job.id) == job_id).values(**moments))
    for sort in SORTS:
        for limit in (1, 2, 3, 5, 10, 11, 50):
            listed = [job for items in pages(services, JobFilter(sort=sort, limit=limit)) for job in items]
            assert sorted(job.id for job in listed) == ids, (sort, limit)
            name = sort.removeprefix("-")
            keys = [(getattr(job, name), job.id) for job in listed]
            assert keys == sorted(keys, reverse=sort.startswith("-")), (sort, limit)


def test_jobs_that_come_meanwhile_disturb_no_page(bench: Workbench, services: Services) -> None:
    ids = [bench.submit().id for _ in range(6)]
    seen: list[int] = []
    for items in pages(services, JobFilter(sort="-created_at", limit=2)):
        seen += [job.id for job in items]
        bench.submit()
    assert seen == ids[::-1]


@pytest.mark.usefixtures("database_url")
def test_filters(bench: Workbench, services: Services) -> None:
    blue = bench.submit(name="Zoë Müller", course="ME 101", notes="50% infill_please")
    black = bench.submit(color="Black", printer="Prusa XL", name="Ömer Şahin")
    resin_material = services.catalog.view().materials_of("Resin")[0].name
    resin = bench.submit(method="Resin", printer="Formlabs Form 3", material=resin_material, color="Grey")
    rejected = bench.reject(bench.submit(file="Camera Bracket v3.stl"))

    def found(**facts: object) -> set[int]:
        return {job.id for job in services.search.find(JobFilter(**facts), STAFF).items}

    assert found(status="Rejected") == {rejected.id}
    assert found(status="Uploaded, Rejected") == {blue.id, black.id, resin.id, rejected.id}
    assert found(method="Resin") == {resin.id}
    assert found(printer="Prusa XL") == {black.id}
    assert found(color="Black") == {black.id}
    assert found(color="Black", method="Resin") == set()
    assert found(q="ZOË") == {blue.id}
    assert found(q="me 101 müller") == {blue.id}
    assert found(q="50%") == {blue.id}
    assert found(q="infill_") == {blue.id}
    assert found(q="ömer") == {black.id}
    assert found(q="bracket camera") == {rejected.id}
    assert found(q=f"#{resin.id}") == {resin.id}
    assert found(q="%") == {blue.id}
    assert found(q="nothing like this") == set()
    assert found(q="  ") == {blue.id, black.id, resin.id, rejected.id}


def test_an_edit_is_found(bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.submit()
    services.jobs.edit(EditJob(job.id, job.version, name="Wilhelmina"), staff)
    assert [found.id for found in services.search.find(JobFilter(q="wilhelmina"), staff).items] == [job.id]


def cursor(*position: object) -> str:
    """A cursor as somebody could forge it."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"status": "Lost"}, "status"),
        ({"sort": "price"}, "sort"),
        ({"sort": "--id"}, "sort"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"cursor": "W10="}, "cursor"),
        ({"cursor": cursor("-created_at", None, 1)}, "cursor"),
        ({"cursor": cursor("-created_at", "2026-01-01", 1)}, "cursor"),
        ({"cursor": cursor("-created_at", "2026-01-01T00:00:00+00:00", 10**30)}, "cursor"),
        ({"cursor": cursor("-created_at", "2026-01-01T00:00:00+00:00", float("inf"))}, "cursor"),
        ({"cursor": cursor("id", 10**30, 1), "sort": "id"}, "cursor"),
        ({"cursor": cursor("-created_at", 5, 1)}, "cursor"),
        ({"cursor": cursor("-created_at", "0001-01-01T00:00:00+23:59", 1)}, "cursor"),
        ({"cursor": cursor("-created_at", "9999-12-31T23:59:59-23:59", 1)}, "cursor"),
        ({"cursor": base64.urlsafe_b64encode(b"[" * 50_000).decode()}, "cursor"),
    ],
)
def test_what_cannot_be_listed_is_said(
    facts: dict[str, str], field: str, bench: Workbench, services: Services, staff: Actor
) -> None:
    bench.submit()
    with pytest.raises(InvalidInput) as refused:
        services.search.find(JobFilter(**facts), staff)
    assert refused.value.field == field


def test_a_cursor_belongs_to_its_list(bench: Workbench, services: Services, staff: Actor) -> None:
    for _ in range(3):
        bench.submit()
    cursor = services.search.find(JobFilter(sort="id", limit=1), staff).next_cursor
    with pytest.raises(InvalidInput):
        services.search.find(JobFilter(sort="-id", limit=1, cursor=cursor), staff)


def test_limits_are_kept_sane(bench: Workbench, services: Services, staff: Actor) -> None:
    bench.submit()
    for limit in (-1, 0, 10**9):
        assert len(services.search.find(JobFilter(limit=limit), staff).items) == 1


def test_ten_changed_cards_take_as_many_queries_as_one(bench: Workbench, services: Services, staff: Actor) -> None:
    ids = [bench.approve(bench.submit()).id for _ in range(10)]
    for job_id in ids:
        services.jobs.note(job_id, "Asked for matt white.", staff)
    index = services.board_index(lambda card: card.job.filename.encode())
    index.follow(ids)
    with statements() as one:
        index.follow(ids[:1])
    with statements() as ten:
        index.follow(ids)
    assert len(one) == len(ten)


def test_visitors_see_no_board(services: Services) -> None:
    looks = (services.search.counts, partial(services.search.find, JobFilter()), services.mail.outbox)
    for look in (*looks, partial(services.search.several, [1])):
        with pytest.raises(NotSignedIn):
            look(ANONYMOUS)


def test_reading_cannot_write(services: Services, bench: Workbench) -> None:
    bench.submit()
    with services.database.read() as session, pytest.raises(sa.exc.OperationalError, match="readonly"):
        session.exec(sa.update(Job).values(student_name="Eve"))


def test_the_file_is_made_for_the_search(tmp_path: Path, bench: Workbench, services: Services) -> None:
    """The student's own file name is found as well as ours."""
    job = bench.submit(files_made.obj(), "Gehäuse (final).obj")
    for q in ("gehäuse", job.stem.lower(), "jane@example.edu"):
        assert [found.id for found in services.search.find(JobFilter(q=q), STAFF).items] == [job.id]


@pytest.mark.usefixtures("database_url")
def test_a_job_and_its_history_are_of_one_moment(
    bench: Workbench, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job older than its history would be followed without a word about who moved it."""
    job = bench.at(JobStatus.READY_TO_PRINT)
    build, moves = ViewBuilder.job, [lambda: bench.start(job)]

    def job_view(views: ViewBuilder, session: Session, row: Job) -> JobView:
        view = build(views, session, row)
        while moves:
            with ThreadPoolExecutor(1) as colleague:
                colleague.submit(moves.pop()).result()
        return view

    monkeypatch.setattr(ViewBuilder, "job", job_view)
    seen, history = services.search.with_history(job.id, STAFF)
    assert (seen.status, history[0].to_status) == (JobStatus.READY_TO_PRINT, JobStatus.READY_TO_PRINT)
    seen, history = services.search.with_history(job.id, STAFF)
    assert (seen.status, history[0].to_status) == (JobStatus.PRINTING, JobStatus.PRINTING)


_TEXTS = (
    "Jane Doe",
    'the "flat" side',
    "100 % infill_2",
    "Ärmel Größe",
    "a'b\\c",
    "日本語の部品",
    "ab",
    "jane@example.edu",
)
_LOOKED_FOR = (
    "jane",
    '"flat"',
    "flat",
    "%",
    "_2",
    "infill_",
    "größe",
    "grösse",
    "'b\\",
    "日本語",
    "の部品",
    "ab",
    "nobody",
    "an",
)


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize("few", [1, 1000], ids=["read in order", "through the index"])
def test_the_search_finds_just_the_jobs_whose_text_has_the_words(
    bench: Workbench, services: Services, staff: Actor, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("printlab.services.finding._FEW", few)
    jobs = [bench.submit(notes=text, email="x@example.edu", name="X") for text in _TEXTS]
    edited = services.jobs.edit(EditJob(jobs[0].id, jobs[0].version, notes="Somebody else"), staff)
    with services.database.read() as session:
        texts = {row.id: row.search_text for row in session.exec(select(Job))}
    assert "somebody else" in texts[edited.id]
    for words in (*_LOOKED_FOR, "x side", "jane ab", "somebody"):
        found = {job.id for job in services.search.find(JobFilter(q=words), staff).items}
        assert found == {id_ for id_, text in texts.items() if all(word in text for word in words.casefold().split())}
