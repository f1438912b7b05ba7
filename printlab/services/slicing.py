"""Reading what slicers write into their files, before a file becomes a revision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import structlog
from pydantic import TypeAdapter

from printlab.domain import naming
from printlab.domain.sliced_facts import Caution, SlicedFacts, believable
from printlab.geometry.refusals import ModelRefused
from printlab.geometry.sandbox import Interrupted, Sandbox

READING_SECONDS = 20.0
"""230 MB of G-code, unpacked and compared, take 0.7 s; who saved the file waits for that."""
_FACTS = TypeAdapter(SlicedFacts)
_log = structlog.get_logger(__name__)


def stored(facts: SlicedFacts | None) -> dict[str, Any] | None:
    """Facts as the database keeps them."""
    return None if facts is None else _FACTS.dump_python(facts, mode="json")


def from_stored(facts: dict[str, Any] | None) -> SlicedFacts | None:
    """The same as it was."""
    return None if facts is None else _FACTS.validate_python(facts)


class SlicedFiles:
    """Has its own sandbox: a model that takes a minute to be measured keeps nobody waiting here."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def read(self, path: Path, extension: str) -> SlicedFacts | None:
        """What a file of this extension says of itself; None for a model, and where it cannot be read.

        A file is taken all the same: its numbers can be typed in. Raises FileNotFoundError.
        """
        if extension not in naming.SLICED_EXTENSIONS:
            return None
        try:
            facts = self._sandbox.read_sliced(path, extension, whole=True)
        except (ModelRefused, Interrupted) as problem:
            _log.warning("slicing.not_read", extension=extension, problem=str(problem))
            return None
        # A .3mf that no slicer wrote is a model.
        return None if extension == ".3mf" and Caution.UNREADABLE in facts.cautions else believable(facts)

    def close(self) -> None:
        """End the reader for good."""
        self._sandbox.close()
