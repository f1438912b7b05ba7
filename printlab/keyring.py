"""The installation's own secrets: made on first start, kept in the data folder, readable by its owner only."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

_TRACK = re.compile(r"([1-9][0-9]{0,9})-([1-9][0-9]{0,5})-([A-Za-z0-9_-]{24})")
_BROWSER_BYTES = 18
_SIGNATURE_LENGTH = 24  # base64 characters: 144 bits


@dataclass(frozen=True, slots=True)
class Keyring:
    """``tracking`` signs the students' private links, the addresses of drawings and the ids of browsers."""

    tracking: bytes

    def track_token(self, job_id: int, generation: int) -> str:
        """The reusable token of a job's private link; raising the generation revokes it."""
        return f"{job_id}-{generation}-{self._track_signature(job_id, generation)}"

    def job_of(self, token: str) -> tuple[int, int] | None:
        """The job id and generation of a genuine token, or None."""
        match = _TRACK.fullmatch(token)
        if match is None:
            return None
        job_id, generation = int(match[1]), int(match[2])
        genuine = hmac.compare_digest(match[3], self._track_signature(job_id, generation))
        return (job_id, generation) if genuine else None

    def drawing_signature(self, name: str) -> str:
        """What makes the address of a drawing known only to those whose page showed it."""
        return self._signature(f"drawing:{name}")

    def is_drawing(self, name: str, signature: str) -> bool:
        """Whether this installation gave out the address of the drawing ``name``."""
        return hmac.compare_digest(signature, self.drawing_signature(name))

    def new_browser(self) -> str:
        """An opaque id for a browser, which says itself that this installation gave it out."""
        name = secrets.token_urlsafe(_BROWSER_BYTES)
        return name + self._signature(f"browser:{name}")

    def is_browser(self, browser: str) -> bool:
        """Whether this installation gave the id to some browser."""
        name, signature = browser[:-_SIGNATURE_LENGTH], browser[-_SIGNATURE_LENGTH:]
        return hmac.compare_digest(signature.encode(), self._signature(f"browser:{name}").encode())

    def _track_signature(self, job_id: int, generation: int) -> str:
        return self._signature(f"track:{job_id}:{generation}")

    def _signature(self, signed: str) -> str:
        digest = hmac.digest(self.tracking, signed.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode()[:_SIGNATURE_LENGTH]


def open_keyring(data_dir: Path) -> Keyring:
    """Read the secrets of ``data_dir``, or make them there with mode 600."""
    path = data_dir / "secrets.json"
    data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _create(path)
    stored = json.loads(path.read_text())
    return Keyring(bytes.fromhex(stored["tracking"]))


def _create(path: Path) -> None:
    """Write a complete file under another name first: two starts at once end with the same secrets."""
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    content = json.dumps({"tracking": secrets.token_hex(32)})
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(part)
    except FileExistsError:
        pass
    finally:
        part.unlink()


def new_token() -> str:
    """An opaque 256-bit value."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of an opaque value: its SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()
