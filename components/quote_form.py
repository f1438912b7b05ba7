"""The quote: what the job weighs, how long it prints, on what and in what, and so what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from nicegui import ui

from components import amounts, design
from components.compared import compared
from components.fields import money_input
from components.file_remarks import show_remarks
from components.job_form import Choices, JobForm, hint, offered, pair, text, unless_same
from components.model_report import range_text
from components.notice import notice
from components.revisions import what_it_is
from components.strengths import STRENGTH_NAMES
from printlab.domain import pricing, slicing, words
from printlab.domain.commands import ApproveJob
from printlab.domain.estimating import Estimate, Range
from printlab.domain.limits import MAX_COPIES
from printlab.domain.pricing import Rates
from printlab.domain.proposed import known_of, proposed
from printlab.domain.remarks import Remark, remarks
from printlab.domain.report import report_of
from printlab.domain.slicing import Figures, Outgrown
from printlab.domain.views import JobView, RevisionKind, RevisionView, Strength

Read = TypeVar("Read")
_GRAMS, _MILLILITRES = "g", "ml"
_FAR_OFF = "This is far from the estimate: {}. Check the digits and the number of copies."
_FAR = 3  # times beyond what an estimate takes for likely: further than slicers and strengths are apart
# What needs a reason: whether another price is taken, whether the student is not asked → the question, an example.
_WHY = {
    (False, False): ("Reason", ""),
    (True, False): ("Why another price", "Supports are not charged"),
    (False, True): ("Why the student is not asked", "Agreed at the desk"),
    (True, True): ("Why another price, and why nobody is asked", "Supports are not charged, agreed at the desk"),
}


class QuoteForm(JobForm):
    """Approve an uploaded job; the price follows while somebody types."""

    may_skip = True

    def __init__(self, job: JobView, choices: Choices) -> None:
        super().__init__(job, choices)
        self._price_text = ""
        self._computed_cents: int | None = None
        # Chosen in the form; None as long as the job's own is shown.
        self._chosen: int | None = None
        self._one_copy: bool | None = None
        self._copies: int | None = None

    @property
    def title(self) -> str:
        """Approve."""
        return "Approve and quote"

    @property
    def submit_label(self) -> str:
        """Says whether the student is asked, and how much."""
        price = f" · {self._price_text}" if self._price_text else ""
        return f"Approve without asking{price}" if self._skips else f"Approve and send quote{price}"

    @property
    def _skips(self) -> bool:
        return bool(self.skip.value)

    def create(self) -> None:
        """Weight and time, then what is printed how on what, then the price and what departs from it."""
        with pair():
            self._create_weight()
            self.time = self.filled(
                ui.input("Printing time of all copies").props('placeholder="for example 2 h 10"'),
                lambda job: words.duration(minutes) if (minutes := self._figures(job).time_min) else "",
            )
        self._create_source()
        with pair():
            self.printer = self.filled(ui.select(self._printers(), label="Printer"), lambda job: job.printer)
            self.material = self.filled(
                ui.select(self._materials(), label="Material"), lambda job: self._figures(job).material or job.material
            )
        with pair():
            self._create_color()
            self.quantity = self.filled(
                ui.number("Copies", min=1, max=MAX_COPIES, precision=0), lambda job: float(job.quantity)
            )
            self.strength = self.filled(ui.select(STRENGTH_NAMES, label="Strength"), lambda job: job.strength)
        self._create_revision()
        self._create_price()
        followed = (
            self.weight,
            self.time,
            self.printer,
            self.material,
            self.price,
            self.unit,
            self.override,
            self.skip,
        )
        for field in followed:
            field.on_value_change(self.recalculate)
        for field in (self.revision, self.one_copy, self.quantity):
            field.on_value_change(self._take_figures)
        self.recalculate()

    def _create_weight(self) -> None:
        self.weight = self.filled(
            ui.input("Weight of all copies").props(f'inputmode=decimal placeholder="{self._example}"'),
            lambda job: amounts.grams_text(self._figures(job).weight_cg),
        )
        with self.weight.add_slot("append"):
            self.unit = ui.toggle([_GRAMS, _MILLILITRES], value=_GRAMS).props(
                'dense flat no-caps padding="2px 8px" aria-label="Unit"'
            )
            self.unit.set_visibility(self._is_resin)
            grams = ui.label("g").classes(f"{design.SMALL} {design.MUTED}")
            grams.set_visibility(not self._is_resin)

    @property
    def _example(self) -> str:
        """Beside the two units of resin there is no room for more."""
        return "38.5" if self._is_resin else "for example 38.5"

    @property
    def _is_resin(self) -> bool:
        printer = self.choices.catalog.printer(self.job.printer)
        return printer is not None and printer.prints_like.is_resin

    def _create_source(self) -> None:
        """Where the figures come from, what somebody changed of them, and what to look at in the file."""
        with ui.element("div").classes("plj-source"):
            self._source = ui.label().classes(f"{design.SMALL} {design.MUTED} {design.BREAK}").props("aria-live=polite")
            self.one_copy = self.filled(
                ui.checkbox("The file holds one copy: times the copies"), lambda job: self._file(job).one_copy
            )
            self._far = ui.element("div")
            self._remarks = ui.element("div").classes("pl-stack pl-tight")
        self._remarked: tuple[Remark, ...] = ()
        self._far_off: list[str] = []

    def _create_color(self) -> None:
        self.color = self.filled(ui.select(self._colors(), label="Colour"), lambda job: job.color)
        with self.color.add_slot("prepend"):
            self._dot = ui.element("span").classes("pl-swatch").props("aria-hidden=true")
        self.color.on_value_change(self._paint_dot)
        self._paint_dot()

    def _create_revision(self) -> None:
        self.revision = self.filled(
            ui.select(self._revisions(self.job), label="File that counts"), lambda job: job.authoritative
        )
        self.revision.set_visibility(len(self.job.revisions) > 1)

    def _create_price(self) -> None:
        with ui.element("div").classes("plj-price"):
            self.amount = ui.label().classes("plj-price-amount").props("aria-live=polite")
            self.sum = ui.label().classes(f"{design.SMALL} {design.MUTED}")
        with ui.element("div").classes("plj-checks"):
            self.override = self.filled(ui.checkbox("Another price"), _is_overridden)
            self.skip = self.filled(ui.checkbox("Straight to “Ready to print”"), lambda _: False)
            self.skip.set_visibility(self.may_skip)
        with ui.element("div").classes("plj-departs"):
            self.price = self.filled(
                money_input("Price", self.job.currency).classes("plj-narrow"),
                lambda job: amounts.cents_text(job.price_cents or 0) if _is_overridden(job) else "",
            )
            self.reason = self.filled(
                ui.input("Reason").props("maxlength=200"),
                lambda job: (job.quote and job.quote.override_reason) or "",
            )
        self.price.bind_visibility_from(self.override, "value")
        self._unmailed = hint("No mail is sent: the student sees the quote on their page only.")

    # What can be chosen: what the lab has, and what the job already names.

    def _printers(self) -> list[str]:
        names = [printer.name for printer in self.choices.catalog.printers_of(self.job.method)]
        return offered(names, self.job.printer)

    def _materials(self) -> list[str]:
        return offered([m.name for m in self.choices.catalog.materials_of(self.job.method)], self.job.material)

    def _colors(self) -> list[str]:
        return offered([color.name for color in self.choices.catalog.colors_of(self.job.method)], self.job.color)

    def _revisions(self, job: JobView) -> dict[int, str]:
        return {revision.number: self._revision_label(revision) for revision in reversed(job.revisions)}

    def _revision_label(self, revision: RevisionView) -> str:
        when = words.when(revision.created_at, self.choices.now, self.choices.zone)
        return f"{revision.number} · {what_it_is(revision)} · {revision.original_name} · {when}"

    def rebase(self, job: JobView, choices: Choices | None = None) -> None:
        """New choices too: a file may have arrived, the lab may have other printers or rates."""
        self.revision.set_options(self._revisions(job))
        self.revision.set_visibility(len(job.revisions) > 1)
        super().rebase(job, choices)
        self._offer_again()
        self.recalculate()

    def _offer_again(self) -> None:
        """What the lab has now; what is chosen stays, and is refused in words where the lab has it no more."""
        fields = ((self.printer, self._printers()), (self.material, self._materials()), (self.color, self._colors()))
        for field, names in fields:
            field.set_options(offered(names, str(field.value)))

    # What the sliced file says.

    def _file(self, job: JobView) -> RevisionView:
        """The file that the form is about: the one chosen in it, or the one that counts."""
        return next((revision for revision in job.revisions if revision.number == self._chosen), job.counting_file)

    def _figures(self, job: JobView) -> Figures:
        """What fields show that nobody touched: the quote that was told for this file, or what the file says."""
        if self._chosen is None and self._one_copy is None and self._copies is None:
            return proposed(job, self.choices.catalog)
        return self._said(job)

    def _said(self, job: JobView) -> Figures:
        """What the file says, for as many copies as the form has; of a model the automatic estimate."""
        revision = self._file(job)
        one_copy = revision.one_copy if self._one_copy is None else self._one_copy
        copies = job.quantity if self._copies is None else self._copies
        return known_of(replace(revision, one_copy=one_copy), replace(job, quantity=copies), self.choices.catalog)

    def _take_figures(self) -> None:
        """Another file, or another number of copies of what it holds: what nobody typed follows."""
        self.refill(self._take_choice)
        self.recalculate()

    def _take_choice(self) -> None:
        job, chosen, copies = self.job, int(self.revision.value), int(self.quantity.value or 1)
        self._chosen = None if chosen == job.authoritative else chosen
        self._one_copy = None if self.one_copy.value == self._file(job).one_copy else bool(self.one_copy.value)
        self._copies = None if copies == job.quantity else copies

    def _show_source(self) -> None:
        revision, said = self._file(self.job), self._said(self.job)
        sliced = revision.sliced if revision.sliced is not None and revision.sliced.sliced else None
        self.one_copy.set_visibility(sliced is not None and int(self.quantity.value or 1) > 1)
        is_sliced = revision.kind is RevisionKind.SLICED
        by_hand = self._changed_by_hand(said)
        estimate = self._estimate()
        self._show_far_off(estimate, said)
        if is_sliced:
            self._source.set_text(_source(revision, said, by_hand))
        else:
            self._source.set_text(_estimated(estimate) if said == Figures() else _automatic(self.job, said, by_hand))
        self._source.set_visibility(bool(self._source.text))
        odd = remarks(self.job, revision, self.choices.catalog)
        if odd != self._remarked:
            self._remarked = odd
            self._remarks.clear()
            with self._remarks:
                show_remarks(odd)

    def _estimate(self) -> Estimate | None:
        """What the part is likely to take, to compare with what is typed in; it is no figure of a quote."""
        copies = self.job.quantity if self._copies is None else self._copies
        about = report_of(replace(self.job, quantity=copies), self.choices.catalog)
        return about.estimate if about is not None and about.is_settled else None

    def _show_far_off(self, estimate: Estimate | None, said: Figures) -> None:
        """What somebody typed: a dot in the wrong place, or one copy for all of them, is no question of estimates."""
        far_off: list[str] = []
        if estimate is not None and estimate.certain:
            time_min = _quiet(amounts.minutes, self.time.value)
            if _is_far_off(self._weight_cg(), said.weight_cg, estimate.weight_cg):
                far_off.append("weight")
            if _is_far_off(time_min, said.time_min, estimate.time_min):
                far_off.append("time")
        if far_off != self._far_off:
            self._far_off = far_off
            self._far.clear()
            if far_off:
                with self._far:
                    notice(_FAR_OFF.format(" and ".join(far_off)), "warning")

    def _changed_by_hand(self, said: Figures) -> list[str]:
        """The names of the figures that differ from the file's."""
        time_min = _quiet(amounts.minutes, self.time.value)
        shown = {"weight": (self._weight_cg(), said.weight_cg), "time": (time_min, said.time_min)}
        return [name for name, (typed, own) in shown.items() if own is not None and typed != own]

    # The price as it will be.

    def recalculate(self) -> None:
        """Show the price of what the fields say now."""
        self._ask_why()
        self._show_source()
        rates, weight_cg, time_min = self._rates(), self._weight_cg(), _quiet(amounts.minutes, self.time.value)
        computed = pricing.price_if_known(rates, weight_cg, time_min)
        self._computed_cents = computed
        shown = _quiet(amounts.cents, self.price.value) if self.override.value else computed
        currency = self.job.currency
        self._price_text = "" if shown is None else words.money(shown, currency)
        self.amount.set_text(self._price_text or ("Enter the other price" if self.override.value else "Price"))
        if computed is None or weight_cg is None or time_min is None:
            appears = "the computed price appears" if self.override.value else "appears"
            self.sum.set_text(f"{appears} when weight and time are filled in")
        else:
            reckoning = _reckoning(rates, weight_cg, time_min, computed, currency)
            instead = f"instead of {words.money(computed, currency)} = " if shown != computed else ""
            self.sum.set_text(f"{instead}{reckoning}")
        self.on_relabel()

    def _ask_why(self) -> None:
        overrides = bool(self.override.value)
        self.reason.set_visibility(overrides or self._skips)
        self._unmailed.set_visibility(not self.choices.mails and not self._skips)
        label, example = _WHY[overrides, self._skips]
        self.reason.props["label"] = label
        self.reason.props["placeholder"] = example

    def _rates(self) -> Rates:
        chosen, rates = self.choices.catalog.printer(self.printer.value), self.job.rates
        return rates if chosen is None else pricing.rates_of_next_quote(chosen, self.job.quote, rates.minimum_cents)

    def _weight_cg(self) -> int | None:
        return _quiet(self._read_weight, self.weight.value)

    def _read_weight(self, typed: str) -> int:
        if self.unit.value == _MILLILITRES:
            return pricing.weight_cg_of_volume(amounts.number(typed, "volume in ml", "38.5"), self._density())
        return pricing.weight_cg(amounts.number(typed, "weight in grams", "38.5"))

    def _density(self) -> Decimal:
        material = self.choices.catalog.material(self.material.value, self.job.method)
        return Decimal(material.density_mg_cm3 if material else 1000) / 1000

    def _paint_dot(self) -> None:
        colors = self.choices.catalog.colors
        chosen = next((c for c in colors if c.method == self.job.method and c.name == self.color.value), None)
        self._dot.style(f"background:{design.safe_hex(chosen.hex if chosen else self.job.color_hex)}")

    def read(self) -> ApproveJob:
        """All of it; what stays as it is goes as None, because what the job has may be out of stock by now."""
        overridden, skips = bool(self.override.value), self._skips
        reason = text(self.reason) if overridden or skips else None
        if (overridden or skips) and not reason:
            self.demand(self.reason, "Say why; it is kept with the job.")
        return ApproveJob(
            job_id=self.job.id,
            version=self.job.version,
            weight_cg=self.parse(self.weight, self._read_weight, 0),
            time_min=self.parse(self.time, amounts.minutes, 0),
            material=unless_same(self.material.value, self.job.material),
            printer=unless_same(self.printer.value, self.job.printer),
            color=unless_same(self.color.value, self.job.color),
            quantity=self._read_quantity(),
            strength=Strength(self.strength.value),
            revision=int(self.revision.value) if self.revision.value != self.job.authoritative else None,
            one_copy=bool(self.one_copy.value),
            price_cents=self.parse(self.price, amounts.cents, 0) if overridden else None,
            seen_cents=self._computed_cents,
            skip_confirmation=skips,
            reason=reason,
        )

    def _read_quantity(self) -> int:
        if not self.quantity.value or self.quantity.value < 1:
            self.demand(self.quantity, "Enter 1 or more.")
            return 1
        return int(self.quantity.value)


