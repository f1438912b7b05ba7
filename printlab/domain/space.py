"""How full a disk may get: what is a warning, and when nothing more is taken in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_MB = 1_000_000
_BACK = 1.1  # so much more than a limit has to be free before the disk counts as better again


class SpaceLevel(StrEnum):
    """How full a disk is."""

    GOOD = "good"
    WARNING = "warning"
    CRITICAL = "critical"


_WORSE = (SpaceLevel.GOOD, SpaceLevel.WARNING, SpaceLevel.CRITICAL)


@dataclass(frozen=True, slots=True)
class SpaceLimits:
    """Below either of two limits, in MB and in percent of the disk, it is a warning, or critical; 0 is no limit."""

    warning_mb: int = 5000
    warning_percent: float = 10
    critical_mb: int = 1000
    critical_percent: float = 2

    def critical_bytes(self, whole: int) -> int:
        """How much has to stay free on a disk of ``whole`` bytes."""
        return _least(self.critical_mb, self.critical_percent, whole)

    def level(self, free: int, whole: int, before: SpaceLevel = SpaceLevel.GOOD) -> SpaceLevel:
        """How full the disk is; it gets better only with a tenth more than the limit free: it does not waver."""
        level = self._level(free, whole)
        if _WORSE.index(level) < _WORSE.index(before):
            steady = self._level(int(free / _BACK), whole)
            return steady if _WORSE.index(steady) < _WORSE.index(before) else before
        return level

    def _level(self, free: int, whole: int) -> SpaceLevel:
        if free < self.critical_bytes(whole):
            return SpaceLevel.CRITICAL
        least = _least(self.warning_mb, self.warning_percent, whole)
        return SpaceLevel.WARNING if free < least else SpaceLevel.GOOD


def _least(limit_mb: int, percent: float, whole: int) -> int:
    return max(limit_mb * _MB, int(whole * percent / 100))


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """One disk: what lies on it, how much of it is free, and how full that is."""

    holds: str
    place: str
    free: int
    whole: int
    level: SpaceLevel
