"""What is told of the lab's own trouble: staff read the reason, students whom to ask; the log has it all."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import structlog

from printlab.domain.policy import Actor
from printlab.errors import StorageProblem

_log = structlog.get_logger(__name__)


@contextmanager
def storage_told_to(actor: Actor) -> Generator[None]:
    """What the lab's storage refuses inside, in words for ``actor``: no student mounts a share or frees a disk."""
    try:
        yield
    except StorageProblem as problem:
        if actor.is_staff:
            raise
        _log.error("storage.refused", actor=actor.key, problem=str(problem))
        raise StorageProblem(
            "The lab's storage does not work at the moment, and nothing is lost. Tell the lab and try again later."
        ) from problem
