"""What Python itself does beside a server's work, so that answers wait for it seldom and briefly."""

from __future__ import annotations

import gc
import sys
from typing import Literal

_COLLECTS = (5_000, 20, 1)
"""New objects until the new ones are looked through, and how often that is done until older ones are too."""
_OLDEST = 2
_MOST_CLOSED = 100
_TURN_S = 0.0005


class Interpreter:
    """The garbage collection is spared what has outlived it once: half a million objects of the libraries (0.28 s each
    time), and the open pages (0.36 s with 200 boards). It looks through what came since, 0.06 to 0.09 s each time.

    What pages that were closed leave behind, some 0.2 MB each, is found by looking through everything, after each
    hundred of them. Threads give way to the one that answers after half a millisecond instead of 5: it gives way itself
    whenever it sends something.
    """

    def __init__(self) -> None:
        self._closed = 0

    def settle(self) -> None:
        """Once the server is up."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_COLLECTS)
        gc.callbacks.append(_spare_what_stays)
        sys.setswitchinterval(_TURN_S)

    def page_closed(self) -> None:
        """Another page is gone for good."""
        self._closed += 1
        if self._closed >= _MOST_CLOSED:
            self._closed = 0
            gc.unfreeze()
            gc.collect()


def _spare_what_stays(phase: Literal["start", "stop"], info: dict[str, int]) -> None:
    if phase == "stop" and info["generation"] == _OLDEST:
        gc.freeze()
