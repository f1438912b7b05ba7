"""What is asked about a printer, a material, a colour and a reason to reject, and how their figures read."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Generic, TypeVar

from nicegui import ui
from nicegui.events import GenericEventArguments

from components import amounts, design
from components.choice import Choice, Option
from components.fields import Fields, money_input, text_area
from printlab.domain import pricing
from printlab.domain.views import ColorView, MaterialView, PrinterView, PrintsLike, RejectReasonView

Entry = TypeVar("Entry", PrinterView, MaterialView, ColorView, RejectReasonView)
_NAME_LIMIT = 60
_NEW_METHOD = "New method…"
_MILLI = 1_000
# What people type around a number: the currency before it, its unit after it. Anything else is a slip of the keys.
_SIGN_OR_UNIT = re.compile(r"^(?:[$€£]|[A-Z]{3}(?=[\s\d]))\s*|\s*(?:mm|g/cm(?:³|3|\^3))$")
_LIKES = {
    PrintsLike.MK4S: "Prusa MK4S (filament, fast)",
    PrintsLike.XL: "Prusa XL (filament, large)",
    PrintsLike.PRO2_PLUS: "Raise3D Pro2 Plus (filament, slower)",
    PrintsLike.RESIN: "Resin (Formlabs and others)",
}
_SIDES = (("build_x_mm", "Width, mm"), ("build_y_mm", "Depth, mm"), ("build_z_mm", "Height, mm"))


class EntryForm(ABC, Generic[Entry]):
    """The fields of one entry; None makes a new one."""

    noun: str

    def __init__(self, entry: Entry | None, methods: Sequence[str], currency: str) -> None:
        self.entry = entry
        self.methods = methods
        self.currency = currency
        self.fields = Fields()

    @abstractmethod
    def create(self) -> None:
        """Lay out the fields in the current slot."""

    @abstractmethod
    def build(self) -> Entry:
        """The entry as the fields say; what cannot be read is marked."""

    def read(self) -> Entry | None:
        """The entry, or None when a field is marked."""
        self.fields.start()
        entry = self.build()
        return entry if self.fields.complete else None

    @property
    def _id(self) -> int:
        return self.entry.id if self.entry else 0

    @property
    def _active(self) -> bool:
        return self.entry.active if self.entry else True

    def _name(self, value: str | None) -> None:
        self.fields.add("name", ui.input("Name", value=value or "").props(f"autofocus maxlength={_NAME_LIMIT}"))

    def _method_choice(self, value: str | None) -> None:
        methods = self._methods_with(value)
        chosen = value or (methods[0] if methods else None)
        empty = "Add a printer first: it brings its method along."
        self.fields.add("method", Choice("Print method", [Option(m, m) for m in methods], value=chosen, empty=empty))

    def _methods_with(self, value: str | None) -> Sequence[str]:
        """The lab's methods, and the entry's own if it is none of them."""
        return self.methods if value is None or value in self.methods else (*self.methods, value)

    def _needed_name(self) -> str:
        return self.fields.need("name", "Enter a name.")

    def _needed_method(self) -> str:
        return self.fields.need("method", "Choose a print method.")


class PrinterForm(EntryForm[PrinterView]):
    """A printer: what it is called, how large it prints, what it charges."""

    noun = "printer"
    create_profile: Callable[[], object] = staticmethod(lambda: None)
    """Lays out the slicer's settings below the fields; they are not saved with these."""

    def create(self) -> None:
        """Lay out the fields."""
        printer = self.entry
        self._name(printer.name if printer else None)
        self._create_method(printer.method if printer else None)
        with ui.element("div").classes("pl-stack pl-tight"):
            likes = {like.value: _LIKES[like] for like in PrintsLike}
            like = ui.select(likes, label="Prints like", value=printer.prints_like.value if printer else None)
            self.fields.add("prints_like", like)
            ui.label("The estimates are measured for these. Choose the one that it resembles most.").classes("pl-hint")
        with ui.element("div").classes("pl-stack pl-tight"):
            ui.label("Build volume").classes("pl-field-label")
            with ui.element("div").classes("pla-three"):
                for name, label in _SIDES:
                    value = str(getattr(printer, name)) if printer else ""
                    self.fields.add(name, ui.input(label, value=value).props("inputmode=numeric maxlength=6"))
        with ui.element("div").classes("pl-stack pl-tight"):
            with ui.element("div").classes("pla-pair"):
                gram, minute = (printer.per_gram_micro, printer.per_minute_micro) if printer else (None, None)
                self._rate("per_gram_micro", "Rate per gram", gram, amounts.PER_GRAM)
                self._rate("per_minute_micro", "Rate per minute", minute, amounts.PER_MINUTE)
            ui.label("Jobs that were quoted keep the rates of their quote.").classes("pl-hint")
        self.create_profile()

    def _create_method(self, value: str | None) -> None:
        """One of the lab's methods, or a new one by its name: a slip of the keys must not become a method."""
        methods = self._methods_with(value)
        options = [*(Option(m, m) for m in methods), Option(_NEW_METHOD, _NEW_METHOD)]
        chosen = value if methods else _NEW_METHOD
        method = self.fields.add("method", Choice("Print method", options, value=chosen))
        with ui.element("div").classes("pl-stack pl-tight") as new:
            self.fields.add("new_method", ui.input("Name of the new method").props(f"maxlength={_NAME_LIMIT}"))
            ui.label("Students can choose it once it has a material and a colour.").classes("pl-hint")
        new.bind_visibility_from(method, "value", value=_NEW_METHOD)

    def _read_method(self) -> str:
        chosen = self._needed_method()
        if chosen != _NEW_METHOD:
            return chosen
        return self._known_method(self.fields.need("new_method", "Enter a print method, for example Filament."))

    def build(self) -> PrinterView:
        """The printer as the fields say."""
        x, y, z = (self.fields.parse(name, side_mm, 1) for name, _ in _SIDES)
        return PrinterView(
            id=self._id,
            name=self._needed_name(),
            method=self._read_method(),
            build_x_mm=x,
            build_y_mm=y,
            build_z_mm=z,
            per_gram_micro=self.fields.parse("per_gram_micro", rate_micro, 0),
            per_minute_micro=self.fields.parse("per_minute_micro", rate_micro, 0),
            active=self._active,
            prints_like=self.fields.parse("prints_like", _like, PrintsLike.MK4S),
        )

    def _rate(self, name: str, label: str, micro: int | None, decimals: int) -> None:
        value = "" if micro is None else amounts.rate_figure(micro, decimals)
        self.fields.add(name, money_input(label, self.currency, value))

    def _known_method(self, typed: str) -> str:
        """A method that is there already is spelled as it is there."""
        return next((method for method in self.methods if method.casefold() == typed.casefold()), typed)


