"""``python confined.py SECONDS PROGRAM ARGUMENTS…``: become that program, with little of everything.

A program of its own between the server and the slicer: limits that are set in a fork of a server with threads could
lock it up. Imports nothing but the standard library.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

_MEMORY_BYTES = 4 << 30
_OUTPUT_BYTES = 512 << 20
_OPEN_FILES = 128
_PROCESSORS = 2
_NICE = 19
_PARENT_DIED = 1  # PR_SET_PDEATHSIG of prctl(2); it outlives exec


def main(seconds: int, program: str, arguments: list[str]) -> None:
    """Never returns."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSORS * seconds, _PROCESSORS * seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_OUTPUT_BYTES, _OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    os.nice(_NICE)
    with suppress(OSError):  # where memory runs out all the same, Linux ends this process and not the server
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGKILL)
    os.execv(program, [program, *arguments])  # noqa: S606  (no shell: that is meant)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
