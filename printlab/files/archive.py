"""The archive: every revision's bytes, for good. Bytes come in first; only then does a revision exist."""

from __future__ import annotations

import contextlib
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from printlab.files import disk, layout

_LEFTOVER_S = 3600


@dataclass(frozen=True, slots=True)
class Incoming:
    """Bytes that lie in the archive's entrance: copied, fsynced and read back."""

    path: Path
    bytes: int
    sha256: str


class Archive:
    """``<root>/archive/<job id>/r<number><ext>``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, job_id: int, number: int, extension: str) -> Path:
        """Where a revision's bytes lie."""
        return self.root / layout.archived(job_id, number, extension)

    def take_in(self, source: Path) -> Incoming:
        """Copy ``source`` into the archive's entrance; the source stays. Raises StorageProblem, OSError."""
        layout.check(self.root)
        entrance = self.root / layout.ARCHIVE / layout.INCOMING
        entrance.mkdir(parents=True, exist_ok=True)
        path = entrance / f"{uuid.uuid4().hex}.part"
        size, sha256 = disk.copy(source, path)
        return Incoming(path, size, sha256)

    def keep(self, incoming: Incoming, job_id: int, number: int, extension: str) -> None:
        """Give the bytes their place. Called inside the transaction that makes the revision's row.

        A file of this number that lies there already, whatever its extension, belongs to a transaction that never
        committed: the database has just given out the number, so nothing refers to it, and its source was kept.
        """
        target = self.path(job_id, number, extension)
        target.parent.mkdir(parents=True, exist_ok=True)
        for left in target.parent.glob(f"r{number}.*"):
            left.unlink()
        incoming.path.replace(target)
        disk.sync_folder(target.parent)
        disk.sync_folder(target.parent.parent)
        disk.reached("after_archive")

    def drop(self, incoming: Incoming) -> None:
        """Forget bytes that became no revision."""
        incoming.path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what a crash left in the entrance more than an hour ago."""
        entrance = self.root / layout.ARCHIVE / layout.INCOMING
        for path in entrance.glob("*.part"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _LEFTOVER_S:
                    path.unlink()
