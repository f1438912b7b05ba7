"""Writing mails: a row in the transaction of the move that they tell about."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import make_msgid
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from printlab.domain import words
from printlab.domain.views import JobView, LabView
from printlab.mail.compose import MailKind
from printlab.mail.headers import parse_mailbox
from printlab.models import Event, MailState, OutboxMail
from printlab.settings import Settings

if TYPE_CHECKING:
    from printlab.db import Unit
    from printlab.services.desk import JobWork


class Outbox:
    """``wake`` is called after each commit that left a mail to send."""

    def __init__(self, settings: Settings, lab: Callable[[], LabView]) -> None:
        self._settings = settings
        self._lab = lab
        self._wake: list[Callable[[], object]] = []
        self._domain = parse_mailbox(settings.mail_from).domain
        self.sends = settings.smtp_url is not None

    def on_mail(self, wake: Callable[[], object]) -> None:
        """Call ``wake`` after each commit that left a mail to send."""
        self._wake.append(wake)

    def write(self, unit: Unit, job: JobView, event: Event, kind: MailKind, **facts: Any) -> None:
        """Add a mail to the student of ``job``; without a mail server it is kept to be read, and never sent."""
        unit.session.add(
            OutboxMail(
                job_id=job.id,
                event_id=event.id,
                kind=kind.value,
                to_address=job.student_email,
                to_name=job.student_name,
                context=self._context(job) | facts,
                state=MailState.QUEUED if self.sends else MailState.NOT_SENT,
                dedupe_key=f"{kind.value}:{job.id}:{event.id}",
                message_id=make_msgid("printlab", self._domain),
                due_at=event.at,
                created_at=event.at,
            )
        )
        if self.sends:
            for wake in self._wake:
                unit.after_commit(wake)

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

    def take_back(self, work: JobWork, job: JobView, undone: Event, undo: Event) -> None:
        """After an undo: what was not sent yet is cancelled, what was sent gets a correction."""
        mails = work.session.exec(select(OutboxMail).where(col(OutboxMail.event_id) == undone.id)).all()
        for mail in mails:
            if mail.state in (MailState.SENT, MailState.SENDING):
                what = undone.to_status.label if undone.to_status else undone.action
                facts = {"status_label": job.status.label, "what": what, "supersedes": mail.kind}
                self.write(work.unit, job, undo, MailKind.CORRECTION, **facts)
            elif mail.state in (MailState.QUEUED, MailState.NOT_SENT, MailState.FAILED):
                mail.state = MailState.CANCELLED

    def _context(self, job: JobView) -> dict[str, Any]:
        lab = self._lab()
        return {
            "job_id": job.id,
            "student_name": job.student_name,
            "filename": job.filename,
            "original_name": job.original_name,
            "printer": job.printer,
            "material": job.material,
            "color": job.color,
            "quantity": job.quantity,
            "lab": {
                "opening_hours": lab.opening_hours,
                "pickup_where": lab.pickup_where,
                "pickup_bring": lab.pickup_bring,
                "contact_email": self._settings.contact_email or "",
            },
        }
