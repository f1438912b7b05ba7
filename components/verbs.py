"""The actions on a job: a form with its button, inline or as a dialog, that notices when the job changes underneath."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from nicegui import ui

from components import design
from components.buttons import danger_button, primary_button, quiet_button, secondary_button
from components.form_dialog import StayingDialog
from components.job_form import Choices, Command, JobForm, short
from components.kept_typing import KeptTyping
from components.notice import notice
from components.verb_names import undo_label
from printlab.domain import words
from printlab.domain.commands import EditJob
from printlab.domain.status import Verb
from printlab.domain.views import JobView, LastMove, Outcome


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an action was not done: the job as it is now, or the field, when one of them is the reason."""

    sentence: str
    job: JobView | None = None
    field: str | None = None


Act = Callable[[Command], Awaitable[Refused | None]]


class FormPanel:
    """A form, its button, and what has to be said about it. One click is one action, however often it is clicked.

    ``act`` does it and returns None, or why not. ``on_done`` is called after it was done, ``on_gone`` when the job
    moved on and this action is no longer possible, ``on_cancel`` makes a second button.
    """

    def __init__(
        self,
        form: JobForm,
        act: Act,
        *,
        applies: Callable[[JobView], bool],
        on_done: Callable[[], Any],
        on_gone: Callable[[], Any],
        on_cancel: Callable[[], None] | None = None,
    ) -> None:
        self.form = form
        self._act = act
        self._applies = applies
        self._on_done = on_done
        self._on_gone = on_gone
        self._on_cancel = on_cancel
        self._busy = False
        self._news: JobView | None = None
        self._offered: Choices | None = None  # since the news

    def create(self) -> None:
        """Lay it out in the current slot."""
        with ui.element("form").classes("plj-form").props("novalidate") as self.root:
            self._told = ui.element("div").classes("plj-told").props("aria-live=polite")
            self.form.create()
            if self._on_cancel is None:  # a dialog keeps for itself
                KeptTyping(self.form.kept_as)
            with ui.element("div").classes("plj-form-actions"):
                self._create_buttons()
        self.root.on("submit.prevent", self._submit, args=[])
        self.form.on_relabel = self._relabel
        self._relabel()

    def _create_buttons(self) -> None:
        if self._on_cancel:
            secondary_button("Close", self._on_cancel)
        make = danger_button if self.form.danger else primary_button
        self._button = make(self.form.submit_label).props("type=submit")

    def _relabel(self) -> None:
        self._button.set_text(self.form.submit_label)
        danger = self.form.danger
        self._button.classes(
            add="pl-btn-danger" if danger else "pl-btn-primary", remove="pl-btn-primary" if danger else "pl-btn-danger"
        )

    async def _submit(self) -> None:
        if self._busy or self._news is not None:
            return
        command = self.form.command()
        if command is None:
            return
        self._told.clear()
        self._busy = True
        self._button.props("loading")
        try:
            refused = await self._act(command)
        finally:
            self._busy = False
            if not self._button.is_deleted:
                self._button.props(remove="loading")
        await self._conclude(refused)

    async def _conclude(self, refused: Refused | None) -> None:
        if refused is None:
            await _called(self._on_done)
        elif self.root.is_deleted:
            return
        elif refused.job is not None:
            self.tell_change(refused.job, refused.sentence)
        elif not (refused.field and self.form.blame(refused.field, refused.sentence)):
            self._tell(refused.sentence)

    @property
    def busy(self) -> bool:
        """Whether the action is being done at this moment."""
        return self._busy

    @property
    def held(self) -> bool:
        """Whether the form must stay as it is: its action is being done, or its reader has news to take note of."""
        return self._busy or self._news is not None

    def follow(self, job: JobView, choices: Choices | None = None) -> None:
        """The job, or what the lab offers, changed in a way that needs no word: show it where nobody typed."""
        offered = choices or self._offered
        if self._news is not None:
            self._news, self._offered = job, offered
            return
        self._offered = None
        self.form.rebase(job, offered)
        self._relabel()

    def tell_change(self, job: JobView, sentence: str) -> None:
        """Say that somebody changed the job; nothing can be sent before the person has taken note."""
        self._news = job
        self._button.disable()
        self._told.clear()
        goes_on = self._applies(job)
        with (
            self._told,
            notice(sentence, "warning").props("role=alert"),
            ui.element("div").classes("plj-told-actions"),
        ):
            if goes_on and self.form.touched:
                ui.label("What you typed is still here.").classes(f"{design.SMALL} {design.MUTED}")
            secondary_button("Continue" if goes_on else "Show the job as it is", self._noted).props("type=button")

    async def _noted(self) -> None:
        job, self._news = self._news, None
        if job is None:
            return
        if not self._applies(job):
            await _called(self._on_gone)
            return
        self._told.clear()
        self._button.enable()
        self.follow(job)

    def _tell(self, sentence: str) -> None:
        self._told.clear()
        with self._told:
            notice(sentence, "negative")