class RequoteForm(QuoteForm):
    """Quote a job once more: the student is asked again, and the quote before it can no longer be accepted."""

    may_skip = False

    @property
    def title(self) -> str:
        """Re-quote."""
        return "Re-quote"

    @property
    def submit_label(self) -> str:
        """How much the new quote says."""
        return f"Send a new quote · {self._price_text}" if self._price_text else "Send a new quote"

    def create(self) -> None:
        """Above the fields, why the accepted price no longer holds: what it was told for beside what there is now."""
        self._why = ui.element("div").classes("plj-why")
        self._show_why()
        super().create()

    def rebase(self, job: JobView, choices: Choices | None = None) -> None:
        """A newer file may have come."""
        super().rebase(job, choices)
        self._show_why()

    def _show_why(self) -> None:
        self._why.clear()
        if self.job.outgrown is not None:
            with self._why:
                _old_and_new(self.job, self.job.outgrown)


def _old_and_new(job: JobView, outgrown: Outgrown) -> None:
    """What was accepted beside what the newer file says."""
    notice(f"The file changed after the student accepted: {' and '.join(outgrown.reasons)}.", "warning")
    rows = ((name, old, new or "not said") for name, old, new in _compared(job, outgrown))
    compared(("Accepted", f"File {outgrown.revision}"), rows)


