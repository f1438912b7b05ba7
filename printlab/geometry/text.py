"""Text files of any size, a piece at a time."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

_BLOCK = 4 << 20
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def in_utf8(file: BinaryIO) -> Iterator[bytes]:
    """The text of ``file``, from its start, without a byte order mark; UTF-16 is told by its mark."""
    file.seek(0)
    head = file.read(_BLOCK)
    encoding = _UTF16.get(head[:2])
    if encoding is None:
        head = head.removeprefix(codecs.BOM_UTF8)
    decoder = codecs.getincrementaldecoder(encoding or "latin-1")("replace")
    first = True
    while head:
        yield head if encoding is None else decoder.decode(head).lstrip("\ufeff" if first else "").encode()
        first = False
        head = file.read(_BLOCK)


def blocks(pieces: Iterator[bytes], end: bytes) -> Iterator[bytes]:
    """The same text cut behind the last ``end`` of each piece (in small or capital letters), then whatever is left."""
    waiting: list[bytes] = []
    for piece in pieces:
        tail = waiting[-1][1 - len(end) :] if waiting and len(end) > 1 else b""
        cut = max((tail + piece).rfind(end), (tail + piece).rfind(end.upper())) + len(end) - len(tail)
        if cut >= len(end) - len(tail):
            yield b"".join([*waiting, piece[:cut]])
            waiting = [piece[cut:]]
        else:
            waiting.append(piece)
    yield b"".join(waiting)
