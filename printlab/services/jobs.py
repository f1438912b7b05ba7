"""The verbs that move a job, editing, notes and undo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from printlab.domain import words
from printlab.domain.commands import CompleteJob, EditJob, HandOverJob, KeepUntil, MoveJob, RejectJob, SaySize, StartJob
from printlab.domain.policy import SYSTEM, Action, Actor, is_closed, part_is_open, size_is_open
from printlab.domain.slicing import Outgrown
from printlab.domain.status import JobStatus, Verb, verbs_from
from printlab.domain.time_limits import Rules
from printlab.domain.views import WITHDRAWALS, Catalog, JobView, Outcome, PaymentMethod, Strength, waits_since
from printlab.errors import Conflict, InvalidInput
from printlab.live import Changed, announce
from printlab.mail.kinds import MailKind
from printlab.models import Event, Job, Payment, Quote, UserAccount
from printlab.services import fields
from printlab.services.adopting import refuse_deleted
from printlab.services.desk import (
    ALWAYS_UNDONE,
    PART,
    PART_COLUMNS,
    SIZE_COLUMNS,
    Desk,
    JobWork,
    find,
    find_revision,
    refuse_anonymised,
)
from printlab.services.history import KEPT, NOTE, new_event
from printlab.services.identity import authorise

UNREADABLE = "The file cannot be read"
"""The reason of a job that the system rejects."""
_EDITED = (
    "student_name",
    "student_email",
    "course",
    "color",
    "quantity",
    "strength",
    "scale",
    "size_is_right",
    "notes",
    "needed_by",
    "assignee",
)
# What only matters as long as there is something to do.
_OF_WORK = ("color", "quantity", "strength", "scale", "size_is_right", "needed_by", "notes", "assignee")
_TYPES = {"status": JobStatus, "outcome": Outcome, "strength": Strength}


_OR_SAY_SO = " say that it costs what was accepted,"


class PriceOutgrown(Conflict):
    """The file that counts is not the one that the student accepted a price for, and costs more, or is other."""

    def __init__(self, job: JobView, outgrown: Outgrown) -> None:
        super().__init__(
            f"The file of job {job.id} changed after the student accepted: {' and '.join(outgrown.reasons)}. "
            f"Send a new quote,{_OR_SAY_SO if outgrown.only_unsaid else ''} or let the file count that was quoted."
        )


class Jobs:
    """One method a verb; each is one transaction and returns the job as it is afterwards."""

    def __init__(
        self, desk: Desk, catalog: Callable[[], Catalog], today: Callable[[], date], rules: Callable[[], Rules]
    ) -> None:
        """``today`` says which day it is in the lab, ``rules`` how long it waits."""
        self._desk = desk
        self._catalog = catalog
        self._today = today
        self._rules = rules

    def reject(self, command: RejectJob, actor: Actor) -> JobView:
        """Refuse the job with at least one reason; the student reads the reasons' sentences."""
        reasons = self._reasons(command)
        with self._desk.work(command.job_id, command.version, actor, Verb.REJECT) as work:
            work.row.reject_reasons = list(reasons)
            work.row.reject_note = fields.text(command.note, "note")
            work.reason = "; ".join(filter(None, (*reasons, work.row.reject_note)))
            event = work.move(Verb.REJECT, JobStatus.REJECTED)
            self._mail_rejection(work, event, by="lab")
        return work.result

    def reject_unreadable(self, job_id: int, version: int, message: str) -> None:
        """Reject a job whose file turned out to be no model, before anybody decided; the student reads ``message``.

        Raises Conflict (StaleVersion, IllegalMove) when somebody decided meanwhile.
        """
        self.reject(RejectJob(job_id, version, (UNREADABLE,), message), SYSTEM)

    def decline(self, command: MoveJob, actor: Actor) -> JobView:
        """The student does not want the part at this price."""
        return self._withdraw(command, actor, Verb.DECLINE)

    def cancel(self, command: MoveJob, actor: Actor) -> JobView:
        """The student does not want the part any more."""
        return self._withdraw(command, actor, Verb.CANCEL)

    def start(self, command: StartJob, actor: Actor) -> JobView:
        """The job is on a machine now.

        Raises PriceOutgrown when the accepted price does not cover its file, and nobody says that it does where the
        file does not say what it takes.
        """
        with self._desk.work(command.job_id, command.version, actor, Verb.START) as work:
            if work.before.outgrown is not None:
                self._hold_price(work, work.before.outgrown, price_holds=command.price_holds)
            work.row.machine = fields.line(command.machine, "machine", 80)
            work.changed("machine", work.before.machine, work.row.machine)
            if not work.before.is_sliced:
                work.reason = "Started without a sliced file"
            event = work.move(Verb.START, JobStatus.PRINTING)
            self._desk.outbox.write(work.unit, work.after(self._desk.views), event, MailKind.STARTED)
        return work.result

    @staticmethod
    def _hold_price(work: JobWork, outgrown: Outgrown, *, price_holds: bool) -> None:
        """From now on the quote is that of the newer file too: whoever starts it again is not asked again, unless the
        start is undone, and the word with it.
        """
        quote = work.current_quote()
        if quote is None or not (price_holds and outgrown.only_unsaid):
            raise PriceOutgrown(work.before, outgrown)
        work.undo_extra["price_held"] = quote.holds_for_revision
        quote.holds_for_revision = outgrown.revision
        price = words.money(quote.price_cents, work.before.currency)
        work.reason = f"File {outgrown.revision} does not say what it takes; it costs {price}, as accepted"

    def complete(self, command: CompleteJob, actor: Actor) -> JobView:
        """The print came out; the student is told to collect it."""
        with self._desk.work(command.job_id, command.version, actor, Verb.COMPLETE) as work:
            row = work.row
            row.kept_until = None  # what the student said of an earlier print
            if command.actual_weight_cg is not None:
                row.actual_weight_cg = fields.weight_cg(command.actual_weight_cg, "actual_weight_g")
                work.changed("actual weight", None, words.weight(row.actual_weight_cg))
            if command.actual_time_min is not None:
                row.actual_time_min = fields.time_min(command.actual_time_min, "actual_time_min")
                work.changed("actual time", None, words.duration(row.actual_time_min))
            event = work.move(Verb.COMPLETE, JobStatus.COMPLETED)
            job = work.after(self._desk.views)
            price = words.money(job.price_cents or 0, job.currency)
            self._desk.outbox.write(work.unit, job, event, MailKind.READY, price=price)
        return work.result

    def fail(self, command: MoveJob, actor: Actor) -> JobView:
        """Log a failed print; the job goes back to the queue without a new confirmation."""
        reason = fields.line(command.reason, "reason")
        if reason is None:
            raise InvalidInput("Say what went wrong, for example “came off the bed after 2 h”.", "reason")
        with self._desk.work(command.job_id, command.version, actor, Verb.FAIL) as work:
            work.reason = reason
            work.row.failed_prints += 1
            work.row.machine = None
            work.changed("failed prints", work.before.failed_prints, work.row.failed_prints)
            work.changed("machine", work.before.machine, None)
            event = work.move(Verb.FAIL, JobStatus.READY_TO_PRINT)
            self._desk.outbox.write(work.unit, work.after(self._desk.views), event, MailKind.FAILED_ATTEMPT)
        return work.result

    def reopen(self, command: MoveJob, actor: Actor) -> JobView:
        """Take a rejected job up again as it is; it gets a new quote. Raises Conflict when its file was deleted."""
        with self._desk.work(command.job_id, command.version, actor, Verb.REOPEN) as work:
            refuse_deleted(find_revision(work.session, work.job_id, work.row.authoritative))
            work.reason = fields.line(command.reason, "reason")
            start_over(work)
            work.move(Verb.REOPEN, JobStatus.UPLOADED)
        return work.result

    def reprint(self, command: MoveJob, actor: Actor) -> JobView:
        """The part was not good: back to the queue at the accepted price."""
        with self._desk.work(command.job_id, command.version, actor, Verb.REPRINT) as work:
            work.reason = fields.line(command.reason, "reason")
            work.row.machine = None
            work.row.actual_weight_cg = work.row.actual_time_min = None
            event = work.move(Verb.REPRINT, JobStatus.READY_TO_PRINT)
            self._desk.outbox.call_off(work, work.after(self._desk.views), event)
        return work.result

    def hand_over(self, command: HandOverJob, actor: Actor) -> JobView:
        """Take the money, give the part, send the receipt; or close the job as not collected."""
        outcome = _outcome(command)
        with self._desk.work(command.job_id, command.version, actor, Verb.HAND_OVER) as work:
            work.reason = fields.line(command.reason, "reason")
            payment = _payment(command, outcome, work)
            work.session.add(payment)
            work.session.flush()
            work.row.outcome = outcome
            work.undo_extra["payment_id"] = payment.id
            work.changed("outcome", None, outcome.value)
            work.changed("paid", None, words.money(payment.amount_cents, work.before.currency))
            work.changed("payment method", None, payment.method)
            event = work.move(Verb.HAND_OVER, JobStatus.PAID_PICKED_UP)
            self._mail_receipt(work, event, payment, outcome)
        return work.result

    def undo(self, command: MoveJob, actor: Actor) -> JobView:
        """Take back the latest move: status, price, authoritative file, folder, mails and money."""
        with self._desk.work(command.job_id, command.version, actor, Verb.UNDO) as work:
            undone = work.session.get_one(Event, work.row.last_move_id)
            assert undone.undo is not None  # noqa: S101  (the policy allows no undo of an undo)
            _restore(work, undone.undo)
            after = work.after(self._desk.views)
            work.changed_to(after, (*PART, "scale", "size_is_right", "price"))
            work.reason = fields.line(command.reason, "reason") or f"“{Verb(undone.action).label}” was taken back"
            event = work.record_move(Verb.UNDO, None)
            self._desk.outbox.take_back(work, after, undone, event)
        return work.result

    def edit(self, command: EditJob, actor: Actor) -> JobView:
        """Correct the details; the file name stays, and what the student was quoted cannot change behind their back."""
        with self._desk.work(command.job_id, command.version, actor, Action.EDIT) as work:
            _refuse_when_closed(command, work.before)
            self._edit_student(work, command)
            self._edit_part(work, command)
            self._edit_work(work, command)
            before, after = work.before, work.after(self._desk.views)
            work.changed_to(after, _EDITED)
            if after.assignee_id != before.assignee_id and after.assignee == before.assignee:
                work.changed("assignee", before.assignee, _with_address(work.session, after))
            if work.changes:
                event = work.record("edit")
                if after.student_email != work.before.student_email:
                    self._desk.outbox.new_address(work, after, event)
        return work.result

    def say_size(self, command: SaySize, actor: Actor) -> JobView:
        """The student answers in what size the part is meant; raises Conflict once staff have decided on it."""
        with self._desk.work(command.job_id, command.version, actor, Action.SAY_SIZE) as work:
            if not size_is_open(work.before):
                sliced = " and sliced already" if work.before.is_sliced else ""
                stands = f"Job {work.before.id} is “{work.before.status.label}”{sliced}"
                raise Conflict(f"{stands}: staff set its size now. Ask them to.")
            work.row.scale_micro = fields.scale_micro(command.scale)
            work.row.size_is_right = command.size_is_right
            work.changed_to(work.after(self._desk.views), ("scale", "size_is_right"))
            if work.changes:
                work.record("edit")
        return work.result

    def keep(self, command: KeepUntil, actor: Actor) -> JobView:
        """The student says until when they need to collect the part: reminders wait for that day.

        Raises InvalidInput for a day that is too early or too late, Conflict where no part waits.
        """
        with self._desk.work(command.job_id, command.version, actor, Action.KEEP) as work:
            if work.before.status is not JobStatus.COMPLETED:
                raise Conflict(f"Job {work.before.id} is “{work.before.status.label}”: no part waits to be collected.")
            if command.until is not None:
                self._check_keepable(command.until, work.before)
            work.row.kept_until = command.until
            work.changed_to(work.after(self._desk.views), ("kept_until",))
            if work.changes:
                work.record(KEPT)
                self._desk.outbox.call_off_reminders(work.session, work.job_id)
        return work.result

    def keepable_until(self, job: JobView) -> date:
        """The last day until which the student of a part that is ready can ask to keep it."""
        return self._rules().keepable_until(waits_since(job), self._today())

    def _check_keepable(self, until: date, job: JobView) -> None:
        latest = self.keepable_until(job)
        if until <= self._today():
            raise InvalidInput("Choose a day after today.", "kept_until")
        if until > latest:
            raise InvalidInput(f"The lab keeps it until {words.day(latest)} at the latest.", "kept_until")

    def note(self, job_id: int, text: str, actor: Actor) -> None:
        """Add a note that only staff see; the job itself does not change, so nobody's open form becomes stale."""
        note = fields.text(text, "note")
        if note is None:
            raise InvalidInput("Write the note first.", "note")
        with self._desk.database.write() as unit:
            authorise(unit.session, actor, Action.EDIT, self._desk.clock())
            refuse_anonymised(job_id, find(unit.session, job_id, lock=True).anonymised_at)
            unit.session.add(new_event(actor, NOTE, self._desk.clock(), job_id, reason=note))
            announce(unit, self._desk.live, Changed(job_id))

    def look_at(self, job_id: int, actor: Actor) -> None:
        """Remember who of the staff looked at a new job first; the job itself does not change.

        Raises NotSignedIn, NotAllowed. A job that is not there is left alone.
        """
        with self._desk.database.write() as unit:
            authorise(unit.session, actor, Action.VIEW_BOARD, self._desk.clock())
            unseen = sa.update(Job).where(col(Job.id) == job_id, col(Job.looked_at).is_(None))
            if unit.session.exec(unseen.values(looked_at=self._desk.clock(), looked_by=actor.name)).rowcount:
                announce(unit, self._desk.live, Changed(job_id))

    def _withdraw(self, command: MoveJob, actor: Actor, verb: Verb) -> JobView:
        with self._desk.work(command.job_id, command.version, actor, verb) as work:
            work.reason = fields.text(command.reason, "reason")
            work.row.reject_reasons = [WITHDRAWALS[verb]]
            work.row.reject_note = work.reason
            event = work.move(verb, JobStatus.REJECTED)
            self._mail_rejection(work, event, by="student")
        return work.result

    def _reasons(self, command: RejectJob) -> tuple[str, ...]:
        """Known reasons under their label, others as they were written; raises InvalidInput when there is none."""
        known = {reason.label.casefold(): reason.label for reason in self._catalog().reject_reasons}
        cleaned = (fields.line(reason, "reasons") for reason in command.reasons)
        reasons = tuple(dict.fromkeys(known.get(reason.casefold(), reason) for reason in cleaned if reason))
        if not reasons and not fields.text(command.note, "note"):
            raise InvalidInput("Tick at least one reason, or write one.", "reasons")
        return reasons

    def _mail_rejection(self, work: JobWork, event: Event, by: str) -> None:
        job = work.after(self._desk.views)
        sentences = {reason.label: reason.sentence for reason in self._catalog().reject_reasons}
        reasons = [sentences.get(reason, reason) for reason in job.reject_reasons]
        facts: dict[str, Any] = {"reasons": reasons, "note": job.reject_note, "by": by}
        self._desk.outbox.write(work.unit, job, event, MailKind.REJECTED, **facts)

    def _mail_receipt(self, work: JobWork, event: Event, payment: Payment, outcome: Outcome) -> None:
        job = work.after(self._desk.views)
        facts: dict[str, Any] = {
            "amount": words.money(payment.amount_cents, job.currency),
            "payment_method": payment.method or "",
            "reference": payment.reference,
            "collected_by": payment.collected_by,
            "outcome": outcome.value,
            "reason": payment.reason,
        }
        self._desk.outbox.write(work.unit, job, event, MailKind.RECEIPT, **facts)

    def _edit_student(self, work: JobWork, command: EditJob) -> None:
        row = work.row
        if command.name is not None:
            row.student_name = fields.person_name(command.name)
        if command.email is not None:
            row.student_email = fields.email(command.email)
        if command.course is not None:
            row.course = fields.line(command.course, "course")

    def _edit_part(self, work: JobWork, command: EditJob) -> None:
        row, before = work.row, work.before
        if command.color is not None and command.color != before.color:
            row.color_id = fields.color(self._catalog(), command.color, before.method).id
        if command.quantity is not None:
            row.quantity = fields.quantity(command.quantity)
        if command.strength is not None:
            row.strength = command.strength
        if command.scale is not None:
            row.scale_micro = fields.scale_micro(command.scale)
        if command.size_is_right is not None:
            row.size_is_right = command.size_is_right
        is_other = any(getattr(row, name) != work.old[name] for name in (*PART_COLUMNS, "scale_micro"))
        if is_other and not part_is_open(before):
            quoted = f"Job {before.id} is “{before.status.label}”, and its price was told for this part."
            raise Conflict(f"{quoted} Colour, copies, strength and scale stay. {_instead(before.status)}")

    def _edit_work(self, work: JobWork, command: EditJob) -> None:
        row = work.row
        if command.needed_by is not None:
            row.needed_by = self._needed_by(command.needed_by, work.before.needed_by)
        if command.notes is not None:
            row.notes = fields.text(command.notes, "notes")
        if command.assignee is not None:
            row.assignee_id = _assignee(work.session, command.assignee)

    def _needed_by(self, wanted: str, before: date | None) -> date | None:
        """The wished day of a text in ISO 8601, None of an empty one; a day that has passed stays only as it was."""
        day = fields.day(wanted, "needed_by")
        return day if day == before else fields.not_past(day, self._today())


