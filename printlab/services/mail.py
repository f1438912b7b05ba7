"""Every mail with its state, for staff, and sending one again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from printlab.db import Database
from printlab.domain.policy import Action, Actor, require
from printlab.domain.views import MailView
from printlab.errors import Conflict, InvalidInput, NotFound
from printlab.live import Changed, Live, announce
from printlab.mail.bounces import read_bounce
from printlab.mail.compose import Composer
from printlab.mail.kinds import MailKind
from printlab.models import Job, MailState, OutboxMail
from printlab.models.mail import OPEN, UNDELIVERABLE
from printlab.services.desk import find
from printlab.services.history import SENT_AGAIN, new_event
from printlab.services.identity import authorise
from printlab.services.outbox import REMINDERS, REMOVED, Outbox, correction_of, subject_of

_log = structlog.get_logger(__name__)
_UNSETTLED = (*OPEN, *UNDELIVERABLE)
_MASKED = "(the student’s private link, not shown here)"
_NO_LONGER_KEPT = "What this mail said was removed when its student was anonymised."
BROKEN = "This mail could not be written; the log says why."


class MailService:
    """For staff."""

    def __init__(
        self,
        database: Database,
        composer: Composer,
        live: Live,
        clock: Callable[[], datetime],
        outbox: Outbox,
        public_url: str,
    ) -> None:
        self._database = database
        self._composer = composer
        self._live = live
        self._clock = clock
        self._outbox = outbox
        self._public_url = public_url

    def outbox(self, actor: Actor, job_id: int | None = None, limit: int = 200) -> tuple[MailView, ...]:
        """The newest mails, newest first, without ``html``; ``text`` only when they are those of one job.

        Of all jobs also the older mails that wait or could not be sent, so that none of these is ever out of sight.
        """
        require(actor, Action.VIEW_BOARD)
        newest = _mails().order_by(col(OutboxMail.id).desc()).limit(limit)
        with self._database.read() as session:
            if job_id is not None:
                of_job = session.exec(newest.where(OutboxMail.job_id == job_id)).all()
                return tuple(_view(row, address, text=self._text(row)) for row, address in of_job)
            unsettled = newest.where(col(OutboxMail.state).in_(_UNSETTLED))
            found = {
                row.id or 0: (row, address) for query in (newest, unsettled) for row, address in session.exec(query)
            }
            return tuple(_view(*found[mail_id]) for mail_id in sorted(found, reverse=True))

    def mail(self, mail_id: int, actor: Actor) -> MailView:
        """One mail with its text and HTML, the student's private link masked; raises NotFound, NotAllowed."""
        require(actor, Action.VIEW_BOARD)
        with self._database.read() as session:
            found = session.exec(_mails().where(OutboxMail.id == mail_id)).one_or_none()
        if found is None:
            raise _no_mail(mail_id)
        row, address = found
        return _view(row, address, text=self._text(row), html=self._shown(row, self._composer.render_html))

    def _text(self, row: OutboxMail) -> str:
        return self._shown(row, self._composer.render_text)

    def _shown(self, row: OutboxMail, render: Callable[[MailKind, dict[str, Any]], str]) -> str:
        if REMOVED in row.context:
            return _NO_LONGER_KEPT
        try:
            target = self._public_url + row.context["path"] if row.to_staff else _MASKED
            return render(MailKind(row.kind), row.context | {"track_url": target})
        except Exception:  # noqa: BLE001  (whatever is wrong with this row, the page that lists it is shown)
            _log.warning("mail.broken", mail_id=row.id, job_id=row.job_id, exc_info=True)
            return BROKEN

    def bounced(self, notice: bytes, actor: Actor) -> MailView:
        """A server says that a mail which was sent did not reach its reader: staff see it like one that failed.

        Raises InvalidInput when it is no such notice, NotFound when it tells of no mail of ours, NotAllowed.
        """
        with self._database.write() as unit:
            authorise(unit.session, actor, Action.EDIT, self._clock())
            bounce = read_bounce(notice)
            if bounce is None:
                raise _no_notice()
            found = unit.session.exec(select(OutboxMail.id).where(OutboxMail.message_id == bounce.message_id)).first()
            if found is None:
                raise NotFound("This notice tells of no mail of this lab.")
            row = _locked(unit.session, found)
            if row.state is MailState.SENT:  # not when it was sent again meanwhile, or the notice comes twice
                row.state, row.last_error = MailState.BOUNCED, f"It came back: {bounce.words}"
                if row.job_id is not None:
                    announce(unit, self._live, Changed(row.job_id))
            return _view(row, row.to_address)

    def send_again(self, mail_id: int, actor: Actor) -> None:
        """Queue a mail once more, for the address that its job has now; it goes out within seconds.

        One that could not be sent waits again; of one that was sent another one goes, beside it in the list. Raises
        NotFound, NotAllowed, and Conflict when it is in another state, no longer holds, or no mail server is set up.
        """
        if not self._outbox.sends:
            raise Conflict("No mail server is set up, so nothing can be sent.")
        with self._database.write() as unit:
            now = self._clock()
            authorise(unit.session, actor, Action.EDIT, now)
            row = _locked(unit.session, mail_id)
            _check_it_holds(unit.session, row)
            if row.state in UNDELIVERABLE:
                self._outbox.requeue(unit, row, now)
            else:
                self._outbox.write_again(unit, row, now)
            unit.session.add(new_event(actor, SENT_AGAIN, now, row.job_id, reason=subject_of(row)))
            if row.job_id is not None:
                announce(unit, self._live, Changed(row.job_id))


