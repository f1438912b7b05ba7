"""What a slicer on the server said of a part, once for all jobs that need the same."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from printlab.domain.automatic import AutomaticState
from printlab.domain.views import Strength
from printlab.models.base import enum_type


class AutomaticEstimate(SQLModel, table=True):
    """One need and what came of it: volume of the filament in mm³ and seconds of one copy.

    ``key`` stands for the need as a whole; ``slicer`` is what the program calls itself, once it was asked.
    """

    __tablename__ = "automatic_estimate"

    key: str = Field(primary_key=True, max_length=64)
    sha256: str = Field(index=True, max_length=64)
    scale_micro: int = Field(sa_type=sa.BigInteger)
    profile_sha256: str = Field(max_length=64)
    strength: Strength = Field(sa_type=enum_type(Strength))
    state: AutomaticState = Field(sa_type=enum_type(AutomaticState))
    attempt: int = 1
    lost: int = 0  # how often this attempt's process was killed
    slicer: str | None = None
    volume_mm3: float | None = None
    time_s: int | None = None
    message: str | None = None
    queued_at: datetime
