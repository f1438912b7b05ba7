"""One job for staff at ``/jobs/{id}``: what comes next, the facts, the files, the history, the mails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from components import design
from components.buttons import busy, quiet_button, secondary_button
from components.comparing import CompareDialog
from components.job_facts import (
    assign_menu,
    job_figures,
    job_head,
    job_style,
    mails,
    part_facts,
    student_facts,
    what_was_written,
)
from components.kept_typing import KeptTyping
from components.model_panel import ModelPanel
from components.model_report import cannot_be_printed
from components.model_viewer import Bed
from components.next_step import inline_verb, other_verbs, panel_title, standing, verb_buttons
from components.notice import notice
from components.revisions import archive_sentence, file_state_sentence, revisions
from components.thread import Thread
from components.timeline import NOTE, OPENINGS, news, timeline
from components.upload import TAKES_NO_FILE, FileRules, Upload
from components.verb_forms import form_for
from components.verbs import FormPanel, undo_line
from pages import _frame as frame
from pages._actions import Actions, applies, file_rules, newest
from pages._opening import FileOpener
from pages._presence import Looker
from pages._waiting import WaitFeed
from printlab.domain import naming, words
from printlab.domain.commands import EditJob
from printlab.domain.deadline import Deadline, foreseen_deadline
from printlab.domain.known_figures import time_known_min
from printlab.domain.policy import Actor, part_is_open, takes_sliced_files
from printlab.domain.report import Report, report_of
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import (
    EventView,
    FileState,
    JobView,
    LastMove,
    MailView,
    MessageView,
    PrinterView,
    RevisionView,
)
from printlab.domain.waiting import Forecast, Standing
from printlab.errors import NotFound
from printlab.offloop import off_loop
from printlab.services import Services

_ABOUT_MESSAGES = {
    True: "The student sees on their page what you write here, and gets a mail unless they look within two minutes.",
    False: "The student sees on their page what you write here. No mail server is set up, so no mail tells of it.",
}
_TAKES = {
    "model": "A corrected model opens the job again; it goes back to “Uploaded”.",
    "sliced": "A sliced file, or a corrected model. It becomes the file that counts at once.",
}


def register(services: Services, feed: WaitFeed) -> None:
    """Define the route."""

    @ui.page("/jobs/{number}", response_timeout=frame.PATIENCE_S)
    async def job(request: Request, number: str) -> RedirectResponse | None:
        actor = await frame.staff_actor(services, request)
        if isinstance(actor, RedirectResponse):
            return actor
        try:
            page = JobPage(services, actor, frame.browser_of(request), _job_id(number))
            await page.load()
        except NotFound:
            _unknown(services, actor, number)
            return None
        with frame.staff_frame(services, actor, f"Job {page.job.id} · {page.job.student_name}"):
            await page.create()
            page.follow_queue(feed)
            await page.rereading.begin()
        return None


@dataclass(frozen=True, slots=True)
class _State:
    """All that the page shows: the job with its history as of one moment, the rest as of a moment later.

    What changes between the two is announced, and the page reads again.
    """

    job: JobView
    events: tuple[EventView, ...]
    mails: tuple[MailView, ...]
    colleagues: tuple[str, ...]
    lookers: tuple[str, ...]
    report: Report | None
    printer: PrinterView | None
    deadline: Deadline | None
    messages: tuple[MessageView, ...]

    @property
    def newest_note(self) -> EventView | None:
        """What staff wrote last."""
        return next((event for event in self.events if event.action == NOTE), None)


def _read(services: Services, job_id: int, actor: Actor) -> _State:
    job, events = services.search.with_history(job_id, actor)
    catalog = services.catalog.view()
    return _State(
        job,
        events,
        services.mail.outbox(actor, job_id),
        services.accounts.colleagues(actor),
        services.presence.others(job_id, actor.key),
        report_of(job, catalog),
        catalog.printer(job.printer),
        _deadline(services, job, Forecast(services.waiting.now())),
        services.messages.thread(job_id, actor),
    )


def _deadline(services: Services, job: JobView, forecast: Forecast) -> Deadline | None:
    standing = Standing.of(job, time_known_min(job, forecast.waits.catalog))
    return foreseen_deadline(standing, job.needed_by, forecast, services.settings.zone)


def _job_id(number: str) -> int:
    """The number in the address; what is none is a job that does not exist."""
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise NotFound(f"There is no job {number}.")
    return int(number)


def _unknown(services: Services, actor: Actor, number: str) -> None:
    ui.context.client.status_code = 404
    with (
        frame.staff_frame(services, actor, "No such job"),
        ui.element("div").classes(design.READING),
        ui.element("div").classes(design.STACK),
    ):
        ui.label("There is no such job").classes(design.DISPLAY).props("role=heading aria-level=1")
        ui.label(f"No job has the number {naming.display_name(number, 40)}. Check the address, or look on the board.")
        with ui.element("div").classes(design.ROW):
            ui.link("Go to the board", "/board")


class JobPage:
    """One person's view of one job. It listens once it is made."""

    state: _State

    def __init__(self, services: Services, actor: Actor, browser: str, job_id: int) -> None:
        self.services = services
        self.actor = actor
        self.browser = browser
        self.job_id = job_id
        self.panel: FormPanel | None = None
        self.rereading = frame.Rereading(self._bring_up_to_date)
        self._client = ui.context.client
        self._step_shown: tuple[JobStatus, Verb | None] | None = None  # the status and the form that stand there
        self._noting = False
        self._rules: FileRules | None = None  # of the field for a file
        self._lab_is_news = False
        frame.JOB_CHANGED.subscribe(self._job_changed)
        frame.LAB_CHANGED.subscribe(self._lab_changed)
        frame.EVERYTHING_CHANGED.subscribe(self._lab_changed)

    async def load(self) -> None:
        """Read the job; raises NotFound."""
        self.state = await off_loop(_read, self.services, self.job_id, self.actor)

    @property
    def job(self) -> JobView:
        """The job as the page shows it."""
        return self.state.job

    # ---------- layout ----------

    async def create(self) -> None:
        """Lay out the page."""
        job_style()
        self.actions = Actions(self.services, self.actor, Looker(self.services, self.actor, self.job_id))
        self.opener = FileOpener(self.services, self.actor)
        with ui.element("div").classes("plj-page"):
            with ui.element("div").classes("plj-main"):
                self._head = _Part(ui.element("div").classes("plj-top"))
                self._written = _Part(ui.element("div").classes("plj-written"))
                self._create_model()
            with ui.element("div").classes("plj-side"):
                self._step = ui.element("section").classes("pl-card plj-step")
                self._create_facts()
                self._create_files()
                self._create_student()
                self._create_messages()
                self._create_history()
                with _section("Mails"):
                    self._mails = _Part(ui.element("div"))
        await self._show_step()
        self._show_rest()

    def _create_model(self) -> None:
        with ui.element("section").classes("pl-card plj-model") as self._model_section:
            ui.label("Model").classes("pl-sr").props("role=heading aria-level=2")
            self._model = ModelPanel(
                self.services.settings.currency,
                for_staff=True,
                on_scale=self._scale,
                on_size_is_right=self._keep_size,
                on_retry=self._look_again,
            )

    def _create_facts(self) -> None:
        with _section("Facts", "plj-facts") as head:
            with head:
                self._assign = _Part(ui.element("div"))
            self._facts = _Part(ui.element("div").classes(design.STACK))

    def _create_files(self) -> None:
        with _section("Files") as head:
            with head:
                self._compare_button = quiet_button("Compare files", self._compare, icon="compare_arrows")
                self._compare_button.props("dense")
            self._files = _Part(ui.element("div").classes(design.STACK))
            self._upload_box = ui.element("div")
            self.upload_hint = ui.label().classes(f"{design.SMALL} {design.MUTED} {design.PROSE}")
            self._create_upload()

    def _create_student(self) -> None:
        with _section("Student and request") as head:
            with head:
                quiet_button("Edit", self._edit, icon="edit").props("dense")
            self._student = _Part(ui.element("div").classes(design.STACK))

    def _create_messages(self) -> None:
        with _section("Messages"):
            self._thread = Thread(
                self.services.settings.zone,
                _ABOUT_MESSAGES[self.services.outbox.sends],
                f"job {self.job.id} message",
                self._write,
                self._see,
                for_staff=True,
            )

    def _create_history(self) -> None:
        with _section("History"):
            self._create_note()
            self._history = _Part(ui.element("div"))

    def _create_upload(self) -> None:
        """The field as the job's status has it; where that takes no file, it stays as it was, and is hidden."""
        rules = self._rules = file_rules(self.job.status, self.services.settings) or self._rules
        if rules is None:
            return
        with _redrawn(self._upload_box):
            self.upload = Upload(
                extensions=rules.extensions,
                max_mb=rules.max_mb,
                on_uploaded=self._uploaded,
                purpose=rules.purpose,
                title="Drop or choose a file",
                compact=True,
            )

    def _create_note(self) -> None:
        with ui.element("form").classes("pl-adding-form") as form:
            self.note = ui.textarea("Note for colleagues").props(
                'autogrow rows=1 maxlength=4000 placeholder="Only staff see it"'
            )
            self.note_button = secondary_button("Add note").props("type=submit")
            self._kept_note = KeptTyping(f"job {self.job.id} note")
        form.on("submit.prevent", self._add_note, args=[])

    def follow_queue(self, feed: WaitFeed) -> None:
        """From now on it is said as it changes whether the day is at risk."""
        feed.watch(self, self._look_at_deadline, self._show_deadline)

    def _look_at_deadline(self, forecast: Forecast) -> tuple[JobView, Deadline | None]:
        job = self.job
        return job, _deadline(self.services, job, forecast)

    def _show_deadline(self, said: tuple[JobView, Deadline | None]) -> None:
        """Unless the page has read the job again meanwhile, and with it what was newer."""
        job, deadline = said
        if job is self.job and deadline != self.state.deadline:
            self.state = replace(self.state, deadline=deadline)
            self._show_rest()

    # ---------- showing ----------

    def _show_rest(self) -> None:
        """Everything but the step. That the job's file is being moved is shown among the files only."""
        state, zone, now = self.state, self.services.settings.zone, self.services.clock()
        job = _wherever_its_file_lies(self.job)
        self._head.show((job, state.deadline, state.lookers), lambda: self._show_head(job, now))
        self._written.show((job, state.newest_note), lambda: what_was_written(job, state.newest_note, zone, now))
        self._assign.show((job, state.colleagues), lambda: self._show_assign(job))
        self._facts.show(job, lambda: part_facts(job, zone, now))
        self._student.show(job, lambda: student_facts(job, zone, now))
        pictures = tuple(revision.thumbnail_url for revision in self.job.revisions)
        self._files.show((self.job.without_findings, pictures), self._show_files)
        self._show_warning()
        counting = self.job.counting_file
        self._model_section.set_visibility(state.report is not None or counting.tool_path_url is not None)
        self._model.show(
            state.report,
            state.printer,
            job.color_hex,
            sliced=counting,
            may_scale=part_is_open(job),
        )
        self._history.show((job, state.events), lambda: timeline(state.events, job, zone, now))
        self._mails.show(state.mails, self._show_mails)
        self._thread.show(state.messages, now)

    def _show_head(self, job: JobView, now: datetime) -> None:
        job_head(job, self.state.deadline, self.state.lookers, self.services.settings.zone, now)
        with ui.element("div").classes("plj-head-actions"):
            job_figures(job)
            if job.archived_at is None:
                button = secondary_button("Open file", self._open_file, icon="launch")
                button.props["aria-label"] = f"Open file of job {job.id}"

    def _show_assign(self, seen: JobView) -> None:
        def assign(name: str) -> Awaitable[None]:
            return self.actions.save(EditJob(seen.id, seen.version, assignee=name))

        assign_menu(seen, self.state.colleagues, self.actor.name, assign)

    def _show_files(self) -> None:
        if sentence := file_state_sentence(self.job):
            late = " plj-late" if self.job.file_state is FileState.MOVING else ""
            notice(sentence, "warning").classes(late)
        elif sentence := archive_sentence(self.job, self.services.settings.zone):
            notice(sentence, icon="inventory")
        may_use = takes_sliced_files(self.job.status)
        revisions(self.job, self.services.settings.zone, self.services.clock(), self._use if may_use else None)
        self._compare_button.set_visibility(len(self.job.revisions) > 1)
        rules = file_rules(self.job.status, self.services.settings)
        if rules not in (None, self._rules):
            self._create_upload()
        self._upload_box.set_visibility(rules is not None)
        self.upload_hint.set_text(_TAKES[rules.purpose] if rules else TAKES_NO_FILE)

    def _show_mails(self) -> None:
        if self.state.mails:
            mails(self.state.mails, self.services.settings.zone, self.services.clock(), self._send_again)
        else:
            ui.label("Mails about this job appear here.").classes(design.MUTED)

    async def _show_step(self) -> None:
        choices = await self.actions.choices()
        verb = inline_verb(self.job)
        if self.panel is not None:
            self.actions.unwatch(self.panel)
            self.panel = None
        self._step_shown = self.job.status, verb
        with _redrawn(self._step):
            form = form_for(verb, self.job, choices) if verb else None
            ui.label(panel_title(self.job, form.title if form else None)).classes(design.CARD_TITLE).props(
                "role=heading aria-level=2"
            )
            if sentence := standing(self.job, mailed=choices.mails):
                ui.label(sentence).classes(design.PROSE)
            self._warning = _Part(ui.element("div"))
            if form is not None:
                self.panel = FormPanel(
                    form,
                    self.actions.doing(verb),
                    applies=applies(verb),
                    on_done=self._start_again,
                    on_gone=self._start_again,
                )
                self.panel.create()
                self.actions.watch(self.panel, newest(self.state.events))
            self._others = _Part(ui.element("div").classes("plj-below"))
        self._show_warning()
        self._show_other_verbs()

    def _show_warning(self) -> None:
        """Why the model cannot be printed like this, where a price is about to be told for it."""
        sentence = cannot_be_printed(self.state.report) if self.job.status is JobStatus.UPLOADED else None
        self._warning.show((sentence,), lambda: notice(sentence, "warning") if sentence else None)

    def _show_other_verbs(self) -> None:
        job, allowed = _wherever_its_file_lies(self.job), self.services.search.allowed(self.job, self.actor)

        def draw() -> None:
            if others := other_verbs(job, allowed):
                with ui.element("div").classes("plj-others"):
                    verb_buttons(others, self._ask)
            if Verb.UNDO in allowed and job.last_move is not None:
                self._show_undo(job, job.last_move)

        self._others.show((job, allowed), draw)

    def _show_undo(self, seen: JobView, move: LastMove) -> None:
        """The way back belongs to the move that it names, however the job goes on while the button stands there."""
        when = words.when(move.at, self.services.clock(), self.services.settings.zone)
        undo_line(move, when, lambda: self._undo(seen, move))

    # ---------- doing ----------

    async def _ask(self, verb: Verb) -> None:
        await self.actions.ask(self.job.id, verb)

    async def _open_file(self) -> None:
        await self.opener.open(self.job.id)

    async def _edit(self) -> None:
        await self.actions.edit(self.job.id)

    async def _use(self, revision: RevisionView) -> None:
        await self.actions.use_file(self.job.id, revision.number)

    def _compare(self) -> None:
        bed = Bed.of(self.state.printer)
        with self._client:
            CompareDialog(
                self.job, self.services.catalog.view(), bed, self.services.settings.zone, self.services.clock()
            ).open()

    async def _scale(self, factor: float) -> None:
        await self.actions.save(EditJob(self.job.id, self.job.version, scale=factor))

    async def _keep_size(self) -> None:
        await self.actions.save(EditJob(self.job.id, self.job.version, size_is_right=True))

    async def _look_again(self) -> None:
        with frame.shown_to_user():
            await off_loop(self.services.intake.retry, self.job.id, self.actor)
            with self._client:
                frame.say("The file is analysed once more")

    async def _undo(self, seen: JobView, move: LastMove) -> None:
        if await self.actions.take_back(seen.id, seen.version, move):
            return
        await self.rereading.ask()
        with self._client:
            self._show_other_verbs()

    async def _add_note(self) -> None:
        text = str(self.note.value or "").strip()
        if not text:
            self.note.run_method("focus")
            return
        if self._noting:
            return
        self._noting = True
        with busy(self.note_button), frame.shown_to_user():
            with self.actions.own(self.job.id):
                await off_loop(self.services.jobs.note, self.job.id, text, self.actor)
                with self._client:
                    frame.say("Note added")
            self.note.set_value("")
            self._kept_note.forget()
        self._noting = False

    async def _write(self, text: str) -> bool:
        with frame.shown_to_user(), self.actions.own(self.job.id):
            await off_loop(self.services.messages.write, self.job.id, text, self.actor)
            return True
        return False

    async def _see(self) -> None:
        with frame.shown_to_user():
            await off_loop(self.services.messages.see, self.job.id, self.actor)

    async def _send_again(self, mail_id: int) -> None:
        with frame.shown_to_user(), self.actions.own(self.job.id):
            await off_loop(self.services.mail.send_again, mail_id, self.actor)
            with self._client:
                frame.say("The mail goes out within seconds")

    async def _uploaded(self, staged_id: str) -> None:
        with frame.shown_to_user():
            is_meant = await self.actions.belongs(self.job.id, self.browser, staged_id)
            if is_meant and (refusal := await self.actions.add_file(self.job, self.browser, staged_id)):
                self.upload.refuse(refusal)
                return
            with self._client:
                self._create_upload()

    # ---------- when the job changes ----------

    async def _start_again(self) -> None:
        self._step_shown = None
        await self.rereading.ask()

    async def _job_changed(self, job_id: int) -> None:
        if job_id == self.job_id:
            await self.rereading.ask()

    async def _lab_changed(self) -> None:
        """The lab's rates, names or profiles may be others, and with them what is shown of the job."""
        self._lab_is_news = True
        await self.rereading.ask()

    async def _bring_up_to_date(self) -> None:
        before = newest(self.state.events)
        await self.load()
        self._show_rest()
        fresh = [event for event in self.state.events if event.id > before and event.action not in OPENINGS]
        await self._follow_step(fresh)
        self.actions.show_forms(self.job, self.state.events)  # a second reading might know more than the page shows
        if self._lab_is_news:
            self._lab_is_news = False
            await self.actions.follow_lab()

    async def _follow_step(self, fresh: list[EventView]) -> None:
        """Own changes and untouched forms follow; a form that somebody filled in stays and tells who did what."""
        others, panel = bool(fresh) and not self.actions.made(self.job), self.panel
        if self._step_shown is not None and panel is not None and (panel.held or (others and panel.form.touched)):
            return
        if others:
            frame.say(news(fresh, self.job), "plain")
        if panel is None or self._step_shown != (self.job.status, inline_verb(self.job)):
            await self._show_step()
        else:  # drawn anew, the form would lose what is being typed at this moment
            panel.follow(self.job)
            self.actions.noted(panel, newest(self.state.events))
            self._show_other_verbs()


class _Part:
    """A piece of the page that is drawn anew only when what it shows has changed: a click on what goes away is lost."""

    def __init__(self, box: ui.element) -> None:
        self._box = box
        self._shown: object = None

    def show(self, what: object, draw: Callable[[], object]) -> None:
        """Show ``what``, which ``draw`` lays out; never ``None``."""
        if what != self._shown:
            self._shown = what
            with _redrawn(self._box):
                draw()


def _wherever_its_file_lies(job: JobView) -> JobView:
    """The job without the moments in which its file is moved: they change nothing that can be done with it."""
    return replace(job.without_findings, file_state=FileState.SETTLED, file_problem=None)


@contextmanager
def _section(title: str, classes: str = "") -> Generator[ui.element]:
    """A part of the page under its heading; yields the heading's line."""
    with ui.element("section").classes(f"pl-card plj-section {classes}"):
        with ui.element("div").classes("plj-section-head") as head:
            ui.label(title).classes(design.CARD_TITLE).props("role=heading aria-level=2")
        yield head


@contextmanager
def _redrawn(box: ui.element) -> Generator[None]:
    box.clear()
    with box:
        yield
