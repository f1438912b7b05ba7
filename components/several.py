"""One action for several jobs: what will be done, what is asked once for all, and afterwards what became of each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from nicegui import ui

from components import design
from components.buttons import danger_button, primary_button, secondary_button
from components.choice import Choice, Option
from components.form_dialog import StayingDialog
from components.job_form import short, text
from components.notice import notice
from components.verb_forms import PAYMENT_METHODS
from components.verb_names import undo_label
from printlab.domain.several import Answers
from printlab.domain.status import Verb
from printlab.domain.views import JobView, PaymentMethod, RejectReasonView
from printlab.domain.views import Outcome as Ending

_LISTED = 200
_ENDINGS = (
    Option(Ending.COLLECTED, "Collected and paid"),
    Option(Ending.WAIVED, "Collected, nothing is charged"),
    Option(Ending.DISPOSED, "Nobody came, dispose of them"),
)
_TITLES: dict[Verb, str] = {
    Verb.APPROVE: "Approve {jobs} and send the quotes",
    Verb.REJECT: "Reject {jobs}",
    Verb.START: "Start {jobs}",
    Verb.COMPLETE: "Complete {jobs}",
    Verb.HAND_OVER: "Hand over {jobs}",
}


@dataclass(frozen=True, slots=True)
class Planned:
    """One of the jobs: what will be done with it in a few words, or why it is left out."""

    job: JobView
    what: str
    is_possible: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one job, in a sentence."""

    job_id: int
    sentence: str
    is_done: bool


Tell = Callable[[Outcome], None]
Run = Callable[[Answers, Tell], Awaitable[None]]
"""Does it for one job after the other; tells of each."""
TakeBack = Callable[[Tell], Awaitable[None]]
"""Takes back what was done, one job after the other; tells of each."""


