"""The outbox's other end: delivering what is due, and showing every mail with its state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from random import Random
from typing import Any

import sqlalchemy as sa
import structlog
from jinja2 import TemplateError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from printlab.db import Database, Unit
from printlab.domain.policy import Action, Actor, require
from printlab.domain.views import MailView
from printlab.errors import Conflict, InvalidInput, NotFound
from printlab.keyring import Keyring
from printlab.live import Changed, Live, announce
from printlab.mail.backoff import retry_delay
from printlab.mail.compose import Composer, MailKind
from printlab.mail.smtp import SendFailed, Smtp, SmtpUrl
from printlab.models import Job, MailState, OutboxMail
from printlab.offloop import off_loop
from printlab.services.desk import find
from printlab.services.history import SENT_AGAIN, new_event
from printlab.services.identity import authorise
from printlab.services.links import track_url
from printlab.services.outbox import REMOVED, correction_of, subject_of
from printlab.settings import Settings

_log = structlog.get_logger(__name__)
_LEAST_TRIES = 10
_GIVE_UP_AFTER = timedelta(days=4)  # RFC 5321 §4.5.4.1; a mail server that is down over a weekend loses nothing
_LEASE_MARGIN = timedelta(minutes=2)
_OPEN = (MailState.QUEUED, MailState.SENDING)
_UNSETTLED = (*_OPEN, MailState.FAILED)
_MASKED = "(the student’s private link, not shown here)"
_NO_LONGER_KEPT = "What this mail said was removed when its student was anonymised."
_BROKEN = "This mail could not be written; the log says why."


class MailService:
    """``deliver`` runs on the event loop, one at a time in this process; rows are leased, so processes do not meet."""

    def __init__(
        self, database: Database, settings: Settings, keyring: Keyring, live: Live, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._settings = settings
        self._keyring = keyring
        self._live = live
        self._clock = clock
        self._random = Random()  # noqa: S311  (it spreads retries; nothing secret)
        self._turn = asyncio.Lock()
        self._composer = Composer(
            lab_name=settings.lab_name,
            mail_from=settings.mail_from,
            contact_email=settings.contact_email,
            brand_color=settings.brand_color,
            accent_color=settings.accent_color,
        )
        url = settings.smtp_url
        self._smtp = Smtp(SmtpUrl.parse(url.get_secret_value())) if url else None

    # ---------- reading ----------

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

    @staticmethod
    def _shown(row: OutboxMail, render: Callable[[MailKind, dict[str, Any]], str]) -> str:
        if REMOVED in row.context:
            return _NO_LONGER_KEPT
        try:
            return render(MailKind(row.kind), row.context | {"track_url": _MASKED})
        except Exception:  # noqa: BLE001  (whatever is wrong with this row, the page that lists it is shown)
            _log.warning("mail.broken", mail_id=row.id, job_id=row.job_id, exc_info=True)
            return _BROKEN

    # ---------- sending ----------

    async def deliver(self) -> int:
        """Send everything that is due; return how many mails went out."""
        if self._smtp is None:
            return 0
        async with self._turn:
            sent = 0
            while mail := await off_loop(self._claim, self._smtp):
                sent += await self._send(self._smtp, mail)
            return sent

    async def close(self) -> None:
        """Hang up."""
        if self._smtp is not None:
            await self._smtp.close()

    def send_again(self, mail_id: int, actor: Actor) -> None:
        """Queue a mail that could not be sent, for the address that its job has now; it goes out within seconds.

        Raises NotFound, NotAllowed, and Conflict when it is in another state or no mail server is set up.
        """
        if self._smtp is None:
            raise Conflict("No mail server is set up, so nothing can be sent.")
        with self._database.write() as unit:
            now = self._clock()
            authorise(unit.session, actor, Action.EDIT, now)
            row = _locked(unit.session, mail_id)
            if row.state is not MailState.FAILED:
                raise Conflict(f"This mail is “{row.state.value}”; only one that could not be sent can be sent again.")
            if correction_of(unit.session, row) is not None:
                raise Conflict("What this mail tells no longer holds. It is not sent any more.")
            row.state, row.attempts, row.due_at = MailState.QUEUED, 0, now
            unit.session.add(new_event(actor, SENT_AGAIN, now, row.job_id, reason=subject_of(row)))
            self._announce(unit, row)

    async def _send(self, smtp: Smtp, mail: OutboxMail) -> bool:
        try:
            await smtp.send(await off_loop(self._compose, mail))
        except SendFailed as failure:
            await off_loop(self._note_failure, mail, failure)
        except (InvalidInput, TemplateError) as error:
            await off_loop(self._note_failure, mail, SendFailed(True, f"This mail cannot be written: {error}"))
        except Exception:  # noqa: BLE001  (one mail that nobody foresaw must not hold up the others)
            _log.exception("mail.broken", mail_id=mail.id, job_id=mail.job_id)
            await off_loop(self._note_failure, mail, SendFailed(mail.attempts >= _LEAST_TRIES, _BROKEN))
        else:
            await off_loop(self._note_sent, mail)
            return True
        return False

    def _compose(self, mail: OutboxMail) -> EmailMessage:
        kind = MailKind(mail.kind)
        if mail.job_id is None:
            to = mail.to_name, mail.to_address
            return self._composer.compose(kind, mail.context, *to, mail.message_id, mail.created_at)
        with self._database.read() as session:
            job = session.get_one(Job, mail.job_id)
        if job.student_email != mail.to_address:  # the link below is for the student, not for whoever this address is
            raise SendFailed(False, "The address was corrected while this was being sent.")
        facts = mail.context | {"track_url": track_url(self._settings, self._keyring, job)}
        return self._composer.compose(kind, facts, mail.to_name, mail.to_address, mail.message_id, mail.created_at)

    # ---------- whose turn it is ----------

    def _claim(self, smtp: Smtp) -> OutboxMail | None:
        """Lease the next mail that is due."""
        now = self._clock()
        due = _due(now)
        with self._database.read() as session:
            if session.exec(due).first() is None:
                return None
        with self._database.write() as unit:
            while row := unit.session.exec(due.with_for_update(skip_locked=True, of=OutboxMail)).first():
                if self._is_called_off(unit, row):
                    continue
                _lease(unit.session, row, now + timedelta(seconds=smtp.longest_send_s) + _LEASE_MARGIN)
                return row
        return None

    def _is_called_off(self, unit: Unit, row: OutboxMail) -> bool:
        """Whether a mail whose sender died was taken back since: then it is not sent anew, and its correction goes."""
        if row.state is not MailState.SENDING:
            return False
        row.sent_at = row.leased_until  # nobody is left who heard the server's answer
        if correction_of(unit.session, row) is None:
            return False
        self._settle(unit, row, MailState.CANCELLED)
        return True

    def _note_sent(self, mail: OutboxMail) -> None:
        with self._database.write() as unit:
            if row := _held(unit.session, mail):
                row.sent_at, row.last_error = self._clock(), None
                self._settle(unit, row, MailState.SENT)

    def _note_failure(self, mail: OutboxMail, failure: SendFailed) -> None:
        with self._database.write() as unit:
            if row := _held(unit.session, mail):
                row.last_error = failure.detail
                if failure.perhaps_taken:
                    row.sent_at = self._clock()
                correction = correction_of(unit.session, row)
                if correction is not None and row.sent_at is None:
                    self._settle(unit, correction, MailState.CANCELLED)
                self._settle(unit, row, self._state_after(row, failure, taken_back=correction is not None))
                _log.warning("mail.failed", mail_id=row.id, problem=row.last_error, state=row.state.value)

    def _state_after(self, row: OutboxMail, failure: SendFailed, *, taken_back: bool) -> MailState:
        """What becomes of a mail that was not taken; one that is tried again gets its time."""
        now = self._clock()
        if taken_back:
            return MailState.CANCELLED
        if failure.permanent:
            return MailState.FAILED
        if row.attempts >= _LEAST_TRIES and now - row.created_at >= _GIVE_UP_AFTER:
            return MailState.FAILED
        row.due_at = now + retry_delay(row.attempts, self._random)
        return MailState.QUEUED

    def _settle(self, unit: Unit, row: OutboxMail, state: MailState) -> None:
        row.state, row.leased_until = state, None
        self._announce(unit, row)

    def _announce(self, unit: Unit, row: OutboxMail) -> None:
        if row.job_id is not None:
            announce(unit, self._live, Changed(row.job_id))


def _due(now: datetime) -> SelectOfScalar[OutboxMail]:
    """The next mail to send: its time has come, or its sender died; and no earlier one of its job is still to go."""
    earlier = aliased(OutboxMail)
    held_back = sa.exists().where(
        col(earlier.job_id) == OutboxMail.job_id, col(earlier.id) < OutboxMail.id, col(earlier.state).in_(_OPEN)
    )
    waits = sa.and_(col(OutboxMail.state) == MailState.QUEUED, col(OutboxMail.due_at) <= now)
    left = sa.and_(col(OutboxMail.state) == MailState.SENDING, col(OutboxMail.leased_until) < now)
    due = select(OutboxMail).where(sa.or_(waits, left), ~held_back)
    return due.order_by(col(OutboxMail.due_at), col(OutboxMail.id)).limit(1)


def _lease(session: Session, row: OutboxMail, until: datetime) -> None:
    """Take the mail for this process; it goes to the address that its job has by now."""
    row.state, row.leased_until = MailState.SENDING, until
    row.attempts += 1
    if row.job_id is not None and (job := session.get(Job, row.job_id)):
        row.to_address, row.to_name = job.student_email, job.student_name


def _held(session: Session, mail: OutboxMail) -> OutboxMail | None:
    """The row, locked, unless its lease ran out and somebody else has it."""
    row = session.exec(select(OutboxMail).where(OutboxMail.id == mail.id).with_for_update()).one()
    return row if row.state is MailState.SENDING and row.attempts == mail.attempts else None


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
        to=(address_now if row.state is MailState.QUEUED else None) or row.to_address,
        to_name=row.to_name,
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
