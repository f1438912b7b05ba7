"""Slicing a part with PrusaSlicer, for its figures only: the program is confined, and what it writes is thrown away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from printlab.prusa import confined
from printlab.prusa.profile import Profile

LONGEST_S = 180
_MOST_SAID = 500


class NotSliced(Exception):
    """There is no estimate; str() is a sentence for staff that says why."""


class PrusaSlicer:
    """One program on this machine; ``folder`` is where it works, each time in a folder of its own."""

    def __init__(self, program: Path, folder: Path, longest_s: int = LONGEST_S) -> None:
        self._program = program
        self._folder = folder
        self._longest_s = longest_s

    def slice(self, stl: Path, profile: Profile, into: Path, **others: object) -> None:
        """Write the G-code of a part, placed on the middle of the bed, at ``into``; ``others`` replace settings.

        Raises NotSliced when the part does not fit, the program fails, or it takes too long or too much.
        """
        with tempfile.TemporaryDirectory(prefix="slicing-", dir=self._folder) as name:
            folder = Path(name)
            (folder / "profile.ini").write_text(profile.text(**others), encoding="utf-8")
            made = folder / "part.gcode"
            self._run(folder, ["--load", "profile.ini", "--export-gcode", "--output", made.name, str(stl)])
            if not made.exists():
                raise NotSliced("The slicer wrote nothing for this part.")
            made.replace(into)

    def _run(self, folder: Path, arguments: list[str]) -> None:
        command = [sys.executable, confined.__file__, str(self._longest_s), str(self._program)]
        with (folder / "said.txt").open("wb") as said:
            process = subprocess.Popen(  # noqa: S603  (a program of the operator, and arguments of ours)
                [*command, "--datadir", str(folder), *arguments],
                cwd=folder,
                env={"HOME": str(folder), "PATH": os.defpath, "LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = process.wait(self._longest_s)
            except subprocess.TimeoutExpired:
                raise NotSliced(f"The slicer took longer than {self._longest_s} s.") from None
            finally:
                _end(process)
        if code:
            said = _last_line(folder / "said.txt") or "it does not say why"
            raise NotSliced(f"The slicer could not slice this part: {said}.")


def _end(process: subprocess.Popen[bytes]) -> None:
    """The program and whatever it started, whether it is at its end or not."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_line(path: Path) -> str:
    lines = [line for line in path.read_text("utf-8", "replace")[-10_000:].splitlines() if not line.startswith("[")]
    return next(
        (line.strip().removeprefix("what():").strip()[:_MOST_SAID] for line in reversed(lines) if line.strip()), ""
    )
