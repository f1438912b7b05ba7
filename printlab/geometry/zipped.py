"""The members of a zip that somebody sent: inflated on demand and counted, whatever size they claim."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import Self

from printlab.geometry.limits import ZIP_MAX_INFLATED_BYTES, ZIP_MAX_MEMBERS
from printlab.geometry.refusals import ModelRefused, Refusal

_BLOCK = 1 << 20
_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # all that the packages of 3MF may use
_AGAIN = "Export the part again, or send it as STL."
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    RuntimeError,
    ValueError,
    OverflowError,
    OSError,
)


class Package:
    """A zip, whose names are looked up as OPC does: without regard to case, from its root."""

    def __init__(self, path: Path) -> None:
        _check_entries(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except _BROKEN as error:
            raise _corrupt() from error
        self._members: dict[str, list[zipfile.ZipInfo]] = {}
        for info in self._zip.infolist():
            self._members.setdefault(_key(info.filename), []).append(info)
        self._inflated = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._members

    def names(self) -> list[str]:
        """Of all members, in lower case."""
        return list(self._members)

    def claimed_bytes(self, ending: str) -> int:
        """What the members whose names end so say they inflate to, all together."""
        found = (infos for name, infos in self._members.items() if name.endswith(ending))
        return sum(info.file_size for infos in found for info in infos)

    def read(self, name: str) -> bytearray:
        """The content of a member; raises ModelRefused where it is missing, damaged, locked, or all is too large."""
        found = self._members.get(_key(name))
        if found is None:
            raise ModelRefused(Refusal.MISSING_PART, f"A piece of the 3MF file is missing. {_AGAIN}")
        if len(found) > 1:
            raise ModelRefused(Refusal.ZIP_CORRUPT, f"The 3MF file holds two pieces of one name. {_AGAIN}")
        info = found[0]
        if info.flag_bits & _ENCRYPTED:
            raise ModelRefused(Refusal.ZIP_ENCRYPTED, "The 3MF file is locked with a password. Send it without one.")
        if info.compress_type not in _METHODS:
            raise _corrupt()
        try:
            return self._inflate(info)
        except _BROKEN as error:
            raise _corrupt() from error

    def _inflate(self, info: zipfile.ZipInfo) -> bytearray:
        content = bytearray()
        with self._zip.open(info) as file:
            while block := file.read(_BLOCK):
                self._inflated += len(block)
                if self._inflated > ZIP_MAX_INFLATED_BYTES:
                    raise ModelRefused(
                        Refusal.ZIP_TOO_LARGE,
                        "The 3MF file unpacks to more than 1 GB. Reduce the mesh in your program and export it again.",
                    )
                content += block
        return content


def _check_entries(path: Path) -> None:
    """Refuse too many members before one of them is looked at: each begins with the same four bytes."""
    entries = 0
    tail = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            whole = tail + block
            entries += whole.count(_ENTRY)
            tail = whole[1 - len(_ENTRY) :]
    if entries > ZIP_MAX_MEMBERS:
        raise ModelRefused(
            Refusal.ZIP_TOO_MANY_MEMBERS, f"The 3MF file holds more than {ZIP_MAX_MEMBERS} pieces. {_AGAIN}"
        )


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _corrupt() -> ModelRefused:
    return ModelRefused(Refusal.ZIP_CORRUPT, f"The 3MF file is damaged: it cannot be unpacked. {_AGAIN}")
