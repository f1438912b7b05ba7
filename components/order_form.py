"""The student's order: how to print it, who they are, and their consent. The file stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from nicegui import ui

from components import amounts, design
from components.buttons import quiet_button
from components.choice import Choice, Option
from components.consent import Consent
from components.strengths import STRENGTHS
from printlab.domain.commands import SubmitJob
from printlab.domain.views import Catalog, JobView, LabView, PrinterView, Strength

Values = dict[str, Any]
Check = Callable[[Any], str | None]
"""What is wrong with a field's value, as a sentence; None when nothing is."""

_MISSING = {
    "method": "Choose how it is printed.",
    "printer": "Choose a printer.",
    "material": "Choose a material.",
    "color": "Choose a colour.",
    "name": "Enter your first and last name.",
    "email": "Enter an e-mail address.",
}
_SLIPS = {
    "gmail.com": "gmial.com gmial.con gmail.con gmal.com gmai.com gamil.com gmaill.com gnail.com",
    "hotmail.com": "hotmial.com hotmial.con hotmail.con hotmal.com hotmai.com",
    "outlook.com": "outlok.com outlok.con outlook.con outloook.com outlool.com",
    "yahoo.com": "yaho.com yahooo.com yahoo.con yhaoo.com",
    "icloud.com": "iclod.com icloud.con iclould.com",
}
_MISTYPED = {slip: meant for meant, slips in _SLIPS.items() for slip in slips.split()}
_STUDENT_NAME = "Enter the student’s first and last name."
_MAIL_USE = {True: "The quote goes there.", False: "The lab uses it to ask about the file."}
_NOT_ON_OFFER = {"printer": "printer in use", "material": "material in use", "color": "colour in stock"}


