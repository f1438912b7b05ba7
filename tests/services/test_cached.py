"""What is kept in memory is never older than the last change."""

from __future__ import annotations

from sqlmodel import Session

from printlab.live import Changed, Live
from printlab.services import Services
from printlab.services.cached import Cached


def test_a_value_that_was_read_before_a_change_is_not_kept_after_it(services: Services) -> None:
    live, reads = Live(), list[int]()

    def read(_session: Session) -> int:
        reads.append(len(reads) + 1)
        if len(reads) == 1:
            live.publish(Changed())  # somebody commits while this reading is under way
        return reads[-1]

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
