"""Reading what slicers write into their files, before a file becomes a revision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import structlog
from pydantic import TypeAdapter

from printlab.domain import naming
from printlab.domain.sliced_facts import Caution, SlicedFacts, believable
from printlab.errors import InvalidFile, StorageProblem
from printlab.geometry.refusals import UNSURE, ModelRefused
from printlab.geometry.sandbox import Interrupted, Sandbox

READING_SECONDS = 20.0
"""230 MB of G-code, unpacked and compared, take 0.7 s; who saved the file waits for that."""
READERS = 2
"""One slow file does not keep others waiting; the second costs 40 MB."""
_FACTS = TypeAdapter(SlicedFacts)
_log = structlog.get_logger(__name__)


class ServerStops(StorageProblem):
    """The server stops while it reads a file that somebody brought."""

    def __init__(self) -> None:
        super().__init__("The server is being restarted, so the file was not read. Send it again in a minute.")


class UnsureContent(InvalidFile):
    """A ``.3mf`` may be a model or a slicer's result, and which it is could not be told."""

    def __init__(self) -> None:
        super().__init__(
            "The lab’s computer could not tell whether there is a tool path in this .3mf. Send it again; "
            "if that does not help, export its G-code and send that."
        )


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

    def read_brought(self, path: Path, extension: str) -> SlicedFacts | None:
        """``read`` a file that somebody brings: one that cannot be read is taken all the same, for its numbers can be
        typed in, and None then.

        Raises UnsureContent, ServerStops, FileNotFoundError.
        """
        try:
            return self.read(path, extension)
        except Interrupted:
            raise ServerStops from None
        except ModelRefused as refusal:
            _log.warning("slicing.not_read", extension=extension, problem=str(refusal))
            if extension == ".3mf" and refusal.code in UNSURE:
                raise UnsureContent from None
            return None

    def read(self, path: Path, extension: str) -> SlicedFacts | None:
        """What a file of this extension says of itself; None for a model.

        Raises ModelRefused where it cannot be read, Interrupted when the server stops, FileNotFoundError.
        """
        if extension not in naming.SLICED_EXTENSIONS:
            return None
        facts = self._sandbox.read_sliced(path, extension, whole=True)
        # A .3mf that no slicer wrote is a model.
        return None if extension == ".3mf" and Caution.UNREADABLE in facts.cautions else believable(facts)

    def close(self) -> None:
        """End the reader for good."""
        self._sandbox.close()
