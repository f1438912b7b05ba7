"""The outbox's other end: what is due is sent, over a few connections at once, and what came of it is written down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from random import Random

import sqlalchemy as sa
import structlog
from jinja2 import TemplateError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.sqltypes import UTCDateTime

from printlab.db import Database, Unit
from printlab.errors import InvalidInput
from printlab.keyring import Keyring
from printlab.live import Changed, Live, announce
from printlab.mail.backoff import retry_delay
from printlab.mail.compose import Composer
from printlab.mail.kinds import MailKind
from printlab.mail.smtp import SendFailed, Smtp, SmtpUrl
from printlab.models import Event, Job, MailState, OutboxMail
from printlab.models.mail import is_open
from printlab.offloop import off_loop
from printlab.services.links import track_url
from printlab.services.mail import BROKEN
from printlab.services.outbox import REMINDERS, correction_of
from printlab.settings import Settings

_log = structlog.get_logger(__name__)
_CONNECTIONS = 2  # Exchange Online takes three at once from one sender
_LEAST_TRIES = 10
_GIVE_UP_AFTER = timedelta(days=3)  # a mail server that is down over a weekend loses nothing
_LEASE_MARGIN = timedelta(minutes=2)


def _due() -> SelectOfScalar[OutboxMail]:
    """The next mail to send: its time has come, or its sender died; and none before it goes to the same side."""
    now = sa.bindparam("now", type_=UTCDateTime())
    earlier = aliased(OutboxMail)
    held_back = sa.exists().where(
        col(earlier.job_id) == OutboxMail.job_id,
        col(earlier.id) < OutboxMail.id,
        is_open(earlier),
        col(earlier.to_staff) == OutboxMail.to_staff,
    )
    is_free = sa.or_(col(OutboxMail.state) == MailState.QUEUED, col(OutboxMail.leased_until) < now)
    due = select(OutboxMail).where(is_open(OutboxMail), col(OutboxMail.due_at) <= now, is_free, ~held_back)
    return due.order_by(col(OutboxMail.due_at), col(OutboxMail.id)).limit(1)


_DUE = _due()
_NEXT = _DUE.with_for_update(skip_locked=True, of=OutboxMail)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of a mail: the server took it, or ``failure``."""

    mail: OutboxMail
    failure: SendFailed | None = None


class Lane:
    """One connection. What came of its last mail stays here until it is written down."""

    def __init__(self, url: SmtpUrl) -> None:
        self.smtp = Smtp(url)
        self.outcome: _Outcome | None = None


