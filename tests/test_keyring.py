"""The installation's secrets."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

from printlab.keyring import Keyring, new_token, open_keyring


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    first = open_keyring(tmp_path / "data")
    path = tmp_path / "data" / "secrets.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_keyring(tmp_path / "data") == first
    assert [entry.name for entry in (tmp_path / "data").iterdir()] == ["secrets.json"]


def test_every_installation_has_its_own(tmp_path: Path) -> None:
    assert open_keyring(tmp_path / "a") != open_keyring(tmp_path / "b")


def test_two_starts_at_once_have_the_same(tmp_path: Path) -> None:
    start, opened = threading.Barrier(8), []

    def run() -> None:
        start.wait()
        opened.append(open_keyring(tmp_path))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 8
    assert len({keys.tracking for keys in opened}) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["secrets.json"]


def test_a_tracking_token_is_of_one_job_and_one_generation() -> None:
    keys, others = Keyring(b"secret"), Keyring(b"another")
    token = keys.track_token(42, 1)
    assert keys.job_of(token) == (42, 1)
    assert others.job_of(token) is None
    signature = token.split("-", 2)[2]
    for forged in (
        f"43-1-{signature}",
        f"42-2-{signature}",
        token + "x",
        token[:-1],
        "",
        f"٤٢-1-{signature}",
        f"042-1-{signature}",
    ):
        assert keys.job_of(forged) is None


def test_tokens_do_not_repeat() -> None:
    assert len({new_token() for _ in range(1000)}) == 1000
