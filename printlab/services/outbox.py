"""Writing mails: a row in the transaction of the move that they tell about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import make_msgid
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, or_, select

from printlab.domain import words
from printlab.domain.policy import ActorKind
from printlab.domain.status import JobStatus
from printlab.domain.views import JobView, LabView
from printlab.mail.compose import render_subject
from printlab.mail.headers import parse_mailbox
from printlab.mail.kinds import OPTIONAL, MailKind
from printlab.models import Event, MailState, OutboxMail
from printlab.services.own_words import is_on, own_words
from printlab.settings import Settings

if TYPE_CHECKING:
    from printlab.db import Unit
    from printlab.services.desk import JobWork

_log = structlog.get_logger(__name__)
REMINDERS = (MailKind.LAPSING, MailKind.COLLECT, MailKind.UNCLAIMED)
"""What the clock tells students: of no step of the job, and only while the job is as it was."""
REMOVED = "removed"  # all that is left of the facts of a mail whose student was anonymised
_CALLED_OFF = "called_off"  # in what an undo needs: the mail that the move called off, and its state before


@dataclass(frozen=True, slots=True)
class StaffMail:
    """A mail to somebody of the lab; its button leads to ``path``, a page of PrintLab."""

    kind: MailKind
    address: str
    name: str
    key: str
    at: datetime
    path: str
    facts: dict[str, Any]
    job: JobView | None = None


class Outbox:
    """``wake`` is called after each commit that left a mail to send."""

    def __init__(self, settings: Settings, lab: Callable[[], LabView]) -> None:
        self._settings = settings
        self._lab = lab
        self._wake: list[Callable[[], object]] = []
        self._domain = parse_mailbox(settings.mail_from).domain
        self.sends = bool(settings.smtp_url)

    def on_mail(self, wake: Callable[[], object]) -> None:
        """Call ``wake`` after each commit that left a mail to send."""
        self._wake.append(wake)

    def write(self, unit: Unit, job: JobView, event: Event, kind: MailKind, **facts: Any) -> None:
        """Add a mail to the student of ``job``; without a mail server it is kept to be read, and never sent."""
        if kind not in OPTIONAL or is_on(unit.session, kind):
            self._add(unit, job, event, kind, f"{kind.value}:{job.id}:{event.id}", facts, event.at)

    def tell(self, unit: Unit, job: JobView, kind: MailKind, key: str, at: datetime, **facts: Any) -> None:
        """Add a mail about what is no step of the job; one with this ``key`` is written once."""
        self._add(unit, job, None, kind, key, facts, at)

    def tell_staff(self, unit: Unit, mail: StaffMail) -> None:
        """Add a mail to somebody of the lab; one with its ``key`` is written once."""
        job = {} if mail.job is None else self._about(mail.job, mail.at)
        context = {"lab": self.lab_facts(), "path": mail.path} | job | mail.facts
        self._put(
            unit,
            mail.key,
            mail.at,
            job_id=mail.job and mail.job.id,
            kind=mail.kind.value,
            to_staff=True,
            to_address=mail.address,
            to_name=mail.name,
            context=own_words(unit.session, mail.kind, context) | context,  # a test brings the words that it tries
        )

    def call_off_reminders(self, session: Session, job_id: int) -> None:
        """What waits to remind the student of something is not sent: the job went on, or they answered."""
        reminders = col(OutboxMail.kind).in_([kind.value for kind in REMINDERS])
        unsent = col(OutboxMail.state).in_((MailState.QUEUED, MailState.FAILED))  # staff could send a failed one again
        waits = and_(col(OutboxMail.job_id) == job_id, reminders, unsent)
        for mail in _locked(session, waits):
            mail.state = MailState.CANCELLED

    def quote(self, unit: Unit, job: JobView, event: Event, previous_price: str | None) -> None:
        """The quote that the student has to confirm."""
        quote = job.quote
        assert quote is not None  # noqa: S101  (the caller has just made it)
        self.write(
            unit,
            job,
            event,
            MailKind.QUOTE,
            quote_number=quote.number,
            price=words.money(quote.price_cents, job.currency),
            weight=words.weight(quote.weight_cg),
            duration=words.duration(quote.time_min),
            changes=list(quote.changes),
            previous_price=previous_price,
        )

    def call_off(self, work: JobWork, job: JobView, reprint: Event) -> None:
        """Who was told to come before a reprint must not come: the newest such mail no longer holds."""
        told = select(OutboxMail).where(OutboxMail.job_id == job.id, OutboxMail.kind == MailKind.READY.value)
        newest = told.order_by(col(OutboxMail.id).desc()).limit(1)
        if mail := work.session.exec(newest.with_for_update()).first():
            reprint.undo = (reprint.undo or {}) | {_CALLED_OFF: [mail.id, mail.state.value]}
            self._unsay(work, job, mail, reprint, JobStatus.COMPLETED.label)

    def take_back(self, work: JobWork, job: JobView, undone: Event, undo: Event) -> None:
        """After an undo the mails of the move no longer hold, and one that the move itself called off does again."""
        what = undone.to_status.label if undone.to_status else undone.action
        called_off, state = (undone.undo or {}).get(_CALLED_OFF) or (None, "")
        concerned = or_(col(OutboxMail.event_id) == undone.id, col(OutboxMail.id) == called_off)
        for mail in _locked(work.session, concerned):
            if mail.id != called_off:
                self._unsay(work, job, mail, undo, what)
            elif mail.state is MailState.CANCELLED:
                self._hold_again(work, mail, MailState(state))

    def _unsay(self, work: JobWork, job: JobView, mail: OutboxMail, because: Event, what: str) -> None:
        """What the student cannot have yet is cancelled, what they have or may have gets a correction.

        The correction of a mail that is just being sent waits for it, and is cancelled when it was not taken.
        """
        if mail.has_left:
            facts = {"status_label": job.status.label, "what": what, "supersedes": subject_of(mail)}
            key = f"{_correction_key(mail)}{because.id}"
            self._add(work.unit, job, because, MailKind.CORRECTION, key, facts, because.at)
        if mail.state not in (MailState.SENT, MailState.SENDING):
            mail.state = MailState.CANCELLED

    def _hold_again(self, work: JobWork, mail: OutboxMail, state: MailState) -> None:
        """One that was being sent when it was called off, and was not taken, waits for its turn like any other."""
        mail.state = MailState.QUEUED if state is MailState.SENDING else state
        mail.due_at = work.now
        self._wake_after(work.unit)

    def new_address(self, work: JobWork, job: JobView, event: Event) -> None:
        """After a corrected address: the link that went to the wrong one ends, and the right one gets a new link.

        As long as no mail has left, nobody else has the link and it stays; what waits goes to the new address.
        """
        mails = _locked(work.session, and_(col(OutboxMail.job_id) == work.job_id, ~col(OutboxMail.to_staff)))
        if any(mail.has_left and mail.to_address == work.before.student_email for mail in mails):
            work.row.track_generation += 1
            self.write(work.unit, job, event, MailKind.LINK, status_label=job.status.label)

    def _add(
        self,
        unit: Unit,
        job: JobView,
        event: Event | None,
        kind: MailKind,
        key: str,
        facts: dict[str, Any],
        at: datetime,
    ) -> None:
        step = {"verb": event.action, "by_student": event.actor_kind == ActorKind.STUDENT} if event else {}
        context = {"lab": self.lab_facts()} | self._about(job, at) | step | facts
        self._put(
            unit,
            key,
            at,
            job_id=job.id,
            event_id=event and event.id,
            kind=kind.value,
            to_address=job.student_email,
            to_name=job.student_name,
            context=context | own_words(unit.session, kind, context),
        )

    def _put(self, unit: Unit, key: str, at: datetime, **values: Any) -> None:
        mail = OutboxMail(
            **values,
            state=MailState.QUEUED if self.sends else MailState.NOT_SENT,
            dedupe_key=key,
            message_id=self._new_id(),
            due_at=at,
            created_at=at,
        )
        unit.session.add(mail)
        if self.sends:
            self._wake_after(unit)

    def _new_id(self) -> str:
        return make_msgid("printlab", self._domain)

    def requeue(self, unit: Unit, mail: OutboxMail, at: datetime) -> None:
        """Try a mail anew that was not taken, or came back: then under another Message-ID, for the first is known."""
        if mail.state is MailState.BOUNCED:
            mail.message_id, mail.sent_at = self._new_id(), None
        mail.state, mail.attempts, mail.due_at = MailState.QUEUED, 0, at
        self._wake_after(unit)

    def write_again(self, unit: Unit, mail: OutboxMail, at: datetime) -> None:
        """Add the same mail once more, as a mail of its own: what was sent stays in the list as it was."""
        kept = mail.model_dump(include={"job_id", "event_id", "kind", "to_staff", "to_address", "to_name", "context"})
        self._put(unit, f"{mail.dedupe_key}:again:{self._new_id()}", at, **kept)

    def _wake_after(self, unit: Unit) -> None:
        for wake in self._wake:
            unit.after_commit(wake)

    @property
    def lab_address(self) -> tuple[str, str] | None:
        """The lab's own address and name, if it has given one."""
        address = self._settings.contact_email
        return (address, self._settings.lab_name) if address else None

    def lab_facts(self) -> dict[str, str]:
        """What every mail says of the lab."""
        lab = self._lab()
        return {
            "opening_hours": lab.opening_hours,
            "pickup_where": lab.pickup_where,
            "pickup_bring": lab.pickup_bring,
            "contact_email": self._settings.contact_email or "",
        }

    def _about(self, job: JobView, at: datetime) -> dict[str, Any]:
        return {
            "job_id": job.id,
            "student_name": job.student_name,
            "filename": job.filename,
            "original_name": job.original_name,
            "printer": job.printer,
            "material": job.material,
            "color": job.color,
            "quantity": job.quantity,
            "walk_in": job.walk_in,
            "day": words.day(at.astimezone(self._settings.zone).date()),
            "nothing": words.money(0, job.currency),
        }


