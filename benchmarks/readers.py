"""``python -m benchmarks.readers NAME SMALL FILE``: read and measure a model once, and say how that went.

SMALL is read first, so that nothing is imported while the clock runs.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Measured = dict[str, Any]


def main() -> None:
    """One line of JSON: seconds, what was measured, and the most memory that this process ever had."""
    read = _READERS[sys.argv[1]]()
    small, path = Path(sys.argv[2]), Path(sys.argv[3])
    read(small)
    started = time.perf_counter()
    measured = read(path)
    took_s = time.perf_counter() - started
    print(json.dumps(measured | {"s": took_s, "peak_mb": _peak_mb()}))


def _peak_mb() -> float:
    """Of this program alone: what ``getrusage`` tells begins with the memory of the process that started it."""
    kib = re.search(r"^VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert kib is not None
    return round(int(kib[1]) * 1024 / 1e6, 1)


def _printlab() -> Callable[[Path], Measured]:
    from printlab.geometry.measure import measure  # noqa: PLC0415  (only this one's imports count as its memory)
    from printlab.geometry.reading import read  # noqa: PLC0415  (likewise)

    def measured(path: Path) -> Measured:
        facts = measure(read(path))
        return {
            "triangles": facts.triangles,
            "closed": facts.closed,
            "volume_mm3": facts.volume_mm3,
            "bodies": facts.bodies,
        }

    return measured


def _trimesh() -> Callable[[Path], Measured]:
    import trimesh  # noqa: PLC0415  (only this one's imports count as its memory)

    def measured(path: Path) -> Measured:
        mesh = trimesh.load(path, force="mesh")
        return {
            "triangles": len(mesh.faces),
            "closed": bool(mesh.is_watertight),
            "volume_mm3": float(mesh.volume),
            "bodies": len(mesh.split(only_watertight=False)),
        }

    return measured


_READERS: dict[str, Callable[[], Callable[[Path], Measured]]] = {"printlab": _printlab, "trimesh": _trimesh}


if __name__ == "__main__":
    main()
