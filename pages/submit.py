"""The student's form at ``/``: a file first, then how to print it, who they are, and Send."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from typing import Any

from fastapi import Request
from nicegui import background_tasks, ui

from components import design
from components.closed_sign import closed_sign, closed_text, where_to_ask
from components.draft import Draft, Values, draft_name
from components.notice import notice
from components.order_form import Check, OrderForm, section
from components.order_sent import sent_address
from components.send_bar import SendBar
from components.waiting import NOTHING, WaitLine, Words, lab_words
from pages import _frame as frame
from pages._chosen_file import FILE_GONE, ChosenFile
from pages._waiting import WaitFeed
from printlab.domain.commands import SubmitJob
from printlab.domain.policy import Actor
from printlab.domain.report import Order, Report
from printlab.domain.views import LabView, Submitted
from printlab.domain.waiting import Waits
from printlab.errors import InvalidInput, NotFound, PrintLabError, SubmissionsClosed
from printlab.limits import caller_from
from printlab.offloop import off_loop
from printlab.services import Services, fields

_NO_FILE = "Choose the file that is to be printed."
_FILE_COMES = "The file is still on its way. Send the form when it has arrived."
# The bar at a phone's lower edge keeps clear of what the system draws there.
_VIEWPORT = "width=device-width, initial-scale=1, viewport-fit=cover"


def register(services: Services, feed: WaitFeed) -> None:
    """Define the route."""

    @ui.page("/", response_timeout=frame.PATIENCE_S, viewport=_VIEWPORT)
    async def submit(request: Request) -> None:
        actor = await frame.visitor(services, request)
        page = SubmitPage(services, actor, frame.browser_of(request), caller_from(request))
        await page.load()
        with _frame_for(services, actor):
            page.create()
            page.follow(feed)
            await page.begin()


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
    waiting: Words

    def __init__(self, services: Services, actor: Actor, browser: str, caller: str) -> None:
        self.services = services
        self.actor = actor
        self.browser = browser
        self.caller = caller
        self.rereading = frame.Rereading(self._lab_changed)
        frame.LAB_CHANGED.subscribe(self.rereading.ask)
        frame.EVERYTHING_CHANGED.subscribe(self.rereading.ask)
        self.keys: dict[str, str] = {}
        self.sending = False
        self.sent = False
        self.restoring = False

    async def load(self) -> None:
        """Read what the lab says, whether it is open, and how busy it is."""
        self.lab = await off_loop(self.services.lab.view)
        self.waiting = _waiting(await off_loop(self.services.waiting.now))

    async def begin(self) -> None:
        """The page is laid out."""
        await self.rereading.begin()
        if self.shows_form:
            await self.chosen.begin()

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
                self.bar = SendBar("Send to the lab", self._send, self.services.settings.currency)
        self.draft = Draft(draft_name(for_staff=self.actor.is_staff), self._restore)
        self._show_closed_notice()

    def follow(self, feed: WaitFeed) -> None:
        """From now on students read how busy the lab is as it changes."""
        if self.shows_form and not self.actor.is_staff:
            feed.watch(self, lambda forecast: _waiting(forecast.waits), self.wait_line.show)

    @property
    def _open(self) -> bool:
        return self.lab.submissions_open or self.actor.is_staff

    def _create_head(self) -> None:
        with ui.element("div").classes("pl-submit-head"):
            title = "New job at the desk" if self.actor.is_staff else "Send a file to be printed"
            ui.label(title).classes(design.DISPLAY).props("role=heading aria-level=1")
            if self.lab.welcome and not self.actor.is_staff:
                ui.label(self.lab.welcome).classes("pl-lead pl-prose pl-muted")
            if not self.actor.is_staff:
                self.wait_line = WaitLine(self.waiting)
            if self.actor.is_staff:
                self.closed_notice = notice("", "warning")

    def _create_file(self) -> None:
        with section(1, "Your file" if not self.actor.is_staff else "The file"):
            self.chosen = ChosenFile(
                self.services,
                self.browser,
                self._order,
                color=self._color,
                on_change=self._keep,
                on_found=self._show_found,
                on_fit=self._show_fit,
                on_printer=lambda name: self.form.choose_printer(name),  # noqa: PLW0108  (the form comes after it)
                is_priced=lambda: self.form.quantity_is_right,
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

    def _order(self) -> Order:
        """What the part is judged for: printer, material and so on that are chosen now."""
        command = self.form.command(walk_in=False)
        return Order(
            command.printer,
            command.material,
            command.strength or self.lab.default_strength,
            max(1, command.quantity),
            minimum_charge_cents=self.lab.minimum_charge_cents,
        )

    def _show_found(self, found: Report | None) -> None:
        self.bar.show(found)

    def _show_fit(self, fit: Mapping[str, str]) -> None:
        self.form.show_fit(fit)

    def _key(self, staged_id: str) -> str:
        """Each upload is sent once: what the service knows the order by that this browser makes of it."""
        return self.keys.setdefault(staged_id, secrets.token_urlsafe(16))

    def _color(self) -> str | None:
        colors = self.services.catalog.view().colors_of(self.form.method.value or "")
        return next((color.hex for color in colors if color.name == self.form.color.value), None)

    # ---------- what was typed ----------

    def _changed(self) -> None:
        self._keep()
        background_tasks.create(self.chosen.judge_again())

    def _keep(self) -> None:
        if self.restoring or self.sent:
            return
        chosen, staged = self.chosen, dict[str, Any]()
        if chosen.file is not None:
            staged = {"file": chosen.file.id, "key": self._key(chosen.file.id), "scale": chosen.scale}
        if chosen.size_is_right:
            staged["size_is_right"] = True
        desk = {"walk_in": self._walks_in} if self.actor.is_staff else {}
        self.draft.keep(self.form.values() | staged | desk)

    async def _restore(self, kept: Values) -> None:
        if not kept:
            return
        self._fill_in(kept)
        staged_id, key = kept.get("file"), kept.get("key")
        if isinstance(staged_id, str) and isinstance(key, str) and self.chosen.file is None:
            with frame.shown_to_user():
                await self._restore_file(
                    staged_id, key, _kept_scale(kept.get("scale")), size_is_right=kept.get("size_is_right") is True
                )

    def _fill_in(self, kept: Values) -> None:
        self.restoring = True  # else the first field to change would be kept without the file
        self.form.restore(kept)
        if self.actor.is_staff and isinstance(kept.get("walk_in"), bool):
            self.walk_in.value = kept["walk_in"]
        self.restoring = False

    async def _restore_file(self, staged_id: str, key: str, scale: float, *, size_is_right: bool) -> None:
        try:
            file = await off_loop(self.services.submissions.staged, self.browser, staged_id)
        except NotFound:
            if (submitted := await self._sent_already(staged_id, key, scale)) is not None:
                self._follow(submitted)
            else:
                self.chosen.drop(FILE_GONE)
        else:
            self.keys[staged_id] = key
            self.chosen.show(file, scale, size_is_right=size_is_right)

    async def _sent_already(self, staged_id: str, key: str, scale: float) -> Submitted | None:
        """The job that this order became when its answer was lost on the way; without the file none can be made."""
        command = replace(self.form.command(walk_in=self._walks_in), scale=scale, accept_terms=True)
        with suppress(PrintLabError):
            return await self._sent(command, staged_id, key)
        return None

    # ---------- sending ----------

    async def _send(self) -> None:
        if self.sending or self.sent or not self._complete() or self.bar.asks_first():
            return
        self.sending = True
        self.bar.button.props("loading")
        with frame.shown_to_user():
            await self._submit()
        if not self.sent:
            self.sending = False
            self.bar.button.props(remove="loading")

    def _complete(self) -> bool:
        fields_are_there, upload = self.form.check(), self.chosen.upload
        if self.chosen.file is None:
            upload.refuse(_FILE_COMES if upload.under_way else _NO_FILE)
            upload.focus()
        return fields_are_there and self.chosen.file is not None

    async def _submit(self) -> None:
        chosen = self.chosen
        if chosen.file is None:
            return
        order = self.form.command(walk_in=self._walks_in)
        command = replace(order, scale=chosen.scale, size_is_right=chosen.size_is_right)
        try:
            submitted = await self._sent(command, chosen.file.id, self._key(chosen.file.id))
        except InvalidInput as refusal:
            self._refuse(refusal)
        except NotFound:
            chosen.drop(FILE_GONE)
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
            self.chosen.reject(str(refusal))
            self.chosen.upload.focus()
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
        await self.chosen.judge_again()

    def _follow_sign(self) -> None:
        if self._open:
            ui.navigate.reload()
            return
        self.sign.clear()
        with self.sign:
            closed_sign(self.lab, self._contact)

    def _show_closed_notice(self) -> None:
        self.bar.set_visibility(visible=self._open)
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


def _waiting(waits: Waits) -> Words:
    """While the lab takes no files, how long it would take is of no use to anybody here."""
    return (lab_words(waits.of_lab()), "") if waits.takes_files else NOTHING


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
