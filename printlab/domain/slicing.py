"""What a sliced file means for a job: the figures of its quote, what staff should look at, whether its price holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import ceil

from printlab.domain import words
from printlab.domain.pricing import price_cents
from printlab.domain.sliced_facts import USUAL_DIAMETER_MM, SlicedFacts, filament_cm3
from printlab.domain.views import Catalog, JobView, PrinterView, QuoteView, RevisionKind, RevisionView

_SECONDS_PER_MINUTE = 60
_PERCENT = 100
_MG_PER_G = 1000
_WORD = re.compile(r"[^\W\d_]+|[0-9]+")
_UNSAID = {
    (False, False): "it does not say what it takes",
    (False, True): "it does not say what it weighs",
    (True, False): "it does not say how long it takes",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What a file says a job takes: 0.01 g and whole minutes of all copies, the lab's own name of the material.

    None is what it does not say, or says of something that this lab does not have.
    """

    weight_cg: int | None = None
    time_min: int | None = None
    material: str | None = None


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How much more than the accepted price a newer file may cost: the greater of the two."""

    percent: int
    cents: int

    def allows(self, price_cents: int, accepted_cents: int) -> bool:
        """Whether the job may be printed for ``accepted_cents`` all the same."""
        return (price_cents - accepted_cents) * _PERCENT <= max(self.cents * _PERCENT, self.percent * accepted_cents)


@dataclass(frozen=True, slots=True)
class Outgrown:
    """A newer file than the one that the accepted price was told for costs more than it may, is another material, or
    does not say what it takes.

    ``price_cents`` is what the file would cost by the rates of the quote; None when it does not say enough. With
    ``only_unsaid`` nothing speaks against the price but that: staff may say that it holds.
    """

    revision: int
    figures: Figures
    price_cents: int | None
    reasons: tuple[str, ...]
    only_unsaid: bool = False

    @property
    def unsaid(self) -> str:
        """What the file does not say of itself: ``weight and time``, one of them, or nothing."""
        said = {"weight": self.figures.weight_cg, "time": self.figures.time_min}
        return " and ".join(name for name, figure in said.items() if figure is None)


def figures(revision: RevisionView, job: JobView, catalog: Catalog) -> Figures:
    """The figures of one of the job's sliced files, times the copies when staff said that it holds one."""
    facts = revision.sliced
    if facts is None or not facts.sliced or revision.kind is not RevisionKind.SLICED:
        return Figures()
    material = None if facts.material is None else _meant(facts.material, job, catalog)
    times = job.quantity if revision.one_copy else 1
    return replace(rounded_figures(_weight_g(facts, job, catalog), facts.time_s, times), material=material)


def rounded_figures(weight_g: float | None, time_s: int | None, times: int = 1) -> Figures:
    """What a file says, so many times, as a lab counts it: whole minutes, begun ones counted, and at least one."""
    return Figures(
        None if weight_g is None else max(1, round(weight_g * 100 * times)),
        None if time_s is None else max(1, ceil(time_s * times / _SECONDS_PER_MINUTE)),
    )


def in_words(found: Figures) -> str:
    """``38 g, 2 h 10 min``: as much of it as is known."""
    weight = None if found.weight_cg is None else words.weight(found.weight_cg)
    time = None if found.time_min is None else words.duration(found.time_min)
    return ", ".join(figure for figure in (weight, time) if figure)


def outgrown(job: JobView, catalog: Catalog, tolerance: Tolerance) -> Outgrown | None:
    """Why the accepted price no longer covers the file that counts; None as long as it does.

    The file that the quote was made from is covered, whatever it says: staff looked at it then. So is the one for which
    staff said that the price holds, and another that takes no more by the same half of the figures.
    """
    quote, revision = job.quote, job.counting_file
    if quote is None or quote.accepted_at is None or quote.covers(revision.number):
        return None
    found = figures(revision, job, catalog)
    unsaid = _UNSAID.get((found.weight_cg is not None, found.time_min is not None))
    price = price_cents(job.rates, found.weight_cg or 0, found.time_min or 0)  # what is not said costs nothing here
    reasons: list[str] = []
    if not tolerance.allows(price, max(quote.price_cents, quote.computed_cents)):
        costs = f"it costs {'at least ' if unsaid else ''}{words.money(price, job.currency)}"
        reasons.append(f"{costs}, {words.money(quote.price_cents, job.currency)} was accepted")
    sliced = revision.sliced
    if (
        sliced is not None
        and sliced.resin_ml is None
        and sliced.material
        and not is_of_material(sliced.material, job, catalog)
    ):
        reasons.append(f"it is made of {sliced.material}, {job.material} was accepted")
    if unsaid and revision.kind is RevisionKind.SLICED and (reasons or not _is_vouched_for(found, quote, job, catalog)):
        return Outgrown(revision.number, found, None, (*reasons, unsaid), only_unsaid=not reasons)
    return Outgrown(revision.number, found, price, tuple(reasons)) if reasons else None


