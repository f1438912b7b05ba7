"""Slicing a part with PrusaSlicer, for its figures only: the program is confined, and what it writes is thrown away."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from printlab.prusa import confined
from printlab.prusa.profile import Profile

LONGEST_S = 180
_ANSWERS_S = 30
_MOST_SAID = 500
_READ_BYTES = 10_000
_NAME = re.compile(r"PrusaSlicer-[\w.+-]{1,60}")


class NotSliced(Exception):
    """There is no estimate; str() is a sentence for staff that says why."""


class SlicerStopped(Exception):
    """The slicer was ended because the server stops: nothing is known of the part."""


class PrusaSlicer:
    """One program on this machine; ``folder`` is where it works, each time in a folder of its own."""

    def __init__(self, program: Path, folder: Path, longest_s: int = LONGEST_S) -> None:
        self._program = program
        self._folder = folder
        self._longest_s = longest_s
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._closed = False

    def version(self) -> str:
        """What the program calls itself, for example ``PrusaSlicer-2.5.0+UNKNOWN``.

        Raises NotSliced when it does not answer as PrusaSlicer does.
        """
        with tempfile.TemporaryDirectory(prefix="asking-", dir=self._folder) as name:
            with suppress(NotSliced):
                self._run(Path(name), ["--help"], _ANSWERS_S)
            found = _NAME.search(_said(Path(name)))
        if found is None:
            raise NotSliced(f"{self._program} does not answer as PrusaSlicer does.")
        return found[0]

    def slice(self, stl: Path, profile: Profile, into: Path, **others: object) -> None:
        """Write the G-code of a part, placed on the middle of the bed, at ``into``; ``others`` replace settings.

        Raises NotSliced when the part does not fit, the program fails, or it takes too long or too much; SlicerStopped.
        """
        with tempfile.TemporaryDirectory(prefix="slicing-", dir=self._folder) as name:
            folder = Path(name)
            (folder / "profile.ini").write_text(profile.text(**others), encoding="utf-8")
            made = folder / "part.gcode"
            arguments = ["--load", "profile.ini", "--export-gcode", "--output", made.name, str(stl.absolute())]
            self._run(folder, arguments, self._longest_s)
            if not made.is_file():
                raise NotSliced("The slicer wrote nothing for this part.")
            made.replace(into)

    def close(self) -> None:
        """End the program for good, also in the middle: whoever waits, or asks later, gets SlicerStopped."""
        with self._lock:
            self._closed = True
            if self._running is not None:
                _kill(self._running)

    def _run(self, folder: Path, arguments: list[str], longest_s: int) -> None:
        process = self._begin(folder, arguments, longest_s)
        try:
            code = process.wait(longest_s)
        except subprocess.TimeoutExpired:
            raise NotSliced(f"The slicer took longer than {longest_s} s.") from None
        finally:
            self._end(process)
        if self._closed:
            raise SlicerStopped
        if code:
            said = _last_line(_said(folder)) or "it does not say why"
            raise NotSliced(f"The slicer could not slice this part: {said.rstrip('.')}.")

    def _begin(self, folder: Path, arguments: list[str], longest_s: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, confined.__file__, str(longest_s), str(self._program), "--datadir", str(folder)]
        with self._lock, (folder / "said.txt").open("wb") as said:
            if self._closed:
                raise SlicerStopped
            self._running = subprocess.Popen(  # noqa: S603  (a program of the operator, and arguments of ours)
                [*command, *arguments],
                cwd=folder,
                env={"HOME": str(folder), "PATH": os.defpath, "LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self._running

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._running = None
            _kill(process)
        process.wait()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """The program and whatever it started, whether it is at its end or not."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _said(folder: Path) -> str:
    """The last of what the program printed."""
    with (folder / "said.txt").open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _READ_BYTES))
        return file.read().decode("utf-8", "replace")


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if not line.startswith("[")]
    return next((line.removeprefix("what():").strip()[:_MOST_SAID] for line in reversed(lines) if line), "")
