"""``python child.py PARENT SIGNAL USER PROGRAM ARGUMENTS…``: become that program, which the parent's death ends.

A program of its own, for a process with threads must not run Python between fork and exec. Imports nothing but the
standard library.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import sys

_PARENT_DIED = 1  # PR_SET_PDEATHSIG of prctl(2); it outlives exec, and a change of the user takes it away


def main(parent: int, signal_number: int, user: str, program: list[str]) -> None:
    """Never returns; ``user`` is empty for the same one."""
    os.setsid()  # Ctrl-C ends the cluster, which then ends its children in order
    if user:
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    ctypes.CDLL(None).prctl(_PARENT_DIED, signal_number)
    if os.getppid() == parent:  # else it died before it could be waited for
        os.execv(program[0], program)  # noqa: S606  (no shell: that is meant)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
