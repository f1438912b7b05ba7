"""The student's private page at ``/track/<token>``: where the part is, what it costs, and what they can do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from fastapi import Request
from nicegui import ui

from components import design
from components.buttons import busy, confirmed, danger_button, primary_button, secondary_button
from components.copy_line import CopyLine
from components.draft import Draft, Values
from components.facts import facts
from components.journey import agreement, replaced, step_line, steps, was_withdrawn, what_now, where
from components.keep_field import KeepField
from components.lost_link import LostLinkForm
from components.model_panel import ModelPanel, has_picture
from components.model_report import price_outlook, trouble
from components.notice import notice
from components.order_sent import OrderSent, send_another
from components.quote_card import quote_figures, quote_summary
from components.status import status_badge
from components.thread import Thread
from components.waiting import NOTHING, WaitLine, Words, job_words
from pages import _frame as frame
from pages._chosen_file import FILE_GONE, ChosenFile
from pages._waiting import WaitFeed
from printlab.domain import words
from printlab.domain.commands import ConfirmJob, KeepUntil, MoveJob, SaySize
from printlab.domain.policy import UNDO_WINDOW, Actor, is_closed, size_is_open
from printlab.domain.report import Report, as_ordered, report_of
from printlab.domain.status import ENDED, JobStatus, Verb
from printlab.domain.views import (
    EventView,
    FileState,
    JobView,
    LabView,
    MessageView,
    PrinterView,
    RevisionView,
    withdrawal,
)
from printlab.domain.waiting import Forecast, Standing
from printlab.errors import Conflict, InvalidInput, NotFound
from printlab.limits import caller_from
from printlab.offloop import off_loop
from printlab.services import Services

_NO_SUCH_LINK = {
    True: "This link belongs to no job, or the lab has sent a newer one. Open it from the newest e-mail, or copy it "
    "whole: it is long, and mail programs sometimes break it. You can also have it sent again.",
    False: "This link belongs to no job. Copy it whole: it is long, and a part of it may be missing. The lab’s desk "
    "finds your job by its number or your name.",
}
_CAN_TAKE_BACK = f"You can take that back for {UNDO_WINDOW // timedelta(minutes=1)} minutes."
_ABOUT_MESSAGES = {
    True: "A question about this job? Write it here. Staff answer here, and you get a mail when they do.",
    False: "A question about this job? Write it here. Staff answer here: look at this page again.",
}
_UNDONE = {
    Verb.CONFIRM: "You accepted the quote.",
    Verb.CORRECT: "You sent a corrected file.",
}
# Where the job stands now, and what comes next. A dialog that closes puts the page back to where it was before.
_TO_THE_TOP = """(function rise() {
    if (document.body.classList.contains("q-body--prevent-scroll")) setTimeout(rise, 50);
    else scrollTo(0, 0);
})()"""


def register(services: Services, feed: WaitFeed) -> None:
    """Define the route."""

    @ui.page("/track/{token}", response_timeout=frame.PATIENCE_S)
    async def track(request: Request, token: str) -> None:
        frame.keep_private()
        page = TrackPage(services, token, frame.browser_of(request), request.query_params.get("sent", ""))
        try:
            await page.load()
        except NotFound:
            _create_no_job(services, caller_from(request))
            return
        actor = await frame.visitor(services, request)
        if actor.is_staff and page.was_just_sent:
            with frame.staff_frame(services, actor, f"Job {page.job.id}", "submit"):
                page.create_at_desk()
            return
        with frame.public_frame(services, f"Job {page.job.id}", actor):
            page.create()
            page.follow(feed)
            await page.rereading.begin()
            await page.chosen.begin()


def _create_no_job(services: Services, caller: str) -> None:
    """What stands where no job is: why, and, where the lab sends mails, the way to the right link."""
    mailed = services.settings.smtp_url is not None
    with frame.problem(services, "There is no job at this address", _NO_SUCH_LINK[mailed]) as actions:
        ui.link("Send a new file", "/").classes(design.LINK)
    if not mailed:
        return

    async def ask(job_number: str, email: str) -> bool:
        with frame.shown_to_user():
            try:
                await off_loop(services.lost_links.ask, job_number, email, caller)
            except InvalidInput as refusal:
                if not form.refuse(refusal.field, str(refusal)):
                    raise
                return False
            return True
        return False

    assert actions.parent_slot is not None  # noqa: S101  (it stands on the page)
    with actions.parent_slot.parent:
        form = LostLinkForm(ask)


@dataclass(frozen=True, slots=True)
class _State:
    """All that the page shows, read in one go."""

    job: JobView
    actor: Actor
    events: tuple[EventView, ...]
    lab: LabView
    report: Report | None
    printer: PrinterView | None
    waiting: Words
    messages: tuple[MessageView, ...]

    def looks_like(self, other: _State) -> bool:
        """Whether the page shows both alike but for the part, the queue and the messages, which are followed by
        themselves; where the lab's copy of the file lies is not shown.
        """
        return self._shown() == other._shown()

    def _shown(self) -> _State:
        job = replace(self.job.without_findings, file_state=FileState.SETTLED, file_problem=None)
        return replace(self, job=job, report=None, waiting=NOTHING, messages=())


def _read(services: Services, token: str) -> _State:
    job, events, actor = services.search.tracked(token)
    catalog = services.catalog.view()
    printer = catalog.printer(job.printer)
    report = _for_student(job, report_of(job, catalog))
    waiting = _waiting(services, job, Forecast(services.waiting.now()))
    messages = services.messages.thread(job.id, actor)
    return _State(job, actor, events, services.lab.view(), report, printer, waiting, messages)


def _waiting(services: Services, job: JobView, forecast: Forecast) -> Words:
    return job_words(job, forecast.of(Standing.of(job, job.time_min)), forecast.now, services.settings.zone)


def _for_student(job: JobView, found: Report | None) -> Report | None:
    """What was found, as far as it still matters: a quote says more than an estimate and a finding.

    Without a printer no part is praised: not one that was rejected, nor one of which the lab knows the trouble.
    """
    if found is None or (job.status is JobStatus.REJECTED and not has_picture(found)):
        return None
    if job.status is JobStatus.REJECTED:
        return replace(found, estimate=None, printer=None)
    if job.quote is None and job.status not in ENDED:
        return found
    return replace(found, findings=(), estimate=None, printer=found.printer if found.worst is None else None)


class TrackPage:
    """One visitor's view of one job. Every step asks for the job again: the link may have been closed meanwhile.

    It listens once it is made.
    """

    state: _State

    def __init__(self, services: Services, token: str, browser: str, sent: str = "") -> None:
        """``sent`` is what the address says when the visitor comes from sending the file, otherwise empty."""
        self.services = services
        self.token = token
        self.browser = browser
        self.sent = sent
        self.mailed = services.settings.smtp_url is not None
        self.client = ui.context.client
        self._job_id: int | None = None
        self.rereading = frame.Rereading(self._read_again)
        frame.JOB_CHANGED.subscribe(self._job_changed)
        frame.LAB_CHANGED.subscribe(self.rereading.ask)
        frame.EVERYTHING_CHANGED.subscribe(self.rereading.ask)

    async def load(self) -> None:
        """Read the job and its history. Raises NotFound when the link belongs to no job."""
        self.state = await off_loop(_read, self.services, self.token)
        self._job_id = self.job.id

    @property
    def job(self) -> JobView:
        """The job as the page shows it."""
        return self.state.job

    @property
    def actor(self) -> Actor:
        """The job's student."""
        return self.state.actor

    # ---------- layout ----------

    def create(self) -> None:
        """Lay out the page; parts that change are drawn anew, what is being typed or uploaded stays."""
        self._create_decline_dialog()
        with ui.element("div").classes(design.READING):
            self._status()
            self._pickup()
            self._decision()
            self._create_correction()
            self._create_part()
            self._create_messages()
            with ui.element("section").classes(design.CARD) as self.progress:
                ui.label("Progress").classes(design.CARD_TITLE).props("role=heading aria-level=2")
                self._steps()
            self.progress.set_visibility(not self.was_just_sent)
            self._create_details()
            with ui.element("div").classes("pl-last"):
                self._ending()

    def follow(self, feed: WaitFeed) -> None:
        """From now on the job's place in the queue and its likely finish are said as they change."""
        feed.watch(
            self,
            lambda forecast: _waiting(self.services, self.job, forecast),
            lambda said: self.wait_line.show(said),  # noqa: PLW0108  (each drawing of the status makes another line)
        )

    def create_at_desk(self) -> None:
        """Lay out what staff need who have just sent a file for somebody."""
        with ui.element("div").classes(design.READING):
            OrderSent(self.sent, mailed=self.mailed, for_staff=True).create(self.job, trouble(self.state.report))

    @property
    def was_just_sent(self) -> bool:
        """Whether the visitor comes from sending the file and nothing has happened to it since."""
        return bool(self.sent) and self.job.status is JobStatus.UPLOADED and self.job.last_move is None

    @ui.refreshable_method
    def _status(self) -> None:
        if self.was_just_sent:
            sent = OrderSent(self.sent, mailed=self.mailed, for_staff=False)
            self.wait_line = sent.create(self.job, trouble(self.state.report), self.state.waiting)
            return
        with ui.element("div").classes("pl-track-status").props("aria-live=polite"):
            with ui.element("div").classes(design.ROW):
                ui.label(f"Job {self.job.id}").classes(design.MUTED)
                status_badge(self.job.status, self.job.outcome, withdrawal(self.job))
            ui.label(where(self.job)).classes(design.DISPLAY).props("role=heading aria-level=1")
            ui.label(what_now(self.job, self.state.lab, mailed=self.mailed)).classes("pl-lead pl-prose")
            self.wait_line = WaitLine(self.state.waiting, is_lead=True)
            self._undo_line()

    def _undo_line(self) -> None:
        last = self.job.last_move
        if last is None or not self._may(Verb.UNDO):
            return
        with ui.element("div").classes("pl-notice"), ui.element("div").classes(f"{design.SPREAD} pl-grow"):
            until = self._when(last.at + UNDO_WINDOW)
            ui.label(f"{_UNDONE.get(last.verb, '')} You can take that back until {until}.".strip())
            secondary_button("Undo", self._undo, icon="undo")
        left = last.at + UNDO_WINDOW - self.services.clock()
        ui.timer(left.total_seconds() + 1, self._show, once=True, immediate=False)

    @ui.refreshable_method
    def _decision(self) -> None:
        job = self.job
        if job.status is JobStatus.REJECTED:
            self._reasons()
        elif job.quote is not None and job.status is not JobStatus.UPLOADED:
            is_open = self._may(Verb.CONFIRM)
            with ui.element("section").classes(f"{design.CARD} {'pl-decide' if is_open else ''}"):
                again = replaced(self.state.events)
                title = ("Your new quote" if again else "Your quote") if is_open else "The quote"
                ui.label(title).classes(design.CARD_TITLE).props("role=heading aria-level=2")
                if is_open:
                    quote_figures(job, job.quote, again)
                    self._answer(job.quote.number, words.money(job.quote.price_cents, job.currency))
                else:
                    quote_summary(job, job.quote, agreement(job, self.state.events, self._when))
                    self._receipt()

    def _receipt(self) -> None:
        job = self.job
        paid = job.payments[-1] if job.status is JobStatus.PAID_PICKED_UP and job.payments else None
        if paid is not None and paid.method is not None:
            details = (words.money(paid.amount_cents, job.currency), paid.method.value, self._when(paid.at))
            facts((("Paid", " · ".join(details)), ("Reference", paid.reference), ("Collected by", paid.collected_by)))

    def _answer(self, number: int, price: str) -> None:
        last = self.services.reminders.answer_by(self.job)
        if last is not None and last >= self._today:
            ui.label(f"Answer by {words.day(last)}; after that the quote lapses.").classes(design.MUTED)
        with ui.element("div").classes("pl-answer"):
            accept = primary_button(f"Accept · {price}").classes("pl-btn-big")
            decline = secondary_button("Decline", self.decline_dialog.open).classes("pl-btn-big")
            accept.on_click(lambda: self._confirm(number, accept, decline))

    def _reasons(self) -> None:
        known = {reason.label: reason.sentence for reason in self.services.catalog.view().reject_reasons}
        labels = () if was_withdrawn(self.job) else self.job.reject_reasons  # the headline says that already
        reasons = [known.get(label) or label for label in labels]
        reasons += [self.job.reject_note] if self.job.reject_note else []
        if not reasons:
            return
        with ui.element("section").classes(design.CARD):
            ui.label("Why").classes(design.CARD_TITLE).props("role=heading aria-level=2")
            with ui.element("ul").classes("pl-list"):
                for reason in reasons:
                    with ui.element("li"):
                        ui.label(reason).classes(design.PROSE)

    @ui.refreshable_method
    def _pickup(self) -> None:
        if self.job.status is not JobStatus.COMPLETED:
            return
        with ui.element("section").classes(f"{design.CARD} pl-decide"):
            ui.label("Pick it up").classes(design.CARD_TITLE).props("role=heading aria-level=2")
            facts(
                (
                    ("Where", self.state.lab.pickup_where),
                    ("When", self.state.lab.opening_hours),
                    ("Bring", self.state.lab.pickup_bring),
                    ("Say", f"Job {self.job.id}, {self.job.student_name}"),
                )
            )
            latest = self.services.jobs.keepable_until(self.job)
            if latest > self._today:
                KeepField(self.job.kept_until, self._today, latest, self._keep)

    @ui.refreshable_method
    def _steps(self) -> None:
        step_line(steps(self.job, self.state.events), self._when)

    def _create_part(self) -> None:
        """The part in 3D; once it was handed over it is drawn only when somebody asks for it."""
        with ui.element("section").classes(design.CARD) as self.part:
            if is_closed(self.job.status):
                fold = ui.expansion("Your part", on_value_change=self._show_part).classes("pl-fold").props("dense")
                self.part_is_open = lambda: bool(fold.value)
                with fold:
                    self._create_model()
            else:
                self.part_is_open = lambda: True
                ui.label("Your part").classes(design.CARD_TITLE).props("role=heading aria-level=2")
                self._create_model()
        self._show_part()

    def _create_model(self) -> None:
        settings = self.services.settings
        self.model = ModelPanel(
            settings.currency,
            compact=True,
            on_scale=lambda scale: self._say_size(SaySize(self.job.id, self.job.version, scale)),
            on_size_is_right=lambda: self._say_size(SaySize(self.job.id, self.job.version, size_is_right=True)),
            contact=settings.contact_email,
        )

    def _show_part(self) -> None:
        self.part.set_visibility(self.state.report is not None)
        if self.part_is_open():
            self.model.show(self.state.report, self.state.printer, self.job.color_hex, may_scale=size_is_open(self.job))

    def _create_messages(self) -> None:
        with ui.element("section").classes(design.CARD):
            ui.label("Messages").classes(design.CARD_TITLE).props("role=heading aria-level=2")
            self.thread = Thread(
                self.services.settings.zone,
                _ABOUT_MESSAGES[self.mailed],
                f"track {self.job.id} message",
                self._write,
                self._see,
                for_staff=False,
            )
        self._show_messages()

    def _show_messages(self) -> None:
        self.thread.show(self.state.messages, self.services.clock())

    def _create_details(self) -> None:
        with (
            ui.element("section").classes(f"{design.CARD} pl-last"),
            ui.expansion("Details of your order").classes("pl-fold").props("dense"),
        ):
            self._details()

    @ui.refreshable_method
    def _details(self) -> None:
        job = self.job
        with ui.element("div").classes("pl-stack"):
            facts(
                (
                    ("Your file", job.original_name),
                    ("Name in the lab", job.filename),
                    ("Printer", f"{job.printer}, {job.method}"),
                    ("Material", f"{job.material}, {job.color}"),
                    ("Copies", str(job.quantity)),
                    ("Strength", job.strength.label),
                    ("Needed by", words.day(job.needed_by) if job.needed_by else None),
                    ("Course", job.course),
                    ("Notes", job.notes),
                    ("Sent by", f"{job.student_name}, {job.student_email}"),
                    ("Sent", self._when(job.created_at)),
                )
            )
            if self._own_file.purged_at is None:
                with ui.element("a").classes(design.LINK) as link:
                    ui.label(f"Download your file ({words.size(self._own_file.bytes)})")
                link.props["href"] = f"/track/{self.token}/file"
                link.props["download"] = True
            else:
                ui.label("The lab has deleted your file, as it does some time after a job ended.").classes(design.MUTED)
            if not self.was_just_sent:
                ui.label("The private link of this page").classes(f"{design.SMALL} {design.MUTED}")
                CopyLine(job.track_url)

    @ui.refreshable_method
    def _ending(self) -> None:
        if self._may(Verb.CANCEL):
            with ui.element("div").classes(design.ROW):
                danger_button(f"Cancel job {self.job.id}", self._cancel)
        elif self.job.status in ENDED and self.state.lab.submissions_open:
            with ui.element("div").classes(design.ROW):
                send_another(self.job, for_staff=False)

    # ---------- a corrected file ----------

    def _create_correction(self) -> None:
        with ui.element("section").classes(design.CARD) as self.correction:
            self.correction_title = ui.label().classes(design.CARD_TITLE).props("role=heading aria-level=2")
            self.correction_hint = ui.label().classes(f"{design.SMALL} {design.MUTED}")
            self.chosen = ChosenFile(
                self.services,
                self.browser,
                lambda: as_ordered(self.job),
                color=lambda: self.job.color_hex,
                on_change=self._show_unsent,
                on_found=self._show_found,
                may_scale=False,
                contact=self.services.settings.contact_email,
                title="Drop or choose the file",
                compact=True,
            )
            self.draft = Draft(f"printlab.track.{self.job.id}", self._restore_chosen)
            with ui.element("div").classes(design.STACK) as self.unsent:
                self.outlook = ui.label().classes(design.PROSE).props("role=status")
                notice("This file is not sent yet.", "warning")
                self.send_correction = primary_button("", self._correct).classes("pl-btn-big")
        self._show_unsent()
        self._show_found(None)
        self._show_correction()

    def _show_correction(self) -> None:
        rejected = self.job.status is JobStatus.REJECTED
        self.correction.set_visibility(self._may(Verb.CORRECT))
        self.correction.classes(remove="pl-late") if rejected else self.correction.classes("pl-late")
        again = "Send a file again" if was_withdrawn(self.job) else "Send a corrected file"
        self.correction_title.set_text(again if rejected else "Replace the file")
        self.send_correction.set_text(self._sends)
        self.correction_hint.set_text(
            "The job keeps its number and this page; staff look at it again."
            if rejected
            else "As long as staff have not decided, you can send another version."
        )

    @property
    def _sends(self) -> str:
        """What the button does."""
        if self.job.status is not JobStatus.REJECTED:
            return "Replace the file with this one"
        return "Send this file" if was_withdrawn(self.job) else "Send corrected file"

    def _show_unsent(self) -> None:
        file = self.chosen.file
        self.unsent.set_visibility(file is not None)
        if file is None:
            self.draft.forget()
        else:
            self.draft.keep({"file": file.id})

    async def _restore_chosen(self, kept: Values) -> None:
        """A file that was chosen and not sent is still there after a reload, as on the form."""
        staged_id = kept.get("file")
        if not isinstance(staged_id, str) or self.chosen.file is not None or not self._may(Verb.CORRECT):
            return
        with frame.shown_to_user():
            try:
                self.chosen.show(await off_loop(self.services.submissions.staged, self.browser, staged_id))
            except NotFound:
                self.chosen.drop(FILE_GONE)
            self._show_unsent()

    def _show_found(self, found: Report | None) -> None:
        sentence = price_outlook(found, self.services.settings.currency)
        self.outlook.set_text(sentence)
        self.outlook.set_visibility(bool(sentence))

    async def _correct(self) -> None:
        staged, seen = self.chosen.file, self.state
        if staged is None:
            return
        services, browser = self.services, self.browser

        def send() -> JobView:
            return services.revisions.correct(seen.job.id, seen.job.version, browser, staged.id, seen.actor)

        with busy(self.send_correction):
            if not await self._is_here(staged.id):
                self.chosen.drop(FILE_GONE)
            elif await self._do("Your file arrived. Staff look at it next.", send):
                self.chosen.drop()
        self._show_unsent()

    async def _is_here(self, staged_id: str) -> bool:
        """Whether the file still waits: after hours it is cleared away, and that is said beside the field."""
        try:
            await off_loop(self.services.submissions.staged, self.browser, staged_id)
        except NotFound:
            return False
        return True

    # ---------- answers ----------

    def _create_decline_dialog(self) -> None:
        with ui.dialog().props('aria-label="Decline the quote"') as self.decline_dialog, ui.card():
            ui.label("Decline the quote").classes(design.TITLE).props("role=heading aria-level=2")
            ui.label(f"The job ends here and nothing is charged. {_CAN_TAKE_BACK}")
            self.decline_reason = ui.textarea("Why? (optional, it helps the lab)").props("autogrow maxlength=1000")
            with ui.element("div").classes("pl-dialog-actions"):
                secondary_button("Close", self.decline_dialog.close)
                self.decline_button = danger_button("Decline the quote", self._decline)

    async def _confirm(self, number: int, *buttons: ui.button) -> None:
        command = ConfirmJob(self.job.id, self.job.version, number)
        with busy(*buttons):
            await self._do("You accepted the quote.", lambda: self.services.quotes.confirm(command, self.actor))

    async def _decline(self) -> None:
        command = self._move((self.decline_reason.value or "").strip() or None)
        with busy(self.decline_button):
            if await self._do("You declined the quote.", lambda: self.services.jobs.decline(command, self.actor)):
                self.decline_dialog.close()

    async def _cancel(self) -> None:
        name = f"Cancel job {self.job.id}"
        with self.client:
            agreed = await confirmed(
                f"{name}?",
                f"The lab stops here and nothing is charged. {_CAN_TAKE_BACK}",
                name,
                keep="Keep the job",
            )
        if agreed:
            command = self._move()
            await self._do(f"Job {self.job.id} is cancelled.", lambda: self.services.jobs.cancel(command, self.actor))

    async def _undo(self) -> None:
        command = self._move()
        await self._do("Taken back.", lambda: self.services.jobs.undo(command, self.actor))

    async def _keep(self, until: date) -> None:
        command = KeepUntil(self.job.id, self.job.version, until)
        done = f"The lab keeps it until {words.day(until)}."
        await self._do(done, lambda: self.services.jobs.keep(command, self.actor), stays=True)

    async def _say_size(self, command: SaySize) -> None:
        def say() -> JobView:
            return self.services.jobs.say_size(command, self.actor)

        await self._do("The lab knows the size now.", say, stays=True)

    async def _write(self, text: str) -> bool:
        with self.client, frame.shown_to_user():
            await off_loop(self.services.messages.write, self.job.id, text, self.actor)
            await self.rereading.ask()
            return True
        return False

    async def _see(self) -> None:
        with frame.shown_to_user():
            await off_loop(self.services.messages.see, self.job.id, self.actor)

    def _move(self, reason: str | None = None) -> MoveJob:
        return MoveJob(self.job.id, self.job.version, reason)

    async def _do(self, done: str, verb: Callable[[], JobView], *, stays: bool = False) -> bool:
        """One service call; afterwards the page shows the job as it is, whoever was first. True when it was done.

        The page goes to its top, where the job stands now, unless it ``stays`` at what was answered.
        """
        with self.client, frame.shown_to_user():
            try:
                await off_loop(verb)
            except Conflict:
                await self.rereading.ask()
                raise
            frame.say(done)
            await self.rereading.ask()
            if not stays:
                ui.run_javascript(_TO_THE_TOP)
            return True
        return False

    # ---------- live ----------

    def _job_changed(self, job_id: int) -> Awaitable[None] | None:
        """Of most changes there is nothing to wait for: a task for each would be hundreds, one on every open page."""
        if self._job_id in (None, job_id):  # before the first reading any job may be this one
            return self.rereading.ask()
        return None

    async def _read_again(self) -> None:
        """A page that shows the job already stays: what is drawn anew under a finger loses the tap."""
        before = self.state
        try:
            await self.load()
        except NotFound:
            ui.navigate.reload()
            return
        if not self.state.looks_like(before):
            await self._show()
            return
        self.wait_line.show(self.state.waiting)
        if self.state.messages != before.messages:
            self._show_messages()
        if self.state.report != before.report:
            self._show_part()
            if self.was_just_sent and trouble(self.state.report) != trouble(before.report):
                self._status.refresh()

    async def _show(self) -> None:
        self._show_correction()
        await self.chosen.judge_again()
        self._show_part()
        self.progress.set_visibility(not self.was_just_sent)
        for part in (self._status, self._decision, self._pickup, self._steps, self._details, self._ending):
            part.refresh()

    # ---------- words ----------

    def _may(self, verb: Verb) -> bool:
        return verb in self.services.search.allowed(self.job, self.actor)

    def _when(self, moment: datetime) -> str:
        return words.when(moment, self.services.clock(), self.services.settings.zone)

    @property
    def _today(self) -> date:
        return self.services.clock().astimezone(self.services.settings.zone).date()

    @property
    def _own_file(self) -> RevisionView:
        """The student's newest file, not what the lab sliced or changed."""
        return self.job.students_file or self.job.revisions[0]
