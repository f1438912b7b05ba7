"""Limits that hold everywhere."""

from __future__ import annotations

MAX_INTEGER = 2**31 - 1
"""The largest number of a job, a version or a copy: PostgreSQL's integer columns hold no more."""

MAX_PROFILE_MB = 1
"""Of a slicer's exported configuration; the largest have some 30 kB."""

MAX_COPIES = 500
"""The most that one job is printed in; whoever wants more asks the lab."""

MAX_WEIGHT_G, MAX_TIME_MIN, MAX_CENTS = 100_000, 86_400, 10_000_000
"""The most that a job may weigh (100 kg), take (60 days) and cost: beyond is a slip of the keyboard."""
