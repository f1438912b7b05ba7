"""What is kept in memory is never older than the last change."""

from __future__ import annotations

import threading

from sqlmodel import Session

from printlab.domain.policy import Actor
from printlab.live import Changed, Live
from printlab.services import Services
from printlab.services.cached import Cached
from tests.databases import statements
from tests.workbench import change_lab


def test_a_value_that_was_read_before_a_change_is_not_kept_after_it(services: Services) -> None:
    live, reads = Live(), list[int]()

    def read(_session: Session) -> int:
        number = len(reads) + 1
        reads.append(number)
        if number == 1:
            live.publish(Changed())  # somebody commits while this reading is under way
        return number

    cached = Cached(services.database, live, read)
    assert [cached.value() for _ in range(3)] == [1, 2, 2]


def test_a_job_that_changes_leaves_it_alone(services: Services) -> None:
    live, reads = Live(), list[int]()

    def read(_session: Session) -> int:
        reads.append(1)
        return len(reads)

    cached = Cached(services.database, live, read)
    cached.value()
    live.publish(Changed(job_id=5))
    assert cached.value() == 1
    live.publish(Changed(everything=True))
    assert cached.value() == 2


def test_whoever_publishes_a_change_reads_it_and_nobody_else(services: Services) -> None:
    live, readers = Live(), list[threading.Thread]()

    def read(_session: Session) -> int:
        readers.append(threading.current_thread())
        return len(readers)

    cached = Cached(services.database, live, read)
    assert cached.value() == 1
    publisher = threading.Thread(target=live.publish, args=[Changed()])
    publisher.start()
    publisher.join()
    assert [cached.value(), cached.value()] == [2, 2]
    assert readers == [threading.current_thread(), publisher]


def test_what_was_there_before_is_given_while_a_change_is_read(services: Services) -> None:
    live, given = Live(), list[int]()
    values = iter((1, 2))

    def read(_session: Session) -> int:
        value = next(values)
        if value == 2:
            given.append(cached.value())
        return value

    cached = Cached(services.database, live, read)
    cached.value()
    live.publish(Changed())
    assert (given, cached.value()) == ([1], 2)


def test_a_change_that_could_not_be_read_is_read_by_the_next_who_asks(services: Services) -> None:
    live, answers = Live(), iter((1, RuntimeError("the database is away"), 2))

    def read(_session: Session) -> int:
        answer = next(answers)
        if isinstance(answer, RuntimeError):
            raise answer
        return answer

    cached = Cached(services.database, live, read)
    cached.value()
    live.publish(Changed())
    assert cached.value() == 2


def test_pages_ask_the_database_for_nothing_that_was_read_ahead(services: Services, admin: Actor) -> None:
    services.read_ahead()
    change_lab(services, admin, welcome="Hello.")
    with statements() as asked:
        assert services.lab.view().welcome == "Hello."
        assert services.catalog.view().printers
    assert asked == []
