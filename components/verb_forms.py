"""The fields of every action that moves a job, and what each is called."""

from __future__ import annotations

from nicegui import ui

from components import amounts, design
from components.choice import Choice, Option
from components.fields import money_input
from components.file_remarks import show_remarks
from components.job_form import Choices, JobForm, hint, pair, short, text
from components.notice import notice
from components.quote_form import QuoteForm, RequoteForm
from printlab.domain import words
from printlab.domain.commands import (
    CompleteJob,
    ConfirmJob,
    HandOverJob,
    MoveJob,
    RejectJob,
    StartJob,
)
from printlab.domain.pricing import weight_cg
from printlab.domain.remarks import remarks
from printlab.domain.status import Verb
from printlab.domain.views import JobView, Outcome, PaymentMethod, copies

PAYMENT_METHODS = {
    PaymentMethod.CASH: "Cash",
    PaymentMethod.CARD: "Card",
    PaymentMethod.ACCOUNT: "Account",
    PaymentMethod.WAIVED: "Waived",
}


class RejectForm(JobForm):
    """Tick reasons, add words of your own; at least one of both."""

    @property
    def title(self) -> str:
        """Names the job: the student loses their place."""
        return f"Reject job {self.job.id}"

    @property
    def submit_label(self) -> str:
        """Names the job."""
        return self.title

    @property
    def danger(self) -> bool:
        """It takes the job away from the student."""
        return True

    def create(self) -> None:
        """Reasons with the sentence that the student reads below each."""
        with ui.element("div").classes("plj-reasons").props('role=group aria-label="Reasons"'):
            self.boxes = {
                reason.label: self._box(reason.label, reason.sentence)
                for reason in self.choices.catalog.reject_reasons
                if reason.active
            }
        self.note = self.filled(ui.textarea("In your own words").props("autogrow rows=2"), lambda _: "")
        told = "gets these by mail" if self.choices.mails else "sees these on the job’s private page"
        hint(f"{short(self.job.student_name)} {told}, with the way to send a corrected file.")

    def _box(self, label: str, sentence: str) -> ui.checkbox:
        with ui.element("div"):
            box = self.filled(ui.checkbox(label), lambda _: False)
            ui.label(sentence).classes("plj-reason-sentence")
        box.on_value_change(lambda: setattr(self.note, "error", None))
        return box

    def read(self) -> RejectJob:
        """The ticked reasons and the note."""
        reasons = tuple(label for label, box in self.boxes.items() if box.value)
        note = text(self.note)
        if not reasons and not note:
            self.demand(self.note, "Tick a reason, or write one. The student reads it.")
        return RejectJob(self.job.id, self.job.version, reasons, note)


class ConfirmForm(JobForm):
    """Accept the quote because the student said so at the desk or by mail."""

    @property
    def title(self) -> str:
        """Whose decision it is."""
        return f"Accept for {short(self.job.student_name)}"

    @property
    def submit_label(self) -> str:
        """What is accepted."""
        price = self.job.price_cents
        return "Accept the quote" if price is None else f"Accept {words.money(price, self.job.currency)}"

    def create(self) -> None:
        """Nothing to fill in; says what follows."""
        hint(f"{short(self.job.student_name)} told you that the quote is all right. The job then queues for a printer.")

    def read(self) -> ConfirmJob:
        """With the number of the quote on the screen."""
        return ConfirmJob(self.job.id, self.job.version, self.job.quote.number if self.job.quote else None)