class OrderForm:
    """The fields in sections. ``values`` and ``restore`` carry what was typed; ``command`` is what is sent."""

    def __init__(
        self,
        catalog: Catalog,
        lab: LabView,
        currency: str,
        on_change: Callable[[], Any],
        *,
        mailed: bool,
        checks: Mapping[str, Check],
    ) -> None:
        """``mailed`` says whether the lab sends mail at all; ``checks`` are asked about fields that are filled in."""
        self._catalog = catalog
        self._lab = lab
        self._currency = currency
        self._mail_use = _MAIL_USE[mailed]
        self._on_change = on_change
        self._checks = checks
        self._how_it_fits: Mapping[str, str] = {}  # by the printer's name
        # Choices, inputs and numbers: each with value, error, on_value_change and focus.
        self._fields: dict[str, Any] = {}

    # ---------- layout ----------

    def create(self, today: date, *, for_staff: bool) -> None:
        """Lay out the sections; ``today`` is the first day that can be asked for."""
        self._missing = _MISSING | ({"name": _STUDENT_NAME} if for_staff else {})
        with section(2, "How to print it"):
            self._create_print(today)
        with section(3, "Who it is for" if for_staff else "Who you are"):
            self._create_person(for_staff=for_staff)
        for name in self._fields:
            self._watch(name)

    def create_consent(self, *, for_staff: bool) -> None:
        """Lay out the terms and the box to agree."""
        self.consent = Consent(self._lab, self._currency, self._on_change, for_staff=for_staff)

    def _create_print(self, today: date) -> None:
        self.method = Choice("Method", ())
        self.printer = Choice("Printer", (), variant="cards", folds="printers")
        self._rates = ui.label().classes("pl-hint")
        self.material = Choice("Material", ())
        self.color = Choice("Colour", (), variant="swatches")
        self._offer_methods()
        self.method.on_value_change(self._offer)
        self.printer.on_value_change(self._show_rates)
        self.strength = Choice("Strength", STRENGTHS, variant="columns", value=self._lab.default_strength)
        with ui.element("div").classes(design.GRID):
            self.quantity = ui.number("Copies", value=1).props("inputmode=numeric")
            self.needed_by = ui.input("Needed by (optional)").props("type=date")
        self.needed_by.props["min"] = today.isoformat()
        self._fields |= {"method": self.method, "printer": self.printer, "material": self.material}
        self._fields |= {"color": self.color, "strength": self.strength}
        self._fields |= {"quantity": self.quantity, "needed_by": self.needed_by}

    def _create_person(self, *, for_staff: bool) -> None:
        with ui.element("div").classes(design.GRID):
            self.name = ui.input("The student’s first and last name" if for_staff else "First and last name")
            with ui.element("div"):
                self.email = ui.input("The student’s e-mail" if for_staff else "E-mail")
                self._create_guess()
        self.name.props("maxlength=200")
        self.email.props("type=email inputmode=email")
        self.course = ui.input("Course or department (optional)").props("maxlength=200")
        if not for_staff:
            self.name.props("autocomplete=name")
            self.email.props("autocomplete=email")
        self.notes = ui.textarea("Notes for the lab (optional)").props("autogrow maxlength=2000")
        self.notes.props["placeholder"] = "What is it for? Which side should look best?"
        # Browsers bring the line into view that is written, not the field: a part of it stayed below the bar.
        self.notes.on("focus", js_handler="(event) => event.target.scrollIntoView({block: 'nearest'})")
        self._fields |= {"name": self.name, "email": self.email, "course": self.course}
        self._fields |= {"notes": self.notes}

    def _create_guess(self) -> None:
        """What the address may have been meant to be, to be taken over with one tap."""
        with ui.element("div").props("aria-live=polite"):
            guess = quiet_button("", lambda: self.email.set_value(_meant(self.email.value)), icon="spellcheck")

        def look() -> None:
            meant = _meant(self.email.value)
            guess.set_text(f"Did you mean {meant}?")
            guess.set_visibility(bool(meant))

        look()
        self.email.on_value_change(look)

    def _watch(self, name: str) -> None:
        field = self._fields[name]

        def changed() -> None:
            if field.error:
                field.error = None
            self._on_change()

        field.on_value_change(changed)
        if name in ("quantity", "email"):
            field.on("blur", lambda: self._show(name, self._wrong(name)))

    # ---------- what can be chosen ----------

    def follow(self, lab: LabView, catalog: Catalog) -> None:
        """Take what the lab says and has now; choices that are still offered stay."""
        self._catalog = catalog
        self._offer_methods()
        self.consent.follow(lab)

    def _offer_methods(self) -> None:
        methods = sorted(self._catalog.methods_to_order, key=lambda method: bool(self._lacks(method)))
        self.method.offer([Option(m, m, self._lacks(m)) for m in methods], first=True)
        self.method.set_visibility(len(methods) > 1)
        self._offer()

    def _lacks(self, method: str) -> str:
        """What stands below a method that can be chosen but not ordered at the moment."""
        if not self._catalog.materials_of(method):
            return "no material in use"
        return "" if self._catalog.colors_of(method) else "no colour in stock"

    def _offer(self) -> None:
        catalog, method = self._catalog, self.method.value or ""
        self.printer.offer(self._printers(), first=True, empty=self._not_on_offer("printer"))
        materials = [Option(m.name, m.name) for m in catalog.materials_of(method)]
        self.material.offer(materials, first=True, empty=self._not_on_offer("material"))
        colors = [Option(c.name, c.name, color=c.hex) for c in catalog.colors_of(method)]
        self.color.offer(colors, empty=self._not_on_offer("color"))
        self._show_rates()

    def _printers(self) -> list[Option]:
        return [
            Option(printer.name, printer.name, " · ".join(filter(None, (printer.build_volume, note))))
            for printer in self._catalog.printers_of(self.method.value or "")
            for note in (self._how_it_fits.get(printer.name),)
        ]

    def show_fit(self, how_it_fits: Mapping[str, str]) -> None:
        """Say beside each printer, by its name, how the part fits it."""
        self._how_it_fits = how_it_fits
        printers = self._printers()
        if tuple(printers) != self.printer.options:
            self.printer.offer(printers, first=True)

    def choose_printer(self, name: str) -> None:
        """Choose a printer of the chosen method, if it is still on offer."""
        if any(option.value == name for option in self.printer.options):
            self.printer.value = name

    def _not_on_offer(self, name: str) -> str:
        """The sentence for a choice without options."""
        method, what = self.method.value, _NOT_ON_OFFER[name]
        if method is None:
            return f"The lab has no {what} at the moment. Ask at its desk."
        instead = "Choose another method, or ask" if len(self._catalog.methods_to_order) > 1 else "Ask"
        return f"The lab has no {what} for {method} at the moment. {instead} at its desk."

    def _show_rates(self) -> None:
        printer = self._catalog.printer(self.printer.value)
        self._rates.set_text(_rates_sentence(printer, self._currency) if printer else "")

    # ---------- what was typed ----------

    def values(self) -> Values:
        """What the form holds, as plain values to keep."""
        return {name: field.value for name, field in self._fields.items() if field.value not in (None, "")}

    def restore(self, kept: Values) -> None:
        """Fill in kept values; what is no longer offered or is of the wrong kind is left out."""
        for name, field in self._fields.items():
            value = kept.get(name)
            if isinstance(field, Choice):
                if any(option.value == value for option in field.options):
                    field.value = value
            elif name == "quantity":
                field.value = value if isinstance(value, int | float) and not isinstance(value, bool) else field.value
            elif isinstance(value, str):
                field.value = value

    # ---------- before it is sent ----------

    def check(self) -> bool:
        """Whether all that must be there is there; says beside each field what is missing."""
        wrong = {name: self._wrong(name) for name in self._fields}
        for name, sentence in wrong.items():
            self._show(name, sentence)
        agreed = self.consent.check()
        first = next((name for name, sentence in wrong.items() if sentence), None if agreed else "accept_terms")
        if first:
            self.focus(first)
        return first is None

    @property
    def quantity_is_right(self) -> bool:
        """Whether the number of copies is one that can be ordered: what is none has no price."""
        return self._wrong("quantity") is None

    def refuse(self, name: str | None, sentence: str) -> bool:
        """Show the service's sentence beside its field; False when the form has no such field."""
        if name == "accept_terms":
            self.consent.refuse(sentence)
        elif name in self._fields:
            self._show(name, sentence)
        else:
            return False
        self.focus(name)
        return True

    def focus(self, name: str) -> None:
        """Move the keyboard to a field, and the field with what is said about it into view."""
        if name == "accept_terms":
            self.consent.focus()
            return
        field = self._fields[name]
        # Quasar's focus does not scroll. Only the element's number goes into the script.
        ui.run_javascript(f"getHtmlElement({int(field.id)})?.scrollIntoView({{block: 'nearest'}})")
        field.run_method("focus")

    def command(self, *, walk_in: bool) -> SubmitJob:
        """The order as it stands."""
        return SubmitJob(
            name=_text(self.name.value),
            email=_text(self.email.value),
            method=self.method.value or "",
            printer=self.printer.value or "",
            material=self.material.value or "",
            color=self.color.value or "",
            quantity=int(self.quantity.value or 1),
            strength=Strength(self.strength.value) if self.strength.value else None,
            needed_by=_day(self.needed_by.value),
            course=_text(self.course.value) or None,
            notes=_text(self.notes.value) or None,
            accept_terms=self.consent.agreed,
            walk_in=walk_in,
        )

    def _wrong(self, name: str) -> str | None:
        field = self._fields[name]
        value = field.value
        if name in _NOT_ON_OFFER and not field.options:
            return self._not_on_offer(name)
        if name in self._missing and not _text(value):
            return f"{self._missing[name]} {self._mail_use}" if name == "email" else self._missing[name]
        if name == "quantity" and (value is None or value < 1):
            return "Enter how many copies you want, at least 1."
        if name == "quantity" and value != int(value):
            return "Enter a whole number of copies."
        if name == "needed_by" and _text(value) and _day(value) is None:
            return "Choose a day from the calendar."
        check = self._checks.get(name)
        return check(value) if check and _text(value) else None

    def _show(self, name: str, sentence: str | None) -> None:
        self._fields[name].error = sentence


