"""What can be chosen, at ``/admin/catalog``: printers, materials, colours, reasons to reject."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from components import design
from components.admin_nav import admin_nav, admin_style, page_title
from components.amounts import PER_GRAM, PER_MINUTE, rate_text
from components.buttons import secondary_button
from components.catalog_forms import (
    ColorForm,
    EntryForm,
    MaterialForm,
    PrinterForm,
    ReasonForm,
    density_text,
)
from components.catalog_table import CatalogTable, Column, States
from components.facts import swatch
from components.form_dialog import FormDialog
from components.profile_field import ProfileField
from pages import _frame as frame
from printlab.domain import words
from printlab.domain.policy import Actor
from printlab.domain.views import Catalog, ColorView, MaterialView, PrinterView, RejectReasonView
from printlab.errors import Conflict, InvalidFile, InvalidInput, NotFound
from printlab.offloop import off_loop
from printlab.services import Services
from printlab.services.merging import ChangedMeanwhile

Entry = TypeVar("Entry", PrinterView, MaterialView, ColorView, RejectReasonView)


def register(services: Services) -> None:
    """Define the route."""

    @ui.page("/admin/catalog", response_timeout=frame.PATIENCE_S)
    async def admin_catalog(request: Request) -> RedirectResponse | None:
        actor = await frame.admin_actor(services, request)
        if isinstance(actor, RedirectResponse):
            return actor
        catalog = await off_loop(services.catalog.view)
        with frame.staff_frame(services, actor, "Catalogue", "admin"):
            CatalogPage(services, actor, frame.browser_of(request)).create(catalog)
        return None


@dataclass(frozen=True, slots=True)
class Kind(Generic[Entry]):
    """One of the four tables: how its entries are read, named, asked about and saved."""

    title: str
    note: str
    form: type[EntryForm[Entry]]
    states: States
    columns: Sequence[Column[Entry]]
    name: Callable[[Entry], str]
    entries: Callable[[Catalog], Sequence[Entry]]
    save: Callable[[Entry, Actor, Entry | None], Catalog]


class CatalogPage:
    """One admin's view of the catalogue; it follows what others change."""

    def __init__(self, services: Services, actor: Actor, browser: str) -> None:
        self.services = services
        self.actor = actor
        self.browser = browser
        self.currency = services.settings.currency
        self._showing: list[Callable[[Catalog], None]] = []
        self._saving = False

    def create(self, catalog: Catalog) -> None:
        """Lay out the four tables."""
        admin_style()
        save = self.services.catalog
        with ui.element("div").classes("pla-page"):
            admin_nav("catalog")
            page_title("Catalogue", "What students and staff can choose. What is switched off stays in older jobs.")
            self._table(_printers(save.save_printer, self.currency))
            with ui.element("div").classes("pla-columns"):
                with ui.element("div").classes(design.GROUPS):
                    self._table(_materials(save.save_material))
                    self._table(_reasons(save.save_reason))
                self._table(_colors(save.save_color))
        self._show(catalog)
        frame.LAB_CHANGED.subscribe(self._changed)
        frame.EVERYTHING_CHANGED.subscribe(self._changed)

    def _table(self, kind: Kind[Entry]) -> None:
        async def edit(entry: Entry | None) -> None:
            await self._ask(kind, entry)

        async def switch(entry: Entry, active: bool) -> None:
            await self._switch(kind, entry, active=active)

        with _card(kind.title, kind.note) as head:
            table = CatalogTable(kind.columns, kind.states, name=kind.name, on_edit=edit, on_switch=switch)
        with head:
            secondary_button(f"Add {kind.form.noun}", lambda: edit(None), icon="add")
        self._showing.append(lambda catalog: table.show(kind.entries(catalog)))

    def _show(self, catalog: Catalog) -> None:
        for show in self._showing:
            show(catalog)

    async def _changed(self) -> None:
        if not self._saving:
            self._show(await off_loop(self.services.catalog.view))

    # ---------- changing ----------

    async def _ask(self, kind: Kind[Entry], entry: Entry | None) -> None:
        catalog = await off_loop(self.services.catalog.view)
        methods = tuple(dict.fromkeys(printer.method for printer in catalog.printers))
        form = kind.form(entry, methods, self.currency)
        self._add_profile(form)

        async def save() -> bool:
            return await self._save(kind, form, dialog)

        title = f"Edit {kind.name(entry)}" if entry else f"Add {form.noun}"
        kept_as = f"{form.noun} {entry.id if entry else 'new'}"
        dialog = FormDialog(title, "Save" if entry else f"Add {form.noun}", form.create, save, kept_as=kept_as)
        dialog.open()

    async def _save(self, kind: Kind[Entry], form: EntryForm[Entry], dialog: FormDialog) -> bool:
        entry = form.read()
        if entry is None:
            return False
        with frame.shown_to_user():
            try:
                await self._write(kind, entry, form.entry)
            except (InvalidInput, Conflict) as refusal:
                if not form.fields.mark(_field_of(refusal, form), str(refusal)):
                    dialog.tell(str(refusal))
                return False
            frame.say(f"{kind.name(entry)} is saved.")
            return True
        return False

    def _add_profile(self, form: object) -> None:
        if isinstance(form, PrinterForm) and form.entry is not None and self._may_have_profile(form.entry):
            form.create_profile = _ProfilePart(self, form.entry).create

    def _may_have_profile(self, printer: PrinterView) -> bool:
        """Without a slicer a profile does nothing, but one that is there can be removed."""
        return printer.profile is not None or (
            self.services.settings.prusa_slicer is not None and not printer.prints_like.is_resin
        )

    async def _switch(self, kind: Kind[Entry], entry: Entry, *, active: bool) -> None:
        with frame.shown_to_user():
            await self._write(kind, replace(entry, active=active), entry)
            word = kind.states.on if active else kind.states.off
            frame.say(f"{kind.name(entry)}: {word.lower()}.")

    async def _write(self, kind: Kind[Entry], entry: Entry, seen: Entry | None) -> None:
        """Save, and show the catalogue as it is then, also after a refusal."""
        self._saving = True
        try:
            await off_loop(kind.save, entry, self.actor, seen)
        finally:
            self._saving = False
            self._show(await off_loop(self.services.catalog.view))


