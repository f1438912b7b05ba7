"""Several who do something at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run all in threads from one starting shot; give each one's result or refusal."""
    start = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(index: int) -> None:
        start.wait()
        try:
            results[index] = acts[index]()
        except Exception as error:  # noqa: BLE001  (looked at by the test)
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
