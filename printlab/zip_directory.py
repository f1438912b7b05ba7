"""Where a zip keeps its directory, found by hand: the standard reader makes an object of every entry before anything
can be refused.
"""

from __future__ import annotations

import struct
from pathlib import Path

END_WITHIN = 66 * 1024
"""The end record lies so near the end, behind it a comment of at most 65,535 bytes."""
LONGEST = 4 << 20
"""Of 2000 members, the most that anything may have, each with a name of some hundred bytes and fields of its own."""

_END, _END_BYTES = b"PK\x05\x06", 22
_ZIP64_LOCATOR, _ZIP64_LOCATOR_BYTES = b"PK\x06\x07", 20
_ZIP64_END, _ZIP64_END_BYTES = b"PK\x06\x06", 56


def find(path: Path) -> tuple[int, int] | None:
    """Offset and length of the directory of a zip, or of a zip64, in bytes; None for what has none, or one that is
    absurdly long. Raises OSError.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - END_WITHIN))
        tail = file.read()
        end = tail.rfind(_END)
        if end < 0 or len(tail) < end + _END_BYTES:
            return None
        length, offset = struct.unpack_from("<II", tail, end + 12)
        locator = end - _ZIP64_LOCATOR_BYTES
        if locator >= 0 and tail[locator : locator + 4] == _ZIP64_LOCATOR:
            file.seek(min(struct.unpack_from("<Q", tail, locator + 8)[0], size))
            record = file.read(_ZIP64_END_BYTES)
            if len(record) < _ZIP64_END_BYTES or not record.startswith(_ZIP64_END):
                return None
            length, offset = struct.unpack_from("<QQ", record, 40)
    return (offset, length) if length <= LONGEST and offset + length <= size else None