class _ProfilePart:
    """The slicer's settings in a printer's dialog: they count as soon as they are chosen."""

    def __init__(self, page: CatalogPage, printer: PrinterView) -> None:
        self._page = page
        self._printer = printer

    def create(self) -> None:
        """Lay it out."""
        self._field = ProfileField(on_uploaded=self._uploaded, on_remove=self._remove)
        self._show(self._printer)

    def _show(self, printer: PrinterView) -> None:
        settings = self._page.services.settings
        when = printer.profile and words.when(printer.profile.uploaded_at, self._page.services.clock(), settings.zone)
        self._field.show(printer.profile, when or "")

    async def _uploaded(self, staged_id: str) -> None:
        services, page = self._page.services, self._page
        with frame.shown_to_user():
            try:
                catalog = await off_loop(
                    services.profiles.put_upload, self._printer.id, page.browser, staged_id, page.actor
                )
            except (InvalidFile, NotFound) as refusal:
                self._field.refuse(str(refusal))
                return
            self._tell(catalog, f"{self._printer.name} has its profile. Open jobs are estimated with it.")

    async def _remove(self) -> None:
        with frame.shown_to_user():
            catalog = await off_loop(self._page.services.profiles.remove, self._printer.id, self._page.actor)
            self._tell(catalog, f"The profile of {self._printer.name} is removed.")

    def _tell(self, catalog: Catalog, sentence: str) -> None:
        self._show(next(printer for printer in catalog.printers if printer.id == self._printer.id))
        frame.say(sentence)