def start_over(work: JobWork) -> None:
    """Forget the decision that was made: reasons and quote; the next quote gets the next number."""
    work.row.reject_reasons = []
    work.row.reject_note = None
    work.row.quote_number = None


def _restore(work: JobWork, undo: dict[str, Any]) -> None:
    """Put back what the move replaced; what others changed since stays, but for status, price and file, and the size
    that was said of it.
    """
    now, facts = work.old, undo["facts"]
    always = (*ALWAYS_UNDONE, *SIZE_COLUMNS) if _is_of_other_model(work, facts["authoritative"][0]) else ALWAYS_UNDONE
    for name, (old, new) in facts.items():
        if name in always or now[name] == new:
            setattr(work.row, name, _typed(name, old))
    work.row.status_since = datetime.fromisoformat(undo["status_since"])
    if number := undo.get("accepted_quote"):
        quote = work.session.exec(select(Quote).where(Quote.job_id == work.job_id, Quote.number == number)).one()
        quote.accepted_at = None
    if quote := work.current_quote():
        _price_again(work.row, quote)
        if "price_held" in undo:
            quote.holds_for_revision = undo["price_held"]
    if file := undo.get("copies"):
        find_revision(work.session, work.job_id, file["revision"]).one_copy = file["one_copy"]
    if payment_id := undo.get("payment_id"):
        _reverse(work, work.session.get_one(Payment, payment_id))


