"""Model files: reading and measuring against trimesh, and the whole way of a file through the sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.drawers import write_stl
from benchmarks.figures import paired_ratio, scaled
from benchmarks.parts import Solid, turned
from printlab.geometry.gl_probe import probe
from printlab.geometry.sandbox import Sandbox

_TRIANGLES = 1_000_000
_PIPELINE_TRIANGLES = (6_000, 100_000, 1_000_000)
_ROUNDS = 5
_OURS, _TRIMESH = "printlab", "trimesh"
_CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
_ROOT_TYPE = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
_RELATIONSHIPS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Target="/3D/3dmodel.model" Id="rel0" Type="{_ROOT_TYPE}"/></Relationships>'
)
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>'
)


def measure(scale: float) -> dict[str, object]:
    """Seconds and memory; every reading is a process of its own."""
    with tempfile.TemporaryDirectory(prefix="printlab-benchmark-") as name:
        folder = Path(name)
        solid = _ring(scaled(_TRIANGLES, scale))
        stl, threemf = folder / "large.stl", folder / "large.3mf"
        write_stl(stl, _shuffled(solid))
        _write_3mf(threemf, solid)
        small = _ring(200)
        write_stl(folder / "small.stl", _shuffled(small))
        _write_3mf(folder / "small.3mf", small)
        rounds = scaled(_ROUNDS, scale)
        return {
            "stl": _against_trimesh(stl, folder / "small.stl", rounds),
            "3mf": _against_trimesh(threemf, folder / "small.3mf", rounds),
            "pipeline": _pipeline(folder, scale),
        }


def _against_trimesh(path: Path, small: Path, rounds: int) -> dict[str, object]:
    """Both one right after the other in each round, and both must find the same."""
    runs: dict[str, list[dict[str, Any]]] = {_OURS: [], _TRIMESH: []}
    for _ in range(rounds):
        for name, samples in runs.items():
            samples.append(_read(name, small, path))
        _compare(runs[_OURS][-1], runs[_TRIMESH][-1])
    figures: dict[str, object] = {
        name: {
            "s": round(median(run["s"] for run in samples), 2),
            "peak_mb": round(median(run["peak_mb"] for run in samples), 1),
        }
        for name, samples in runs.items()
    }
    return figures | {
        "bytes": path.stat().st_size,
        "triangles": runs[_OURS][-1]["triangles"],
        "time_of_trimesh": _ratio(runs, "s"),
        "memory_of_trimesh": _ratio(runs, "peak_mb"),
    }


def _ratio(runs: dict[str, list[dict[str, Any]]], figure: str) -> float:
    return paired_ratio(*([run[figure] for run in runs[name]] for name in (_OURS, _TRIMESH)))


def _compare(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    for name in ("triangles", "closed", "bodies"):
        if ours[name] != theirs[name]:
            sys.exit(f"The readers differ in {name}: {ours[name]} and {theirs[name]}.")
    if abs(ours["volume_mm3"] / theirs["volume_mm3"] - 1) > 1e-3:
        sys.exit(f"The readers differ in volume: {ours['volume_mm3']} and {theirs['volume_mm3']}.")


def _read(name: str, small: Path, path: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.readers", name, str(small), str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=300, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _pipeline(folder: Path, scale: float) -> dict[str, object]:
    """What the server's task does with a file, in one warm worker, and how long a new worker takes to begin."""
    draws = probe() is None
    sandbox = Sandbox()
    try:
        first = folder / "small.stl"
        started = time.perf_counter()
        _through(sandbox, first, draws=draws)
        figures: dict[str, object] = {"cold_s": round(time.perf_counter() - started, 2), "draws_thumbnails": draws}
        for triangles in _PIPELINE_TRIANGLES:
            path = folder / f"{triangles}.stl"
            write_stl(path, _shuffled(_ring(scaled(triangles, scale))))
            runs: list[tuple[float, float, float]] = []
            for _ in range(scaled(_ROUNDS, scale)):
                sandbox.measure(first)  # the worker keeps what it read last
                runs.append(_through(sandbox, path, draws=draws))
            names = ("measure_s", "draw_s", "total_s")
            medians = [round(median(run[at] for run in runs), 4) for at in range(len(names))]
            figures[f"{triangles}_triangles"] = dict(zip(names, medians, strict=True))
        return figures
    finally:
        sandbox.close()


def _through(sandbox: Sandbox, path: Path, *, draws: bool) -> tuple[float, float, float]:
    started = time.perf_counter()
    sandbox.measure(path)
    measured = time.perf_counter()
    sandbox.draw(path, path.with_suffix(".glb"), path.with_suffix(".webp") if draws else None)
    ended = time.perf_counter()
    return measured - started, ended - measured, ended - started


def _ring(triangles: int) -> Solid:
    """A closed, wavy ring, nowhere flat, of about so many triangles."""
    across = max(8, round((triangles / 4) ** 0.5))
    turn = np.linspace(0, 2 * np.pi, across, endpoint=False)
    outline = [(40 + 12 * float(np.cos(a)), 12 + 12 * float(np.sin(a))) for a in turn]
    return turned(outline, 2 * across, lambda angle: 1 + 0.05 * np.sin(9 * angle))


def _shuffled(solid: Solid) -> NDArray[np.float64]:
    """The triangles in no order, (m, 3, 3)."""
    vertices, faces = solid
    return vertices[np.random.default_rng(7).permutation(faces)]


def _write_3mf(path: Path, solid: Solid) -> None:
    """As slicers write it: one object, a line for each corner and each triangle."""
    vertices, faces = solid
    corners = "\n".join(f'<vertex x="{x:.6f}" y="{y:.6f}" z="{z:.6f}"/>' for x, y, z in vertices.tolist())
    triangles = "\n".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in faces.tolist())
    model = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<model unit="millimeter" xmlns="{_CORE}"><resources>'
        f'<object id="1" type="model"><mesh><vertices>\n{corners}\n</vertices><triangles>\n{triangles}\n</triangles>'
        '</mesh></object></resources><build><item objectid="1"/></build></model>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _TYPES)
        package.writestr("_rels/.rels", _RELATIONSHIPS)
        package.writestr("3D/3dmodel.model", model)
