"""Drawing a part: the thumbnail against f3d, cold and warm, and the GLB of a large part."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.drawers import write_stl
from benchmarks.figures import in_ms, paired_ratio, scaled

_DRAWN_TRIANGLES, _GLB_TRIANGLES = 100_000, 1_000_000
_COLD_ROUNDS, _WARM_ROUNDS, _GLB_ROUNDS = 5, 15, 5
_OURS, _F3D = "printlab", "f3d"


def measure(scale: float) -> dict[str, object]:
    """Seconds, bytes and memory; each drawer is a process of its own and reads the file itself."""
    with tempfile.TemporaryDirectory(prefix="printlab-benchmark-") as name:
        drawn, large = Path(name) / "drawn.stl", Path(name) / "large.stl"
        drawn_triangles = _make(drawn, scaled(_DRAWN_TRIANGLES, scale))
        large_triangles = _make(large, scaled(_GLB_TRIANGLES, scale))
        return {
            "thumbnail": {"triangles": drawn_triangles, **_thumbnails(drawn, scale)},
            "glb": {"triangles": large_triangles, **_glb(large, scaled(_GLB_ROUNDS, scale))},
        }


def _thumbnails(path: Path, scale: float) -> dict[str, object]:
    """Both one right after the other in each round."""
    cold: dict[str, list[float]] = {_OURS: [], _F3D: []}
    for _ in range(scaled(_COLD_ROUNDS, scale)):
        for name, samples in cold.items():
            started = time.perf_counter()
            with _drawer(name, path) as drawer:
                _draw(drawer)
                samples.append(time.perf_counter() - started)
    warm: dict[str, list[dict[str, Any]]] = {_OURS: [], _F3D: []}
    with _drawer(_OURS, path) as ours, _drawer(_F3D, path) as f3d:
        for drawer in (ours, f3d):
            _draw(drawer)
        for _ in range(scaled(_WARM_ROUNDS, scale)):
            warm[_OURS].append(_draw(ours))
            warm[_F3D].append(_draw(f3d))
    seconds = {name: [answer["s"] for answer in answers] for name, answers in warm.items()}
    figures: dict[str, object] = {
        name: {
            "cold_s": round(median(cold[name]), 2),
            "warm": in_ms(seconds[name]),
            "bytes": warm[name][-1]["bytes"],
            "peak_mb": warm[name][-1]["peak_mb"],
        }
        for name in (_OURS, _F3D)
    }
    return figures | {
        "cold_of_f3d": paired_ratio(cold[_OURS], cold[_F3D]),
        "warm_of_f3d": paired_ratio(seconds[_OURS], seconds[_F3D]),
        "warm_of_f3d_cold": round(median(seconds[_OURS]) / median(cold[_F3D]), 3),
    }


def _glb(path: Path, rounds: int) -> dict[str, object]:
    with _drawer("glb", path) as drawer:
        answers = [_draw(drawer) for _ in range(rounds)]
    return {
        "stl_bytes": path.stat().st_size,
        "bytes": answers[-1]["bytes"],
        "of_stl": round(answers[-1]["bytes"] / path.stat().st_size, 4),
        "s": round(median(answer["s"] for answer in answers), 2),
        "peak_mb": answers[-1]["peak_mb"],
    }


def _make(path: Path, triangles: int) -> int:
    """A closed, wavy ring, nowhere flat, in no particular order; the number of triangles that it has in the end."""
    around, across = 2 * round((triangles / 4) ** 0.5), round((triangles / 4) ** 0.5)
    turn, roll = np.meshgrid(
        np.linspace(0, 2 * np.pi, around + 1), np.linspace(0, 2 * np.pi, across + 1), indexing="ij"
    )
    turn[-1], roll[:, -1] = turn[0], roll[:, 0]
    thickness = 12 + 2 * np.sin(9 * turn) * np.cos(5 * roll)
    radius = 40 + thickness * np.cos(roll)
    points = np.stack([radius * np.cos(turn), radius * np.sin(turn), thickness * np.sin(roll)], axis=-1)
    a, b, c, d = points[:-1, :-1], points[1:, :-1], points[1:, 1:], points[:-1, 1:]
    corners = np.stack([np.stack([a, b, c], axis=2), np.stack([a, c, d], axis=2)]).reshape(-1, 3, 3)
    np.random.default_rng(7).shuffle(corners)
    write_stl(path, corners)
    return len(corners)


@contextmanager
def _drawer(name: str, path: Path) -> Generator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks.drawers", name, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def _draw(drawer: subprocess.Popen[str]) -> dict[str, Any]:
    assert drawer.stdin is not None
    assert drawer.stdout is not None
    drawer.stdin.write("\n")
    drawer.stdin.flush()
    answer: dict[str, Any] = json.loads(drawer.stdout.readline())
    assert answer["bytes"] > 0
    return answer