class StartForm(JobForm):
    """On which machine, if the lab has several of a kind."""

    @property
    def title(self) -> str:
        """Start."""
        return "Start printing"

    @property
    def submit_label(self) -> str:
        """Start, also without a sliced file."""
        return "Start printing" if self.job.is_sliced else "Start without a sliced file"

    def create(self) -> None:
        """What is to be printed, the machine, and a warning when a machine could not print the file."""
        self.what = ui.label().classes(f"{design.PROSE} {design.BREAK}")
        self.unsliced = notice(
            "This job has no sliced file. Upload one first, or start when the print was sliced elsewhere.", "warning"
        )
        self.odd = ui.element("div").classes(f"{design.STACK} pl-tight")
        with ui.element("div").classes(f"{design.STACK} pl-tight") as self.unsaid:
            self._asked = ui.element("div")
            self.price_holds = self.filled(ui.checkbox(), lambda _: False)
            self._unticked = ui.label(
                "Tick this when the slicer shows no more than that. Otherwise send a new quote (Re-quote) and type in "
                "there what the slicer shows, or let the file count that was quoted, on the job’s page."
            )
            self._unticked.classes(design.ERROR).props("role=alert")
        self._unticked.set_visibility(False)
        self.price_holds.on_value_change(lambda: self._unticked.set_visibility(False))
        self._show_what(self.job)
        self.machine = self.filled(
            ui.input("Machine (optional)").props('placeholder="For example MK4S no. 2" maxlength=80'),
            lambda job: job.machine or "",
        )
        hint("Name it when there are several of a kind.")

    def rebase(self, job: JobView, choices: Choices | None = None) -> None:
        """A sliced file may have arrived, another colour been quoted; what is said of a file is not of the next."""
        if job.authoritative != self.job.authoritative:
            self.price_holds.set_value(False)
        super().rebase(job, choices)
        self._show_what(job)

    def _show_what(self, job: JobView) -> None:
        part = f"{job.material}, {job.color}, {copies(job.quantity)}"
        self.what.set_text(
            f"The file that counts is {job.counting_file.original_name}. The job is for the {job.printer}: {part}."
        )
        self.unsliced.set_visibility(not job.is_sliced)
        self.odd.clear()
        with self.odd:
            show_remarks(remarks(job, job.counting_file, self.choices.catalog))
        self.unsaid.set_visibility(_asks_for_price(job))
        self.price_holds.set_text(f"It costs what was accepted, {job.price}")
        self._asked.clear()
        if job.outgrown is not None:
            with self._asked:
                notice(
                    f"The newer file does not say what it takes: {job.outgrown.unsaid}. Look it up in the slicer, then "
                    "tick the box, or use Re-quote and type it in there.",
                    "warning",
                )

    def read(self) -> StartJob:
        """With the machine, if named, and what was said of the price."""
        if _asks_for_price(self.job) and not self.price_holds.value:
            self._unticked.set_visibility(True)
            self._complete = False
        return StartJob(self.job.id, self.job.version, text(self.machine), bool(self.price_holds.value))


class CompleteForm(JobForm):
    """What it really took, when it differs."""

    @property
    def title(self) -> str:
        """Complete."""
        return "When the print is done"

    @property
    def submit_label(self) -> str:
        """Complete."""
        return "Complete"

    def create(self) -> None:
        """Actual weight and time, both optional."""
        with pair():
            self.weight = self.filled(
                ui.input("Actual weight").props(
                    f'suffix=g inputmode=decimal placeholder="{amounts.grams_text(self.job.weight_cg)}"'
                ),
                lambda job: amounts.grams_text(job.actual_weight_cg),
            )
            self.time = self.filled(
                ui.input("Actual time").props(f'placeholder="{self._quoted_time()}"'),
                lambda job: words.duration(job.actual_time_min) if job.actual_time_min else "",
            )
        who = short(self.job.student_name)
        told = "gets a mail" if self.choices.mails else "sees on the job’s private page"
        hint(f"Both are optional, and the price stays. {who} {told} that the part is ready for pickup.")

    def _quoted_time(self) -> str:
        return words.duration(self.job.time_min) if self.job.time_min else ""

    def read(self) -> CompleteJob:
        """With the figures that were filled in."""
        return CompleteJob(
            self.job.id,
            self.job.version,
            actual_weight_cg=self.parse(self.weight, _grams, 0) if text(self.weight) else None,
            actual_time_min=self.parse(self.time, amounts.minutes, 0) if text(self.time) else None,
        )