class SeveralDialog(StayingDialog):
    """Asks what is the same for all, and stays open with what became of each."""

    def __init__(
        self,
        verb: Verb,
        planned: Sequence[Planned],
        reasons: Sequence[RejectReasonView],
        run: Run,
        take_back: TakeBack,
        on_close: Callable[[], None],
    ) -> None:
        self._possible = [plan for plan in planned if plan.is_possible]
        count = len(self._possible)
        self._title = _TITLES[verb].format(jobs=jobs_in_words(count)) if count else f"{verb.label}: none of these jobs"
        of = ",".join(str(plan.job.id) for plan in self._possible)
        super().__init__(self._title, "plj-dialog pls-dialog", on_close=on_close, kept_as=f"several {verb.value} {of}")
        self._run = run
        self._take_back = take_back
        self._verb = verb
        self._problems: list[Outcome] = []
        with self:
            self._body = ui.element("div").classes(design.STACK)
            with self._body:
                self._ask(planned, reasons)

    def _ask(self, planned: Sequence[Planned], reasons: Sequence[RejectReasonView]) -> None:
        self._left_out([plan for plan in planned if not plan.is_possible])
        if self._possible:
            _listed(self._possible)
            self._create_answers(reasons)
        self._told = ui.label().classes(design.ERROR).props("role=alert")
        with ui.element("div").classes("pla-dialog-actions"):
            secondary_button("Close", self.close)
            if self._possible:
                make = danger_button if self._verb is Verb.REJECT else primary_button
                self._button = make(self._title, self._go)

    @staticmethod
    def _left_out(plans: Sequence[Planned]) -> None:
        if plans:
            are = "it is" if len(plans) == 1 else "they are"
            notice(f"{jobs_in_words(len(plans))} will be left as {are}.", "warning")
            _listed(plans)

    def _create_answers(self, reasons: Sequence[RejectReasonView]) -> None:
        if self._verb is Verb.REJECT:
            with ui.element("div").classes("plj-reasons").props('role=group aria-label="Reasons"'):
                self._boxes = {reason.label: ui.checkbox(reason.label) for reason in reasons if reason.active}
            self._note = ui.textarea("In your own words").props("autogrow rows=2 maxlength=2000")
        elif self._verb is Verb.START:
            self._machine = ui.input("Machine (optional)").props("maxlength=80")
        elif self._verb is Verb.HAND_OVER:
            methods = [
                Option(method.value, label)
                for method, label in PAYMENT_METHODS.items()
                if method is not PaymentMethod.WAIVED
            ]
            self._ends = Choice("How each ends", _ENDINGS, value=Ending.COLLECTED.value)
            self._method = Choice("Each is paid in full by", methods, value=PaymentMethod.CASH.value)
            self._reason = ui.input("Reason, which the students read").props("maxlength=500")
            self._method.bind_visibility_from(self._ends, "value", lambda ends: ends == Ending.COLLECTED)
            self._reason.bind_visibility_from(self._ends, "value", lambda ends: ends != Ending.COLLECTED)

    def _answers(self) -> Answers | None:
        """What was filled in; None, with a word about it, where something is missing."""
        if self._verb is Verb.REJECT:
            reasons = tuple(label for label, box in self._boxes.items() if box.value)
            note = text(self._note)
            if not reasons and not note:
                self._told.set_text("Tick a reason, or write one. The students read it.")
                return None
            return Answers(reasons=reasons, note=note)
        if self._verb is Verb.START:
            return Answers(machine=text(self._machine))
        if self._verb is Verb.HAND_OVER:
            return self._endings()
        return Answers()

    def _endings(self) -> Answers | None:
        ending, reason = Ending(self._ends.value), text(self._reason)
        if ending is Ending.COLLECTED:
            return Answers(method=PaymentMethod(self._method.value))
        if not reason:
            self._told.set_text("Say why. The students read it in their mail.")
            return None
        return Answers(outcome=ending, reason=reason)

    async def _go(self) -> None:
        answers = self._answers()
        if answers is None:
            return
        self._begin(len(self._possible), "done")
        await self._run(answers, self._tell)
        if self._progress.is_deleted:
            return
        self._progress.set_visibility(False)
        if self._done:
            with self._buttons:
                secondary_button(f"{undo_label(self._verb)} ({self._done})", self._undo, icon="undo")

    async def _undo(self) -> None:
        self._begin(self._done, "taken back")
        await self._take_back(self._tell)
        if not self._progress.is_deleted:
            self._progress.set_visibility(False)

    def _begin(self, whole: int, done: str) -> None:
        """In place of what stood there: how far it has come, and which jobs it was not possible with."""
        self._whole, self._done, self._problems, self._what = whole, 0, [], done
        self._body.clear()
        with self._body:
            self._progress = ui.linear_progress(0, show_value=False).props("instant-feedback")
            self._said = ui.label().props("role=status")
            self._list = ui.element("ul").classes("pls-list")
            with ui.element("div").classes("pla-dialog-actions") as self._buttons:
                primary_button("Close", self.close)

    def _tell(self, outcome: Outcome) -> None:
        if outcome.is_done:
            self._done += 1
        else:
            self._problems.append(outcome)
        if self._progress.is_deleted:
            return
        self._progress.set_value((self._done + len(self._problems)) / self._whole)
        missing = f", {len(self._problems)} not" if self._problems else ""
        self._said.set_text(f"{self._done} of {self._whole} {self._what}{missing}.")
        if not outcome.is_done:
            with self._list, ui.element("li"):
                _job_link(outcome.job_id)
                ui.label(outcome.sentence)


def jobs_in_words(count: int) -> str:
    """``1 job``, ``12 jobs``."""
    return "1 job" if count == 1 else f"{count} jobs"


def _listed(plans: Sequence[Planned]) -> None:
    with ui.element("ul").classes("pls-list").props("tabindex=0"):
        for plan in plans[:_LISTED]:
            with ui.element("li"):
                _job_link(plan.job.id)
                ui.label(f"{short(plan.job.student_name)} · {plan.what}")
        if len(plans) > _LISTED:
            ui.element("li").props(f'aria-label="{len(plans) - _LISTED} more"')


def _job_link(job_id: int) -> None:
    ui.link(f"#{job_id}", f"/jobs/{job_id}", new_tab=True)
