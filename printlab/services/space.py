"""Watching the lab's disks: admins are told once when one fills up, before uploads are refused and when they are."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from printlab.db import Database, Unit, add_if_new
from printlab.domain import words
from printlab.domain.policy import ActorKind
from printlab.domain.space import DiskSpace, SpaceLevel
from printlab.files.space import Space
from printlab.live import Changed, Live, announce
from printlab.mail.kinds import MailKind
from printlab.models import DiskLevel, UserAccount
from printlab.services.outbox import Outbox, StaffMail
from printlab.settings import Settings

_log = structlog.get_logger(__name__)
LOCAL, SHARED = "the data folder", "the files of the jobs"
_SAYS = {
    SpaceLevel.WARNING: "The disk with {holds} is filling up: {free} of {whole} are free at {place}.",
    SpaceLevel.CRITICAL: (
        "The disk with {holds} is almost full: {free} of {whole} are free at {place}. "
        "No uploads are taken until space has been freed there."
    ),
}


class DiskWatch:
    """``look`` is called every minute in every process; whoever sees a disk cross a limit first tells the admins."""

    def __init__(
        self,
        database: Database,
        space: Space,
        outbox: Outbox,
        settings: Settings,
        live: Live,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._space = space
        self._outbox = outbox
        self._settings = settings
        self._live = live
        self._clock = clock
        self._problem: str | None = None

    def problem(self) -> str | None:
        """What admins read above their pages, as of the last look; None when all disks have room."""
        return self._problem

    def look(self) -> None:
        """Look at each disk, and tell of those that became fuller than a limit, or have room again."""
        disks = self._space.disks()
        levels = [(found, self._note(found)) for found in disks]
        worst = max(levels, key=lambda each: list(SpaceLevel).index(each[1]), default=None)
        self._problem = None if worst is None else sentence(*worst)

    def _note(self, found: DiskSpace) -> SpaceLevel:
        """The disk's level now, which wavers less than its free space; the change is told by one process only."""
        key = self._key(found)
        with self._database.read() as session:
            row = session.get(DiskLevel, key)
        before = SpaceLevel.GOOD if row is None else row.level
        level = self._space.limits.level(found.free, found.whole, before)
        if level is not before:
            with self._database.write() as unit:
                if self._changed(unit.session, key, before, level):
                    self._tell(unit, found, before, level)
        return level

    def _changed(self, session: Session, key: str, before: SpaceLevel, level: SpaceLevel) -> bool:
        """Whether this process is the one that changes it."""
        values = {"place": key, "level": level, "since": self._clock()}
        if before is SpaceLevel.GOOD and add_if_new(session, DiskLevel, values):
            return True
        claim = sa.update(DiskLevel).where(col(DiskLevel.place) == key, col(DiskLevel.level) == before)
        return session.exec(claim.values(level=level, since=self._clock())).rowcount == 1

    def _tell(self, unit: Unit, found: DiskSpace, before: SpaceLevel, level: SpaceLevel) -> None:
        _log.warning("disk.level", place=found.place, free=found.free, before=before.value, level=level.value)
        announce(unit, self._live, Changed())
        if list(SpaceLevel).index(level) < list(SpaceLevel).index(before):
            return
        now = self._clock()
        facts = {
            "level": level.value,
            "holds": found.holds,
            "place": found.place,
            "free": words.size(found.free),
            "whole": words.size(found.whole),
        }
        admins = select(UserAccount).where(UserAccount.role == ActorKind.ADMIN.value, col(UserAccount.active))
        for admin in unit.session.exec(admins.order_by(col(UserAccount.id))):
            key = f"disk:{self._key(found)}:{now.isoformat()}:{admin.id}"
            mail = StaffMail(MailKind.DISK, admin.email, admin.name, key, now, "/admin/health", facts)
            self._outbox.tell_staff(unit, mail)

    def _key(self, found: DiskSpace) -> str:
        """The share is the same for all; a data folder is another one on each machine."""
        return found.place if found.holds == SHARED else f"{socket.gethostname()}:{found.place}"


def sentence(found: DiskSpace, level: SpaceLevel) -> str | None:
    """How full the disk is and what follows from it; None when there is room."""
    says = _SAYS.get(level)
    if says is None:
        return None
    free, whole = words.size(found.free), words.size(found.whole)
    return says.format(holds=found.holds, place=found.place, free=free, whole=whole)
