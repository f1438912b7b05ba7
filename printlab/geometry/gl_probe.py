"""Whether this machine can draw thumbnails. Safe to import in the server: the attempt is made in a child process."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

DREW, NO_EGL, BLANK = 0, 3, 4
"""How ``gl_trial.py`` ends; any other code means that it was ended."""

_PATIENCE_S = 60  # a cold start takes seconds, on a busy machine many
_COMMAND = (sys.executable, "-m", "printlab.geometry.gl_trial")
_INSTALL = "“apt-get install libegl1 libgl1-mesa-dri” installs them; then start PrintLab again."


@cache
def probe() -> str | None:
    """None when a small picture could be drawn, else a sentence for the operator.

    Tried once a process, which takes seconds: call it off the event loop, at start.
    """
    try:
        child = subprocess.run(_COMMAND, capture_output=True, timeout=_PATIENCE_S, check=False)  # noqa: S603  (our own)
    except subprocess.TimeoutExpired:
        return f"Thumbnails cannot be drawn: a first picture took longer than {_PATIENCE_S} seconds."
    except OSError as error:
        return f"Thumbnails cannot be drawn: the attempt could not be started ({error.strerror})."
    return None if child.returncode == DREW else _reason(child.returncode, child.stderr.decode(errors="replace"))


def _reason(code: int, complaint: str) -> str:
    if "ModuleNotFoundError" in complaint:
        return f"Thumbnails cannot be drawn: {complaint.strip().splitlines()[-1]}"
    if code == NO_EGL:
        return f"Thumbnails cannot be drawn: libegl1 is missing, perhaps libgl1-mesa-dri too. {_INSTALL}"
    return f"Thumbnails cannot be drawn: libegl1 or libgl1-mesa-dri is missing or does not work. {_INSTALL}"