async def _called(callback: Callable[[], Any]) -> None:
    result = callback()
    if isawaitable(result):
        await result


class JobDialog(StayingDialog):
    """The form of an action in a dialog above the page; it stays, with all that was typed, until it is done or closed.

    ``on_close`` is called with the panel when it is gone.
    """

    def __init__(
        self,
        form: JobForm,
        act: Act,
        applies: Callable[[JobView], bool],
        on_close: Callable[[FormPanel], None],
    ) -> None:
        about = f"#{form.job.id} · {short(form.job.student_name)} · {short(form.job.known_as)}"
        super().__init__(form.title, "plj-dialog", about, lambda: on_close(self.panel), kept_as=form.kept_as)
        self.panel = FormPanel(form, act, applies=applies, on_done=self.close, on_gone=self.close, on_cancel=self.close)
        with self:
            self._lookers = ui.label().classes(f"{design.SMALL} {design.MUTED}").props("role=status")
            self.panel.create()
        self.show_lookers(())

    def show_lookers(self, names: Sequence[str]) -> None:
        """Which colleagues look at the job too."""
        self._lookers.set_text(look_too(names) if names else "")
        self._lookers.set_visibility(bool(names))


def look_too(names: Sequence[str]) -> str:
    """``Kim Lee and Sam Rivera look at it too``."""
    *before, last = names
    listed = f"{', '.join(before)} and {last}" if before else last
    return f"{listed} {'looks' if len(names) == 1 else 'look'} at it too"


def done_sentence(verb: Verb | None, command: Command, job: JobView) -> str:
    """What has been done, said after the commit; no verb means editing."""
    if verb is Verb.HAND_OVER:
        return _handed_over(job)
    if command == EditJob(job.id, command.version, assignee=job.assignee or ""):
        return _assigned(job)
    return _DONE[verb].format(id=job.id, who=short(job.student_name), price=_price(job), status=job.status.label)


def undone_sentence(verb: Verb, job: JobView) -> str:
    """What has been taken back, said after the commit."""
    return f"Undone: {verb.label}. Job {job.id} is “{job.status.label}” again"


def undo_line(move: LastMove, when: str, on_undo: Callable[[], Any]) -> None:
    """Who made the latest move, and the way back."""
    with ui.element("div").classes("plj-undo"):
        ui.label(f"{short(move.actor_name)}, {when}").classes(f"{design.SMALL} {design.MUTED} {design.BREAK}")
        quiet_button(undo_label(move.verb), on_undo, icon="undo").props("dense")


_DONE: dict[Verb | None, str] = {
    None: "Job {id} saved",
    Verb.APPROVE: "Job {id} approved for {price}: {status}",
    Verb.REQUOTE: "New quote of {price} for job {id}",
    Verb.REJECT: "Job {id} rejected",
    Verb.CONFIRM: "Job {id} accepted for {who}",
    Verb.DECLINE: "Job {id} declined for {who}",
    Verb.CANCEL: "Job {id} cancelled",
    Verb.START: "Job {id} is printing",
    Verb.COMPLETE: "Job {id} is ready for pickup",
    Verb.FAIL: "Failed print logged; job {id} queues again",
    Verb.REOPEN: "Job {id} is open again",
    Verb.REPRINT: "Job {id} queues to be printed again",
    Verb.CORRECT: "Job {id} has a corrected file",
}


def _assigned(job: JobView) -> str:
    return f"Job {job.id} is assigned to {short(job.assignee or 'nobody')}"


def _handed_over(job: JobView) -> str:
    if job.outcome is Outcome.DISPOSED:
        return f"Job {job.id} closed, not collected"
    paid = words.money(sum(payment.amount_cents for payment in job.payments), job.currency)
    return f"Job {job.id} handed over · {paid}"


def _price(job: JobView) -> str:
    return words.money(job.price_cents or 0, job.currency)
