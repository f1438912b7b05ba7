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
from jinja2 import UndefinedError
from sqlmodel import Session, col, select

from printlab.db import Database
from printlab.domain.policy import Action, Actor, require
from printlab.domain.views import MailView
from printlab.errors import InvalidInput
from printlab.keyring import Keyring
from printlab.live import Changed, Live, announce
from printlab.mail.backoff import retry_delay
from printlab.mail.compose import Composer, MailKind
from printlab.mail.smtp import SendFailed, Smtp, SmtpUrl
from printlab.models import Job, MailState, OutboxMail
from printlab.offloop import off_loop
from printlab.services.links import track_url
from printlab.settings import Settings

_log = structlog.get_logger(__name__)
_BATCH = 20
_MAX_ATTEMPTS = 10
_LEASE = timedelta(minutes=25)  # longer than a batch of sends that all time out
_MASKED = "not shown: this mail was written without a mail server"


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

    def outbox(self, actor: Actor, job_id: int | None = None, limit: int = 200) -> tuple[MailView, ...]:
        """The newest mails, of one job or of all."""
        require(actor, Action.VIEW_BOARD)
        query = select(OutboxMail).order_by(col(OutboxMail.id).desc()).limit(limit)
        with self._database.read() as session:
            rows = session.exec(query if job_id is None else query.where(OutboxMail.job_id == job_id))
            return tuple(self._view(session, row) for row in rows)

    async def deliver(self) -> int:
        """Send everything that is due; return how many mails went out."""
        if self._smtp is None:
            return 0
        async with self._turn:
            sent = 0
            while batch := await off_loop(self._claim):
                for mail in batch:
                    sent += await self._send(self._smtp, mail)
            return sent

    async def close(self) -> None:
        """Hang up."""
        if self._smtp is not None:
            await self._smtp.close()

    async def _send(self, smtp: Smtp, mail: OutboxMail) -> bool:
        try:
            await smtp.send(await off_loop(self._compose, mail))
        except SendFailed as failure:
            await off_loop(self._failed, mail, str(failure), permanent=failure.permanent)
        except (InvalidInput, UndefinedError) as error:
            await off_loop(self._failed, mail, str(error), permanent=True)
        except Exception:  # noqa: BLE001  (one mail that nobody foresaw must not hold up the others of its batch)
            _log.exception("mail.broken", mail_id=mail.id, job_id=mail.job_id)
            await off_loop(self._failed, mail, "This mail could not be written; the log says why.", permanent=False)
        else:
            await off_loop(self._finish, mail, {"state": MailState.SENT, "sent_at": self._clock(), "last_error": None})
            return True
        return False

    def _claim(self) -> list[OutboxMail]:
        """Lease the next rows; a lease that ran out belongs to a process that died."""
        now = self._clock()
        due = sa.and_(col(OutboxMail.state) == MailState.QUEUED, col(OutboxMail.due_at) <= now)
        left = sa.and_(col(OutboxMail.state) == MailState.SENDING, col(OutboxMail.leased_until) < now)
        query = select(OutboxMail).where(sa.or_(due, left)).order_by(col(OutboxMail.due_at), col(OutboxMail.id))
        with self._database.read() as session:
            if session.exec(query.limit(1)).first() is None:
                return []
        with self._database.write() as unit:
            rows = list(unit.session.exec(query.limit(_BATCH).with_for_update(skip_locked=True)))
            for row in rows:
                row.state, row.leased_until = MailState.SENDING, now + _LEASE
                row.attempts += 1
        return rows

    def _compose(self, mail: OutboxMail) -> EmailMessage:
        with self._database.read() as session:
            context = self._context(session, mail)
        kind = MailKind(mail.kind)
        return self._composer.compose(kind, context, mail.to_name, mail.to_address, mail.message_id, mail.created_at)

    def _failed(self, mail: OutboxMail, problem: str, *, permanent: bool) -> None:
        final = permanent or mail.attempts >= _MAX_ATTEMPTS
        _log.warning("mail.failed", mail_id=mail.id, job_id=mail.job_id, problem=problem, final=final)
        values: dict[str, Any] = {"state": MailState.FAILED if final else MailState.QUEUED, "last_error": problem}
        if not final:
            values["due_at"] = self._clock() + retry_delay(mail.attempts, self._random)
        self._finish(mail, values)

    def _finish(self, mail: OutboxMail, values: dict[str, Any]) -> None:
        """Note the result, unless the lease ran out and somebody else has the row."""
        mine = sa.and_(
            col(OutboxMail.id) == mail.id,
            col(OutboxMail.attempts) == mail.attempts,
            col(OutboxMail.state) == MailState.SENDING,
        )
        with self._database.write() as unit:
            unit.session.exec(sa.update(OutboxMail).where(mine).values(leased_until=None, **values))
            if mail.job_id is not None:
                announce(unit, self._live, Changed(mail.job_id))

    def _context(self, session: Session, mail: OutboxMail) -> dict[str, Any]:
        """The facts of the mail with the job's private link; masked where the mail was never meant to leave."""
        job = session.get(Job, mail.job_id) if mail.job_id else None
        link = _MASKED if mail.state is MailState.NOT_SENT or job is None else self._link(job)
        return {**mail.context, "track_url": link}

    def _link(self, job: Job) -> str:
        return track_url(self._settings, self._keyring, job)

    def _view(self, session: Session, row: OutboxMail) -> MailView:
        words = self._composer.render(MailKind(row.kind), self._context(session, row) | {"track_url": _MASKED})
        return MailView(
            id=row.id or 0,
            job_id=row.job_id,
            kind=row.kind,
            to=row.to_address,
            subject=words.subject,
            text=words.text,
            html=words.html,
            state=row.state.value,
            attempts=row.attempts,
            last_error=row.last_error,
            created_at=row.created_at,
            sent_at=row.sent_at,
            due_at=row.due_at,
        )
