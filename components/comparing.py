"""Two files of a job beside each other: what they are, what their slicers say, and both in the viewer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from functools import partial

from nicegui import ui

from components.buttons import secondary_button
from components.compared import compared
from components.form_dialog import StayingDialog
from components.model_report import volume_text
from components.model_viewer import Bed, ModelViewer
from components.revisions import from_whom, what_it_is
from printlab.domain import slicing, words
from printlab.domain.judging import phrases
from printlab.domain.pricing import price_if_known
from printlab.domain.sliced_facts import slicer_of
from printlab.domain.views import Catalog, JobView, RevisionView

_UNSAID = "–"
_NOTHING_TO_SEE = "Neither file can be shown in 3D."


class CompareDialog(StayingDialog):
    """Choose two of a job's files; what differs is marked."""

    def __init__(self, job: JobView, catalog: Catalog, bed: Bed | None, zone: tzinfo, now: datetime) -> None:
        super().__init__(f"Compare files of job {job.id}", "plj-dialog plj-compare")
        self._job = job
        self._catalog = catalog
        self._zone, self._now = zone, now
        with self:
            options = {r.number: f"{r.number} · {what_it_is(r)} · {r.original_name}" for r in reversed(job.revisions)}
            with ui.element("div").classes("plj-pair"):
                self.sides = [
                    ui.select(options, value=number, label=label, on_change=self._show)
                    for label, number in zip(("This file", "With this file"), _beginning(job), strict=True)
                ]
            with ui.element("div").classes("plj-compare-body"):
                self._table = ui.element("div")
                with ui.element("div").classes("plj-compare-view"):
                    self._views = ui.element("div").classes("pl-row").props('role=group aria-label="Shown in 3D"')
                    self._view = ModelViewer("The chosen file in 3D.", bed=bed, empty=_NOTHING_TO_SEE)
                    self._view.tint(job.color_hex)
            with ui.element("div").classes("pl-dialog-actions"):
                secondary_button("Close", self.close)
        self._show()

    def _show(self) -> None:
        left, right = (self._revision(side.value) for side in self.sides)
        self._table.clear()
        with self._table:
            compared((f"File {left.number}", f"File {right.number}"), self._figures(left, right), marks=True)
        self._views.clear()
        with self._views:
            shown = {revision.number: revision for revision in (left, right)}
            self._buttons = {number: self._button(revision) for number, revision in shown.items()}
        self._look(left if _can_be_seen(left) else right)

    def _button(self, revision: RevisionView) -> ui.button:
        button = secondary_button(f"Show file {revision.number}", partial(self._look, revision))
        button.set_enabled(_can_be_seen(revision))
        return button

    def _look(self, revision: RevisionView) -> None:
        for number, button in self._buttons.items():
            button.props["aria-pressed"] = "true" if number == revision.number else "false"
            button.update()
        self._view.clear()
        self._view.show_tool_path(revision.tool_path_url)
        self._view.judge_by(revision.facts)
        self._view.set_scale(self._scale_of(revision))
        if revision.model_url is not None:
            self._view.show(revision.model_url)
        self._view.describe(f"File {revision.number}, {what_it_is(revision).lower()}, in 3D.")

    def _scale_of(self, revision: RevisionView) -> float:
        """What was said of the size was said of the model that counts; of others nothing is known."""
        return self._job.scale if revision.number == self._job.counting_file.model else 1.0

    def _revision(self, number: int) -> RevisionView:
        return next(revision for revision in self._job.revisions if revision.number == number)

    def _figures(self, left: RevisionView, right: RevisionView) -> Iterator[tuple[str, str, str]]:
        for name, one, other in zip(_NAMES, self._of(left), self._of(right), strict=True):
            if one is not None or other is not None:
                yield name, one or _UNSAID, other or _UNSAID

    def _of(self, revision: RevisionView) -> Iterator[str | None]:
        facts, model, found = revision.sliced, revision.facts, slicing.figures(revision, self._job, self._catalog)
        yield revision.original_name
        yield what_it_is(revision)
        yield from_whom(revision)
        yield words.when(revision.created_at, self._now, self._zone)
        yield words.size(revision.bytes)
        yield model and phrases.size(model.size_mm, self._scale_of(revision))
        yield model and volume_text(model, self._scale_of(revision))
        yield slicing.in_words(found) or None
        yield self._price(found)
        yield facts and facts.material
        yield facts and facts.printer_model
        yield None if facts is None or facts.layer_height_mm is None else f"{facts.layer_height_mm:g} mm"
        yield (facts and slicer_of(facts)) or None

    def _price(self, found: slicing.Figures) -> str | None:
        price = price_if_known(self._job.rates, found.weight_cg, found.time_min)
        return None if price is None else words.money(price, self._job.currency)


_NAMES = (
    "Name",
    "What",
    "From",
    "When",
    "File size",
    "Size",
    "Volume",
    "Takes",
    "Price",
    "Material",
    "Printer",
    "Layer height",
    "Slicer",
)


def _beginning(job: JobView) -> tuple[int, int]:
    """The file that counts, beside the newest other one."""
    others = [revision.number for revision in job.revisions if not revision.authoritative]
    return job.authoritative, others[-1] if others else job.authoritative


def _can_be_seen(revision: RevisionView) -> bool:
    return revision.model_url is not None or revision.tool_path_url is not None
