"""What staff do with jobs, from the board and from a job's page: one service call an action, said after the commit."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from components.buttons import confirmed
from components.job_facts import EditForm
from components.job_form import Choices, Command, JobForm, short
from components.revisions import UseFileForm, used_sentence
from components.timeline import news
from components.upload import FileRules, of_file
from components.verb_forms import form_for
from components.verb_names import undo_label
from components.verbs import Act, FormPanel, JobDialog, Refused, done_sentence, undone_sentence
from pages import _frame as frame
from pages._presence import Looker
from printlab.domain import naming
from printlab.domain.commands import EditJob, MoveJob, UseFile
from printlab.domain.limits import MAX_INTEGER
from printlab.domain.policy import Actor, takes_sliced_files
from printlab.domain.status import IllegalMove, JobStatus, Verb, verbs_from
from printlab.domain.views import EventView, JobView, LastMove
from printlab.errors import Conflict, InvalidFile, InvalidInput, PrintLabError
from printlab.offloop import off_loop
from printlab.services import Services
from printlab.settings import Settings

_UNDO_CLICKED = "printlab_undo"
_UNKNOWN = "Whether it was done is not known; what you typed is still here. Look at the job before you try again."

Service = Callable[[Any, Actor], JobView]


@dataclass(slots=True)
class _Watched:
    """A form on the screen, and the newest event that its reader knows of."""

    panel: FormPanel
    event_id: int


class Actions:
    """The actions of one page. Make it while the page is built."""

    def __init__(self, services: Services, actor: Actor, looker: Looker) -> None:
        self.services = services
        self.actor = actor
        self._looker = looker
        self._client = ui.context.client
        self._made: dict[int, int] = {}
        self._doing: Counter[int] = Counter()
        self._undoing: set[int] = set()
        self._watched: list[_Watched] = []
        self._dialog: JobDialog | None = None
        ui.on(_UNDO_CLICKED, self._undo_clicked)

    # ---------- dialogs ----------

    async def ask(self, job_id: int, verb: Verb) -> None:
        """Open the form of ``verb``, or say why the job is in no state for it."""
        with frame.shown_to_user():
            choices = await self.choices()
            job, events = await off_loop(self.services.search.with_history, job_id, self.actor)
            if verb not in verbs_from(job.status):
                raise IllegalMove(job_id, job.status, verb)
            self._open(form_for(verb, job, choices), newest(events), self.doing(verb), applies(verb))

    async def edit(self, job_id: int) -> None:
        """Open the form for the details."""
        with frame.shown_to_user():
            choices = await self.choices()
            job, events = await off_loop(self.services.search.with_history, job_id, self.actor)
            self._open(EditForm(job, choices), newest(events), self.doing(None), applies(None))

    async def use_file(self, job_id: int, number: int) -> None:
        """Open the form that asks why another file of the job shall count."""
        with frame.shown_to_user():
            choices = await self.choices()
            job, events = await off_loop(self.services.search.with_history, job_id, self.actor)
            form = UseFileForm(job, choices, number)
            self._open(form, newest(events), self._use_file, form.is_possible)

    def _open(self, form: JobForm, event_id: int, act: Act, is_possible: Callable[[JobView], bool]) -> None:
        """Show the form; its reader knows of everything up to the event ``event_id``."""
        if self._dialog is not None:
            return  # a second click while the first dialog was on its way, or is open
        with self._client:
            dialog = self._dialog = JobDialog(form, act, is_possible, self._closed)
            dialog.show_lookers(self._looker.others(form.job.id))
            dialog.open()
        self._looker.look(form.job.id)
        self.watch(dialog.panel, event_id)

    def _closed(self, panel: FormPanel) -> None:
        self._dialog = None
        self._looker.back()
        self.unwatch(panel)

    async def choices(self) -> Choices:
        """What forms offer."""
        return Choices(
            catalog=self.services.catalog.view(),
            zone=self.services.settings.zone,
            now=self.services.clock(),
            colleagues=await off_loop(self.services.accounts.colleagues, self.actor),
            mails=self.services.settings.smtp_url is not None,
        )

    # ---------- doing it ----------

    def doing(self, verb: Verb | None) -> Act:
        """What a form calls to have its command done; no verb means editing."""

        async def act(command: Command) -> Refused | None:
            return await self._do(verb, command)

        return act

    async def _do(self, verb: Verb | None, command: Command) -> Refused | None:
        return await self._done(command, self.service(verb), lambda job: done_sentence(verb, command, job), verb)

    async def _use_file(self, command: Command) -> Refused | None:
        return await self._done(command, self._let_count, used_sentence)

    def _let_count(self, command: UseFile, actor: Actor) -> JobView:
        revisions = self.services.revisions
        return revisions.choose(command.job_id, command.version, command.number, command.reason, actor)

    async def _done(
        self, command: Command, service: Service, sentence: Callable[[JobView], str], verb: Verb | None = None
    ) -> Refused | None:
        """Have it done and say so; answers why not. A ``verb`` comes with its way back."""
        with frame.shown_to_user():
            return await self._try(command, service, sentence, verb)
        return Refused(_UNKNOWN)

    async def _try(
        self, command: Command, service: Service, sentence: Callable[[JobView], str], verb: Verb | None
    ) -> Refused | None:
        with self.own(command.job_id):
            try:
                job = await off_loop(service, command, self.actor)
            except Conflict as refusal:
                now = await off_loop(self.services.search.get, command.job_id, self.actor)
                if now.version != command.version:
                    return Refused(str(refusal), now)
                await self.follow_lab()
                return Refused(str(refusal))
            except InvalidInput as refusal:
                return Refused(str(refusal), field=refusal.field)
            except PrintLabError as refusal:
                return Refused(str(refusal))
            self.acknowledge(job, sentence(job), verb)
            return None

    @contextmanager
    def own(self, job_id: int) -> Generator[None]:
        """What happens to the job meanwhile is this page's own doing."""
        self._doing[job_id] += 1
        try:
            yield
        finally:
            self._doing[job_id] -= 1

    def service(self, verb: Verb | None) -> Service:
        """What does it; no verb means editing."""
        jobs, quotes = self.services.jobs, self.services.quotes
        by_verb: dict[Verb | None, Service] = {
            None: jobs.edit,
            Verb.APPROVE: quotes.approve,
            Verb.REQUOTE: quotes.requote,
            Verb.CONFIRM: quotes.confirm,
            Verb.REJECT: jobs.reject,
            Verb.DECLINE: jobs.decline,
            Verb.CANCEL: jobs.cancel,
            Verb.START: jobs.start,
            Verb.COMPLETE: jobs.complete,
            Verb.FAIL: jobs.fail,
            Verb.HAND_OVER: jobs.hand_over,
            Verb.REOPEN: jobs.reopen,
            Verb.REPRINT: jobs.reprint,
            Verb.UNDO: jobs.undo,
        }
        return by_verb[verb]

    def acknowledge(self, job: JobView, sentence: str, verb: Verb | None = None) -> None:
        """Say what is done; this page made the job's version. A ``verb`` that moved it comes with its way back."""
        self._made[job.id] = max(job.version, self._made.get(job.id, 0))
        is_undoable = verb is not None and Verb.UNDO in self.services.search.allowed(job, self.actor)
        with self._client:
            frame.say(sentence, way_back=self._way_back(job, verb) if verb is not None and is_undoable else None)

    @staticmethod
    def _way_back(job: JobView, verb: Verb) -> dict[str, Any]:
        # Two whole numbers and one of our own words, and nothing else, go into the handler.
        seen = json.dumps({"job": int(job.id), "version": int(job.version), "verb": verb.value})
        handler = f"() => emitEvent('{_UNDO_CLICKED}', {seen})"
        return {"label": undo_label(verb), "noCaps": True, ":handler": handler}

    async def take_back(self, job_id: int, version: int, move: LastMove) -> bool:
        """Take back ``move``, the latest when the job had ``version``; False when that was refused.

        An admin who takes back what a colleague did is asked first: nobody can undo that.
        """
        if move.actor_key != self.actor.key and not await self._agrees_to_undo(job_id, move):
            return True
        return await self.undo(job_id, version, move.verb)

    async def _agrees_to_undo(self, job_id: int, move: LastMove) -> bool:
        title = f"Take back what {move.actor_name} did to job {job_id}?"
        text = (
            "Status, price and file are as before that step. A mail that was not sent yet is cancelled, one that was "
            "sent gets a correction. An undo cannot be undone."
        )
        with self._client:
            return await confirmed(title, text, undo_label(move.verb), keep="Keep it as it is")

    async def undo(self, job_id: int, version: int, verb: Verb) -> bool:
        """Take back ``verb``, which the button named when the job had ``version``; False when that was refused."""
        if job_id in self._undoing:
            return True  # a second click
        self._undoing.add(job_id)
        try:
            with frame.shown_to_user(), self.own(job_id):
                job = await off_loop(self.services.jobs.undo, MoveJob(job_id, version), self.actor)
                self.acknowledge(job, undone_sentence(verb, job))
                return True
            return False
        finally:
            self._undoing.discard(job_id)

    async def _undo_clicked(self, event: GenericEventArguments) -> None:
        try:
            job_id, version, verb = int(event.args["job"]), int(event.args["version"]), Verb(event.args["verb"])
            if max(job_id, version) > MAX_INTEGER:
                return
        except (KeyError, TypeError, ValueError, OverflowError):
            return  # not sent by our own button
        with self._client:
            await self.undo(job_id, version, verb)

    # ---------- files ----------

    async def belongs(self, job_id: int, browser: str, staged_id: str) -> bool:
        """Whether an upload is meant for the job; what is not is gone. Raises NotFound.

        A file that is named like another job's is taken only when somebody says so: it would be printed.
        """
        staged = await off_loop(self.services.submissions.staged, browser, staged_id)
        named = naming.job_id_of(staged.original_name)
        if named in (None, job_id):
            return True
        title = f"Use a file of job {named} for job {job_id}?"
        text = f"{staged.original_name} is named like a file of job {named}. This is job {job_id}."
        with self._client:
            is_meant = await confirmed(title, text, f"Use it for job {job_id}", keep="Leave it out")
        if not is_meant:
            await off_loop(self.services.submissions.discard, browser, staged_id)
        return is_meant

    async def add_file(self, job: JobView, browser: str, staged_id: str) -> str | None:
        """Let an upload be the file of a job that counts; return why it does not, or None."""
        with self.own(job.id):
            try:
                after = await off_loop(self._add_file, job, browser, staged_id)
            except PrintLabError as refusal:
                return str(refusal)
            name = short(after.counting_file.original_name)
            self.acknowledge(after, f"{name} is now the file that counts for job {after.id}")
            return None

    def _add_file(self, job: JobView, browser: str, staged_id: str) -> JobView:
        """The job with that file; what is wrong with a file is said under its name."""
        revisions = self.services.revisions
        add = revisions.correct if job.status is JobStatus.REJECTED else revisions.add
        staged = self.services.submissions.staged(browser, staged_id)
        try:
            return add(job.id, job.version, browser, staged_id, self.actor)
        except InvalidFile as refusal:
            raise InvalidFile(of_file(staged.original_name, str(refusal))) from refusal

    # ---------- details, one at a time ----------

    async def save(self, command: EditJob) -> None:
        """Have details changed that somebody chose on the page itself, or say why not."""
        with self._client:  # the change that refuses this one has drawn anew what was clicked
            refused = await self._do(None, command)
            if refused is not None:
                frame.say(refused.sentence, "bad")

    # ---------- when jobs change underneath ----------

    def watch(self, panel: FormPanel, event_id: int) -> None:
        """From now on, tell this form when somebody else changes its job."""
        self._watched.append(_Watched(panel, event_id))

    def noted(self, panel: FormPanel, event_id: int) -> None:
        """The form's reader was told about everything up to this event."""
        for watched in self._watched:
            if watched.panel is panel:
                watched.event_id = event_id

    def unwatch(self, panel: FormPanel) -> None:
        """The form is gone."""
        self._watched = [watched for watched in self._watched if watched.panel is not panel]

    def made(self, job: JobView) -> bool:
        """Whether this page itself made the version that ``job`` has, so that nobody needs to be told."""
        return self._doing[job.id] > 0 or job.version <= self._made.get(job.id, 0)

    def are_about(self, job_ids: AbstractSet[int]) -> bool:
        """Whether an open form is about one of these jobs."""
        return any(watched.panel.form.job.id in job_ids for watched in self._watched)

    async def follow(self, changed: AbstractSet[int] | None) -> None:
        """These jobs changed, or (None) any: bring every open form about them up to date, or tell who did what."""
        watched = {watched.panel.form.job.id for watched in self._watched}
        for job_id in watched if changed is None else watched & changed:
            await self._follow(job_id)

    async def _follow(self, job_id: int) -> None:
        self.show_forms(*await off_loop(self.services.search.with_history, job_id, self.actor))

    def show_forms(self, job: JobView, events: tuple[EventView, ...]) -> None:
        """Bring every open form about this job up to what was read just now, or tell who did what; and who looks."""
        if self._dialog is not None and self._dialog.panel.form.job.id == job.id:
            self._dialog.show_lookers(self._looker.others(job.id))
        for watched in list(self._watched):
            if watched.panel.form.job.id == job.id:
                self._bring_up_to_date(watched, job, events)

    async def follow_lab(self) -> None:
        """Rates, names or what is in stock changed: every open form shows it; what was typed stays."""
        if not self._watched:
            return
        choices = await self.choices()
        for watched in list(self._watched):
            seen = watched.panel.form.job
            now = await off_loop(self.services.search.get, seen.id, self.actor)
            if watched in self._watched:
                with self._client:  # of a job that changed as well, the next reading tells
                    watched.panel.follow(now if now.version == seen.version else seen, choices)

    def _bring_up_to_date(self, watched: _Watched, job: JobView, events: tuple[EventView, ...]) -> None:
        panel = watched.panel
        if panel.busy or job.version <= panel.form.job.version:
            return
        fresh = [event for event in events if event.id > watched.event_id]
        watched.event_id = newest(events)
        with self._client:
            if self.made(job) or not fresh:
                panel.follow(job)
            else:
                panel.tell_change(job, news(fresh, job))


def file_rules(status: JobStatus, settings: Settings) -> FileRules | None:
    """Which files staff can add to a job of this status; None for none."""
    if status is JobStatus.REJECTED:
        return FileRules("model", settings.upload_extensions, settings.max_upload_mb)
    if takes_sliced_files(status):
        extensions = tuple(dict.fromkeys((*naming.SLICED_EXTENSIONS, *settings.upload_extensions)))
        return FileRules("sliced", extensions, settings.max_sliced_mb)
    return None


def newest(events: tuple[EventView, ...]) -> int:
    """The id of the newest event."""
    return max((event.id for event in events), default=0)


def applies(verb: Verb | None) -> Callable[[JobView], bool]:
    """Whether a job is still in a state for ``verb``; details can always be edited."""
    return lambda job: verb is None or verb in verbs_from(job.status)