class MaterialForm(EntryForm[MaterialView]):
    """A material of a method, with its density."""

    noun = "material"

    def create(self) -> None:
        """Lay out the fields."""
        material = self.entry
        self._name(material.name if material else None)
        self._method_choice(material.method if material else None)
        value = density_text(material.density_mg_cm3) if material else ""
        with ui.element("div").classes("pl-stack pl-tight"):
            density = ui.input("Density", value=value).props("inputmode=decimal maxlength=8").classes("pla-short")
            density.props["suffix"] = "g/cm³"
            self.fields.add("density_mg_cm3", density)
            ui.label("For estimates, and for resin that is entered in ml.").classes("pl-hint")

    def build(self) -> MaterialView:
        """The material as the fields say."""
        return MaterialView(
            id=self._id,
            name=self._needed_name(),
            method=self._needed_method(),
            density_mg_cm3=self.fields.parse("density_mg_cm3", density_mg_cm3, 1),
            active=self._active,
        )


class ColorForm(EntryForm[ColorView]):
    """A colour of a method, with the sample that students choose by."""

    noun = "colour"

    def create(self) -> None:
        """Lay out the fields."""
        color = self.entry
        self._name(color.name if color else None)
        self._method_choice(color.method if color else None)
        value = color.hex if color else "#808080"
        field = ui.input("Sample", value=value).props("maxlength=7 spellcheck=false").classes("pla-short")
        with field.add_slot("append"):
            well = ui.element("input").classes("pla-color-well").props('type=color aria-label="Choose the sample"')
        self.fields.add("hex", field)

        def show() -> None:
            well.props["value"] = design.safe_hex(field.value or "").lower()

        def picked(event: GenericEventArguments) -> None:
            field.value = design.safe_hex(str(event.args)).upper()

        field.on_value_change(show)
        well.on("input", picked, js_handler="(event) => emit(event.target.value)")
        show()

    def build(self) -> ColorView:
        """The colour as the fields say."""
        sample = self.fields.parse("hex", hex_color, "#808080")
        return ColorView(self._id, self._needed_name(), self._needed_method(), sample, self._active)


