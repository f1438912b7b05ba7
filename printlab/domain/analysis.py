"""How far the look into a model file has come, and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from printlab.domain.model_facts import ModelFacts


class AnalysisState(StrEnum):
    """The stages of an analysis. ``REFUSED``: the file is no model. ``FAILED``: it could not be told."""

    QUEUED = "queued"
    MEASURING = "measuring"
    DRAWING = "drawing"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes by itself."""
        return self in (AnalysisState.DONE, AnalysisState.REFUSED, AnalysisState.FAILED)


@dataclass(frozen=True, slots=True)
class AnalysisView:
    """What is known of one file; every job with the same bytes has the same.

    ``facts`` are there once it was measured. ``thumbnail_url`` and ``model_url`` (of the GLB) are there once a model
    was drawn, ``tool_path_url`` once a slicer's result was, whose ``thumbnail_url`` is of the slicer's own picture;
    they never change what they show, and whoever knows them may look. ``code`` and ``message`` say why there are no
    facts, or (``DONE``) no picture.
    """

    sha256: str
    state: AnalysisState
    attempt: int
    facts: ModelFacts | None = None
    code: str | None = None
    message: str | None = None
    thumbnail_url: str | None = None
    model_url: str | None = None
    tool_path_url: str | None = None