def _compared(job: JobView, outgrown: Outgrown) -> Iterator[tuple[str, str, str | None]]:
    quote, found, sliced = job.quote, outgrown.figures, job.counting_file.sliced
    if quote is None:
        return
    yield "Weight", words.weight(quote.weight_cg), None if found.weight_cg is None else words.weight(found.weight_cg)
    yield "Time", words.duration(quote.time_min), None if found.time_min is None else words.duration(found.time_min)
    yield "Material", job.material, found.material or (sliced and sliced.material)
    price = outgrown.price_cents
    accepted = words.money(quote.price_cents, job.currency)
    yield "Price", accepted, None if price is None else words.money(price, job.currency)


def _estimated(estimate: Estimate | None) -> str:
    if estimate is None:
        return ""
    weight = range_text(estimate.weight_cg, words.weight)
    time = range_text(estimate.time_min, words.duration)
    return f"Estimated: {weight}, {time}. Slice it for the quote."


def _is_far_off(typed: int | None, said: int | None, likely: Range) -> bool:
    return typed is not None and typed != said and not likely.low / _FAR <= typed <= likely.high * _FAR


def _source(revision: RevisionView, said: Figures, changed: list[str]) -> str:
    """Where the figures come from, and which of them are somebody's own."""
    name = revision.original_name
    told = slicing.in_words(said)
    if not told:
        return f"{name} does not say what it takes. Type it in as the slicer shows it."
    slicer = f" ({revision.sliced.slicer})" if revision.sliced is not None and revision.sliced.slicer else ""
    return f"{name}{slicer} says {told}.{_weighed(revision, said)}{_by_hand(changed)}"


