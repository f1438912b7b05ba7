"""After how long in its status a job is marked on the board: what an admin sets, and what a new lab begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from printlab.domain.status import JobStatus

AGE_TONES = ("amber", "red")
MOST_H = 365 * 24
"""The longest limit, in hours."""


@dataclass(frozen=True, slots=True)
class AgeLimit:
    """Hours in a status after which the age turns amber, and then red; None: never."""

    amber_h: int | None = None
    red_h: int | None = None

    @property
    def by_tone(self) -> Mapping[str, int | None]:
        """The hours by what the age turns then."""
        return dict(zip(AGE_TONES, (self.amber_h, self.red_h), strict=True))


AgeLimits = Mapping[JobStatus, AgeLimit]
"""A limit for each status of an open job."""

USUAL: AgeLimits = {
    JobStatus.UPLOADED: AgeLimit(24, 72),
    JobStatus.PENDING: AgeLimit(120, 240),
    JobStatus.READY_TO_PRINT: AgeLimit(72, 168),
    JobStatus.PRINTING: AgeLimit(48, 96),
    JobStatus.COMPLETED: AgeLimit(168, 336),
}
"""A night leaves no mark and a weekend amber at most; a quote turns red before it lapses after 14 days."""


def stored(limits: AgeLimits) -> dict[str, list[int | None]]:
    """The limits as plain values."""
    return {status.value: [limit.amber_h, limit.red_h] for status, limit in limits.items()}


def from_stored(values: Mapping[str, Any]) -> AgeLimits:
    """The limits of ``stored``; a status that it does not have yet has none."""
    return {status: AgeLimit(*values.get(status.value, ())) for status in USUAL}
