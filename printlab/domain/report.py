"""What people read about a model: what was measured, what is odd about it, and what the part will roughly cost.

Put together without the file whenever printer, material, strength, quantity or scale change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from printlab.domain.analysis import AnalysisState, AnalysisView
from printlab.domain.automatic import Automatic, AutomaticState, estimate_of, why_not
from printlab.domain.estimating import Estimate, estimate, settings_of
from printlab.domain.fit import build_volume_mm, fitting
from printlab.domain.judging import Finding, Severity, judge
from printlab.domain.judging.phrases import size
from printlab.domain.model_facts import ModelFacts, Size3
from printlab.domain.pricing import rates_on
from printlab.domain.views import Catalog, JobView, PrinterView, Strength

INCH_MM = 25.4


@dataclass(frozen=True, slots=True)
class Order:
    """What a model is judged and estimated for; names as the catalogue has them."""

    printer: str
    material: str
    strength: Strength
    quantity: int = 1
    scale: float = 1.0
    minimum_charge_cents: int = 0
    size_is_right: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """``findings``, worst first, ``estimate`` and the ``printer`` that they are for are there once the file was
    measured and the printer is known, for ``quantity`` copies. ``not_automatic`` says why no slicer gave that estimate
    though it was asked to.
    """

    analysis: AnalysisView
    scale: float = 1.0
    findings: tuple[Finding, ...] = ()
    estimate: Estimate | None = None
    printer: str | None = None
    not_automatic: str | None = None
    quantity: int = 1

    @property
    def size_mm(self) -> Size3 | None:
        """Length, width and height of the part as it will be printed."""
        facts = self.analysis.facts
        if facts is None:
            return None
        x, y, z = (length * self.scale for length in facts.size_mm)
        return x, y, z

    @property
    def item_count(self) -> int:
        """How many things the file puts on its plates; 0 while that is not known."""
        return self.analysis.facts.item_count if self.analysis.facts else 0

    @property
    def for_students(self) -> tuple[Finding, ...]:
        """What the student reads."""
        return tuple(finding for finding in self.findings if finding.student)

    @property
    def worst(self) -> Severity | None:
        """How bad the worst finding is; None when there is none but hints."""
        severities = {finding.severity for finding in self.findings}
        return next((severity for severity in (Severity.STOPS, Severity.WARNING) if severity in severities), None)

    @property
    def is_settled(self) -> bool:
        """Whether size and fit are such that an estimate means something."""
        return not any(finding.factor or finding.severity is Severity.STOPS for finding in self.findings)

    @property
    def is_waiting(self) -> bool:
        """Whether there is more to come by itself."""
        return not self.analysis.state.is_over

    @property
    def failed(self) -> bool:
        """Whether nothing could be told about the file."""
        return self.analysis.state is AnalysisState.FAILED


def report(analysis: AnalysisView, order: Order, catalog: Catalog, automatic: Automatic | None = None) -> Report:
    """All that can be said about a model for one order; what is not in the catalogue is left out.

    ``automatic``, the slicer's figures for this order, replaces what is worked out from the measures.
    """
    printer = catalog.printer(order.printer)
    if analysis.facts is None or printer is None:
        return Report(analysis, order.scale)
    return Report(
        analysis,
        order.scale,
        judge(analysis.facts, printer, catalog.printers_in_use, order.scale, size_is_right=order.size_is_right),
        _estimate(analysis.facts, order, printer, catalog, automatic),
        printer.name,
        _why_not_automatic(analysis.facts, printer, automatic),
        order.quantity,
    )


def _estimate(
    facts: ModelFacts, order: Order, printer: PrinterView, catalog: Catalog, automatic: Automatic | None
) -> Estimate | None:
    material = catalog.material(order.material, printer.method)
    if material is None:
        return None
    rates = rates_on(printer, order.minimum_charge_cents)
    density = material.density_mg_cm3
    return (automatic and estimate_of(automatic, density, order.quantity, rates)) or estimate(
        facts, settings_of(printer.prints_like), density, order.strength, order.quantity, rates, order.scale
    )


def _why_not_automatic(facts: ModelFacts, printer: PrinterView, automatic: Automatic | None) -> str | None:
    """The slicer's own reason, or what kept the part from it."""
    if automatic is not None:
        return automatic.message if automatic.state is AutomaticState.FAILED else None
    return why_not(facts) if printer.profile is not None else None


def report_of(job: JobView, catalog: Catalog) -> Report | None:
    """What can be said about a job's model; None when nobody looked at it."""
    return report(job.analysis, as_ordered(job), catalog, job.automatic) if job.analysis is not None else None


def estimate_for(job: JobView, catalog: Catalog) -> Estimate | None:
    """The estimate alone of a job's report: what is odd about the model is not looked for."""
    printer = catalog.printer(job.printer)
    if job.analysis is None or job.analysis.facts is None or printer is None:
        return None
    return _estimate(job.analysis.facts, as_ordered(job), printer, catalog, job.automatic)


def as_ordered(job: JobView) -> Order:
    """What a job's model is judged and estimated for."""
    return Order(
        job.printer,
        job.material,
        job.strength,
        job.quantity,
        job.scale,
        job.rates.minimum_cents,
        job.size_is_right,
    )


def how_it_fits(report: Report, printers: Sequence[PrinterView]) -> dict[str, str]:
    """``fits``, ``fits turned over`` or ``too large``: what stands beside each printer that can be chosen, by its name.

    Nothing while the size is not known. Of hundreds of items it takes a second or so.
    """
    facts = report.analysis.facts
    if facts is None or any(finding.factor for finding in report.findings):
        return {}
    return {printer.name: _how_all_fit(facts, printer, report.scale) for printer in printers}


def _how_all_fit(facts: ModelFacts, printer: PrinterView, scale: float) -> str:
    stand, turned = fitting(facts.items, build_volume_mm(printer), scale)
    if all(stand):
        return "fits"
    return "fits turned over" if all(turned) else "too large"


def millimetres(size_mm: Size3) -> str:
    """``65.2 × 50 × 26.5 mm``."""
    return size(size_mm, 1.0)


def inches(size_mm: Size3) -> str:
    """``2.57 × 1.97 × 1.04 in``."""
    return " × ".join(f"{length / INCH_MM:,.2f}" for length in size_mm) + " in"
