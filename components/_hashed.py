"""Scripts of our own under addresses that change with their content, since browsers keep them for good.

The framework makes the address of the file's path and time. Files that an installation unpacks may all have one time,
and then browsers would keep the script of the last release.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from nicegui import dependencies

_LETTERS = 32


def install() -> None:
    """Call once, before the first component is defined."""
    dependencies.compute_key = compute_key


@cache
def compute_key(path: Path, *, max_time: float | None) -> str:  # noqa: ARG001  (the framework's own signature)
    """The last part of the address of a script, or of the folder of a module."""
    if path.is_file():
        return f"{_hash(path.read_bytes())}/{path.name}"
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return _hash(b"".join(str(file.relative_to(path)).encode() + b"\0" + file.read_bytes() for file in files))


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()[:_LETTERS]
