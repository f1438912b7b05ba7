"""How much room is left on the lab's disks, and whether more can be taken in."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from printlab.domain.space import DiskSpace, SpaceLimits
from printlab.files import disk

NO_LIMITS = SpaceLimits(0, 0, 0, 0)


class Space:
    """The disks of ``folders``, each named by what it holds; two that lie on one disk are looked at once."""

    def __init__(self, limits: SpaceLimits, folders: Mapping[str, Path]) -> None:
        self.limits = limits
        self._folders = folders

    def disks(self) -> tuple[DiskSpace, ...]:
        """Each disk that answers now."""
        found: dict[int, DiskSpace] = {}
        for holds, folder in self._folders.items():
            with contextlib.suppress(OSError):
                device = folder.stat().st_dev
                free, whole = disk.free_and_whole_bytes(folder)
                level = self.limits.level(free, whole)
                found.setdefault(device, DiskSpace(holds, str(folder), free, whole, level))
        return tuple(found.values())

    def takes(self, coming: int) -> bool:
        """Whether so many more bytes may be taken in: on every disk that answers, what has to stay free stays so."""
        for folder in self._folders.values():
            with contextlib.suppress(OSError):
                free, whole = disk.free_and_whole_bytes(folder)
                if free - coming < max(self.limits.critical_bytes(whole), disk.LEAST_FREE_MB * disk.MB):
                    return False
        return True
