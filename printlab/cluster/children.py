"""Processes of a cluster: what they print goes to the console with their name before it, and none outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from printlab.cluster import child


class Child:
    """One process; ``ends_by`` is the signal that ends it in good order, also when the cluster itself is killed."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        user: str = "",
        ends_by: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self._ends_by = ends_by
        become = [sys.executable, child.__file__, str(os.getpid()), str(int(ends_by)), user, *command]
        self._process = subprocess.Popen(  # noqa: S603  (programs of the operator, and arguments of ours)
            become,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._said = threading.Thread(target=self._repeat, name=name, daemon=True)
        self._said.start()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def ended(self) -> str | None:
        """How it ended, in words; None while it runs."""
        code = self._process.poll()
        if code is None:
            return None
        self._said.join(1)
        return f"by signal {signal.Signals(-code).name}" if code < 0 else f"with status {code}"

    def end(self, within_s: float) -> None:
        """End it, by force when it takes longer."""
        with suppress(ProcessLookupError):
            self._process.send_signal(self._ends_by)
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._said.join(1)

    def _repeat(self) -> None:
        with self._process.stdout or sys.stdin.buffer as said:
            for line in said:
                text = line.decode(errors="replace").rstrip("\n")
                print(f"{self.name:<8} {text}", flush=True)  # noqa: T201  (the operator reads the console)
