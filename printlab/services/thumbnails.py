"""Whether pictures of models can be drawn on this machine."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import structlog

from printlab.geometry.gl_probe import probe

_log = structlog.get_logger(__name__)


class Thumbnails:
    """Tried once, in a child process: where the graphics libraries are missing, an attempt ends its process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answer: Future[str | None] | None = None

    def begin(self) -> None:
        """Try in the background, unless that was begun before."""
        self._begun()

    def problem(self) -> str | None:
        """None when pictures can be drawn, else a sentence for the operator; waits for the attempt."""
        return self._begun().result()

    def known(self) -> dict[str, str | None]:
        """The same for the health, without waiting; empty as long as nobody needs pictures or the attempt goes on."""
        return {"thumbnails": self._answer.result()} if self._answer and self._answer.done() else {}

    def _begun(self) -> Future[str | None]:
        with self._lock:
            if self._answer is None:
                self._answer = Future()
                threading.Thread(target=self._try, args=[self._answer], name="thumbnails", daemon=True).start()
            return self._answer

    def _try(self, answer: Future[str | None]) -> None:
        try:
            problem = probe()
        except Exception as error:  # noqa: BLE001  (whoever waits gets an answer in any case)
            problem = f"Thumbnails cannot be drawn: {error}"
        if problem:
            _log.warning("thumbnails.cannot_be_drawn", problem=problem)
        answer.set_result(problem)