def _is_of_other_model(work: JobWork, number: int) -> bool:
    """Whether a file is made from another model than the one that counts now: what is said of its size is another."""
    return find_revision(work.session, work.job_id, number).model != work.before.counting_file.model


def _price_again(row: Job, quote: Quote) -> None:
    """A price that stands again stands for the part that it was told for, whatever was edited meanwhile."""
    for name in PART_COLUMNS:
        setattr(row, name, getattr(quote, name))


def _typed(name: str, value: object) -> object:
    """JSON gives plain strings for enums."""
    return _TYPES[name](value) if name in _TYPES and value is not None else value


def _reverse(work: JobWork, payment: Payment) -> None:
    """Money that was booked is never unbooked: a counter-entry takes it back."""
    work.session.add(
        Payment(
            job_id=work.job_id,
            amount_cents=-payment.amount_cents,
            method=payment.method,
            reference=payment.reference,
            received_by=work.actor.name,
            reason="undo",
            at=work.now,
            reverses_id=payment.id,
        )
    )


def _outcome(command: HandOverJob) -> Outcome:
    """How the job ends; raises InvalidInput when method and outcome do not go together."""
    outcome = command.outcome
    if outcome is Outcome.DISPOSED:
        if command.amount_cents:
            raise InvalidInput("A part that nobody collects is not paid for: the amount is 0.", "amount_cents")
        return outcome
    if command.payment_method is None:
        raise InvalidInput("Choose how it was paid: cash, card, account or waived.", "payment_method")
    waived = command.payment_method is PaymentMethod.WAIVED
    if waived and command.amount_cents:
        raise InvalidInput("A waived job costs nothing: the amount is 0.", "amount_cents")
    if outcome is not None and (outcome is Outcome.WAIVED) != waived:
        raise InvalidInput("“Waived” is both the way it was paid and the outcome. Choose both or neither.", "outcome")
    return Outcome.WAIVED if waived else Outcome.COLLECTED