class FailForm(JobForm):
    """A print that went wrong: the job queues again, the student is not asked again."""

    @property
    def title(self) -> str:
        """Log it."""
        return "Log a failed print"

    @property
    def submit_label(self) -> str:
        """What happens to the job."""
        return "Log and queue again"

    def create(self) -> None:
        """What went wrong."""
        self.reason = self.filled(
            ui.textarea("What went wrong").props('autogrow rows=2 placeholder="Came off the bed" autofocus'),
            lambda _: "",
        )
        hint("The job goes back to “Ready to print”. The student is not asked again.")

    def read(self) -> MoveJob:
        """With the reason, which is needed."""
        reason = text(self.reason)
        if not reason:
            self.demand(self.reason, "Say what went wrong; it is kept with the job.")
        return MoveJob(self.job.id, self.job.version, reason)


def _asked_for(job: JobView) -> str:
    until = words.day(job.kept_until) if job.kept_until else ""
    return f"The student asked the lab to keep it until {until}."


class HandOverForm(JobForm):
    """Who paid what how, and who took the part; or that nobody fetched it."""

    @property
    def title(self) -> str:
        """Hand over."""
        return "Hand over"

    @property
    def submit_label(self) -> str:
        """What is booked; disposing names the job."""
        if self._disposes:
            return f"Dispose of job {self.job.id}"
        try:
            amount_cents = amounts.cents(str(self.amount.value or ""))
        except (AttributeError, ValueError):
            return "Hand over"
        return f"Hand over · {words.money(amount_cents, self.job.currency)}"

    @property
    def danger(self) -> bool:
        """Disposing cannot be taken back from the bin."""
        return self._disposes

    @property
    def _disposes(self) -> bool:
        return bool(self.outcome.value == Outcome.DISPOSED)

    @property
    def _waives(self) -> bool:
        return bool(self.method.value == PaymentMethod.WAIVED)

    def create(self) -> None:
        """Collected or not; method, amount, who, reference."""
        outcomes = [Option(Outcome.COLLECTED, "Collected"), Option(Outcome.DISPOSED, "Nobody came, dispose of it")]
        methods = [Option(method.value, label) for method, label in PAYMENT_METHODS.items()]
        self.outcome = self.filled(Choice("How it ends", outcomes), lambda _: Outcome.COLLECTED.value)
        with ui.element("div").classes("plj-fields") as paid:
            self.method = self.filled(Choice("Paid by", methods), lambda _: PaymentMethod.CASH.value)
            with pair():
                self.amount = self.filled(money_input("Amount", self.job.currency), self._due)
                self.reference = self.filled(
                    ui.input("Reference").props('placeholder="Receipt no." maxlength=120'), lambda _: ""
                )
            self.collected_by = self.filled(
                ui.input("Collected by").props("maxlength=200"), lambda job: job.student_name
            )
        self._asked = notice(_asked_for(self.job), "warning")
        self.reason = self.filled(ui.input("Reason").props("maxlength=500"), lambda _: "")
        paid.bind_visibility_from(self.outcome, "value", lambda value: value != Outcome.DISPOSED)
        self.method.on_value_change(self._waive)
        for field in (self.outcome, self.method, self.amount):
            field.on_value_change(self.follow)
        self.follow()

    @staticmethod
    def _due(job: JobView) -> str:
        return amounts.cents_text(job.price_cents or 0)

    def _waive(self) -> None:
        """Waived means nothing is taken; any other method means the price, unless somebody typed an amount."""
        if self._waives:
            self.amount.set_value("0.00")
        elif self.amount.value == "0.00":
            self.amount.set_value(self._due(self.job))

    def follow(self) -> None:
        """Ask for a reason where one is needed, and say in the button what is booked."""
        self._asked.set_visibility(self._disposes and self.job.kept_until is not None)
        self.reason.set_visibility(self._needs_reason())
        self.reason.props["label"] = self._reason_label()
        self.reason.error = None
        self.on_relabel()

    def _reason_label(self) -> str:
        if self._disposes:
            return "Why it is disposed of"
        return "Why nothing is charged" if self._waives else "Why another amount"

    def _needs_reason(self) -> bool:
        if self._disposes:
            return True
        try:
            return amounts.cents(str(self.amount.value or "")) != (self.job.price_cents or 0)
        except ValueError:
            return False

    def read(self) -> HandOverJob:
        """With what was taken; a disposed job takes nothing."""
        reason = text(self.reason) if self._needs_reason() else None
        if self._needs_reason() and not reason:
            self.demand(self.reason, self._why())
        if self._disposes:
            return HandOverJob(self.job.id, self.job.version, 0, None, Outcome.DISPOSED, reason=reason)
        return HandOverJob(
            self.job.id,
            self.job.version,
            amount_cents=self.parse(self.amount, amounts.cents, 0),
            payment_method=PaymentMethod(self.method.value),
            outcome=Outcome.WAIVED if self._waives else Outcome.COLLECTED,
            reference=text(self.reference),
            collected_by=text(self.collected_by),
            reason=reason,
        )

    def _why(self) -> str:
        if self._disposes:
            return "Say why it is disposed of; it is kept with the job."
        price = words.money(self.job.price_cents or 0, self.job.currency)
        return f"The price is {price}. Say why another amount is taken; it is kept with the job."


