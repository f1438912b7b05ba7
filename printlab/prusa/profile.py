"""An exported PrusaSlicer configuration, reduced to what decides how long a print takes and what it weighs.

What an admin uploads is handed to a program: a profile may name scripts to run (``post_process``), hosts to print to,
files to load and G-code with expressions in it. Kept are only values that are numbers, and a few that are one word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from printlab.domain.limits import MAX_PROFILE_MB
from printlab.errors import InvalidFile

_MAX_BYTES = MAX_PROFILE_MB * 1_000_000
_MOST_LINES = 2_000
_LINE = re.compile(r"([a-z][a-z0-9_]{0,79}) = ?(.{0,2000})")
_NUMBERS = re.compile(r"[-0-9.,%x ]+")
_WORD = re.compile(r"[a-z0-9_]{1,40}")
_NEVER = re.compile(r"post_process|print_?host.*|.*_gcode|bed_custom_.*|.*notes")  # even if it is a number
_NAMED = frozenset({
    "bottom_fill_pattern", "brim_type", "draft_shield", "fill_pattern", "fuzzy_skin", "gcode_flavor", "ironing_type",
    "machine_limits_usage", "perimeter_generator", "seam_position", "slicing_mode",
    "support_material_interface_pattern", "support_material_pattern", "support_material_style", "top_fill_pattern",
})  # fmt: skip
_NEEDED = frozenset({
    "bed_shape", "filament_diameter", "first_layer_height", "layer_height", "max_print_height", "nozzle_diameter",
    "perimeter_speed", "perimeters",
})  # fmt: skip
_FIGURE = re.compile(r"[0-9]+(?:\.[0-9]*)?")
_MOST = {
    "bottom_solid_layers": 10_000, "brim_width": 1_000, "extra_perimeters": 100, "max_print_height": 5_000,
    "min_skirt_length": 100_000, "perimeters": 1_000, "raft_layers": 100, "skirt_distance": 1_000,
    "skirt_height": 10_000, "skirts": 100, "standby_temperature_delta": 1_000,
    "support_material_bottom_interface_layers": 100, "support_material_enforce_layers": 10_000,
    "support_material_interface_layers": 100, "top_solid_layers": 10_000,
}  # fmt: skip
_MOST_OF_ANY = 1_000_000
"""Above these the slicer does nothing but lay skirts or layers until its time is over."""
_HOW = (
    "In PrusaSlicer choose File → Export → Export Config… with the printer’s usual settings, and upload that .ini file."
)


@dataclass(frozen=True, slots=True)
class Profile:
    """Settings by their names in PrusaSlicer, in the order of the file."""

    settings: Mapping[str, str]

    @property
    def layer_height_mm(self) -> float:
        """Of all layers but the first."""
        return float(self.settings["layer_height"])

    @property
    def nozzle_mm(self) -> float:
        """Of the first extruder."""
        return float(self.settings["nozzle_diameter"].split(",")[0])

    @property
    def filament_mm(self) -> float:
        """Diameter of the filament in the first extruder."""
        return float(self.settings["filament_diameter"].split(",")[0])

    def text(self, **others: object) -> str:
        """As an .ini file, with ``others`` in place of the profile's own."""
        settings = {**self.settings, **others}
        return "".join(f"{name} = {value}\n" for name, value in settings.items())


def read_profile(content: bytes) -> Profile:
    """The profile in an uploaded file.

    Raises InvalidFile with a sentence for the admin where it is something else: a bundle, a resin printer's, no export.
    """
    if len(content) > _MAX_BYTES:
        raise InvalidFile(f"This file is larger than any exported configuration. {_HOW}")
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InvalidFile(f"This is no text file. {_HOW}") from None
    if any(line.startswith("[") for line in lines):
        raise InvalidFile(f"This is a bundle of several configurations. {_HOW}")
    said = dict(_settings(lines[:_MOST_LINES]))
    if said.get("printer_technology", "FFF") != "FFF":
        raise InvalidFile("This configuration is for a resin printer, whose prints cannot be estimated this way.")
    kept = {name: value for name, value in said.items() if _is_harmless(name, value)}
    if missing := sorted(_NEEDED - kept.keys()):
        raise InvalidFile(f"“{missing[0]}” is missing in this file: it is no whole configuration. {_HOW}")
    profile = Profile(kept)
    _check(profile)
    return profile


def read_upload(content: bytes) -> Profile:
    """The same of a file that an admin sends: what no printer can do is refused too, by the name of the setting."""
    profile = read_profile(content)
    for name, value in profile.settings.items():
        most = _MOST.get(name, _MOST_OF_ANY)
        if name not in _NAMED and any(float(figure) > most for figure in _FIGURE.findall(value)):
            raise InvalidFile(
                f"“{name}” is more than {most:,} in this file, which no printer does. Correct it in PrusaSlicer, and "
                "export the configuration again."
            )
    return profile


def _settings(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if found := _LINE.fullmatch(line.rstrip()):
            yield found[1], found[2].strip()


def _is_harmless(name: str, value: str) -> bool:
    return not _NEVER.fullmatch(name) and bool((_WORD if name in _NAMED else _NUMBERS).fullmatch(value))


def _check(profile: Profile) -> None:
    try:
        usual = (
            0.01 <= profile.layer_height_mm <= 2 and 0.05 <= profile.nozzle_mm <= 5 and 0.5 <= profile.filament_mm <= 5
        )
    except ValueError:
        usual = False
    if not usual:
        raise InvalidFile(f"Layer height, nozzle or filament in this file are those of no printer. {_HOW}")
