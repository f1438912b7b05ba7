"""Which processes live: locks in PostgreSQL that end with whoever holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from printlab.alive import Alive, StillHeldError
from printlab.settings import load_settings
from tests.browser.lab import until


@pytest.fixture
def alive(postgres_url: str) -> Iterator[Callable[..., Alive]]:
    """A process of this name that looks after the work of others."""
    living: list[Alive] = []
    url = load_settings(_env_file=None, database_url=postgres_url).sqlalchemy_url

    def start(name: str, owners: set[str], taken: list[str]) -> Alive:
        one = Alive(url, name, lambda: owners - set(taken), taken.append)
        one.start()
        living.append(one)
        return one

    yield start
    for one in living:
        one.stop()


def test_work_of_a_living_process_is_left_alone_and_a_dead_ones_taken_over(alive: Callable[..., Alive]) -> None:
    taken: list[str] = []
    here = alive("here", set(), [])
    alive("there", {"here", "there", "long gone"}, taken)
    until(lambda: taken, "the work of the one that is gone")
    assert taken == ["long gone"]
    here.stop()
    until(lambda: len(taken) == 2, "the work of the one that has ended since")
    assert taken == ["long gone", "here"]


def test_a_lock_that_another_connection_still_holds_is_not_taken_for_ones_own(alive: Callable[..., Alive]) -> None:
    first = alive("here", set(), [])
    with pytest.raises(StillHeldError):
        alive("here", set(), [])
    first.stop()
    alive("here", set(), [])


def test_a_process_whose_connection_was_cut_holds_its_lock_again(
    alive: Callable[..., Alive], postgres_url: str
) -> None:
    taken: list[str] = []
    alive("here", set(), [])
    engine = sa.create_engine(load_settings(_env_file=None, database_url=postgres_url).sqlalchemy_url)
    others = sa.text("SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory'")
    held = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
    with engine.connect() as connection:
        assert connection.scalar(others) == 1
        connection.rollback()
        until(lambda: connection.scalar(held) == 0, "the lock to be free")
        until(lambda: connection.scalar(held) == 1, "the lock to be held again")
    engine.dispose()
    alive("there", {"here"}, taken).stop()
    assert taken == []
