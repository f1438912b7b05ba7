"""What the board asks of its database when somebody searches, filters, sorts or scrolls: each question timed."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Generator
from random import Random
from urllib.parse import urlsplit

from sqlmodel import col, select

from benchmarks.figures import in_ms, scaled
from benchmarks.servers import Lab
from components.cards import card_json
from printlab.domain.board import STATUSES, BoardQuery, Order, View
from printlab.domain.policy import Actor
from printlab.domain.status import ENDED, JobStatus
from printlab.models import Job
from printlab.services import Services
from printlab.services.board import BoardIndex
from printlab.services.ended import EndedJobs, Position, rows_of

_QUERIES = 100
_FIRST, _MORE = 12, 40
_WORDS = ("ella", "müller", "j", "ga", "bracket", "gear-24t", "arch 1101", "#1000", "sato kim", "nobody at all", "red")
_PRINTERS = ("Prusa MK4S", "Prusa XL", "Raise3D Pro2 Plus", "Formlabs Form 3")
_COLORS = ("Red", "Blue", "Black", "Grey")


def finding(lab: Lab, settings: dict[str, str], scale: float) -> dict[str, object]:
    """Durations of what the database is asked, and of what is worked out in memory, over many kinds of queries."""
    with lab.opened(settings) as services:
        index = services.board_index(card_json)
        began = time.perf_counter()
        index.read()
        figures: dict[str, object] = {"read_all_s": round(time.perf_counter() - began, 2)}
        queries = list(itertools.islice(_queries(), scaled(_QUERIES, scale)))
        questions = [took for query in queries for took in _questions(services, query)]
        in_memory = [_timed(lambda query=query: index.listing(query)) for query in queries]
        counts = [_timed(lambda query=query: index.facets(query)) for query in queries]
        searches = [_timed(lambda query=query: _search(index, query)) for query in queries]
        return figures | {
            "queries": len(queries),
            "question": in_ms(questions),
            "next_page": in_ms(_next_pages(services, scaled(_QUERIES, scale))),
            "in_memory": in_ms(in_memory),
            "filter_counts": in_ms(counts),
            "search_with_cards": in_ms(searches),
        }


def track_paths(lab: Lab, settings: dict[str, str], count: int) -> list[str]:
    """The private links of so many open jobs."""
    with lab.opened(settings) as services:
        with services.database.read() as session:
            ids = session.exec(select(Job.id).where(col(Job.status).not_in(ENDED)).limit(count)).all()
        some = [services.search.get(job_id or 0, _staff(lab, services)) for job_id in ids]
        return [urlsplit(job.track_url).path for job in some]


def _staff(lab: Lab, services: Services) -> Actor:
    return services.accounts.actor_of(lab.session)


def _queries() -> Generator[BoardQuery]:
    """Words, filters and orders, alone and together."""
    chance = Random(5)
    for number in itertools.count():
        yield BoardQuery(
            q=chance.choice(_WORDS) if number % 4 != 1 else "",
            printer=frozenset(chance.sample(_PRINTERS, number % 3)) if number % 2 else frozenset(),
            color=frozenset(chance.sample(_COLORS, 1)) if number % 5 == 2 else frozenset(),
            status=frozenset(chance.sample(STATUSES, 3)) if number % 7 == 3 else frozenset(),
            order=chance.choice(list(Order)),
            view=chance.choice([View.BOARD, View.TABLE]),
        )


def _questions(services: Services, query: BoardQuery) -> list[float]:
    """How long each takes that the database is asked when somebody looks for ``query``: one for each status."""
    with services.database.read() as session:
        ended = EndedJobs(session, query, services.settings.zone)
        return [_timed(lambda status=status: ended.first(status, _FIRST)) for status in sorted(ENDED)]


def _search(index: BoardIndex, query: BoardQuery) -> None:
    index.find(query, dict.fromkeys(query.columns, _FIRST))


def _next_pages(services: Services, count: int) -> list[float]:
    """Scrolling down through what was picked up: how long the database takes for each page."""
    seconds: list[float] = []
    before: Position | None = None
    with services.database.read() as session:
        ended = EndedJobs(session, BoardQuery(), services.settings.zone)
        while len(seconds) < count:
            began = time.perf_counter()
            rows = rows_of(session, ended.ids(JobStatus.PAID_PICKED_UP, before, _MORE))
            seconds.append(time.perf_counter() - began)
            if not rows:
                break
            before = rows[-1].status_since, rows[-1].id or 0
    return seconds


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
