"""Sandboxes that meet what a test wants them to."""

from __future__ import annotations

from pathlib import Path

from printlab.domain.sliced_facts import SlicedFacts
from printlab.geometry.refusals import ModelRefused, Refusal
from printlab.geometry.sandbox import Sandbox
from printlab.services.slicing import READERS, READING_SECONDS

TOO_LONG = ModelRefused(Refusal.TAKES_TOO_LONG, "The file could not be read within 20 seconds.")


class SlicedReader(Sandbox):
    """Reads sliced files, unless there is a ``problem``."""

    def __init__(self) -> None:
        super().__init__(READING_SECONDS, READERS)
        self.problem: Exception | None = None

    def read_sliced(self, path: Path, extension: str | None = None, *, whole: bool = False) -> SlicedFacts:
        if self.problem is not None:
            raise self.problem
        return super().read_sliced(path, extension, whole=whole)
