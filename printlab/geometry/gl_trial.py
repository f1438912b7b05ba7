"""``python -m printlab.geometry.gl_trial``: draw one triangle; the exit code says how far it came.

Run by ``gl_probe.py`` in a process of its own: without drivers VTK ends the process instead of raising.
"""

from __future__ import annotations

import ctypes
import io
import sys

import numpy as np
from PIL import Image

from printlab.geometry.gl_probe import BLANK, DREW, NO_EGL
from printlab.geometry.thumbnail import draw


def main() -> int:
    """What came of it, as one of the codes of ``gl_probe.py``."""
    if sys.platform == "linux" and not _loads("libEGL.so.1"):
        return NO_EGL
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1]], dtype=np.float64)
    picture = Image.open(io.BytesIO(draw(corners, np.array([[0, 1, 2]], dtype=np.int64))))
    drawn = picture.convert("RGBA").getchannel("A").getbbox() is not None
    return DREW if drawn else BLANK


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
