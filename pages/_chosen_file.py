"""A file that was chosen and is not sent yet: on its way, looked into, and shown with what was found in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from nicegui import ui

from components.model_panel import ModelPanel
from components.model_report import FOUND, verdict
from components.upload import Tone, Upload, of_file
from pages import _frame as frame
from printlab.domain.analysis import AnalysisState, AnalysisView
from printlab.domain.judging import Severity
from printlab.domain.report import Order, Report, how_it_fits, report
from printlab.domain.views import StagedFile
from printlab.errors import NotFound
from printlab.offloop import off_loop
from printlab.services import Services

FILE_GONE = "The file is no longer here. Choose it again; everything else was kept."
_NO_MODEL = "This file cannot be printed. Choose another one."
_LOOKS_EVERY_S = 0.4
_TONES: dict[Severity | None, Tone] = {None: "positive", Severity.WARNING: "warning", Severity.STOPS: "negative"}


class ChosenFile:
    """The field for a file and the part below it. It listens once ``begin`` was called.

    ``order`` says for what the part is judged at the moment, ``color`` (``#rrggbb``) in what it is shown; scale and
    whether the size is right are the file's own and are put into the order. ``on_change`` is called when the file, or
    what was said of its size, is another; ``on_found`` with what is known of it, None when there is nothing; ``on_fit``
    with how it fits each printer in use, by name. ``is_priced``: whether the order is one that an estimate can be told
    for. ``on_printer`` is called with the name of another printer that the part fits, where that is to be chosen here.
    ``may_scale``: whether another size can be chosen here; ``contact`` is whom to ask where it cannot.
    """

    def __init__(
        self,
        services: Services,
        browser: str,
        order: Callable[[], Order],
        *,
        color: Callable[[], str | None],
        on_change: Callable[[], Any],
        on_found: Callable[[Report | None], Any],
        on_fit: Callable[[Mapping[str, str]], Any] | None = None,
        on_printer: Callable[[str], Any] | None = None,
        may_scale: bool = True,
        contact: str | None = None,
        is_priced: Callable[[], bool] = lambda: True,
        title: str = "Drop or choose a file",
        compact: bool = False,
    ) -> None:
        settings = services.settings
        self._services = services
        self._browser = browser
        self._order = order
        self._color = color
        self._on_change = on_change
        self._on_found = on_found
        self._on_fit = on_fit
        self._is_priced = is_priced
        self.file: StagedFile | None = None
        self.scale = 1.0
        self.size_is_right = False
        self._analysis: AnalysisView | None = None
        self._looking: ui.timer | None = None
        self._turn = 0  # how often a file was taken away
        self._reporting = frame.Rereading(self._show_report)
        with ui.element("div").classes("pl-chosen"):
            self.upload = Upload(
                extensions=settings.upload_extensions,
                max_mb=settings.max_upload_mb,
                on_uploaded=self._uploaded,
                on_removed=self._removed,
                title=title,
                compact=compact,
                found=FOUND,
            )
            self._model = ModelPanel(
                settings.currency,
                local=True,
                compact=compact,
                on_scale=self._use_scale if may_scale else None,
                on_size_is_right=self._keep_size if may_scale else None,
                on_printer=on_printer,
                contact=contact,
            )

    async def begin(self) -> None:
        """The page is laid out: the bed on which a part is shown is there before the part."""
        await self._reporting.ask()
        await self._reporting.begin()

    async def judge_again(self) -> None:
        """The order is another: show what that means for the part."""
        await self._reporting.ask()

    def show(self, file: StagedFile, scale: float = 1.0, *, size_is_right: bool = False) -> None:
        """Show that ``file`` is there, and from now on what is found in it."""
        self.file = file
        self.scale, self.size_is_right = scale, size_is_right
        self.upload.show(file.original_name, file.bytes)
        self._look_no_more()
        self._looking = ui.timer(_LOOKS_EVERY_S, self._look, immediate=True)

    def drop(self, why: str = "") -> None:
        """Open the field for another file; ``why`` stands beside it."""
        self._turn += 1
        self.file = None
        self.scale, self.size_is_right = 1.0, False
        self.upload.reset()
        if why:
            self.upload.refuse(why)
        self._look_no_more()
        self._show_found(None, {})

    def reject(self, why: str) -> None:
        """Open the field for another file, since the one that is there cannot be taken."""
        self.drop(of_file(self.file.original_name, why) if self.file is not None else why)

    # ---------- what people do ----------

    async def _uploaded(self, staged_id: str) -> None:
        turn = self._turn
        with frame.shown_to_user():
            try:
                file = await off_loop(self._services.submissions.staged, self._browser, staged_id)
            except NotFound:
                file = None
            if turn != self._turn:  # stopped while it was looked up: it is not chosen any more
                await off_loop(self._services.submissions.discard, self._browser, staged_id)
                return
            if file is None:
                self.upload.refuse(FILE_GONE)
            else:
                self.show(file)
            self._on_change()

    async def _removed(self) -> None:
        file = self.file
        self.drop()
        self._on_change()
        if file is not None:
            with frame.shown_to_user():
                await off_loop(self._services.submissions.discard, self._browser, file.id)

    async def _keep_size(self) -> None:
        """The student says that the part is as small or as large as its file says."""
        self.size_is_right = True
        self._on_change()
        await self.judge_again()

    async def _use_scale(self, factor: float) -> None:
        """The student says that the file is in other units; the file stays as it is."""
        self.scale = factor
        self._on_change()
        await self.judge_again()

    # ---------- what is in the file ----------

    async def _look(self) -> None:
        """What has been found so far; the file can be sent before it is all there."""
        file = self.file
        if file is None:
            return
        try:
            analysis = await off_loop(self._services.intake.view, file.sha256)
        except NotFound:
            return
        if file is not self.file:
            return
        if analysis.state.is_over:
            self._look_no_more()
        if analysis.state is AnalysisState.REFUSED:
            self.reject(analysis.message or _NO_MODEL)
            self._on_change()
        elif analysis != self._analysis:
            self._analysis = analysis
            await self.judge_again()

    def _look_no_more(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
        self._looking = self._analysis = None

    async def _show_report(self) -> None:
        analysis = self._analysis
        if self.file is None or analysis is None:
            self._show_found(None, {})
            return
        order = replace(self._order(), scale=self.scale, size_is_right=self.size_is_right)
        found, fit = await off_loop(self._look_over, analysis, order)
        if analysis is self._analysis:  # the file may have been taken away meanwhile
            self._show_found(found if self._is_priced() else replace(found, estimate=None), fit)

    def _look_over(self, analysis: AnalysisView, order: Order) -> tuple[Report, Mapping[str, str]]:
        catalog = self._services.catalog.view()
        found = report(analysis, order, catalog)
        return found, how_it_fits(found, catalog.printers_in_use) if self._on_fit else {}

    def _show_found(self, found: Report | None, fit: Mapping[str, str]) -> None:
        printer = self._services.catalog.view().printer(self._order().printer)
        self._model.show(found, printer, self._color())
        self._mark(found)
        if self._on_fit is not None:
            self._on_fit(fit)
        self._on_found(found)

    def _mark(self, found: Report | None) -> None:
        """A tick is for a part that can be printed; that a file has arrived says the field in words."""
        judged = verdict(found)
        if judged is None:
            self.upload.judge()
        else:
            self.upload.judge(_TONES[judged[0]], judged[1])
