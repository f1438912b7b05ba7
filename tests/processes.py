"""Processes of this machine, as Linux tells them."""

from __future__ import annotations

from pathlib import Path


def descendants(pid: int) -> list[int]:
    """All that it started, and what those started."""
    children = [
        int(found)
        for task in Path(f"/proc/{pid}/task").glob("*/children")
        for found in task.read_text(encoding="ascii").split()
    ]
    return children + [further for child in children for further in descendants(child)]


def is_alive(pid: int) -> bool:
    """Whether it runs, or could."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
