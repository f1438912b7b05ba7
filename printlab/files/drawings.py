"""Pictures and viewer models of model files, by the hash of what they show. All of it can be made again."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from printlab.files import disk, layout

_IDLE_S = 3600
"""No drawing takes that long: what lies longer without a name was left by a process that was killed."""
_NAME = re.compile(r"[0-9a-f]{64}-v[0-9]{1,6}\.(webp|glb|path)")


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Where drawings are written before they get their names."""

    model: Path
    thumbnail: Path
    tool_path: Path


@dataclass(frozen=True, slots=True)
class Finished:
    """Which drawings of a content there are now."""

    has_model: bool
    has_thumbnail: bool
    has_tool_path: bool


class Drawings:
    """``<folder>/<sha256>-v<version>.webp``, ``.glb`` and ``.path``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        disk.private_folder(folder)

    @staticmethod
    def thumbnail(sha256: str, version: int) -> str:
        """The name of a picture."""
        return f"{sha256}-v{version}.webp"

    @staticmethod
    def model(sha256: str, version: int) -> str:
        """The name of a model for the viewer."""
        return f"{sha256}-v{version}.glb"

    @staticmethod
    def tool_path(sha256: str, version: int) -> str:
        """The name of a tool path for the viewer."""
        return f"{sha256}-v{version}.path"

    def find(self, name: str) -> Path | None:
        """Where a drawing lies; None when there is none of that name."""
        if not _NAME.fullmatch(name):
            return None
        path = self._folder / name
        return path if disk.is_regular(path) else None

    def begin(self) -> Unfinished:
        """Names nobody has, for the sandbox to write to."""
        stem = secrets.token_hex(8)
        return Unfinished(*(self._folder / f".{stem}{extension}" for extension in (".glb", ".webp", ".path")))

    def finish(self, unfinished: Unfinished, sha256: str, version: int) -> Finished:
        """Give what was written its name; return what there is."""
        return Finished(
            has_model=self._keep(unfinished.model, self.model(sha256, version)),
            has_thumbnail=self._keep(unfinished.thumbnail, self.thumbnail(sha256, version)),
            has_tool_path=self._keep(unfinished.tool_path, self.tool_path(sha256, version)),
        )

    def drop(self, unfinished: Unfinished) -> None:
        """Remove what got no name."""
        for path in (unfinished.model, unfinished.thumbnail, unfinished.tool_path):
            disk.discard(path)
            disk.discard(path.with_name(f"{path.name}.part"))

    def share(self, sha256: str, version: int, root: Path, job_id: int) -> None:
        """Copy a picture to where people who browse the storage root find it, by the number of the job.

        Raises StorageProblem, OSError.
        """
        picture = self.find(self.thumbnail(sha256, version))
        if picture is None:
            return
        path = root / layout.thumbnail(job_id)
        layout.make_folder(path.parent, may_be_link=True)
        part = path.with_name(f".{secrets.token_hex(8)}.webp")  # two processes may share the same picture at once
        try:
            with disk.create(part) as file:
                file.write(picture.read_bytes())
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            disk.discard(part)

    def sweep(self, root: Path) -> int:
        """Remove what was begun and never finished, here and under the storage root; return how many files."""
        before = time.time() - _IDLE_S
        begun = [*self._folder.glob(".*"), *(root / layout.THUMBNAILS).glob(".*.webp")]
        left = [path for path in begun if disk.is_regular(path) and path.lstat().st_mtime < before]
        for path in left:
            disk.discard(path)
        return len(left)

    def names(self) -> set[str]:
        """The names of all drawings."""
        return {path.name for path in self._folder.iterdir() if _NAME.fullmatch(path.name)}

    def remove(self, name: str) -> None:
        """Remove a drawing, if it is there."""
        disk.discard(self._folder / name)

    def remove_shared(self, root: Path, job_id: int) -> None:
        """Remove the picture that people who browse the storage root find, if it is there."""
        disk.discard(root / layout.thumbnail(job_id))

    def _keep(self, path: Path, name: str) -> bool:
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size:
                path.replace(self._folder / name)
                return True
        return False
