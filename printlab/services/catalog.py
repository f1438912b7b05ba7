"""What can be chosen, and what an admin changes of it. Read often, so kept in memory until it changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from printlab.db import Database
from printlab.domain.policy import Action, Actor
from printlab.domain.views import Catalog, ColorView, MaterialView, PrinterView, ProfileView, RejectReasonView
from printlab.errors import Conflict, InvalidInput, NotFound
from printlab.live import Changed, Live, announce
from printlab.models import Color, Material, Printer, PrinterProfile, RejectReason
from printlab.prusa.profile import read_profile
from printlab.services import fields
from printlab.services.cached import Cached
from printlab.services.history import new_event
from printlab.services.identity import authorise
from printlab.services.merging import own_changes

_Row = TypeVar("_Row", Printer, Material, Color, RejectReason)
_Seen = PrinterView | MaterialView | ColorView | RejectReasonView
_HEX = re.compile(r"^#[0-9A-Fa-f]{6}$")
_MAX_BUILD_MM, _MAX_RATE_MICRO, _MAX_DENSITY = 10_000, 1_000_000_000, 30_000


class CatalogService:
    """Printers, materials, colours and reject reasons.

    Saving adds an entry (id 0) or changes one. ``seen`` is the entry as the admin opened it: only what differs from it
    is written; raises ChangedMeanwhile when somebody else changed the same. Without ``seen``, all is written.
    """

    def __init__(self, database: Database, live: Live, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._live = live
        self._clock = clock
        self._cached = Cached(database, live, _read)

    def view(self) -> Catalog:
        """All that can be chosen, in the lab's order."""
        return self._cached.value()

    def save_printer(self, printer: PrinterView, actor: Actor, seen: PrinterView | None = None) -> Catalog:
        """Add (id 0) or change a printer. Jobs that were quoted keep their rates."""
        name, method = _named(printer.name), _named(printer.method, "method")
        if not all(0 < side <= _MAX_BUILD_MM for side in (printer.build_x_mm, printer.build_y_mm, printer.build_z_mm)):
            raise InvalidInput("Enter the build volume in mm: each side more than 0, at most 10,000.", "build_x_mm")
        if not all(0 <= rate <= _MAX_RATE_MICRO for rate in (printer.per_gram_micro, printer.per_minute_micro)):
            raise InvalidInput("Enter rates between 0 and 1,000.", "per_gram_micro")
        values = {
            "name": name,
            "method": method,
            "build_x_mm": printer.build_x_mm,
            "build_y_mm": printer.build_y_mm,
            "build_z_mm": printer.build_z_mm,
            "per_gram_micro": printer.per_gram_micro,
            "per_minute_micro": printer.per_minute_micro,
            "active": printer.active,
            "prints_like": printer.prints_like,
        }
        return self._save(Printer, printer.id, values, actor, seen)

    def save_material(self, material: MaterialView, actor: Actor, seen: MaterialView | None = None) -> Catalog:
        """Add (id 0) or change a material."""
        if not 0 < material.density_mg_cm3 <= _MAX_DENSITY:
            raise InvalidInput("Enter the density in g/cm³: more than 0, at most 30.", "density_mg_cm3")
        values = {
            "name": _named(material.name),
            "method": _named(material.method, "method"),
            "density_mg_cm3": material.density_mg_cm3,
            "active": material.active,
        }
        return self._save(Material, material.id, values, actor, seen)

    def save_color(self, color: ColorView, actor: Actor, seen: ColorView | None = None) -> Catalog:
        """Add (id 0) or change a colour; inactive means out of stock."""
        if not _HEX.fullmatch(color.hex):
            raise InvalidInput("Choose a colour such as #1F5FBF.", "hex")
        values = {
            "name": _named(color.name),
            "method": _named(color.method, "method"),
            "hex": color.hex.upper(),
            "active": color.active,
        }
        return self._save(Color, color.id, values, actor, seen)

    def save_reason(self, reason: RejectReasonView, actor: Actor, seen: RejectReasonView | None = None) -> Catalog:
        """Add (id 0) or change a reason to reject."""
        sentence = fields.text(reason.sentence, "sentence")
        if sentence is None:
            raise InvalidInput("Enter the sentence that the student reads.", "sentence")
        values = {"label": _named(reason.label, "label"), "sentence": sentence, "active": reason.active}
        return self._save(RejectReason, reason.id, values, actor, seen)

    def _save(
        self, table: type[_Row], row_id: int, values: dict[str, Any], actor: Actor, seen: _Seen | None
    ) -> Catalog:
        try:
            with self._database.write() as unit:
                authorise(unit.session, actor, Action.MANAGE_LAB, self._clock())
                _refuse_same_name(unit.session, table, row_id, values)
                changes = (
                    _add(unit.session, table, values)
                    if row_id == 0
                    else _change(unit.session, table, row_id, values, seen)
                )
                event = new_event(actor, f"{table.__name__.lower()} saved", self._clock())
                event.changes = changes
                unit.session.add(event)
                announce(unit, self._live, Changed())
        except IntegrityError:
            raise _same_name(values) from None
        return self.view()


