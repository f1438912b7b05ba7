"""What was found in a model file: its size, what is odd about it, and what the part will roughly take and cost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from components import design
from components.buttons import secondary_button
from components.facts import facts
from components.findings import SHORT
from printlab.domain import words
from printlab.domain.analysis import AnalysisState
from printlab.domain.estimating import Estimate, Range
from printlab.domain.judging import Finding, Severity
from printlab.domain.judging.phrases import cubic_centimetres
from printlab.domain.model_facts import ModelFacts
from printlab.domain.report import Report, inches, millimetres
from printlab.domain.views import copies

_ICONS = {Severity.STOPS: "error_outline", Severity.WARNING: "warning_amber", Severity.HINT: "info"}
_NBSP = "\u00a0"
_TONES = {Severity.STOPS: "negative", Severity.WARNING: "warning", Severity.HINT: "plain"}
FOUND = "found"
"""The place on a page that what was found in the chosen file has; links lead to it."""
_STAGES = {
    AnalysisState.QUEUED: "The file waits to be measured …",
    AnalysisState.MEASURING: "The part is being measured …",
    AnalysisState.DRAWING: "The picture is being drawn …",
}


class ModelReport:
    """The report as a piece of a page; ``show`` replaces what stood there.

    ``on_scale`` is called with the factor that somebody accepts, ``on_size_is_right`` when the file's own size is what
    was meant, ``on_retry`` when a failed analysis is to be repeated. ``contact``: whom to ask for what cannot be.
    ``on_printer`` is called with the name of another printer that somebody chooses because the part fits that one.
    ``spoken``: a screen reader reads it whenever it changes. ``is_linked``: it is the one that ``FOUND`` leads to.
    """

    def __init__(
        self,
        currency: str,
        *,
        for_staff: bool = False,
        on_scale: Callable[[float], Any] | None = None,
        on_size_is_right: Callable[[], Any] | None = None,
        on_printer: Callable[[str], Any] | None = None,
        on_retry: Callable[[], Any] | None = None,
        contact: str | None = None,
        spoken: bool = True,
        is_linked: bool = False,
    ) -> None:
        self._currency = currency
        self._is_linked = is_linked
        self._on_size_is_right = on_size_is_right
        self._on_printer = on_printer
        self._contact = contact
        self._for_staff = for_staff
        self._on_scale = on_scale
        self._on_retry = on_retry
        self._shown: tuple[Report | None, bool] = (None, True)
        self._may_scale = True
        self._box = ui.element("div").classes("pl-report")
        if spoken:
            self._box.props("aria-live=polite")

    def show(self, report: Report | None, *, may_scale: bool = True) -> None:
        """Show a report; None shows nothing. ``may_scale``: whether another scale is still to be had."""
        if (report, may_scale) == self._shown:
            return
        self._shown = report, may_scale
        self._may_scale = may_scale
        self._box.clear()
        if report is None:
            return
        with self._box:
            self._create(report)

    def _create(self, report: Report) -> None:
        if report.analysis.state is AnalysisState.REFUSED or report.failed:
            self._create_refusal(report)
            return
        if report.size_mm is not None:
            self._create_facts(report)
            with ui.element("div").classes("pl-findings"):
                if self._is_linked:
                    ui.link_target(FOUND)
                self._create_praise(report)
                for finding in self._findings(report):
                    self._create_finding(report, finding)
                self._create_way_back(report)
        if self._for_staff and report.not_automatic and report.is_settled:
            _line("calculate", "plain", f"There is no automatic estimate. {report.not_automatic}")
        if self._for_staff and report.analysis.state is AnalysisState.DONE and report.analysis.message:
            _line("image_not_supported", "plain", f"There is no picture of it. {report.analysis.message}")
        if report.is_waiting and (self._for_staff or report.size_mm is None):
            with ui.element("div").classes("pl-report-stage"):
                ui.spinner(size="18px").props("aria-hidden=true")
                ui.label(_STAGES[report.analysis.state]).classes(design.MUTED)

    def _create_refusal(self, report: Report) -> None:
        if report.failed:
            by_hand = "" if self._for_staff else " The lab looks at it by hand."
            box = _line("warning_amber", "warning", f"{_sentence('This file could not be analysed.', report)}{by_hand}")
            if self._on_retry is not None:
                with box:
                    secondary_button("Try again", self._on_retry, icon="refresh").classes("pl-finding-button")
        else:
            _line("error_outline", "negative", _sentence("This file cannot be printed.", report))

    def _create_facts(self, report: Report) -> None:
        size, estimate = report.size_mm, report.estimate
        if size is None:
            return
        scaled = f" (file{_NBSP}×{_NBSP}{report.scale:g})" if report.scale != 1 else ""
        name = "Size of all" if report.item_count > 1 else "Size"
        pairs: list[tuple[str, str | None]] = [(name, f"{millimetres(size)}{scaled}"), ("", inches(size))]
        if self._for_staff and report.analysis.facts is not None:
            pairs.append(("Volume", volume_text(report.analysis.facts, report.scale)))
        if estimate is not None and report.is_settled:
            pairs += (
                self._staff_estimate(report, estimate) if self._for_staff else self._estimate_facts(report, estimate)
            )
        with ui.element("div").classes("pl-report-facts"):
            facts(pairs)

    def _estimate_facts(self, report: Report, estimate: Estimate) -> list[tuple[str, str | None]]:
        how = "automatic estimate, the lab confirms it" if estimate.automatic else "the lab confirms it"
        of_all = f" of {copies(report.quantity)}" if report.quantity > 1 else ""
        return [
            (f"Weight{of_all}", range_text(estimate.weight_cg, words.weight)),
            (f"Printing time{of_all}", range_text(estimate.time_min, words.duration)),
            (f"Price{of_all}", f"{likely_price(estimate, self._currency)}, {how}"),
        ]

    def _staff_estimate(self, report: Report, estimate: Estimate) -> list[tuple[str, str | None]]:
        """In one line: what counts is what they quote."""
        parts = (
            range_text(estimate.weight_cg, words.weight),
            range_text(estimate.time_min, words.duration),
            likely_price(estimate, self._currency),
        )
        name = "Automatic estimate" if estimate.automatic else "Estimate"
        return [(f"{name} of {copies(report.quantity)}" if report.quantity > 1 else name, " · ".join(parts))]

    def _findings(self, report: Report) -> tuple[Finding, ...]:
        return report.findings if self._for_staff else report.for_students

    def _create_praise(self, report: Report) -> None:
        """A part without trouble is told so."""
        facts_ = report.analysis.facts
        if facts_ is not None and report.printer is not None and report.worst is None:
            closed = ", and its surface is closed" if facts_.closed else ""
            _line("check_circle", "positive", f"It fits the {report.printer}{closed}.")

    def _create_choice_of_size(self, report: Report, factor: float) -> None:
        if self._on_scale is None or not (self._may_scale or self._for_staff):
            ask = f"Write to {self._contact}" if self._contact else "Tell the lab"
            ui.label(f"{ask}: staff can set the size, and your file stays as it is.").classes(design.PROSE)
            return
        x, y, z = report.size_mm or (0.0, 0.0, 0.0)
        with ui.element("div").classes(design.ROW):
            self._create_scale_button(f"{millimetres((x * factor, y * factor, z * factor))} (× {factor:g})", factor)
            if self._on_size_is_right is not None:
                secondary_button(millimetres((x, y, z)), self._on_size_is_right).classes("pl-finding-button")

    def _create_finding(self, report: Report, finding: Finding) -> None:
        """Staff read what the student reads, and below it what else there is to know."""
        sentence = finding.student or finding.staff or ""
        with _line(_ICONS[finding.severity], _TONES[finding.severity], sentence):
            if self._for_staff and finding.staff and finding.student:
                ui.label(finding.staff).classes(f"{design.SMALL} {design.MUTED} {design.PROSE}")
            if finding.factor is not None:
                self._create_choice_of_size(report, finding.factor)
            if self._on_printer is not None and finding.printers:
                self._create_choice_of_printer(self._on_printer, finding.printers)

    @staticmethod
    def _create_choice_of_printer(choose: Callable[[str], Any], printers: tuple[str, ...]) -> None:
        with ui.element("div").classes(design.ROW):
            for name in printers:
                secondary_button(f"Choose the {name}", partial(choose, name), icon="print")

    def _create_way_back(self, report: Report) -> None:
        if report.scale != 1 and self._on_scale is not None and self._may_scale:
            with _line("straighten", "plain", f"The file is scaled by {report.scale:g}."):
                self._create_scale_button("Back to the file’s own size", 1.0)

    def _create_scale_button(self, label: str, factor: float) -> None:
        accept = self._on_scale
        if accept is not None and self._may_scale:
            secondary_button(label, lambda: accept(factor), icon="straighten").classes("pl-finding-button")


def cannot_be_printed(report: Report | None) -> str | None:
    """The worst of what stops a print, or that the file is no model; None when nothing does."""
    if report is None:
        return None
    if report.analysis.state is AnalysisState.REFUSED:
        return _sentence("This file cannot be printed.", report)
    found = trouble(report)
    return None if found is None else found.student


def verdict(report: Report | None) -> tuple[Severity | None, str] | None:
    """How bad the worst is that was found, and where it is told; None while the file is not judged."""
    if report is None or report.analysis.facts is None or report.printer is None:
        return None
    worst = report.worst
    found = next((found for found in report.for_students if found.severity is worst), None)
    if worst is None:
        return None, ""
    return None if found is None else (worst, pointer(found))


def trouble(report: Report | None) -> Finding | None:
    """The first finding that stands against a print; None where there is none, or the file is no model at all."""
    if report is None or report.analysis.state is AnalysisState.REFUSED:
        return None
    return next((found for found in report.for_students if found.severity is Severity.STOPS), None)


def size_question(report: Report | None) -> Finding | None:
    """What is asked about the size of the part and was not answered yet; None where nothing is."""
    if report is None or report.analysis.state is AnalysisState.REFUSED:
        return None
    return next((found for found in report.for_students if found.factor), None)


def pointer(found: Finding) -> str:
    """The sentence itself stands once, with the part: the other places lead to it."""
    short = SHORT[found.code]
    return f"{short}{'' if short.endswith('?') else '.'} See below the part."


def price_outlook(report: Report | None, currency: str) -> str:
    """The likely price and what it means; empty while there is none, or where the part cannot be printed like this."""
    if cannot_be_printed(report) or report is None or report.estimate is None or not report.is_settled:
        return ""
    price = likely_price(report.estimate, currency)
    return f"Likely price: {price}. The lab confirms it, and you accept it before anything is printed."


def likely_price(estimate: Estimate, currency: str) -> str:
    """``$3.90 to $4.60``."""
    return range_text(estimate.price_cents, lambda cents: words.money(cents, currency))


def _sentence(title: str, report: Report) -> str:
    return f"{title} {report.analysis.message or ''}".strip()


def _line(icon: str, tone: str, sentence: str) -> ui.element:
    """A sentence beside its icon; gives the box of what stands below it."""
    with ui.element("div").classes(f"pl-finding pl-finding-{tone}"):
        ui.icon(icon).props("aria-hidden=true")
        with ui.element("div").classes("pl-finding-text") as box:
            ui.label(sentence).classes(f"{design.PROSE} {design.BREAK}")
    return box


def volume_text(facts_: ModelFacts, scale: float) -> str:
    """``48.7 cm³, 1 piece, closed``, once it is scaled."""
    pieces = "1 piece" if facts_.bodies == 1 else f"{facts_.bodies:,} pieces"
    closed = "closed" if facts_.closed else "not closed"
    return f"{cubic_centimetres(abs(facts_.volume_mm3) * scale**3)}, {pieces}, {closed}"


def range_text(found: Range, written: Callable[[int], str]) -> str:
    low, high = written(found.low), written(found.high)
    return low if low == high else f"{low} to {high}"