class Delivery:
    """``deliver`` runs on the event loop, one at a time in this process; rows are leased, so processes do not meet."""

    def __init__(
        self,
        database: Database,
        composer: Composer,
        settings: Settings,
        keyring: Keyring,
        live: Live,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._composer = composer
        self._settings = settings
        self._keyring = keyring
        self._live = live
        self._clock = clock
        self._random = Random()  # noqa: S311  (it spreads retries; nothing secret)
        self._turn = asyncio.Lock()
        url = settings.smtp_url
        lanes = _CONNECTIONS if url else 0
        self._lanes = [Lane(SmtpUrl.parse(url.get_secret_value())) for _ in range(lanes) if url]

    async def deliver(self) -> int:
        """Send everything that is due; return how many mails went out."""
        async with self._turn:
            return sum(await asyncio.gather(*map(self._deliver, self._lanes)))

    async def close(self) -> None:
        """Hang up."""
        for lane in self._lanes:
            await lane.smtp.close()

    async def _deliver(self, lane: Lane) -> int:
        sent = 0
        while mail := await off_loop(self._next, lane):
            lane.outcome = await self._send(lane.smtp, mail)
            sent += lane.outcome.failure is None
        return sent

    async def _send(self, smtp: Smtp, mail: OutboxMail) -> _Outcome:
        try:
            await smtp.send(await off_loop(self._compose, mail))
        except SendFailed as failure:
            return _Outcome(mail, failure)
        except (InvalidInput, TemplateError) as error:
            return _Outcome(mail, SendFailed(True, f"This mail cannot be written: {error}"))
        except Exception:  # noqa: BLE001  (one mail that nobody foresaw must not hold up the others)
            _log.exception("mail.broken", mail_id=mail.id, job_id=mail.job_id)
            return _Outcome(mail, SendFailed(mail.attempts >= _LEAST_TRIES, BROKEN))
        return _Outcome(mail)

    def _compose(self, mail: OutboxMail) -> EmailMessage:
        kind, facts = MailKind(mail.kind), mail.context | {"track_url": self._target(mail)}
        return self._composer.compose(kind, facts, mail.to_name, mail.to_address, mail.message_id, mail.created_at)

    def _target(self, mail: OutboxMail) -> str:
        """Where the mail's button leads: a page of staff, or the student's private one."""
        if mail.to_staff:
            return self._settings.public_url + mail.context["path"]
        with self._database.read() as session:
            job = session.get_one(Job, mail.job_id)
        if job.student_email != mail.to_address:  # the link below is for the student, not for whoever this address is
            raise SendFailed(False, "The address was corrected while this was being sent.")
        return track_url(self._settings, self._keyring, job)

    # ---------- whose turn it is ----------

    def _next(self, lane: Lane) -> OutboxMail | None:
        """Write down what came of the last mail, and lease the next one that is due."""
        now = self._clock()
        if lane.outcome is None:
            with self._database.read() as session:
                if session.exec(_DUE, params={"now": now}).first() is None:
                    return None
        with self._database.write() as unit:
            if lane.outcome is not None:
                self._note(unit, lane.outcome)
            leased_until = now + timedelta(seconds=lane.smtp.longest_send_s) + _LEASE_MARGIN
            mail = self._lease(unit, now, leased_until)
        lane.outcome = None
        return mail

    def _lease(self, unit: Unit, now: datetime, until: datetime) -> OutboxMail | None:
        """Take the next mail for this process; it goes to the address that its job has by now."""
        while row := unit.session.exec(_NEXT, params={"now": now}).first():
            if self._is_called_off(unit, row):
                continue
            row.state, row.leased_until = MailState.SENDING, until
            row.attempts += 1
            if not row.to_staff and (job := unit.session.get(Job, row.job_id)):
                row.to_address, row.to_name = job.student_email, job.student_name
            return row
        return None

    def _is_called_off(self, unit: Unit, row: OutboxMail) -> bool:
        """Whether a mail is not to be sent any more: it reminds of what is over, or its sender died and it was taken
        back since; then its correction goes.
        """
        if row.kind in REMINDERS and _went_on(unit.session, row):
            self._settle(unit, row, MailState.CANCELLED)
            return True
        if row.state is not MailState.SENDING:
            return False
        row.sent_at = row.leased_until  # nobody is left who heard the server's answer
        if correction_of(unit.session, row) is None:
            return False
        self._settle(unit, row, MailState.CANCELLED)
        return True

    # ---------- what came of it ----------

    def _note(self, unit: Unit, outcome: _Outcome) -> None:
        row = _held(unit.session, outcome.mail)
        if row is None:
            return
        if outcome.failure is not None:
            self._note_failure(unit, row, outcome.failure)
            return
        row.sent_at, row.last_error = self._clock(), None
        self._settle(unit, row, MailState.SENT)

    def _note_failure(self, unit: Unit, row: OutboxMail, failure: SendFailed) -> None:
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
        if row.job_id is not None:
            announce(unit, self._live, Changed(row.job_id))


def _went_on(session: Session, row: OutboxMail) -> bool:
    """Whether its job has made a step since the mail was written."""
    latest = select(Event.at).join(Job, col(Job.last_move_id) == col(Event.id)).where(Job.id == row.job_id)
    moved = session.exec(latest).first()
    return moved is not None and moved > row.created_at


def _held(session: Session, mail: OutboxMail) -> OutboxMail | None:
    """The row, locked, unless its lease ran out and somebody else has it."""
    row = session.exec(select(OutboxMail).where(OutboxMail.id == mail.id).with_for_update()).one()
    return row if row.state is MailState.SENDING and row.attempts == mail.attempts else None
