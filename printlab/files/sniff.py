"""Whether a file's content is what its extension says: a look at its first and last bytes, never at all of it."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from pathlib import Path

from printlab import zip_directory
from printlab.errors import InvalidFile

_HEAD, _TAIL = 64 * 1024, 66 * 1024
_STL_HEADER, _STL_FACET = 84, 50
_MAX_MEMBERS = 2000
_MEMBER, _MEMBER_SIZE = b"PK\x01\x02", 46
_OBJ_VERTEX = re.compile(rb"^[ \t]*v[ \t]+[-+.0-9]", re.MULTILINE)
_OBJ_FACE = re.compile(rb"^[ \t]*f[ \t]+[-0-9]", re.MULTILINE)
_GCODE_LINE = re.compile(rb"^[ \t]*(?:[GMT]\d|;)", re.MULTILINE)
_MAGIC = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"ISO-10303-21", "a STEP file, which needs to be exported as STL or 3MF"),
    (b"solid", "an STL file"),
    (b"<", "a web page or XML file"),
)


def check_content(path: Path, extension: str) -> None:
    """Return when the content fits ``extension``; raise InvalidFile, in one sentence, otherwise."""
    size = path.stat().st_size
    if size == 0:
        raise InvalidFile("The file is empty. Export it again and choose the new file.")
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(0, size - _TAIL))
        tail = file.read()
    if extension == ".stl" and _STL_HEADER <= size < _STL_HEADER + _STL_FACET and head[80:84] == bytes(4):
        raise InvalidFile(f"This is an STL file without a single triangle. {_ADVICE}")
    check = _CHECKS.get(extension)
    if check is not None and not check(path, head, tail):
        raise InvalidFile(f"{_what_is_wrong(_NAMES[extension], _looks_like(head))} {_ADVICE}")


_ADVICE = "Export it again from your design program and choose the new file."


def _what_is_wrong(wanted: str, found: str) -> str:
    if found == wanted:
        return f"This begins like {wanted}, but there is no shape in it."
    return f"This is not {wanted}: it looks like {found}."


def _looks_like(head: bytes) -> str:
    return next((name for magic, name in _MAGIC if head.startswith(magic)), "something else")


def _is_stl(path: Path, head: bytes, _tail: bytes) -> bool:
    """Binary by its length, or text that begins with ``solid``. Writers add bytes, so longer than promised passes."""
    size = path.stat().st_size
    if size >= _STL_HEADER + _STL_FACET:
        promised = _STL_HEADER + _STL_FACET * struct.unpack_from("<I", head, 80)[0]
        if _STL_HEADER < promised <= size and not _known_other(head):
            return True
        if (size - _STL_HEADER) % _STL_FACET == 0 and not _known_other(head) and b"\0" in head:
            return True
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return text.startswith(b"solid") and b"facet" in text


def _known_other(head: bytes) -> bool:
    return any(head.startswith(magic) for magic, _ in _MAGIC if magic not in (b"solid", b"<", b"MZ"))


def _is_obj(path: Path, head: bytes, tail: bytes) -> bool:
    """Text with vertices; faces may begin after the first bytes, so the end is looked at too."""
    if b"\0" in head or _OBJ_VERTEX.search(head) is None:
        return False
    return _OBJ_FACE.search(head) is not None or _OBJ_FACE.search(tail) is not None or path.stat().st_size > _HEAD


def _is_3mf(path: Path, head: bytes, _tail: bytes) -> bool:
    names = _zip_names(path, head)
    return any(name.lower().endswith(b".model") for name in names)


def _is_sliced_3mf(path: Path, head: bytes, _tail: bytes) -> bool:
    names = _zip_names(path, head)
    return any(name.lower().endswith(b".gcode") for name in names)


def _is_sl1(path: Path, head: bytes, _tail: bytes) -> bool:
    names = {name.lower() for name in _zip_names(path, head)}
    return b"config.ini" in names


def _is_gcode(_path: Path, head: bytes, _tail: bytes) -> bool:
    return b"\0" not in head and _GCODE_LINE.search(head) is not None


def _is_bgcode(_path: Path, head: bytes, _tail: bytes) -> bool:
    return head.startswith(b"GCDE")


def _is_anything(_path: Path, _head: bytes, _tail: bytes) -> bool:
    """Formats that are closed: accepted as they are, nothing guessed."""
    return True


def _zip_names(path: Path, head: bytes) -> list[bytes]:
    """The names in a zip's directory; [] when it is no zip, or its directory is absurdly large."""
    where = zip_directory.find(path) if head.startswith(b"PK") else None
    if where is None:
        return []
    offset, length = where
    with path.open("rb") as file:
        file.seek(offset)
        directory = file.read(length)
    names: list[bytes] = []
    at = 0
    while directory[at : at + 4] == _MEMBER and at + _MEMBER_SIZE <= len(directory) and len(names) <= _MAX_MEMBERS:
        name, extra, comment = struct.unpack_from("<HHH", directory, at + 28)
        names.append(directory[at + _MEMBER_SIZE : at + _MEMBER_SIZE + name])
        at += _MEMBER_SIZE + name + extra + comment
    return names if len(names) <= _MAX_MEMBERS else []


_CHECKS: dict[str, Callable[[Path, bytes, bytes], bool]] = {
    ".stl": _is_stl,
    ".obj": _is_obj,
    ".3mf": _is_3mf,
    ".gcode.3mf": _is_sliced_3mf,
    ".gcode": _is_gcode,
    ".bgcode": _is_bgcode,
    ".sl1": _is_sl1,
    ".sl1s": _is_sl1,
    ".form": _is_anything,
    ".idea": _is_anything,
}
_NAMES = {
    ".stl": "an STL file",
    ".obj": "an OBJ file",
    ".3mf": "a 3MF file",
    ".gcode.3mf": "a sliced 3MF file",
    ".gcode": "a G-code file",
    ".bgcode": "a binary G-code file",
    ".sl1": "an SL1 file",
    ".sl1s": "an SL1S file",
}
