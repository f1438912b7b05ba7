"""The G-code in a sliced file of any kind, a block of whole lines at a time: no file is ever in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from printlab.geometry.refusals import ModelRefused, Refusal
from printlab.slicers import bgcode, packages

MOST_BYTES = 1 << 30
"""Of text, however it is packed; a lab's largest files have half of it."""
_PIECE = 1 << 20
_LONGEST_LINE = 1 << 16


def blocks(path: Path, plate: int | None) -> Iterator[bytes]:
    """Blocks of about a megabyte, each of which ends with a line; ``plate`` is one of those of a ``.gcode.3mf``.

    Raises ModelRefused for a file that is damaged, has no such plate, or holds too much; OSError.
    """
    with path.open("rb") as file:
        magic = file.read(4)
    if magic == bgcode.MAGIC:
        return _whole_lines(bgcode.gcode(path))
    if magic == packages.MAGIC:
        return _whole_lines(packages.gcode(path, plate, _PIECE))
    return _whole_lines(_pieces(path))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _whole_lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same text, cut behind the last line of each piece; lines that no G-code has are left out."""
    rest, total = b"", 0
    for piece in pieces:
        total += len(piece)
        if total > MOST_BYTES:
            raise ModelRefused(
                Refusal.TOO_MANY_MOVES, "The file holds more than 1 GB of G-code: its tool path is not drawn."
            )
        text = rest + piece
        end = text.rfind(b"\n") + 1
        rest = text[end:] if len(text) - end <= _LONGEST_LINE else b""
        if end:
            yield text[:end]
    if rest:
        yield rest + b"\n"
