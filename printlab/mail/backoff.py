"""How long to wait before a mail is tried again."""

from __future__ import annotations

from datetime import timedelta
from random import Random

BASE = timedelta(seconds=30)
CAP = timedelta(hours=6)
_DOUBLINGS_MAX = 32  # the cap is reached long before; beyond this a timedelta overflows


def retry_delay(attempts: int, rng: Random, base: timedelta = BASE, cap: timedelta = CAP) -> timedelta:
    """The wait after the ``attempts``-th failure (1 = the first): from zero to base × 2^(attempts − 1), capped.

    Full jitter keeps mails that failed together from coming back together
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
    """
    longest = min(cap, base * 2 ** min(max(attempts, 1) - 1, _DOUBLINGS_MAX))
    return longest * rng.random()
