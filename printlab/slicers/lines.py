"""The G-code in a sliced file of any kind, a block of whole lines at a time: no file is ever in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from printlab.geometry.refusals import ModelRefused, Refusal
from printlab.slicers import bgcode, packages
from printlab.slicers.reading import magic_of

MOST_BYTES = 1 << 30
"""Of text on all plates, however it is packed; a lab's largest files have half of it."""
MOST_PLATES = 36
"""So many a project of BambuStudio and OrcaSlicer has at most."""
_PIECE = 1 << 20
_LONGEST_LINE = 1 << 16


def plates(path: Path) -> Iterator[tuple[int | None, Iterator[bytes]]]:
    """Each plate of a ``.gcode.3mf`` by its number, or None for all there is in another file, with its G-code.

    That comes in blocks of about a megabyte, each of which ends with a line.

    Raises ModelRefused for a file that is damaged, or holds too much; OSError.
    """
    room = _Room()
    for number, pieces in _plates(path):
        yield number, _whole_lines(pieces, room)


def _plates(path: Path) -> Iterator[tuple[int | None, Iterator[bytes]]]:
    magic = magic_of(path)
    if magic == packages.MAGIC:
        for number in packages.plates(path)[:MOST_PLATES]:
            yield number, packages.gcode(path, number, _PIECE)
    else:
        yield None, bgcode.gcode(path) if magic == bgcode.MAGIC else _pieces(path)


@dataclass(slots=True)
class _Room:
    """How much may still come, of whichever plate."""

    bytes: int = field(default_factory=lambda: MOST_BYTES)

    def take(self, piece: bytes) -> None:
        """Raises ModelRefused where it is too much."""
        self.bytes -= len(piece)
        if self.bytes < 0:
            raise ModelRefused(
                Refusal.TOO_MANY_MOVES, "The file holds more than 1 GB of G-code: its tool path is not drawn."
            )


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _whole_lines(pieces: Iterator[bytes], room: _Room) -> Iterator[bytes]:
    """The same text, cut behind the last line of each piece; lines that no G-code has are left out."""
    rest = b""
    for piece in pieces:
        room.take(piece)
        text = rest + piece
        end = text.rfind(b"\n") + 1
        rest = text[end:] if len(text) - end <= _LONGEST_LINE else b""
        if end:
            yield text[:end]
    if rest:
        yield rest + b"\n"