def _weighed(revision: RevisionView, said: Figures) -> str:
    """How a weight was found that the file does not state."""
    if said.weight_cg is None or revision.sliced is None or revision.sliced.weight_g is not None:
        return ""
    return " The weight is worked out from how much material goes in."


def _automatic(job: JobView, said: Figures, changed: list[str]) -> str:
    """What was sliced on the server: another printer or strength in the form is not in it."""
    how = f"{job.printer}, {job.strength.label.lower()}, {job.material}"
    return f"Automatic estimate for {how}: {slicing.in_words(said)}.{_by_hand(changed)}"


def _by_hand(changed: list[str]) -> str:
    return f" Changed by hand: {' and '.join(changed)}." if changed else ""


def _quiet(reader: Callable[[str], Read], typed: object) -> Read | None:
    try:
        return reader(str(typed or ""))
    except ValueError:
        return None


def _is_overridden(job: JobView) -> bool:
    return job.quote is not None and job.quote.override_reason is not None


def _reckoning(rates: Rates, weight_cg: int, time_min: int, computed: int, currency: str) -> str:
    weight, time = f"{amounts.grams_text(weight_cg)} g", words.duration(time_min)
    per_gram = amounts.rate_text(rates.per_gram_micro, currency, amounts.PER_GRAM)
    per_minute = amounts.rate_text(rates.per_minute_micro, currency, amounts.PER_MINUTE)
    product = f"{weight} × {per_gram} + {time} × {per_minute}/min"
    if computed > pricing.price_cents(Rates(rates.per_gram_micro, rates.per_minute_micro), weight_cg, time_min):
        return f"{product}, raised to the minimum charge"
    return product
