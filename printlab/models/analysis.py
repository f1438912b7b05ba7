"""What was found in a model file, once for all jobs that hold the same bytes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from printlab.domain.analysis import AnalysisState
from printlab.models.base import enum_type


class Analysis(SQLModel, table=True):
    """One look at one content by one version of the code that looks.

    ``has_model``, ``has_thumbnail`` and ``has_tool_path`` say which drawings lie on the disk. A slicer's result has no
    model; its thumbnail is the picture that the slicer put into it.
    """

    __tablename__ = "analysis"

    sha256: str = Field(primary_key=True, max_length=64)
    version: int = Field(primary_key=True)
    state: AnalysisState = Field(sa_type=enum_type(AnalysisState))
    attempt: int = 1
    lost: int = 0  # how often this attempt's process was killed
    unsure: int = 0  # how many attempts told nothing for sure since somebody wanted it looked at
    code: str | None = None
    message: str | None = None
    facts: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)
    has_model: bool = False
    has_thumbnail: bool = False
    has_tool_path: bool = False
    queued_at: datetime
    finished_at: datetime | None = None
