"""How long a failed mail waits."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from printlab.mail.backoff import CAP, retry_delay


class _Highest(Random):
    def random(self) -> float:
        return 1.0


def test_the_longest_wait_doubles_from_half_a_minute_to_six_hours() -> None:
    waits = [retry_delay(attempts, _Highest()) for attempts in (1, 2, 3, 10, 11, 500)]
    minute = timedelta(minutes=1)
    assert waits == [minute / 2, minute, 2 * minute, 256 * minute, CAP, CAP]


@given(attempts=st.integers(min_value=0), seed=st.integers())
def test_the_wait_lies_between_nothing_and_the_longest_and_repeats_with_its_random(attempts: int, seed: int) -> None:
    wait = retry_delay(attempts, Random(seed))
    assert timedelta(0) <= wait <= retry_delay(attempts, _Highest())
    assert wait == retry_delay(attempts, Random(seed))
