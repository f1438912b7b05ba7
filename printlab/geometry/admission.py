"""Whether there is memory for a file, told before it is read. Runs in the sandbox, as everything that opens a file."""

from __future__ import annotations

from pathlib import Path

from printlab.geometry import stl
from printlab.geometry.limits import MAX_TRIANGLES, MEMORY_BYTES, ZIP_MAX_INFLATED_BYTES
from printlab.geometry.refusals import TOO_MUCH_MEMORY, ModelRefused, Refusal
from printlab.geometry.zipped import Package

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""What a zip begins with; the header of an STL may begin with the letters alone."""
_LIBRARIES_BYTES = 450 << 20
"""What the interpreter holds with all libraries that measure and draw."""
_BYTES_A_TRIANGLE = 350
"""Peak of measuring and drawing: 2.0 GB for a binary STL of 4.9M triangles, 0.8 GB for an OBJ or a 3MF of 1M."""
_TEXT_A_TRIANGLE = 50
"""Bytes of an OBJ; text STL has more to each."""
_XML_A_TRIANGLE = 90
_MEMORY_NOW = Path("/proc/meminfo")


def admit(path: Path) -> None:
    """Raise ModelRefused where reading the file is expected to take more memory than the sandbox or the machine has."""
    needed = expected_bytes(path)
    if needed > min(MEMORY_BYTES, _free_bytes()):
        raise ModelRefused(Refusal.NEEDS_TOO_MUCH_MEMORY, TOO_MUCH_MEMORY)


def expected_bytes(path: Path) -> int:
    """How much memory reading, measuring and drawing the file may take at its peak.

    More triangles than are allowed are refused before they are kept, and so are counted no further. Raises ModelRefused
    for a zip that cannot be opened.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(stl.HEADER)
    held = 0
    if head.startswith(ZIP):
        with Package(path) as package:
            held = min(package.claimed_bytes(".model"), ZIP_MAX_INFLATED_BYTES)
        triangles = held // _XML_A_TRIANGLE
    elif b"\0" in head:
        triangles = size // stl.FACET
    else:
        triangles = size // _TEXT_A_TRIANGLE
    return _LIBRARIES_BYTES + held + min(triangles, MAX_TRIANGLES) * _BYTES_A_TRIANGLE


def _free_bytes() -> int:
    """What the machine can give without pushing others out; without limit where it does not tell."""
    if not _MEMORY_NOW.exists():
        return MEMORY_BYTES
    lines = dict(line.split(":", 1) for line in _MEMORY_NOW.read_text().splitlines() if ":" in line)
    return int(lines["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in lines else MEMORY_BYTES
