"""A part as a page shows it: in 3D on its printer's bed, with what was found about it below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from components.facts import facts
from components.model_report import ModelReport
from components.model_viewer import Bed, ModelViewer
from printlab.domain import slicing
from printlab.domain.judging import Severity
from printlab.domain.report import Report, millimetres
from printlab.domain.sliced_facts import SlicedFacts, slicer_of
from printlab.domain.views import PrinterView, RevisionView

_NOTHING = "A part in 3D; nothing to show yet."
_CHOOSE = "Your part appears here in 3D."
_COMES = "The part appears here as soon as it is drawn."


class ModelPanel:
    """Viewer and report. ``local`` shows the student's own file before it has arrived; the page says in a sentence
    of its own what that comes to, so that a screen reader does not read all of the report at every choice.

    ``compact`` takes less of the page's height.
    """

    def __init__(
        self,
        currency: str,
        *,
        for_staff: bool = False,
        local: bool = False,
        compact: bool = False,
        on_scale: Callable[[float], Any] | None = None,
        on_size_is_right: Callable[[], Any] | None = None,
        on_printer: Callable[[str], Any] | None = None,
        on_retry: Callable[[], Any] | None = None,
        contact: str | None = None,
    ) -> None:
        with ui.element("div").classes("pl-model pl-model-compact" if compact else "pl-model"):
            self._viewer = ModelViewer(_NOTHING, local=local, empty=_CHOOSE if local else _COMES)
            self._sliced = ui.element("div").classes("pl-path-facts")
            self._report = ModelReport(
                currency,
                for_staff=for_staff,
                on_scale=on_scale,
                on_size_is_right=on_size_is_right,
                on_printer=on_printer,
                on_retry=on_retry,
                contact=contact,
                spoken=not local,
                is_linked=local,
            )
        self._local = local
        self._told: SlicedFacts | None = None
        self._bed: Bed | None = None
        self._url: str | None = None

    def show(
        self,
        report: Report | None,
        printer: PrinterView | None,
        color: str | None = None,
        *,
        sliced: RevisionView | None = None,
        may_scale: bool = True,
    ) -> None:
        """Show a model for a printer, in a colour (``#rrggbb``); None for one that nobody looked at yet.

        ``sliced`` is the file that was sliced from it, ``may_scale`` offers other scales.
        """
        tool_path_url = sliced and sliced.tool_path_url
        self._show_bed(printer)
        self._show_sliced(sliced.sliced if sliced and tool_path_url else None)
        self._viewer.show_tool_path(tool_path_url)
        self._report.show(report, may_scale=may_scale)
        has_something = report is None or has_picture(report) or tool_path_url is not None
        self._viewer.set_visibility(self._local or has_something)
        self._viewer.describe(_described(report, printer))
        self._viewer.set_scale(report.scale if report else 1.0)
        self._viewer.tint(color)
        analysis = report.analysis if report else None
        self._viewer.judge_by(analysis.facts if analysis else None)
        self._viewer.fall_back_to(analysis.thumbnail_url if analysis else None)
        url = analysis.model_url if analysis else None
        if url != self._url:
            self._url = url
            if url is None:
                self._viewer.clear()
            else:
                self._viewer.show(url)

    def _show_sliced(self, told: SlicedFacts | None) -> None:
        """What the sliced file says of itself, in place of the model's facts while its tool path is shown."""
        if told == self._told:
            return
        self._told = told
        self._sliced.clear()
        if told is not None:
            with self._sliced:
                facts(_of_sliced(told))

    def _show_bed(self, printer: PrinterView | None) -> None:
        bed = Bed.of(printer)
        if bed != self._bed:
            self._bed = bed
            self._viewer.set_bed(bed)


def _of_sliced(told: SlicedFacts) -> list[tuple[str, str | None]]:
    height = told.layer_height_mm
    return [
        ("Takes", slicing.in_words(slicing.rounded_figures(told.weight_g, told.time_s))),
        ("Layer height", None if height is None else f"{height:g} mm"),
        ("Material", told.material),
        ("Printer", told.printer_model),
        ("Slicer", slicer_of(told)),
    ]


def has_picture(report: Report) -> bool:
    """Whether there is something of the part to see, or will be."""
    analysis = report.analysis
    return report.is_waiting or bool(analysis.model_url or analysis.thumbnail_url)


def _described(report: Report | None, printer: PrinterView | None) -> str:
    if report is None or report.size_mm is None:
        return _NOTHING
    where = f" on the bed of the {printer.name}" if printer else ""
    trouble = next((finding.student for finding in report.findings if finding.severity is Severity.STOPS), "")
    return f"The part in 3D{where}: {millimetres(report.size_mm)}. {trouble}".strip()
