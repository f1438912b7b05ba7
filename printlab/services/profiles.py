"""The slicer's settings of each printer, as an admin uploads them for the automatic estimate."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from printlab.db import Database, Unit
from printlab.domain.limits import MAX_PROFILE_MB
from printlab.domain.policy import Action, Actor, require
from printlab.domain.views import Catalog, StagedFile
from printlab.errors import InvalidFile, NotFound
from printlab.files.staging import Staging
from printlab.live import Changed, Live, announce
from printlab.models import Printer, PrinterProfile
from printlab.prusa.profile import read_upload
from printlab.services import fields
from printlab.services.catalog import CatalogService
from printlab.services.estimates import Estimates
from printlab.services.history import new_event
from printlab.services.identity import authorise

EXTENSION = ".ini"
_LONGEST_NAME = 120


class Profiles:
    """Puts a profile to a printer, and takes it away."""

    def __init__(
        self,
        database: Database,
        staging: Staging,
        catalog: CatalogService,
        estimates: Estimates,
        live: Live,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._staging = staging
        self._catalog = catalog
        self._estimates = estimates
        self._live = live
        self._clock = clock

    async def receive(
        self, browser: str, filename: str, chunks: AsyncIterator[bytes], actor: Actor, announced_bytes: int = 0
    ) -> StagedFile:
        """Stage an admin's file while it arrives; 0 announced bytes are unknown.

        Raises NotAllowed, InvalidFile, FileTooLarge, StorageProblem.
        """
        require(actor, Action.MANAGE_LAB)
        return await self._staging.receive(browser, filename, chunks, (EXTENSION,), MAX_PROFILE_MB, announced_bytes)

    def put_upload(self, printer_id: int, browser: str, staged_id: str, actor: Actor) -> Catalog:
        """``put`` with an upload of this browser, which is not kept. Raises NotFound too when that is gone."""
        staged, path = self._staging.get(browser, staged_id)
        try:
            return self.put(printer_id, staged.original_name, path.read_bytes(), actor)
        finally:
            self._staging.discard(browser, staged_id)

    def put(self, printer_id: int, name: str, content: bytes, actor: Actor) -> Catalog:
        """Keep what an exported configuration says, in place of an earlier one; open jobs are estimated with it.

        Raises InvalidFile with what to do when it is none, or when the printer cures resin, NotAllowed, NotFound.
        """
        settings = read_upload(content).text()
        sha256 = hashlib.sha256(settings.encode()).hexdigest()
        called = fields.line(name, "profile", _LONGEST_NAME) or "profile.ini"

        def put(unit: Unit, printer: Printer, old: PrinterProfile | None) -> str:
            if printer.prints_like.is_resin:
                raise InvalidFile(f"{printer.name} cures resin; PrusaSlicer’s profiles here are for filament.")
            facts = PrinterProfile(
                printer_id=printer_id,
                name=called,
                settings=settings,
                sha256=sha256,
                uploaded_by=actor.name,
                uploaded_at=self._clock(),
            )
            unit.session.merge(facts) if old else unit.session.add(facts)
            return called

        return self._change(printer_id, actor, put)

    def remove(self, printer_id: int, actor: Actor) -> Catalog:
        """Estimate this printer's jobs from their measures again. Raises NotAllowed, NotFound."""

        def remove(unit: Unit, _printer: Printer, old: PrinterProfile | None) -> None:
            if old is not None:
                unit.session.delete(old)

        return self._change(printer_id, actor, remove)

    def _change(
        self, printer_id: int, actor: Actor, change: Callable[[Unit, Printer, PrinterProfile | None], str | None]
    ) -> Catalog:
        with self._database.write() as unit:
            authorise(unit.session, actor, Action.MANAGE_LAB, self._clock())
            printer = unit.session.get(Printer, printer_id, with_for_update=True)
            if printer is None:
                raise NotFound("This printer is no longer there. Reload the page.")
            old = unit.session.get(PrinterProfile, printer_id)
            before = old.name if old else None
            event = new_event(actor, "printer saved", self._clock())
            event.changes = {"name": [printer.name, printer.name], "profile": [before, change(unit, printer, old)]}
            unit.session.add(event)
            announce(unit, self._live, Changed())
            unit.after_commit(self._estimates.want_missing)  # behind the announcement: by then the catalogue is new
        return self._catalog.view()