def _add(session: Session, table: type[_Row], values: dict[str, Any]) -> dict[str, Any]:
    """A new entry at the end of its list; returns what the history says of it."""
    last = session.exec(select(func.max(col(table.position)))).one()
    session.add(table(**values, position=(last or 0) + 1))
    session.flush()
    return {name: [None, value] for name, value in values.items()}


def _change(
    session: Session, table: type[_Row], row_id: int, values: dict[str, Any], seen: _Seen | None
) -> dict[str, Any]:
    """Write what the admin changed; returns what the history says of it."""
    row = _existing(session, table, row_id)
    old = {name: getattr(row, name) for name in values}
    own = own_changes(values, asdict(seen) if seen else old, old)
    row.sqlmodel_update(own)
    session.flush()
    return {name: [old[name], value] for name, value in own.items()}


def _refuse_same_name(session: Session, table: type[_Row], row_id: int, values: dict[str, Any]) -> None:
    """Names are looked up whatever their case, so two that differ only in case would be one."""
    others = select(table).where(col(table.id) != row_id)
    if issubclass(table, Material | Color):
        others = others.where(table.method == values["method"])
    names = (row.label if isinstance(row, RejectReason) else row.name for row in session.exec(others))
    if _label(values).casefold() in (name.casefold() for name in names):  # SQLite's lower() knows ASCII letters only
        raise _same_name(values)


def _same_name(values: dict[str, Any]) -> Conflict:
    return Conflict(f"There is “{_label(values)}” already. Choose another name.")


def _label(values: dict[str, Any]) -> str:
    return str(values.get("name") or values.get("label"))


def _existing(session: Session, table: type[_Row], row_id: int) -> _Row:
    row = session.exec(select(table).where(col(table.id) == row_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("This entry is no longer there. Reload the page.")
    return row


def _named(name: str, field: str = "name") -> str:
    cleaned = fields.line(name, field, 60)
    if cleaned is None:
        raise InvalidInput("Enter a name.", field)
    return cleaned


def _read(session: Session) -> Catalog:
    def rows(table: type[_Row]) -> list[_Row]:
        return list(session.exec(select(table).order_by(col(table.position), col(table.id))))

    profiles = {row.printer_id: row for row in session.exec(select(PrinterProfile))}
    return Catalog(
        printers=tuple(_printer(row, profiles.get(row.id or 0)) for row in rows(Printer)),
        materials=tuple(
            MaterialView(row.id or 0, row.name, row.method, row.density_mg_cm3, row.active) for row in rows(Material)
        ),
        colors=tuple(ColorView(row.id or 0, row.name, row.method, row.hex, row.active) for row in rows(Color)),
        reject_reasons=tuple(
            RejectReasonView(row.id or 0, row.label, row.sentence, row.active) for row in rows(RejectReason)
        ),
    )


def _printer(row: Printer, profile: PrinterProfile | None) -> PrinterView:
    return PrinterView(
        id=row.id or 0,
        name=row.name,
        method=row.method,
        build_x_mm=row.build_x_mm,
        build_y_mm=row.build_y_mm,
        build_z_mm=row.build_z_mm,
        per_gram_micro=row.per_gram_micro,
        per_minute_micro=row.per_minute_micro,
        active=row.active,
        prints_like=row.prints_like,
        profile=None if profile is None else _profile(profile),
    )


def _profile(row: PrinterProfile) -> ProfileView:
    read = read_profile(row.settings.encode())
    return ProfileView(row.name, row.sha256, read.layer_height_mm, read.nozzle_mm, row.uploaded_by, row.uploaded_at)