def _payment(command: HandOverJob, outcome: Outcome, work: JobWork) -> Payment:
    amount = fields.cents(command.amount_cents, "amount_cents")
    price = work.before.price_cents or 0
    if amount != price and outcome is not Outcome.DISPOSED and work.reason is None:
        raise InvalidInput(
            f"The price is {words.money(price, work.before.currency)}. Say why another amount is taken.", "reason"
        )
    method = None if outcome is Outcome.DISPOSED else command.payment_method
    return Payment(
        job_id=work.job_id,
        amount_cents=amount,
        method=method.value if method else None,
        reference=fields.line(command.reference, "reference"),
        collected_by=fields.line(command.collected_by, "collected_by"),
        received_by=work.actor.name,
        reason=work.reason,
        at=work.now,
    )


def _assignee(session: Session, wanted: str) -> int | None:
    """The active colleague of this e-mail address or name; an empty text means nobody.

    Compared here: SQLite's ``lower`` knows ASCII letters only.
    """
    name = wanted.strip().casefold()
    if not name:
        return None
    active = session.exec(select(UserAccount).where(col(UserAccount.active))).all()
    found = [user for user in active if name == user.email.casefold()]
    found = found or [user for user in active if name == user.name.casefold()]
    if not found:
        raise InvalidInput(f"There is no colleague “{wanted.strip()}”.", "assignee")
    if len(found) > 1:
        raise InvalidInput(f"Several colleagues are called {found[0].name}. Use the e-mail address.", "assignee")
    return found[0].id


def _refuse_when_closed(command: EditJob, job: JobView) -> None:
    """Of a job that is over only what records and mails say about the student can be corrected."""
    if is_closed(job.status) and any(getattr(command, name) is not None for name in _OF_WORK):
        raise Conflict(
            f"Job {job.id} is “{job.status.label}”: only the student’s name, e-mail address and course can "
            "still be corrected. Write a note for colleagues instead."
        )


def _instead(status: JobStatus) -> str:
    """How to come to another part at another price, from where the job stands."""
    verbs = verbs_from(status)
    if Verb.REQUOTE in verbs:
        return "Send a new quote instead."
    return "Reopen the job first." if Verb.REOPEN in verbs else "Write a note for colleagues instead."


def _with_address(session: Session, job: JobView) -> str:
    """Who looks after the job, told from another person of the same name."""
    return f"{job.assignee} ({session.get_one(UserAccount, job.assignee_id).email})"