def _no_notice() -> InvalidInput:
    return InvalidInput("This is no notice of a mail that could not be delivered (RFC 3464). Send the whole of it.")


def _check_it_holds(session: Session, mail: OutboxMail) -> None:
    """Raises Conflict unless the mail can be sent once more, and says what is true now."""
    if mail.state not in (MailState.SENT, *UNDELIVERABLE):
        raise Conflict(f"This mail is “{mail.state.value}”. Only one that was sent or could not be is sent again.")
    if correction_of(session, mail) is not None or REMOVED in mail.context:
        raise Conflict("What this mail tells no longer holds. It is not sent any more.")
    later = select(OutboxMail.id).where(
        OutboxMail.job_id == mail.job_id,
        col(OutboxMail.id) > mail.id,
        col(OutboxMail.event_id).is_not(None),
        OutboxMail.state != MailState.CANCELLED,
    )
    tells_of_a_step = mail.event_id is not None or mail.kind in REMINDERS
    if mail.state is MailState.SENT and tells_of_a_step and session.exec(later.limit(1)).first() is not None:
        raise Conflict("A later mail tells where this job stands. Send that one again.")


def _locked(session: Session, mail_id: int) -> OutboxMail:
    """The mail, locked after its job, as the moves do it: in the other order the two could wait for each other."""
    mail = session.get(OutboxMail, mail_id)
    if mail is None:
        raise _no_mail(mail_id)
    if mail.job_id is not None:
        find(session, mail.job_id, lock=True)
    session.refresh(mail, with_for_update=True)
    return mail


def _mails() -> Select[OutboxMail, str]:
    """Mails with the address that their job has now."""
    return select(OutboxMail, Job.student_email).join(Job, isouter=True)


def _no_mail(mail_id: int) -> NotFound:
    return NotFound(f"There is no mail {mail_id}.")


def _view(row: OutboxMail, address_now: str, *, text: str = "", html: str = "") -> MailView:
    return MailView(
        id=row.id or 0,
        job_id=row.job_id,
        kind=row.kind,
        to=(address_now if row.state is MailState.QUEUED and not row.to_staff else None) or row.to_address,
        to_name=row.to_name,
        to_staff=row.to_staff,
        subject=subject_of(row),
        text=text,
        html=html,
        state=row.state.value,
        attempts=row.attempts,
        last_error=row.last_error,
        created_at=row.created_at,
        sent_at=row.sent_at if row.state is MailState.SENT else None,
        due_at=row.due_at,
    )
