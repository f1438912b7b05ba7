"""``python -m benchmarks.drawers NAME FILE``: draw a binary STL for each line that arrives, and say how it went."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_HEADER_BYTES = 84
_FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def write_stl(path: Path, corners: NDArray[np.float64]) -> None:
    """A binary STL of (m, 3, 3) corners."""
    facets = np.zeros(len(corners), _FACET)
    facets["corners"] = corners
    path.write_bytes(bytes(80) + np.uint32(len(facets)).tobytes() + facets.tobytes())


def main() -> None:
    """Answer each line with a line of JSON: seconds, bytes of the result and the process's largest memory so far."""
    name, path = sys.argv[1], Path(sys.argv[2])
    draw = _DRAWERS[name]()
    for _line in sys.stdin:
        started = time.perf_counter()
        size = draw(path)
        took_s = time.perf_counter() - started
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(json.dumps({"s": took_s, "bytes": size, "peak_mb": round(peak_mb, 1)}), flush=True)


def _thumbnail() -> Callable[[Path], int]:
    from printlab.geometry.thumbnail import draw  # noqa: PLC0415  (only this one's imports count as its memory)

    return lambda path: len(draw(*_soup(path)))


def _glb() -> Callable[[Path], int]:
    from printlab.geometry.glb import write_glb  # noqa: PLC0415  (only this one's imports count as its memory)

    return lambda path: len(write_glb(*_soup(path)))


def _f3d() -> Callable[[Path], int]:
    import f3d  # noqa: PLC0415  (only this one's imports count as its memory)

    f3d.Log.set_verbose_level(f3d.Log.QUIET)
    f3d.Engine.autoload_plugins()
    engine = f3d.Engine.create(True)
    engine.window.size = 512, 512

    def draw(path: Path) -> int:
        engine.scene.clear()
        engine.scene.add(str(path))
        return len(engine.window.render_to_image(True).save_buffer())

    return draw


def _soup(path: Path) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    corners = np.fromfile(path, _FACET, offset=_HEADER_BYTES)["corners"].reshape(-1, 3)
    return np.ascontiguousarray(corners), np.arange(len(corners)).reshape(-1, 3)


_DRAWERS: dict[str, Callable[[], Callable[[Path], int]]] = {"printlab": _thumbnail, "f3d": _f3d, "glb": _glb}


if __name__ == "__main__":
    main()
