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
        of_database = [_timed(lambda query=query: _ask(index, query)) for query in queries]
        in_memory = [_timed(lambda query=query: index.listing(query)) for query in queries]
        counts = [_timed(lambda query=query: index.facets(query)) for query in queries]
        return figures | {
            "queries": len(queries),
            "database": in_ms(of_database),
            "in_memory": in_ms(in_memory),
            "filter_counts": in_ms(counts),
            "next_page": in_ms(_next_pages(index, scaled(_QUERIES, scale))),
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


def _ask(index: BoardIndex, query: BoardQuery) -> None:
    """All that the database is asked when somebody looks for it, one question after the other."""
    index.count_ended(query)
    for status in sorted(ENDED):
        index.ended(query, status, None, _FIRST)


def _next_pages(index: BoardIndex, count: int) -> list[float]:
    """Scrolling down through what was picked up."""
    query, status = BoardQuery(), JobStatus.PAID_PICKED_UP
    page = index.ended(query, status, None, _FIRST)
    seconds: list[float] = []
    while page and len(seconds) < count:
        last = page[-1].entry
        began = time.perf_counter()
        page = index.ended(query, status, (last.since, last.id), _MORE)
        seconds.append(time.perf_counter() - began)
    return seconds


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
