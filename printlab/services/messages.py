"""What staff and the student of a job write to each other; whoever does not read it within two minutes gets a mail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from printlab.db import Database, Unit
from printlab.domain.policy import Action, Actor, require
from printlab.domain.views import JobView, MessageView
from printlab.errors import InvalidInput
from printlab.live import Changed, Live, announce
from printlab.mail.kinds import MailKind
from printlab.models import Message, UserAccount
from printlab.services import fields
from printlab.services.desk import find, refuse_anonymised
from printlab.services.identity import check_still_in
from printlab.services.outbox import Outbox, StaffMail
from printlab.services.tries import CountedTries
from printlab.services.views import ViewBuilder, message_view

_TOLD_AFTER = timedelta(minutes=2)
_MOST_A_DAY = 100
_TOO_MANY = "You have written a hundred messages about this job today. Come to the lab's desk."


class Messages:
    """One thread a job. Both sides see it live; staff's notes are something else and never leave the lab."""

    def __init__(
        self, database: Database, views: ViewBuilder, outbox: Outbox, live: Live, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._views = views
        self._outbox = outbox
        self._live = live
        self._clock = clock
        self._of_students = CountedTries(database, clock, "messages", _MOST_A_DAY, 24 * 3600, _TOO_MANY)

    def thread(self, job_id: int, actor: Actor) -> tuple[MessageView, ...]:
        """All of it, the oldest first. Raises NotFound, NotSignedIn, NotAllowed."""
        with self._database.read() as session:
            self._check(session, job_id, actor)
            return tuple(map(message_view, session.exec(_of(job_id).order_by(col(Message.id)))))

    def write(self, job_id: int, text: str, actor: Actor) -> MessageView:
        """Add a message and tell whoever watches the job; nobody's open form becomes stale by it.

        Raises InvalidInput, NotFound, NotSignedIn, NotAllowed, and TooManyRequests to a student.
        """
        said = fields.text(text, "message")
        if said is None:
            raise InvalidInput("Write the message first.", "message")
        if not actor.is_staff:
            self._of_students.take(actor.key)
        with self._database.write() as unit:
            self._check(unit.session, job_id, actor)
            refuse_anonymised(job_id, find(unit.session, job_id, lock=True).anonymised_at)
            message = Message(
                job_id=job_id,
                from_student=not actor.is_staff,
                author_key=actor.key,
                author_name=actor.name,
                text=said,
                at=self._clock(),
            )
            unit.session.add(message)
            unit.session.flush()
            announce(unit, self._live, Changed(job_id))
            return message_view(message)

    def see(self, job_id: int, actor: Actor) -> None:
        """The other side's messages stand on a page that this actor has before them."""
        unseen = _of(job_id).where(col(Message.seen_at).is_(None), Message.from_student == actor.is_staff)
        with self._database.read() as session:
            self._check(session, job_id, actor)
            if session.exec(unseen.limit(1)).first() is None:
                return
        with self._database.write() as unit:
            self._check(unit.session, job_id, actor)
            for message in unit.session.exec(unseen.with_for_update()):
                message.seen_at = self._clock()
            announce(unit, self._live, Changed(job_id))

    def tell(self) -> None:
        """Write a mail to whoever has not seen for two minutes what the other side wrote.

        For the lab that is whoever looks after the job; of a job that nobody looks after, the lab's own address.
        """
        with self._database.read() as session:
            sides = sorted({(message.job_id, message.from_student) for message in session.exec(self._untold())})
        for job_id, from_student in sides:
            with self._database.write() as unit:
                self._tell(unit, job_id, from_student=from_student)

    def _tell(self, unit: Unit, job_id: int, *, from_student: bool) -> None:
        job = self._views.job(unit.session, find(unit.session, job_id, lock=True))
        untold = self._untold().where(Message.job_id == job_id, Message.from_student == from_student)
        messages = unit.session.exec(untold.order_by(col(Message.id))).all()
        if not messages:
            return  # seen, or told by another process, in between
        for message in messages:
            message.told_at = self._clock()
        if from_student:
            self._mail_staff(unit, job, messages)
        else:
            key = f"{MailKind.MESSAGE.value}:{job.id}:{messages[-1].id}"
            self._outbox.tell(unit, job, MailKind.MESSAGE, key, self._clock(), messages=_said(messages))
        announce(unit, self._live, Changed(job_id))

    def _mail_staff(self, unit: Unit, job: JobView, messages: Sequence[Message]) -> None:
        found = unit.session.get(UserAccount, job.assignee_id) if job.assignee_id else None
        to = (found.email, found.name) if found and found.active else self._outbox.lab_address
        if to is None:
            return  # the board says it all the same
        kind, facts = MailKind.STUDENT_MESSAGE, {"messages": _said(messages)}
        key = f"{kind.value}:{job.id}:{messages[-1].id}"
        mail = StaffMail(kind, *to, key, self._clock(), f"/jobs/{job.id}", facts, job)
        self._outbox.tell_staff(unit, mail)

    def _untold(self) -> SelectOfScalar[Message]:
        return select(Message).where(
            col(Message.seen_at).is_(None),
            col(Message.told_at).is_(None),
            col(Message.at) <= self._clock() - _TOLD_AFTER,
        )

    def _check(self, session: Session, job_id: int, actor: Actor) -> None:
        job = self._views.job(session, find(session, job_id))
        check_still_in(session, actor, self._clock())
        require(actor, Action.WRITE, job)


def _said(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"author": message.author_name, "text": message.text} for message in messages]


def _of(job_id: int) -> SelectOfScalar[Message]:
    return select(Message).where(Message.job_id == job_id)
