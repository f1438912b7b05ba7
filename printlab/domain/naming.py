"""File names: ``FirstAndLastName_PrintMethod_Color_SimpleJobID.ext``, legal and readable on every system.

The stem never changes once a job has it; only the extension does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from anyascii import anyascii

from printlab.domain.views import RevisionKind

UPLOAD_EXTENSIONS = (".stl", ".obj", ".3mf")
SLICED_EXTENSIONS = (".gcode.3mf", ".gcode", ".bgcode", ".3mf", ".sl1s", ".sl1", ".form", ".idea")
KNOWN_EXTENSIONS = tuple(dict.fromkeys((*UPLOAD_EXTENSIONS, *SLICED_EXTENSIONS)))

# The longest whole name: 56 + 16 + 20 + 10 digits + 3 underscores + 10 for ".gcode.3mf" = 115 characters.
_NAME_LIMIT, _METHOD_LIMIT, _COLOR_LIMIT = 56, 16, 20
_NUMBER = re.compile(r"_([1-9][0-9]{0,9})(?![A-Za-z0-9])")
_WORD = re.compile(r"[A-Za-z0-9]+")
# Controls, what turns the direction, and what has no width; not the joiners, which Persian and emoji are written with.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def _part(text: str, limit: int, fallback: str) -> str:
    """The letters and digits of ``text`` in ASCII, each word begun with a capital, at most ``limit`` of them."""
    words = _WORD.findall(anyascii(text))
    joined = "".join(word[0].upper() + word[1:] for word in words)
    return joined[:limit] or fallback


def stem(student_name: str, method: str, color: str, job_id: int) -> str:
    """The name of a job's files without extension, for example ``JaneDoe_Filament_Blue_123``."""
    parts = (
        _part(student_name, _NAME_LIMIT, "Student"),
        _part(method, _METHOD_LIMIT, "Print"),
        _part(color, _COLOR_LIMIT, "Color"),
    )
    return "_".join((*parts, str(job_id)))


def extension(filename: str, known: tuple[str, ...]) -> str | None:
    """The extension of ``filename`` among ``known`` in lower case with its dot, the longest match first, or None."""
    lowered = filename.lower()
    return next((ext for ext in sorted(known, key=len, reverse=True) if lowered.endswith(ext)), None)


def accepted_sentence(extensions: Sequence[str]) -> str:
    """``This lab accepts .stl, .obj and .3mf files.``, for whoever chose another one."""
    *others, last = extensions
    names = f"{', '.join(others)} and {last}" if others else last
    return f"This lab accepts {names} files."


def kind_of(extension: str) -> RevisionKind:
    """What a file from staff, or one saved in the shared folder, is. A ``.3mf`` that holds G-code is called otherwise;
    one that is a slicer's project holds the model.
    """
    return RevisionKind.CORRECTED if extension in UPLOAD_EXTENSIONS else RevisionKind.SLICED


def display_name(filename: str, limit: int = 120) -> str:
    """A student's own file name, safe to show: the last path part, no control or direction characters, capped."""
    last = re.split(r"[/\\]", filename)[-1]
    cleaned = printable(last) or "file"
    if len(cleaned) <= limit:
        return cleaned
    ext = extension(cleaned, KNOWN_EXTENSIONS) or ""
    return cleaned[: limit - len(ext) - 1] + "…" + cleaned[len(cleaned) - len(ext) :]


def printable(text: str) -> str:
    """What a stranger wrote, safe to show in a line of our own: without control and direction characters, trimmed."""
    return _UNSAFE.sub("", text).strip()


def numbers_in(filename: str) -> list[int]:
    """The numbers in ``filename`` that may be a job's: each after an underscore and before no letter or digit."""
    return [int(number) for number in _NUMBER.findall(filename)]


def begins_with_stem(filename: str, stem: str) -> bool:
    """Whether ``filename`` is the stem, or goes on after it with something that is no letter or digit.

    Slicers add what they like: ``JaneDoe_Filament_Blue_12_0.2mm_PLA.gcode`` is of job 12, ``…_123.gcode`` is not.
    """
    beginning, rest = filename[: len(stem)], filename[len(stem) :]
    return beginning.casefold() == stem.casefold() and not rest[:1].isalnum()


def owner(filename: str, stems: Mapping[int, str]) -> int | None:
    """The number of the job whose whole stem ``filename`` begins with; ``stems`` has the jobs that it may be of."""
    return next((n for n in numbers_in(filename) if n in stems and begins_with_stem(filename, stems[n])), None)


def likely_owner(filename: str, stems: Mapping[int, str]) -> int | None:
    """The number of the job that ``filename`` is or may be of: its owner, or the first number in it that a job has."""
    return owner(filename, stems) or next((n for n in numbers_in(filename) if n in stems), None)


def job_id_of(filename: str) -> int | None:
    """The job number that a file named by this scheme carries, or None."""
    match = re.match(r"^[A-Za-z0-9]+_[A-Za-z0-9]+_[A-Za-z0-9]+_([1-9][0-9]{0,9})(?![A-Za-z0-9])", filename)
    return int(match[1]) if match else None