def order_of(job: JobView) -> Values:
    """What was ordered with ``job``, as values to fill a form with: everything but the file and the consent."""
    values: Values = {
        "method": job.method,
        "printer": job.requested_printer,
        "material": job.requested_material,
        "color": job.requested_color,
        "quantity": job.requested_quantity,
        "strength": job.strength.value,
        "needed_by": job.needed_by.isoformat() if job.needed_by else None,
        "name": job.student_name,
        "email": job.student_email,
        "course": job.course,
        "notes": job.notes,
    }
    return {name: value for name, value in values.items() if value is not None}


@contextmanager
def section(number: int, title: str) -> Generator[None]:
    """A numbered part of the form."""
    with ui.element("section").classes(design.CARD), ui.element("div").classes(design.STACK):
        with ui.element("h2").classes("pl-step-title"):
            ui.label(str(number)).classes("pl-step-number").props("aria-hidden=true")
            ui.label(title)
        with ui.element("div").classes("pl-stack pl-fields"):
            yield


def _rates_sentence(printer: PrinterView, currency: str) -> str:
    per_gram = amounts.rate_text(printer.per_gram_micro, currency, amounts.PER_GRAM)
    per_minute = amounts.rate_text(printer.per_minute_micro, currency, amounts.PER_MINUTE)
    return f"{printer.name}: {per_gram} per gram and {per_minute} per minute."


def _meant(address: object) -> str:
    """The address with its mistyped domain put right; nothing when it is not one of those that are known."""
    name, _, domain = _text(address).rpartition("@")
    meant = _MISTYPED.get(domain.lower())
    return f"{name}@{meant}" if name and meant else ""


def _text(value: object) -> str:
    return str(value).strip() if value is not None else ""


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(_text(value))
    except ValueError:
        return None