def _field_of(refusal: InvalidInput | Conflict, form: EntryForm[Entry]) -> str | None:
    """Which field is to blame: a name that is taken is the first one; of two who changed the same, none."""
    if isinstance(refusal, InvalidInput):
        return refusal.field
    return None if isinstance(refusal, ChangedMeanwhile) else next(iter(form.fields))


@contextmanager
def _card(title: str, note: str) -> Generator[ui.element]:
    """A card with a head, which comes back for a button; the block fills what is below it."""
    with ui.element("section").classes(design.CARD):
        with ui.element("div").classes("pla-card-head") as head, ui.element("div").classes("pl-stack pl-tight"):
            ui.label(title).classes(design.CARD_TITLE).props("role=heading aria-level=2")
            ui.label(note).classes(f"{design.SMALL} {design.MUTED}")
        yield head


# ---------- the four tables ----------


def _printers(save: Callable[[PrinterView, Actor, PrinterView | None], Catalog], currency: str) -> Kind[PrinterView]:
    return Kind(
        title="Printers",
        note="A rate counts for jobs that are quoted from now on.",
        form=PrinterForm,
        states=States(),
        columns=(
            Column("Printer", lambda p: _name(p.name), plain=True),
            Column("Method", lambda p: ui.label(p.method)),
            Column("Build volume", lambda p: ui.label(p.build_volume)),
            Column("Per gram", lambda p: ui.label(rate_text(p.per_gram_micro, currency, PER_GRAM)), number=True),
            Column("Per minute", lambda p: ui.label(rate_text(p.per_minute_micro, currency, PER_MINUTE)), number=True),
        ),
        name=lambda p: p.name,
        entries=lambda catalog: catalog.printers,
        save=save,
    )


def _materials(save: Callable[[MaterialView, Actor, MaterialView | None], Catalog]) -> Kind[MaterialView]:
    return Kind(
        title="Materials",
        note="Each belongs to one print method.",
        form=MaterialForm,
        states=States(),
        columns=(
            Column("Material", lambda m: _name(m.name), plain=True),
            Column("Method", lambda m: ui.label(m.method)),
            Column("g/cm³", lambda m: ui.label(density_text(m.density_mg_cm3)), number=True),
        ),
        name=lambda m: m.name,
        entries=lambda catalog: _by_method(catalog, catalog.materials),
        save=save,
    )


def _colors(save: Callable[[ColorView, Actor, ColorView | None], Catalog]) -> Kind[ColorView]:
    return Kind(
        title="Colours",
        note="Switch off what is out of stock.",
        form=ColorForm,
        states=States("Stock", "In stock", "Out of stock"),
        columns=(
            Column("Colour", _color_name, plain=True),
            Column("Method", lambda c: ui.label(c.method)),
        ),
        name=lambda c: f"{c.name} ({c.method})",
        entries=lambda catalog: _by_method(catalog, catalog.colors),
        save=save,
    )


def _reasons(save: Callable[[RejectReasonView, Actor, RejectReasonView | None], Catalog]) -> Kind[RejectReasonView]:
    return Kind(
        title="Reasons to reject",
        note="Staff tick the words; the student reads the sentence.",
        form=ReasonForm,
        states=States(),
        columns=(
            Column("Reason", lambda r: _name(r.label), plain=True),
            Column("The student reads", lambda r: ui.label(r.sentence).classes(design.PROSE), plain=True),
        ),
        name=lambda r: r.label,
        entries=lambda catalog: catalog.reject_reasons,
        save=save,
    )


def _name(name: str) -> None:
    ui.label(name).classes("pla-name")


def _color_name(color: ColorView) -> None:
    with ui.element("span").classes("pla-with-sign"):
        swatch(color.hex)
        _name(color.name)


OfMethod = TypeVar("OfMethod", MaterialView, ColorView)


def _by_method(catalog: Catalog, entries: Sequence[OfMethod]) -> Sequence[OfMethod]:
    """In the printers' order of methods, and within one in the lab's."""
    methods = list(dict.fromkeys(printer.method for printer in catalog.printers))
    return sorted(entries, key=lambda e: methods.index(e.method) if e.method in methods else len(methods))
