"""Binary G-code: blocks of metadata, pictures and G-code, each with its length and a checksum.

The format is Prusa's, https://github.com/prusa3d/libbgcode/blob/main/doc/specifications.md.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from printlab.domain.sliced_facts import Caution, SlicedFacts, SlicedFormat, Thumbnail
from printlab.geometry.refusals import ModelRefused, Refusal
from printlab.slicers.comments import Comments
from printlab.slicers.dialects import from_settings
from printlab.slicers.packing import heatshrunk, meatpacked

MAGIC = b"GCDE"
_FILE_HEADER, _BLOCK_HEADER, _SIZE, _THUMBNAIL = "<4sIH", "<HHI", "<I", "<HHH"
_VERSION = 1
_NO_CHECKSUM, _CRC32 = 0, 1
_GCODE, _PICTURE = 1, 5
_METADATA = (0, 2, 3, 4)  # of the file, the slicer, the printer, the print
_STORED, _DEFLATE = 0, 1
_WINDOW_BITS = {2: 11, 3: 12}  # of heatshrink
_PLAIN, _MEATPACKED = (0,), (1, 2)  # without and with comments
_LONGEST_METADATA = 8 << 20
_LONGEST_GCODE = 1 << 20
"""Of one block, packed or not: the firmware that reads them has 64 kB."""
_MOST_BLOCKS = 200_000
_MOST_TOGETHER = 8 << 20
"""Of blocks that are unpacked beside each other, each counted as the longest: some 300 of those that slicers write."""
_PICTURES = ("png", "jpg", "qoi")


class _Damaged(Exception):
    """Reading ends here; the caution says why."""

    def __init__(self, caution: Caution) -> None:
        self.caution = caution


@dataclass(frozen=True, slots=True)
class _Block:
    kind: int
    compression: int
    header: bytes
    parameters: bytes
    length: int
    inflated: int
    checksum: bool


def read(path: Path) -> SlicedFacts:
    """What the metadata says, whose checksums are compared; of G-code only the lengths of its blocks are looked at."""
    metadata, thumbnails, has_gcode = list[str](), list[Thumbnail](), False
    cautions: tuple[Caution, ...] = ()
    with path.open("rb") as file:
        try:
            for block in _blocks(file, path.stat().st_size):
                has_gcode |= block.kind == _GCODE
                if block.kind == _PICTURE:
                    thumbnails.append(_thumbnail(block))
                elif block.kind in _METADATA:
                    metadata.append(_text(file, block))
        except _Damaged as damage:
            cautions = (damage.caution,)
    comments = Comments("\n".join(f";{line}" for text in metadata for line in text.split("\n")))
    name, _, version = (comments.text("producer") or "").partition(" ")
    return replace(
        from_settings(comments),
        format=SlicedFormat.BGCODE,
        slicer=name or "PrusaSlicer",
        slicer_version=version or None,
        sliced=has_gcode,
        thumbnails=tuple(thumbnails),
        cautions=cautions or (() if has_gcode else (Caution.TRUNCATED,)),
    )


def damage(path: Path) -> Caution | None:
    """Why the file is not whole, every byte of it compared with its checksums; None when it is. Raises OSError."""
    with path.open("rb") as file:
        try:
            for block in _blocks(file, path.stat().st_size):
                if block.kind == _GCODE and block.checksum:
                    _compare(file, block)
        except _Damaged as found:
            return found.caution
    return None


def pictures(path: Path) -> Iterator[tuple[Thumbnail, bytes]]:
    """The pictures before the G-code, as announced and as they are encoded, up to where the file is damaged.

    Raises OSError.
    """
    with path.open("rb") as file, suppress(_Damaged):
        for block in _blocks(file, path.stat().st_size):
            if block.kind == _GCODE:
                return
            if block.kind == _PICTURE and block.compression == _STORED:
                yield _thumbnail(block), file.read(block.length)


def gcode(path: Path) -> Iterator[bytes]:
    """The text of the blocks of G-code, one after the other.

    Raises ModelRefused for a file that is damaged, cut off, or packed in a way that is not known; OSError.
    """
    with path.open("rb") as file:
        try:
            packed = (_packed(file, block) for block in _blocks(file, path.stat().st_size) if block.kind == _GCODE)
            for batch in _batches(packed):
                yield from _texts(batch)
        except (_Damaged, ValueError, zlib.error):
            raise ModelRefused(
                Refusal.DAMAGED, "The G-code in this file is damaged or cut off. Slice the part again."
            ) from None


def _blocks(file: BinaryIO, size: int) -> Iterator[_Block]:
    """One after the other; the content of each is skipped unless it is read meanwhile."""
    magic, version, checksum = struct.unpack(_FILE_HEADER, _exactly(file, _FILE_HEADER))
    if magic != MAGIC or version != _VERSION or checksum not in (_NO_CHECKSUM, _CRC32):
        raise _Damaged(Caution.UNREADABLE)
    trailer = struct.calcsize(_SIZE) if checksum == _CRC32 else 0
    for _ in range(_MOST_BLOCKS):
        if file.tell() == size:
            return
        block = _block(file, checksum=checksum == _CRC32)
        after = file.tell() + block.length + trailer
        if after > size:
            if block.kind == _GCODE:
                yield block
            raise _Damaged(Caution.TRUNCATED)
        if trailer and block.kind != _GCODE:
            _compare(file, block)
        yield block
        file.seek(after)
    raise _Damaged(Caution.UNREADABLE)


def _block(file: BinaryIO, *, checksum: bool) -> _Block:
    header = _exactly(file, _BLOCK_HEADER)
    kind, compression, inflated = struct.unpack(_BLOCK_HEADER, header)
    length = inflated
    if compression != _STORED:
        compressed = _exactly(file, _SIZE)
        header += compressed
        (length,) = struct.unpack(_SIZE, compressed)
    if kind != _GCODE and kind != _PICTURE and kind not in _METADATA:
        raise _Damaged(Caution.UNREADABLE)
    if kind != _GCODE and max(length, inflated) > _LONGEST_METADATA:
        raise _Damaged(Caution.UNREADABLE)
    parameters = _exactly(file, _THUMBNAIL if kind == _PICTURE else "<H")
    return _Block(kind, compression, header, parameters, length, inflated, checksum)


def _compare(file: BinaryIO, block: _Block) -> None:
    """The checksum is over header, parameters and content as they lie there."""
    begin = file.tell()
    if block.length > max(_LONGEST_METADATA, _LONGEST_GCODE):
        raise _Damaged(Caution.UNREADABLE)
    content = file.read(block.length)
    (wanted,) = struct.unpack(_SIZE, _exactly(file, _SIZE))
    if zlib.crc32(block.header + block.parameters + content) != wanted:
        raise _Damaged(Caution.CRC_BROKEN)
    file.seek(begin)


@dataclass(frozen=True, slots=True)
class _Packed:
    """The G-code of a block as it lies there."""

    content: bytes
    compression: int
    encoding: int
    inflated: int


def _packed(file: BinaryIO, block: _Block) -> _Packed:
    if max(block.length, block.inflated) > _LONGEST_GCODE:
        raise _Damaged(Caution.UNREADABLE)
    (encoding,) = struct.unpack("<H", block.parameters)
    if encoding not in _PLAIN + _MEATPACKED:
        raise _Damaged(Caution.UNREADABLE)
    content = file.read(block.length)
    if len(content) < block.length:
        raise _Damaged(Caution.TRUNCATED)
    return _Packed(content, block.compression, encoding, block.inflated)


def _batches(blocks: Iterator[_Packed]) -> Iterator[list[_Packed]]:
    """Blocks of one compression each, as many as are unpacked together within the memory for that."""
    batch, longest = list[_Packed](), 0
    for block in blocks:
        longest = max(longest, len(block.content))
        if batch and (block.compression != batch[0].compression or longest * (len(batch) + 1) > _MOST_TOGETHER):
            yield batch
            batch, longest = [], len(block.content)
        batch.append(block)
    if batch:
        yield batch


def _texts(batch: list[_Packed]) -> Iterator[bytes]:
    for block, text in zip(batch, _unpacked(batch), strict=True):
        yield meatpacked(text) if block.encoding in _MEATPACKED else text


def _unpacked(batch: list[_Packed]) -> Iterator[bytes]:
    """The text of each; they are packed alike."""
    compression = batch[0].compression
    if compression == _STORED:
        return (block.content for block in batch)
    if compression == _DEFLATE:
        return (_inflated(block.content, block.inflated) for block in batch)
    if (window_bits := _WINDOW_BITS.get(compression)) is None:
        raise _Damaged(Caution.UNREADABLE)
    return heatshrunk([(block.content, block.inflated) for block in batch], window_bits)


def _inflated(content: bytes, length: int) -> bytes:
    return zlib.decompressobj().decompress(content, max(1, length))  # 0 would be without a limit


def _text(file: BinaryIO, block: _Block) -> str:
    """The content of a metadata block; empty where it is packed in a way that metadata is not."""
    content = file.read(block.length)
    if block.compression == _DEFLATE:
        try:
            content = _inflated(content, block.inflated)
        except zlib.error:
            raise _Damaged(Caution.CRC_BROKEN) from None
    elif block.compression != _STORED:
        return ""
    return content.decode("utf-8", "replace")


def _thumbnail(block: _Block) -> Thumbnail:
    kind, width, height = struct.unpack(_THUMBNAIL, block.parameters)
    return Thumbnail(width, height, _PICTURES[kind] if kind < len(_PICTURES) else "?")


def _exactly(file: BinaryIO, form: str) -> bytes:
    content = file.read(struct.calcsize(form))
    if len(content) < struct.calcsize(form):
        raise _Damaged(Caution.TRUNCATED)
    return content