class MoveForm(JobForm):
    """Decline, cancel, reopen, print again: a sentence about what follows, and a reason."""

    def __init__(self, job: JobView, choices: Choices, verb: Verb) -> None:
        super().__init__(job, choices)
        self._verb = verb

    @property
    def title(self) -> str:
        """What happens, and to which job."""
        return _MOVES[self._verb][0].format(id=self.job.id)

    @property
    def submit_label(self) -> str:
        """The same."""
        return self.title

    @property
    def danger(self) -> bool:
        """Declining and cancelling end the job."""
        return self._verb in (Verb.DECLINE, Verb.CANCEL)

    def create(self) -> None:
        """What follows, then why."""
        hint(_MOVES[self._verb][1].format(who=short(self.job.student_name)))
        self.reason = self.filled(ui.input("Reason (optional)").props("maxlength=500 autofocus"), lambda _: "")

    def read(self) -> MoveJob:
        """With the reason, if given."""
        return MoveJob(self.job.id, self.job.version, text(self.reason))


_MOVES: dict[Verb, tuple[str, str]] = {
    Verb.DECLINE: (
        "Decline the quote of job {id}",
        "{who} told you that the quote is not all right. The job goes to “Rejected”.",
    ),
    Verb.CANCEL: ("Cancel job {id}", "{who} told you that the part is no longer wanted. The job goes to “Rejected”."),
    Verb.REOPEN: ("Reopen job {id}", "The job goes back to “Uploaded” with the file it has, to be decided again."),
    Verb.REPRINT: (
        "Print job {id} again",
        "The job goes back to “Ready to print” at the same price. {who} is not asked again.",
    ),
}


def form_for(verb: Verb, job: JobView, choices: Choices) -> JobForm:
    """The form of ``verb``. Raises KeyError for those that have none: correct and undo."""
    if verb in _MOVES:
        return MoveForm(job, choices, verb)
    return _FORMS[verb](job, choices)


_FORMS: dict[Verb, type[JobForm]] = {
    Verb.APPROVE: QuoteForm,
    Verb.REQUOTE: RequoteForm,
    Verb.REJECT: RejectForm,
    Verb.CONFIRM: ConfirmForm,
    Verb.START: StartForm,
    Verb.COMPLETE: CompleteForm,
    Verb.FAIL: FailForm,
    Verb.HAND_OVER: HandOverForm,
}


def _asks_for_price(job: JobView) -> bool:
    """Whether somebody has to say that the accepted price covers a file that does not say what it takes."""
    return job.outgrown is not None and job.outgrown.only_unsaid


def _grams(typed: str) -> int:
    return weight_cg(amounts.number(typed, "weight in grams", "38.5"))
