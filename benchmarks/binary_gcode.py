"""Packs G-code as PrusaSlicer does for .bgcode: heatshrink around MeatPack, in blocks of 64 kB with their checksums.

Written from the formats' descriptions, which `printlab/slicers/bgcode.py` and `packing.py` name: tests read with one
what the other wrote.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

_BLOCK_BYTES = 65_000
_LOOKAHEAD_BITS, _SHORTEST_COPY = 4, 3
_HEATSHRINK_12, _MEATPACK_WITH_COMMENTS = 3, 2
_ALPHABET = b"0123456789.E\nGX"
_CODES = {letter: code for code, letter in enumerate(_ALPHABET)}
_FULL = len(_ALPHABET)


def binary_gcode(text: bytes) -> Iterator[bytes]:
    """The file, piece by piece."""
    yield struct.pack("<4sIH", b"GCDE", 1, 1)
    at = 0
    while at < len(text):
        end = text.rfind(b"\n", at, at + _BLOCK_BYTES) + 1 or len(text)
        held = meatpacked(text[at:end].replace(b" ", b""))
        yield block(heatshrunk(held, 12), len(held), _HEATSHRINK_12, _MEATPACK_WITH_COMMENTS)
        at = end


def block(packed: bytes, length: int, compression: int, encoding: int) -> bytes:
    """A block of G-code of so many bytes, packed like this, with its checksum."""
    sizes = struct.pack("<I", length) + (struct.pack("<I", len(packed)) if compression else b"")
    content = struct.pack("<HH", 1, compression) + sizes + struct.pack("<H", encoding) + packed
    return content + struct.pack("<I", zlib.crc32(content))


def meatpacked(text: bytes) -> bytes:
    """Lines without spaces, each from a byte of its own; comments unpacked."""
    packed = bytearray(b"\xff\xff\xfb\xff\xff\xf7")
    for line in text.splitlines(keepends=True):
        if line.startswith(b";"):
            packed += b"\xff\xff\xfa" + line + b"\xff\xff\xfb"
            continue
        even = line + b"\n" * (len(line) % 2)
        for low, high in zip(even[::2], even[1::2], strict=True):
            packed.append(_CODES.get(low, _FULL) | _CODES.get(high, _FULL) << 4)
            packed += bytes(letter for letter in (low, high) if letter not in _CODES)
    return bytes(packed)


def heatshrunk(text: bytes, window_bits: int) -> bytes:
    """Each byte, or a copy of what followed the same three bytes the last time."""
    bits, seen, at = list[str](), dict[bytes, int](), 0
    while at < len(text):
        begin = seen.get(text[at : at + _SHORTEST_COPY], -1)
        length = _shared(text, begin, at) if begin >= 0 and at - begin <= 1 << window_bits else 0
        if length >= _SHORTEST_COPY:
            bits.append(f"0{at - begin - 1:0{window_bits}b}{length - 1:0{_LOOKAHEAD_BITS}b}")
        else:
            bits.append(f"1{text[at]:08b}")
            length = 1
        for place in range(at, at + length):
            seen[text[place : place + _SHORTEST_COPY]] = place
        at += length
    stream = "".join(bits)
    stream += "0" * (-len(stream) % 8)
    return int(stream or "0", 2).to_bytes(len(stream) // 8, "big")


def _shared(text: bytes, begin: int, at: int) -> int:
    """How many bytes are the same from both places on, as many as one copy may have."""
    length = 0
    while length < 1 << _LOOKAHEAD_BITS and at + length < len(text) and text[begin + length] == text[at + length]:
        length += 1
    return length
