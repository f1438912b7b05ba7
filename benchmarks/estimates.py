"""How far the estimates are from a slicer's figures, and the coefficients that would bring them nearer.

Every part is sliced with the settings of a printer's profile. The model is fitted to half of the parts and tried on the
other half, and the other way round: the errors and the spread are those of parts that the fit had not seen.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.optimize import least_squares

from benchmarks.figures import scaled
from benchmarks.parts import Solid, parts
from benchmarks.slicing import MACHINES, SLICER, sliced, slicer_version
from printlab.domain.estimating import Body, FilamentSettings, Lines, Pace, lines_of, settings_of
from printlab.domain.views import PrintsLike, Strength
from printlab.geometry.merging import merge_equal
from printlab.geometry.topology import turning_mm

_SHARED = Path(os.environ.get("PRINTLAB_FIXTURES", Path(__file__).parents[2] / "shared" / "fixtures"))
_SHARED_PARTS = {
    "01_featuretype.STL": 25.4,
    "09__MM__Tag_Plate_0.stl": 1,
    "13_testgeometry_ascii.stl": 1,
    "14_88566.stl": 1,
}
_SPREAD_PERCENT = (5, 95)


@dataclass(frozen=True, slots=True)
class Row:
    """One part, sliced once: the slicer's figures and what the model makes of the same part."""

    part: str
    strength: Strength
    volume_mm3: float
    seconds: float
    model_mm3: float
    lines: Lines


def measure(scale: float) -> dict[str, object]:
    """Errors and coefficients for each filament printer, from every part in every strength; at a small scale only some
    parts."""
    version = slicer_version()
    if version is None:
        raise SystemExit(f"There is no {SLICER} on this machine: apt-get install --no-install-recommends {SLICER}")
    solids = parts() | dict(shared_parts())
    chosen = dict(list(solids.items())[:: max(1, len(solids) // scaled(len(solids), scale))])
    return {
        "slicer": version,
        "parts": len(chosen),
        "printers": {printer: report(list(rows_of(printer, chosen)), _settings(printer)) for printer in MACHINES},
    }


def shared_parts() -> Iterator[tuple[str, Solid]]:
    """Real parts from the project's shared fixtures, in mm, where they are at hand."""
    for name, factor in _SHARED_PARTS.items():
        path = _SHARED / "models" / name
        if path.exists():
            mesh = trimesh.load_mesh(path)
            yield name, (np.asarray(mesh.vertices) * factor, np.asarray(mesh.faces))


def rows_of(printer: str, solids: dict[str, Solid]) -> Iterator[Row]:
    """Each part sliced in every strength."""
    for place, (name, solid) in enumerate(solids.items()):
        for strength in Strength:
            yield row_of(printer, name, solid, strength)
        print(f"  {printer}: {place + 1} of {len(solids)}", end="\r", file=sys.stderr, flush=True)


def row_of(printer: str, name: str, solid: Solid, strength: Strength) -> Row:
    """One part, sliced and modelled."""
    settings = _settings(printer)
    laid = settings.solidity[strength], settings.layer_height_mm, settings.line_width_mm
    return Row(name, strength, *sliced(solid, MACHINES[printer], *laid), *lines_of(body_of(solid), *laid))


def body_of(solid: Solid) -> Body:
    """What the estimate needs of a part."""
    vertices, faces = merge_equal(*solid)
    corners = vertices[faces] - vertices.mean(axis=0)
    doubled = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    up = doubled[:, 2] / 2
    return Body(
        volume_mm3=float(np.einsum("ij,ij->", corners[:, 0], doubled) / 6),
        side_area_mm2=float(np.hypot(doubled[:, 0], doubled[:, 1]).sum() / 2),
        top_area_mm2=float(up[up > 0].sum()),
        bottom_area_mm2=float(-up[up < 0].sum()),
        turning_mm=turning_mm(vertices, faces, doubled),
        height_mm=float(np.ptp(vertices[:, 2])),
    )


def report(rows: Sequence[Row], settings: FilamentSettings) -> dict[str, object]:
    """What one printer's rows say: the error as it is in the code, and with coefficients fitted to the other half."""
    volume, seconds = (np.array([getattr(row, name) for row in rows]) for name in ("volume_mm3", "seconds"))
    model_mm3 = np.array([row.model_mm3 for row in rows])
    fitted = across_halves(rows, seconds, settings.pace)
    return {
        "slices": len(rows),
        "weight": errors(model_mm3, volume),
        "time": errors(np.array([settings.pace.seconds(row.lines) for row in rows]), seconds),
        "time_fitted_to_other_half": errors(fitted, seconds),
        "pace_fitted_to_all": {
            key: round(value, 2) for key, value in asdict(fit(rows, seconds, settings.pace)).items()
        },
        "worst": {"weight": _worst(rows, model_mm3, volume), "time": _worst(rows, fitted, seconds)},
    }


def fit(rows: Sequence[Row], seconds: NDArray[np.float64], start: Pace) -> Pace:
    """The coefficients with the least squares of the logarithms, far outliers counting less, none below zero.

    How long a layer has to cool and how slow the slicer may go are settings and stay as they are.
    """

    def paced(coefficients: NDArray[np.float64]) -> Pace:
        return Pace(*map(float, coefficients), start.cooling_s, start.slowest_s_per_m)

    def off(coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
        pace = paced(coefficients)
        return np.log([max(pace.seconds(row.lines), 1.0) for row in rows]) - np.log(seconds)

    begin = np.array([12.0, 12.0, 7.0, 0.5, 2.0, 120.0])
    return paced(least_squares(off, begin, bounds=(0, np.inf), x_scale=begin, loss="soft_l1", f_scale=0.1).x)


def across_halves(rows: Sequence[Row], seconds: NDArray[np.float64], start: Pace) -> NDArray[np.float64]:
    """The times of every part by the coefficients that were fitted to the half it is not in."""
    names = list(dict.fromkeys(row.part for row in rows))
    odd = np.array([names.index(row.part) % 2 == 1 for row in rows])
    times = np.zeros(len(rows))
    for half in (odd, ~odd):
        pace = fit([row for row, inside in zip(rows, half, strict=True) if inside], seconds[half], start)
        times[~half] = [pace.seconds(row.lines) for row, inside in zip(rows, half, strict=True) if not inside]
    return times


def errors(model: NDArray[np.float64], slicer: NDArray[np.float64]) -> dict[str, object]:
    """Relative errors in percent, and between which multiples of the model's figure nine of ten of the slicer's lie."""
    wrong = np.abs(model / slicer - 1) * 100
    return {
        "mean_percent": round(float(wrong.mean()), 1),
        "median_percent": round(float(np.median(wrong)), 1),
        "p90_percent": round(float(np.percentile(wrong, 90)), 1),
        "spread": [round(float(edge), 2) for edge in np.percentile(slicer / model, _SPREAD_PERCENT)],
    }


def _worst(rows: Sequence[Row], model: NDArray[np.float64], slicer: NDArray[np.float64]) -> dict[str, float]:
    """The three parts that are furthest off, in percent."""
    wrong = (model / slicer - 1) * 100
    return {f"{rows[at].part}, {rows[at].strength}": round(float(wrong[at])) for at in np.argsort(-np.abs(wrong))[:3]}


def _settings(printer: str) -> FilamentSettings:
    settings = settings_of(PrintsLike(printer))
    assert isinstance(settings, FilamentSettings)
    return settings