def _is_vouched_for(found: Figures, quote: QuoteView, job: JobView, catalog: Catalog) -> bool:
    """Whether staff said that the price holds for a file that says the same half, and no less of it than ``found``.

    The word for a file that says nothing is that file's own: there is nothing to compare another one with.
    """
    vouched = next((file for file in job.revisions if file.number == quote.holds_for_revision), None)
    if vouched is None:
        return False
    known = figures(vouched, job, catalog)
    return _takes_no_more(found.weight_cg, known.weight_cg) or _takes_no_more(found.time_min, known.time_min)


def _takes_no_more(figure: int | None, than: int | None) -> bool:
    return figure is not None and than is not None and figure <= than


def _weight_g(facts: SlicedFacts, job: JobView, catalog: Catalog) -> float | None:
    """As the slicer says it; where it says only how much material goes in, what that weighs by the lab's density."""
    if facts.weight_g is not None:
        return facts.weight_g
    is_named = facts.material is not None and facts.resin_ml is None  # resins have names of their maker's
    name = _meant(facts.material or "", job, catalog) if is_named else job.material
    material = None if name is None else catalog.material(name, job.method)
    volume_cm3 = _volume_cm3(facts)
    if material is None or volume_cm3 is None:
        return None
    return volume_cm3 * material.density_mg_cm3 / _MG_PER_G


def _volume_cm3(facts: SlicedFacts) -> float | None:
    if facts.resin_ml is not None or facts.volume_cm3 is not None:
        return facts.volume_cm3 if facts.resin_ml is None else facts.resin_ml
    return None if facts.filament_mm is None else filament_cm3(facts.filament_mm, USUAL_DIAMETER_MM)


def is_of_material(said: str, job: JobView, catalog: Catalog) -> bool:
    """Whether what a slicer calls the material of a file is the job's."""
    return _meant(said, job, catalog) == job.material


def _meant(said: str, job: JobView, catalog: Catalog) -> str | None:
    """The lab's material that is likeliest meant by all that a slicer names (``PLA+PLA``); None for no single one.

    ``Generic PLA`` and ``pla`` are PLA.
    """
    names = sorted({job.material, *(m.name for m in catalog.materials_of(job.method))}, key=len, reverse=True)
    found = {
        next((name for name in names if _words(name) and _words(name) <= _words(part)), None)
        for part in said.split("+")
        if _words(part)
    }
    return found.pop() if len(found) == 1 else None


def is_for_printer(said: str, job: JobView, catalog: Catalog) -> bool:
    """Slicers have their own names of printers (``XL5IS``): whether none of the lab's is likelier meant than the job's.

    What resembles none of them is unknown here, and another.
    """
    likeness = {printer.name: _likeness(said, printer) for printer in catalog.printers}
    own = likeness.get(job.printer, 0)
    return own > 0 and own >= max(likeness.values(), default=0)


def _likeness(said: str, printer: PrinterView) -> int:
    """How many letters and digits of whole words they share; none where their numbers are others (MK3S, MK4S)."""
    its, ours = _words(said), _words(printer.name)
    numbers, our_numbers = ({word for word in words if word.isdigit()} for words in (its, ours))
    if numbers and our_numbers and not numbers & our_numbers:
        return 0
    return sum(len(word) for word in its & ours)


def _words(name: str) -> set[str]:
    return set(_WORD.findall(name.casefold()))
