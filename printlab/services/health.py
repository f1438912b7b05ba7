"""Whether the app can work, asked by monitors and shown to admins."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, func, select

from printlab.db import Database
from printlab.domain import words
from printlab.domain.views import Health
from printlab.errors import StorageProblem
from printlab.files import disk, layout
from printlab.files.space import Space
from printlab.migrate import is_current
from printlab.models import OutboxMail
from printlab.models.mail import is_open
from printlab.services.space import sentence
from printlab.services.thumbnails import Thumbnails
from printlab.settings import Settings

_TRIES_OF_LITTLE_HOPE = 3  # one that was refused for now, or met a restart, is through by then


class HealthService:
    """Each check gives None when all is well, or a sentence."""

    def __init__(self, database: Database, thumbnails: Thumbnails, space: Space, settings: Settings) -> None:
        self._database = database
        self._thumbnails = thumbnails
        self._space = space
        self._settings = settings

    def ready(self) -> Health:
        """Database, migrations, storage and free disk; thumbnails as a limitation, once it is known."""
        return Health(
            {
                "database": self._check_database(),
                "migrations": self._check_migrations(),
                "storage": self._check_storage(),
                "disk": self._check_disk(),
            },
            self._thumbnails.known() | self._fullness() | self._check_mail(),
        )

    def _check_mail(self) -> dict[str, str | None]:
        """A mail server that takes nothing stops nobody; students wait for what they should be told."""
        if self._settings.smtp_url is None:
            return {}
        tried = select(func.count()).where(is_open(OutboxMail), col(OutboxMail.attempts) >= _TRIES_OF_LITTLE_HOPE)
        with suppress(SQLAlchemyError, StorageProblem), self._database.read() as session:
            count = session.exec(tried).one()
            waits = "1 mail waits" if count == 1 else f"{count:,} mails wait"
            return {"mail": f"{waits} for the mail server. Its own words are under Mail." if count else None}
        return {}

    def _fullness(self) -> dict[str, str | None]:
        """A disk that is filling up stops nobody but who uploads."""
        said = [text for found in self._space.disks() if (text := sentence(found, found.level))]
        return {"space": " ".join(said)} if said else {}

    def figures(self) -> dict[str, str]:
        """What admins are told of each check beside whether it is good; without what cannot be read now."""
        figures = {"storage": str(self._settings.storage), "disk": self._room()}
        with suppress(SQLAlchemyError):
            figures["database"] = f"{self._database.product}, {words.size(self._database.size_bytes())}"
        return {name: figure for name, figure in figures.items() if figure}

    def _room(self) -> str:
        """Of each disk once: data folder and storage may lie on the same."""
        disks = self._space.disks()
        return "; ".join(
            f"{words.size(found.free)} of {words.size(found.whole)} free at {found.place}" for found in disks
        )

    def _check_database(self) -> str | None:
        try:
            with self._database.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
        except SQLAlchemyError:
            return "The database does not answer."
        return None

    def _check_migrations(self) -> str | None:
        try:
            with self._database.connect() as connection:
                current = is_current(connection)
        except SQLAlchemyError:
            return "The database does not answer."
        return None if current else "The database needs “printlab migrate”."

    def _check_storage(self) -> str | None:
        try:
            layout.check(self._settings.storage)
            entrance = self._settings.storage / layout.ARCHIVE / layout.INCOMING
            layout.check_folder(entrance)
            with tempfile.NamedTemporaryFile(dir=entrance):
                return None
        except StorageProblem as problem:
            return str(problem)
        except OSError:
            return f"The storage folder {self._settings.storage} cannot be written to."

    def _check_disk(self) -> str | None:
        for folder in (self._settings.data_dir, self._settings.storage):
            if problem := _too_full(folder):
                return problem
        return None


def _too_full(folder: Path) -> str | None:
    try:
        free_mb = disk.free_bytes(folder) // disk.MB
    except OSError:
        return f"{folder} is not there."
    return f"Only {free_mb} MB are free at {folder}." if free_mb < disk.LEAST_FREE_MB else None
