"""The student's form at ``/``: a file first, then how to print it, who they are, and Send."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from typing import Any

from fastapi import Request
from nicegui import background_tasks, ui

from components import design
from components.buttons import primary_button
from components.closed_sign import closed_sign, closed_text, where_to_ask
from components.draft import Draft, Values, draft_name
from components.model_panel import ModelPanel
from components.model_report import in_short, verdict
from components.notice import notice
from components.order_form import Check, OrderForm, section
from components.order_sent import sent_address
from components.upload import Tone, Upload
from pages import _frame as frame
from printlab.domain.analysis import AnalysisState, AnalysisView
from printlab.domain.commands import SubmitJob
from printlab.domain.judging import Severity
from printlab.domain.policy import Actor
from printlab.domain.report import Order, Report, how_it_fits, report
from printlab.domain.views import LabView, PrinterView, StagedFile, Submitted
from printlab.errors import InvalidInput, NotFound, PrintLabError, SubmissionsClosed
from printlab.limits import caller_from
from printlab.offloop import off_loop
from printlab.services import Services, fields

_NO_FILE = "Choose the file that is to be printed."
_FILE_COMES = "The file is still on its way. Send the form when it has arrived."
_LOOKS_EVERY_S = 0.4
_TONES: dict[Severity | None, Tone] = {None: "positive", Severity.WARNING: "warning", Severity.STOPS: "negative"}
_FILE_GONE = "The file is no longer here. Choose it again; everything else was kept."


def register(services: Services) -> None:
    """Define the route."""

    @ui.page("/", response_timeout=frame.PATIENCE_S)
    async def submit(request: Request) -> None:
        actor = await frame.visitor(services, request)
        page = SubmitPage(services, actor, frame.browser_of(request), caller_from(request))
        await page.load()
        with _frame_for(services, actor):
            page.create()
            await page.rereading.begin()
            await page.reporting.begin()


@contextmanager
def _frame_for(services: Services, actor: Actor) -> Generator[None]:
    if actor.is_staff:
        with frame.staff_frame(services, actor, "New job", "submit"):
            yield
    else:
        with frame.public_frame(services, "Send a file"):
            yield


class SubmitPage:
    """One visitor's form. It listens once it is made."""

    lab: LabView

    def __init__(self, services: Services, actor: Actor, browser: str, caller: str) -> None:
        self.services = services
        self.actor = actor
        self.browser = browser
        self.caller = caller
        self.rereading = frame.Rereading(self._lab_changed)
        frame.LAB_CHANGED.subscribe(self.rereading.ask)
        frame.EVERYTHING_CHANGED.subscribe(self.rereading.ask)
        self.file: StagedFile | None = None
        self.key = secrets.token_urlsafe(16)
        self.sending = False
        self.sent = False
        self.restoring = False
        self.scale = 1.0
        self.size_is_right = False
        self.analysis: AnalysisView | None = None
        self.looking: ui.timer | None = None
        self.reporting = frame.Rereading(self._show_report)

    async def load(self) -> None:
        """Read what the lab says and whether it is open."""
        self.lab = await off_loop(self.services.lab.view)

    # ---------- layout ----------

    def create(self) -> None:
        """Lay out the form, or why the lab takes no files."""
        self.shows_form = self._open
        if not self.shows_form:
            self._create_closed()
            return
        with ui.element("div").classes("pl-groups"):
            self._create_head()
            with ui.element("div").classes("pl-submit"):
                with ui.element("div").classes("pl-submit-file"):
                    self._create_file()
                with ui.element("div").classes("pl-submit-form"):
                    self._create_form()
        self.draft = Draft(draft_name(for_staff=self.actor.is_staff), self._restore)
        self._show_closed_notice()

    @property
    def _open(self) -> bool:
        return self.lab.submissions_open or self.actor.is_staff

    def _create_head(self) -> None:
        with ui.element("div").classes("pl-submit-head"):
            title = "New job at the desk" if self.actor.is_staff else "Send a file to be printed"
            ui.label(title).classes(design.DISPLAY).props("role=heading aria-level=1")
            if self.lab.welcome and not self.actor.is_staff:
                ui.label(self.lab.welcome).classes("pl-lead pl-prose pl-muted")
            if self.actor.is_staff:
                self.closed_notice = notice("", "warning")

    def _create_file(self) -> None:
        settings = self.services.settings
        with section(1, "Your file" if not self.actor.is_staff else "The file"):
            self.upload = Upload(
                extensions=settings.upload_extensions,
                max_mb=settings.max_upload_mb,
                on_uploaded=self._uploaded,
                on_removed=self._removed,
            )
            self.model = ModelPanel(
                settings.currency, local=True, on_scale=self._use_scale, on_size_is_right=self._keep_size
            )

    def _create_form(self) -> None:
        services, staff = self.services, self.actor.is_staff
        settings = services.settings
        today = services.clock().astimezone(settings.zone).date()
        self.form = OrderForm(
            services.catalog.view(),
            self.lab,
            settings.currency,
            self._changed,
            mailed=settings.smtp_url is not None,
            checks=_checks(today),
        )
        self.form.create(today, for_staff=staff)
        with section(4, "Agree and send"):
            if staff:
                self.walk_in = ui.checkbox("For a walk-in student", value=True, on_change=self._keep)
            self.form.create_consent(for_staff=staff)
            if not staff:
                self.closed_notice = notice("", "warning").props("role=alert")  # it takes the button's place
            self.in_short = ui.label().classes(design.PROSE)
            self.in_short.set_visibility(False)
            with ui.element("div").classes("pl-send"):
                self.send = primary_button("Send to the lab", self._send).classes("pl-btn-big")

    def _create_closed(self) -> None:
        with ui.element("div").classes(design.READING), ui.element("div").classes(design.STACK) as self.sign:
            closed_sign(self.lab, self._contact)

    @property
    def _contact(self) -> str | None:
        return self.services.settings.contact_email

    @property
    def _walks_in(self) -> bool:
        return self.actor.is_staff and bool(self.walk_in.value)

    # ---------- the file ----------

    async def _uploaded(self, staged_id: str) -> None:
        with frame.shown_to_user():
            try:
                self._show_file(await off_loop(self.services.submissions.staged, self.browser, staged_id))
            except NotFound:
                self.upload.refuse(_FILE_GONE)
            self.key = secrets.token_urlsafe(16)
            self._keep()

    async def _removed(self) -> None:
        if self.file is not None:
            with frame.shown_to_user():
                await off_loop(self.services.submissions.discard, self.browser, self.file.id)
        self._drop_file()
        self._keep()

    def _show_file(self, file: StagedFile) -> None:
        self.file = file
        self.upload.show(file.original_name, file.bytes)
        self._look_no_more()
        self.looking = ui.timer(_LOOKS_EVERY_S, self._look, immediate=True)

    def _drop_file(self) -> None:
        self.file = None
        self.scale, self.size_is_right = 1.0, False
        self.upload.reset()
        self._look_no_more()
        self._show_found(None)

    # ---------- what is in the file ----------

    async def _look(self) -> None:
        """What has been found so far; the form can be sent before it is all there."""
        file = self.file
        if file is None:
            return
        try:
            analysis = await off_loop(self.services.intake.view, file.sha256)
        except NotFound:
            return
        if file is not self.file:
            return
        if analysis.state.is_over:
            self._look_no_more()
        if analysis.state is AnalysisState.REFUSED:
            self._drop_file()
            self.upload.refuse(analysis.message or _NO_FILE)
            self._keep()
        elif analysis != self.analysis:
            self.analysis = analysis
            await self.reporting.ask()

    def _look_no_more(self) -> None:
        if self.looking is not None:
            self.looking.cancel()
        self.looking = self.analysis = None

    async def _show_report(self) -> None:
        """For the printer, material and so on that are chosen now."""
        analysis, command = self.analysis, self.form.command(walk_in=False)
        if self.file is None or analysis is None:
            self._show_found(None)
            return
        order = Order(
            command.printer,
            command.material,
            command.strength or self.lab.default_strength,
            max(1, command.quantity),
            self.scale,
            self.lab.minimum_charge_cents,
            self.size_is_right,
        )
        found = await off_loop(report, analysis, order, self.services.catalog.view())
        if analysis is self.analysis:  # the file may have been taken away meanwhile
            self._show_found(found)

    def _show_found(self, found: Report | None) -> None:
        self.model.show(found, self._printer, self._color)
        self._mark_file(found)
        self.form.show_fit(lambda printer: how_it_fits(found, printer) if found else None)
        sentence = in_short(found, self.services.settings.currency)
        self.in_short.set_text(sentence)
        self.in_short.set_visibility(bool(sentence))

    def _mark_file(self, found: Report | None) -> None:
        judged = verdict(found)
        if judged is None:
            self.upload.judge()
        else:
            self.upload.judge(_TONES[judged[0]], judged[1])

    @property
    def _printer(self) -> PrinterView | None:
        name = self.form.printer.value
        return next((p for p in self.services.catalog.view().printers if p.name == name), None)

    @property
    def _color(self) -> str | None:
        colors = self.services.catalog.view().colors_of(self.form.method.value or "")
        return next((color.hex for color in colors if color.name == self.form.color.value), None)

    async def _keep_size(self) -> None:
        """The student says that the part is as small or as large as its file says."""
        self.size_is_right = True
        self._keep()
        await self.reporting.ask()

    async def _use_scale(self, factor: float) -> None:
        """The student says that the file is in other units; the file stays as it is."""
        self.scale = factor
        self._keep()
        await self.reporting.ask()

    # ---------- what was typed ----------

    def _changed(self) -> None:
        self._keep()
        background_tasks.create(self.reporting.ask())

    def _keep(self) -> None:
        if self.restoring or self.sent:
            return
        staged = {"file": self.file.id, "key": self.key, "scale": self.scale} if self.file else {}
        if self.size_is_right:
            staged["size_is_right"] = True
        desk = {"walk_in": self._walks_in} if self.actor.is_staff else {}
        self.draft.keep(self.form.values() | staged | desk)

    async def _restore(self, kept: Values) -> None:
        if not kept:
            return
        self._fill_in(kept)
        staged_id, key = kept.get("file"), kept.get("key")
        if isinstance(staged_id, str) and isinstance(key, str) and self.file is None:
            with frame.shown_to_user():
                await self._restore_file(staged_id, key, _kept_scale(kept.get("scale")))
                self.size_is_right = self.file is not None and kept.get("size_is_right") is True

    def _fill_in(self, kept: Values) -> None:
        self.restoring = True  # else the first field to change would be kept without the file
        self.form.restore(kept)
        if self.actor.is_staff and isinstance(kept.get("walk_in"), bool):
            self.walk_in.value = kept["walk_in"]
        self.restoring = False

    async def _restore_file(self, staged_id: str, key: str, scale: float) -> None:
        try:
            file = await off_loop(self.services.submissions.staged, self.browser, staged_id)
            self.scale, self.key = scale, key  # of this file, and of no other
            self._show_file(file)
        except NotFound:
            if (submitted := await self._sent_already(staged_id, key, scale)) is not None:
                self._follow(submitted)
            else:
                self.upload.refuse(_FILE_GONE)

    async def _sent_already(self, staged_id: str, key: str, scale: float) -> Submitted | None:
        """The job that this order became when its answer was lost on the way; without the file none can be made."""
        command = replace(self.form.command(walk_in=self._walks_in), scale=scale, accept_terms=True)
        with suppress(PrintLabError):
            return await self._sent(command, staged_id, key)
        return None

    # ---------- sending ----------

    async def _send(self) -> None:
        if self.sending or self.sent or not self._complete():
            return
        self.sending = True
        self.send.props("loading")
        with frame.shown_to_user():
            await self._submit()
        if not self.sent:
            self.sending = False
            self.send.props(remove="loading")

    def _complete(self) -> bool:
        fields_are_there = self.form.check()
        if self.file is None:
            self.upload.refuse(_FILE_COMES if self.upload.under_way else _NO_FILE)
            self.upload.focus()
        return fields_are_there and self.file is not None

    async def _submit(self) -> None:
        if self.file is None:
            return
        order = self.form.command(walk_in=self._walks_in)
        command = replace(order, scale=self.scale, size_is_right=self.size_is_right)
        try:
            submitted = await self._sent(command, self.file.id, self.key)
        except InvalidInput as refusal:
            self._refuse(refusal)
        except NotFound:
            self._drop_file()
            self.upload.refuse(_FILE_GONE)
        except SubmissionsClosed:
            await self.rereading.ask()
        else:
            self._follow(submitted)

    async def _sent(self, command: SubmitJob, staged_id: str, key: str) -> Submitted:
        """The key is this browser's own: whoever guesses one, or knows one that a program used, finds nothing by it."""
        submit, own_key = self.services.submissions.submit, f"form {self.browser} {key}"
        return await off_loop(submit, command, self.browser, staged_id, self.actor, own_key, self.caller)

    def _refuse(self, refusal: InvalidInput) -> None:
        if refusal.field == "file":
            self._drop_file()
            self.upload.refuse(str(refusal))
            self.upload.focus()
        elif not self.form.refuse(refusal.field, str(refusal)):
            raise refusal

    def _follow(self, submitted: Submitted) -> None:
        """To the job's own page, which a reload does not lose; until it is there, this form takes no second click."""
        self.sent = True
        self.draft.forget()
        ui.navigate.to(sent_address(submitted))

    # ---------- live ----------

    async def _lab_changed(self) -> None:
        await self.load()
        if not self.shows_form:
            self._follow_sign()
            return
        self._show_closed_notice()
        self.form.follow(self.lab, await off_loop(self.services.catalog.view))

    def _follow_sign(self) -> None:
        if self._open:
            ui.navigate.reload()
            return
        self.sign.clear()
        with self.sign:
            closed_sign(self.lab, self._contact)

    def _show_closed_notice(self) -> None:
        self.send.set_visibility(self._open)
        self.closed_notice.clear()
        self.closed_notice.set_visibility(not self.lab.submissions_open)
        with self.closed_notice:
            ui.icon("event_busy").props("aria-hidden=true")
            with ui.element("div").classes(design.STACK):
                self._fill_closed_notice()

    def _fill_closed_notice(self) -> None:
        closed = "Submissions are closed; students read: " if self.actor.is_staff else ""
        ui.label(f"{closed}{closed_text(self.lab)}").classes(design.PROSE)
        if not self.actor.is_staff:
            where_to_ask(self.lab, self._contact)
            ui.label("What you filled in stays here.").classes(design.MUTED)


def _checks(today: date) -> dict[str, Check]:
    """What the services would refuse, said before anything is sent: all of it in one round."""
    return {
        "email": lambda typed: _problem(fields.email, typed),
        "quantity": lambda count: _problem(fields.quantity, int(count)),
        "needed_by": lambda day: _problem(fields.not_past, date.fromisoformat(day), today),
    }


def _kept_scale(value: object) -> float:
    """A scale as the browser kept it, if it is one."""
    with suppress(InvalidInput):
        if isinstance(value, int | float):
            return fields.scale(float(value))
    return 1.0


def _problem(check: Callable[..., Any], *value: Any) -> str | None:
    try:
        check(*value)
    except InvalidInput as refusal:
        return str(refusal)
    return None
