"""What somebody who may write to the share can put where a file belongs, and a watch over what must stay as it is."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PRECIOUS = b"a file outside the storage root"
KINDS = ("link", "dangling link", "pipe", "folder")


def plant(kind: str, path: Path, outside: Path) -> None:
    """Put it at ``path``; links lead to ``outside``, which holds ``PRECIOUS`` unless the link dangles."""
    outside.parent.mkdir(parents=True, exist_ok=True)
    outside.write_bytes(PRECIOUS)
    if kind == "link":
        path.symlink_to(outside)
    elif kind == "dangling link":
        path.symlink_to(outside.with_name("nothing"))
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()


def untouched(outside: Path) -> bool:
    """Whether nothing was written or made outside the root."""
    return outside.read_bytes() == PRECIOUS and sorted(path.name for path in outside.parent.iterdir()) == [outside.name]


def not_hanging(act: Callable[[], Any], seconds: float = 20) -> Any:  # noqa: ANN401  (whatever the act gives)
    """What ``act`` gives or raises; a test must fail, not stand, when it waits for the other end of a pipe."""
    result: list[Any] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            result.append(act())
        except BaseException as error:  # noqa: BLE001  (raised again below)
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), "it waits for ever"
    if failure:
        raise failure[0]
    return result[0]


def made_by_another_account(link: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may give it away; another account becomes another one itself."""
    if os.geteuid() == 0:
        os.chown(link, 4711, 4711, follow_symlinks=False)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: link.lstat().st_uid + 1)
