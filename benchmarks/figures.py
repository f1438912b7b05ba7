"""From samples to the figures that are printed, and the machine they were taken on."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from statistics import median

_GB = 1 << 30
_TRIES = 5


def percentile(samples: Sequence[float], percent: float) -> float:
    """The smallest sample that ``percent`` of all do not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, -(-len(ordered) * int(percent) // 100) - 1)]


def in_ms(samples_s: Sequence[float]) -> dict[str, float]:
    """p50 and p99 of durations in seconds, as milliseconds."""
    return {
        "p50_ms": round(percentile(samples_s, 50) * 1000, 2),
        "p99_ms": round(percentile(samples_s, 99) * 1000, 2),
    }


def paired_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the ratios of samples that were taken one right after the other."""
    return round(median(a / b for a, b in zip(above, below, strict=True)), 3)


def scaled(count: int, scale: float) -> int:
    """A number of repetitions, at least one."""
    return max(1, round(count * scale))


def machine() -> dict[str, object]:
    """What somebody needs to judge the absolute values."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory_bytes / _GB),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "million_additions_ms": round(min(_million_additions_ms() for _ in range(_TRIES)), 1),
    }


def _million_additions_ms() -> float:
    """How fast one core of this machine is for Python, to compare runs on two machines."""
    began, total = time.perf_counter(), 0
    for number in range(1_000_000):
        total += number
    return (time.perf_counter() - began) * 1000


def load() -> float:
    """How many processes wanted to run during the last minute, on average."""
    return round(os.getloadavg()[0], 2)
