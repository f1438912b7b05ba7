"""A lab that several processes work in, and the record of what they were told had happened."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from printlab.services import Services, build_services
from printlab.settings import load_settings


@dataclass(frozen=True, slots=True)
class Lab:
    """Where it lies; can be handed to another process."""

    data_dir: Path
    database_url: str

    def open(self) -> Services:
        """Services as a server that has just started."""
        settings = load_settings(_env_file=None, data_dir=self.data_dir, database_url=self.database_url)
        services = build_services(settings)
        services.filing.prepare()
        return services

    def prepared(self) -> Lab:
        """The lab with its folders made."""
        self.open().close()
        return self

    @property
    def root(self) -> Path:
        """The storage root."""
        return self.data_dir / "storage"

    @property
    def ledger(self) -> Ledger:
        """The record."""
        return Ledger(self.data_dir / "ledger.jsonl")


class Ledger:
    """Lines that are there as soon as they are written, whatever happens to the writer then."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)

    def write(self, what: str, **facts: Any) -> None:
        """Add a line in one write."""
        os.write(self._descriptor, json.dumps({"what": what, **facts}).encode() + b"\n")

    def of(self, *kinds: str) -> Iterator[dict[str, Any]]:
        """All lines of these kinds."""
        for line in self._path.read_text().splitlines():
            entry = json.loads(line)
            if entry["what"] in kinds:
                yield entry

    def moves(self) -> Counter[tuple[int, str]]:
        """How often which job was moved by which verb, as its movers were told."""
        return Counter((entry["job"], entry["verb"]) for entry in self.of("moved"))

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)


def sha256(content: bytes) -> str:
    """The hash that revisions are known by."""
    return hashlib.sha256(content).hexdigest()