def _locked(session: Session, which: ColumnElement[bool]) -> list[OutboxMail]:
    """These mails, locked in the order in which delivering locks them."""
    return list(session.exec(select(OutboxMail).where(which).order_by(col(OutboxMail.id)).with_for_update()))


def subject_of(mail: OutboxMail) -> str:
    """The mail's subject; one that cannot be written is named by its kind, because others must not stop over it."""
    if REMOVED in mail.context:
        return f"Job {mail.job_id}: removed when its student was anonymised"
    try:
        return render_subject(MailKind(mail.kind), mail.context)
    except Exception:  # noqa: BLE001  (whatever is wrong with this row, the list and the undo go on)
        _log.warning("mail.no_subject", mail_id=mail.id, kind=mail.kind, exc_info=True)
        return f"Job {mail.job_id}: {mail.kind}"


def correction_of(session: Session, mail: OutboxMail) -> OutboxMail | None:
    """The mail that takes this one back, if it may have left when it ceased to hold, and was not taken back itself."""
    corrections = select(OutboxMail).where(
        OutboxMail.job_id == mail.job_id,
        col(OutboxMail.dedupe_key).startswith(_correction_key(mail)),
        OutboxMail.state != MailState.CANCELLED,
    )
    newest = session.exec(corrections.order_by(col(OutboxMail.id).desc()).limit(1)).first()
    return None if newest is None or correction_of(session, newest) else newest


def _correction_key(mail: OutboxMail) -> str:
    """How the keys of a mail's corrections begin; the event that made one necessary ends them."""
    return f"{MailKind.CORRECTION.value}:mail:{mail.id}:"
