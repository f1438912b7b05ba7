"""PrusaSlicer, run as a tool, with the settings that the profiles of ``printlab.domain.estimating`` stand for.

The speeds are ours: round figures for what each machine is usually run at. A lab that prints faster or slower changes
them here, runs the benchmark and takes the coefficients that it prints.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from math import pi
from pathlib import Path

from benchmarks.parts import Solid
from printlab.domain.estimating import Solidity
from printlab.geometry.stl_writing import write_stl

SLICER = "prusa-slicer"
_TIMEOUT_S = 300
_FILAMENT_MM = 1.75
_WIDTHS = (
    "extrusion_width",
    "first_layer_extrusion_width",
    "perimeter_extrusion_width",
    "external_perimeter_extrusion_width",
    "infill_extrusion_width",
    "solid_infill_extrusion_width",
    "top_infill_extrusion_width",
)
_TIME = re.compile(r"; estimated printing time \(normal mode\) = (.*)")
_LENGTH = re.compile(r"; filament used \[mm\] = ([\d.]+)")
_UNITS_S = {"d": 86_400, "h": 3600, "m": 60, "s": 1}


@dataclass(frozen=True, slots=True)
class Machine:
    """How fast a printer is run: mm/s, mm/s², and the seconds that a layer must have to cool."""

    perimeter: int
    external: int
    small: int
    infill: int
    solid: int
    top: int
    travel: int
    acceleration: int
    jerk: int
    cooling_s: int
    bed: tuple[int, int, int]


MACHINES: dict[str, Machine] = {
    "Prusa MK4S": Machine(140, 90, 90, 180, 160, 100, 300, 3000, 10, 6, (250, 210, 220)),
    "Prusa XL": Machine(120, 70, 70, 160, 140, 80, 300, 2500, 10, 8, (360, 360, 360)),
    "Raise3D Pro2 Plus": Machine(60, 40, 30, 80, 60, 45, 150, 1000, 8, 10, (305, 305, 605)),
}


def slicer_version() -> str | None:
    """What the slicer calls itself, or None where there is none."""
    program = shutil.which(SLICER)
    if program is None:
        return None
    said = subprocess.run([program, "--help"], capture_output=True, text=True, check=False).stdout
    return next((word for word in said.split() if word.startswith("PrusaSlicer-")), "PrusaSlicer")


def sliced(solid: Solid, machine: Machine, solidity: Solidity, layer_mm: float, width_mm: float) -> tuple[float, float]:
    """Volume of the filament in mm³ and printing time in seconds, as the slicer says them."""
    with tempfile.TemporaryDirectory(prefix="printlab-slicing-") as name:
        folder = Path(name)
        (folder / "part.stl").write_bytes(write_stl(*solid))
        settings = settings_of(machine, solidity, layer_mm, width_mm)
        (folder / "settings.ini").write_text("".join(f"{key} = {value}\n" for key, value in settings.items()))
        command = [
            "nice", "-n", "10", SLICER, "--export-gcode", "--load", "settings.ini", "-o", "part.gcode", "part.stl",
        ]  # fmt: skip
        subprocess.run(command, cwd=folder, capture_output=True, timeout=_TIMEOUT_S, check=True)
        return _said(folder / "part.gcode")


def settings_of(machine: Machine, solidity: Solidity, layer_mm: float, width_mm: float) -> Mapping[str, object]:
    """The slicer's settings; whatever adds material beside the part (skirt, brim, supports) is off."""
    x, y, z = machine.bed
    axes = ("x", "y", "z", "e")
    limits = (machine.travel, machine.travel, 40, 100)
    return {
        "gcode_flavor": "marlin",
        "bed_shape": f"0x0,{x}x0,{x}x{y},0x{y}",
        "max_print_height": z,
        "nozzle_diameter": 0.4,
        "filament_diameter": _FILAMENT_MM,
        "layer_height": layer_mm,
        "first_layer_height": layer_mm,
        **dict.fromkeys(_WIDTHS, width_mm),
        "perimeters": solidity.perimeters,
        "top_solid_layers": solidity.top_layers,
        "bottom_solid_layers": solidity.bottom_layers,
        "ensure_vertical_shell_thickness": 1,
        "solid_infill_below_area": 0,
        "top_solid_min_thickness": 0,
        "bottom_solid_min_thickness": 0,
        "fill_density": f"{solidity.infill:.0%}",
        "fill_pattern": "grid",
        "skirts": 0,
        "brim_width": 0,
        "support_material": 0,
        "perimeter_speed": machine.perimeter,
        "external_perimeter_speed": machine.external,
        "small_perimeter_speed": machine.small,
        "infill_speed": machine.infill,
        "solid_infill_speed": machine.solid,
        "top_solid_infill_speed": machine.top,
        "gap_fill_speed": machine.small,
        "bridge_speed": 40,
        "first_layer_speed": 25,
        "travel_speed": machine.travel,
        "default_acceleration": machine.acceleration,
        "cooling": 1,
        "slowdown_below_layer_time": machine.cooling_s,
        "min_print_speed": 15,
        "filament_max_volumetric_speed": 15,
        "retract_length": 0.8,
        "retract_lift": 0.2,
        "retract_speed": 35,
        "machine_limits_usage": "time_estimate_only",
        "machine_max_acceleration_extruding": machine.acceleration,
        "machine_max_acceleration_travel": machine.acceleration,
        "machine_max_acceleration_retracting": machine.acceleration,
        **{f"machine_max_acceleration_{axis}": machine.acceleration for axis in axes},
        **{f"machine_max_feedrate_{axis}": limit for axis, limit in zip(axes, limits, strict=True)},
        **{f"machine_max_jerk_{axis}": machine.jerk if axis in "xy" else 2 for axis in axes},
    }


def _said(gcode: Path) -> tuple[float, float]:
    text = gcode.read_text()
    length, time = _LENGTH.search(text), _TIME.search(text)
    assert length is not None
    assert time is not None
    seconds = sum(int(part[:-1]) * _UNITS_S[part[-1]] for part in time[1].split())
    return float(length[1]) * pi * _FILAMENT_MM**2 / 4, float(seconds)