class ReasonForm(EntryForm[RejectReasonView]):
    """A reason to reject: a few words to tick, and the sentence that the student reads."""

    noun = "reason"

    def create(self) -> None:
        """Lay out the fields."""
        reason = self.entry
        label = ui.input("What staff tick", value=reason.label if reason else "")
        self.fields.add("label", label.props(f"autofocus maxlength={_NAME_LIMIT}"))
        sentence = text_area("What the student reads", rows=3, limit=1000)
        sentence.value = reason.sentence if reason else ""
        sentence.props["placeholder"] = "Say what is wrong and what to do about it."
        self.fields.add("sentence", sentence)

    def build(self) -> RejectReasonView:
        """The reason as the fields say."""
        label = self.fields.need("label", "Enter a few words for staff.")
        sentence = self.fields.need("sentence", "Enter the sentence that the student reads.")
        return RejectReasonView(self._id, label, sentence, self._active)


# ---------- figures ----------


def density_text(density_mg_cm3: int) -> str:
    """``1.24``: at least two decimals."""
    return amounts.plain(Decimal(density_mg_cm3) / _MILLI, 2)


def rate_micro(text: str) -> int:
    """Millionths of the currency unit of ``0.08``, ``$0.08``, ``0,08``. Raises ValueError with a sentence."""
    value = _number(text, 6, "Enter a rate of 0 or more with at most 6 decimals, for example 0.08.")
    return pricing.micro(value)


def density_mg_cm3(text: str) -> int:
    """Thousandths of ``1.24`` g/cm³. Raises ValueError with a sentence."""
    value = _number(text, 3, "Enter the density in g/cm³ with at most 3 decimals, for example 1.24.")
    return int(value * _MILLI)


def side_mm(text: str) -> int:
    """Whole millimetres. Raises ValueError with a sentence."""
    value = _number(text, 0, "Enter whole millimetres, for example 250.")
    if not value:
        raise ValueError("Enter a length above 0, for example 250.")
    return int(value)


def _like(text: str) -> PrintsLike:
    if not text:
        raise ValueError("Choose the printer that it resembles most.")
    return PrintsLike(text)


def hex_color(text: str) -> str:
    """``#1F5FBF`` of ``1f5fbf`` or ``#1f5fbf``. Raises ValueError with a sentence."""
    found = re.fullmatch(r"#?([0-9a-fA-F]{6})", text)
    if found is None:
        raise ValueError("Choose a colour, or enter it such as #1F5FBF.")
    return f"#{found[1].upper()}"


def _number(text: str, decimals: int, sentence: str) -> Decimal:
    typed = _SIGN_OR_UNIT.sub("", text.strip()).replace(",", ".")
    pattern = rf"\d{{1,9}}(?:\.\d{{1,{decimals}}})?" if decimals else r"\d{1,9}"
    if not re.fullmatch(pattern, typed, re.ASCII):
        raise ValueError(sentence)
    return Decimal(typed)
