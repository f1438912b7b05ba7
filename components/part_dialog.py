"""The part of a job in 3D, over whatever page somebody is on."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from components.buttons import link_button, secondary_button
from components.form_dialog import StayingDialog
from components.model_panel import ModelPanel
from printlab.domain.report import Report
from printlab.domain.views import JobView, PrinterView


class PartDialog(StayingDialog):
    """The viewer of the job's page with what was found about the part, and the way there."""

    def __init__(
        self, job: JobView, report: Report | None, printer: PrinterView | None, on_close: Callable[[], None]
    ) -> None:
        super().__init__(f"#{job.id} {job.student_name}", "plj-dialog plj-part", job.known_as, on_close)
        with self:
            panel = ModelPanel(job.currency, for_staff=True, compact=True)
            panel.show(report, printer, job.color_hex, sliced=job.counting_file, may_scale=False)
            with ui.element("div").classes("pl-dialog-actions plj-form-actions"):
                link_button(f"Open job {job.id}", f"/jobs/{job.id}", icon="open_in_full")
                secondary_button("Close", self.close)
