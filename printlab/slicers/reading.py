"""From a file to what it says of itself. Nothing in it raises an error: what cannot be told is left out, with why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from printlab.domain.naming import printable
from printlab.domain.sliced_facts import Caution, SlicedFacts, SlicedFormat
from printlab.slicers import bgcode, packages
from printlab.slicers.comments import Comments
from printlab.slicers.dialects import said_by

_HEAD, _TAIL = 2 << 20, 1 << 20
"""Pictures fill some 100 kB of the head; what a slicer adds at the end, settings included, has never been 200 kB."""
_CLOSED = {".form": SlicedFormat.FORM, ".idea": SlicedFormat.IDEA}
_TEXTS = (".gcode", ".gco", ".g")


def read_whole(path: Path, extension: str | None = None) -> SlicedFacts:
    """What ``read`` says, and a caution where a checksum anywhere in the file does not hold: all of it is read."""
    facts = read(path, extension)
    check = {SlicedFormat.BGCODE: bgcode, SlicedFormat.GCODE_3MF: packages, SlicedFormat.SL1: packages}.get(
        facts.format
    )
    found = check and check.damage(path)
    return facts if found is None or found in facts.cautions else replace(facts, cautions=(*facts.cautions, found))


def read(path: Path, extension: str | None = None) -> SlicedFacts:
    """The facts of a sliced file or project; ``extension`` is that of its name, where it lies under another one.

    Its texts are safe to show. Raises OSError only.
    """
    return _shown_safely(_said(path, extension))


def _shown_safely(facts: SlicedFacts) -> SlicedFacts:
    return replace(
        facts,
        slicer=_safe(facts.slicer),
        slicer_version=_safe(facts.slicer_version),
        material=_safe(facts.material),
        printer_model=_safe(facts.printer_model),
        tools=tuple(replace(tool, material=_safe(tool.material)) for tool in facts.tools),
        plates=tuple(replace(plate, material=_safe(plate.material)) for plate in facts.plates),
    )


def _safe(text: str | None) -> str | None:
    return (printable(text) or None) if text else text


def _said(path: Path, extension: str | None) -> SlicedFacts:
    ending = Path(extension or path.name.lower()).suffix or extension
    magic = magic_of(path)
    if magic == bgcode.MAGIC:
        return bgcode.read(path)
    if magic == packages.MAGIC:
        return packages.read(path)
    if (closed := _CLOSED.get(ending or "")) is not None:
        return SlicedFacts(closed, cautions=(Caution.CLOSED_FORMAT,))
    if ending in _TEXTS:
        return _text(path)
    return SlicedFacts(SlicedFormat.UNKNOWN, cautions=(Caution.UNREADABLE,))


def magic_of(path: Path) -> bytes:
    """The bytes by which ``bgcode.MAGIC`` and ``packages.MAGIC`` are told from text. Raises OSError."""
    with path.open("rb") as file:
        return file.read(4)


def _text(path: Path) -> SlicedFacts:
    facts = said_by(comments_of(path))
    return facts if path.stat().st_size else replace(facts, cautions=(Caution.TRUNCATED,))


def comments_of(path: Path) -> Comments:
    """The first 2 MB and the last 1 MB of a text. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(len(head), path.stat().st_size - _TAIL))
        tail = file.read(_TAIL)
    return Comments(_decoded(head), _decoded(tail))


def _decoded(content: bytes) -> str:
    return content.decode("utf-8", "replace").replace("\r\n", "\n")
