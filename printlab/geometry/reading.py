"""A model file of any kind into arrays: what it is, its content says, not its name."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from printlab.geometry import obj, parts, stl, threemf
from printlab.geometry.admission import ZIP
from printlab.geometry.mesh import Model
from printlab.geometry.refusals import ModelRefused, Refusal

_HEAD = 64 * 1024
_BINARY_GCODE = b"GCDE"
_OTHERS = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x7fELF", "a program"),
    (b"ISO-10303-21", "a STEP file"),
    (b"<", "a web page or an XML file"),
)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OBJ_LINE = re.compile(rb"(?:^|[\r\n])[ \t]*(?:v|f)[ \t]+(?:\\\s*)?[-+.0-9]")
_GCODE_LINE = re.compile(rb"(?:^|[\r\n])[ \t]*(?:[GM]\d|;)")
_STL_WORDS = re.compile(rb"(?:^|[\r\n])[ \t]*(?:facet\s+normal|outer\s+loop|endsolid)", re.IGNORECASE)
"""At the beginning of a line: comments and names of an OBJ may hold them too."""


def read(path: Path) -> Model:
    """The parts of an STL, OBJ or 3MF file, in mm; raises ModelRefused for everything else."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if size == 0:
        raise ModelRefused(Refusal.EMPTY, "The file is empty. Export it again and choose the new file.")
    if head.startswith(ZIP):
        return threemf.read(path)
    if head.startswith(_BINARY_GCODE):
        raise parts.sliced()
    _refuse_others(head)
    if head.startswith(_UTF16):
        head = head.decode("utf-16", "replace").encode()
    elif _is_binary_stl(head, size):
        return stl.read_binary(path)
    return _read_text(path, head)


def _refuse_others(head: bytes) -> None:
    known = next((name for magic, name in _OTHERS if head.startswith(magic)), None)
    if known is not None:
        raise _unknown(f"it looks like {known}")


def _is_binary_stl(head: bytes, size: int) -> bool:
    """By its length, or by its first facets where bytes were added or lost.

    Text never has that length: the count that it would spell promises more than 7 GB.
    """
    if size < stl.HEADER:
        return False
    return stl.binary_length(head) == size or (b"\0" in head and stl.looks_binary(head))


def _read_text(path: Path, head: bytes) -> Model:
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if b"\0" in text:
        raise _unknown("it is no text and no binary STL")
    if text[:5].lower() == b"solid" or _STL_WORDS.search(text):
        return stl.read_text(path)
    if _OBJ_LINE.search(text):
        return obj.read(path)
    if _GCODE_LINE.search(text):
        raise parts.sliced()
    if len(head) == _HEAD and text.startswith(b"#"):
        return obj.read(path)
    raise _unknown("there is no shape in it")


def _unknown(why: str) -> ModelRefused:
    return ModelRefused(
        Refusal.UNKNOWN_FORMAT,
        f"This is no STL, OBJ or 3MF file: {why}. Export the part from your program as STL, OBJ or 3MF.",
    )
