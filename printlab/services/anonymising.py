"""Anonymising jobs: all that says whose a job was goes for good; numbers, dates and prices stay for the reports.

Only jobs that ended and lie in the archive: then no file and no sidecar in a status folder bears a name any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from printlab.db import Database
from printlab.domain.policy import SYSTEM, UNDO_WINDOW, Actor, ActorKind
from printlab.domain.retention import Amount, CleanupKind
from printlab.domain.status import ENDED
from printlab.domain.views import BY_THE_STUDENT, FORMER_STUDENT, SUBMITTED, FileState, LabView
from printlab.live import Changed, Live, announce
from printlab.models import Event, FileMove, Job, MailState, Message, OutboxMail, Payment, Quote, Revision, SeenFile
from printlab.services.history import ANONYMISED, RETENTION, new_event
from printlab.services.outbox import REMOVED
from printlab.services.plans import Plan
from printlab.services.views import ViewBuilder, search_text

_REMOVED = "(removed)"
_STUDENTS = (ActorKind.STUDENT.value, ActorKind.ANONYMOUS.value)
_WAITS = (MailState.QUEUED, MailState.SENDING, MailState.FAILED)
_NUMBERS = frozenset((
    "accepted", "actual time", "actual weight", "assignee", "authoritative", "color", "computed price", "course",
    "failed prints", "machine", "material", "needed_by", "outcome", "paid", "payment method", "price", "printer",
    "quantity", "revision", "scale", "size_is_right", "strength", "time", "weight",
))  # fmt: skip
"""What may stay of what an event changed: nothing that anybody typed about a person, and no name of a file."""


class _Over(NamedTuple):
    job_id: int
    ended_at: datetime


class Anonymising:
    """By the clock for jobs that ended so many days ago; on request for those of one student."""

    kind = CleanupKind.ANONYMISE

    def __init__(
        self,
        database: Database,
        views: ViewBuilder,
        lab: Callable[[], LabView],
        live: Live,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._views = views
        self._lab = lab
        self._live = live
        self._clock = clock

    def plan(self) -> Plan:
        """What the lab's rule says now."""
        return self.plan_after(self._lab().retention.anonymise_after_days)

    def plan_after(self, days: int | None) -> Plan:
        """The same if it were so many days after a job ended; None is never."""
        old = col(Job.status_since) < self._clock() - timedelta(days=days) if days else sa.false()
        return self._planned(old, SYSTEM)

    def plan_of(self, job_ids: Iterable[int], actor: Actor) -> Plan:
        """The same for these jobs, on the word of ``actor``, however lately they ended."""
        return self._planned(col(Job.id).in_(job_ids), actor)

    def _planned(self, which: sa.ColumnElement[bool], actor: Actor) -> Plan:
        ready = sa.and_(which, self._ready())
        with self._database.read() as session:
            found = sa.select(col(Job.id), col(Job.status_since)).where(ready).order_by(col(Job.status_since))
            over = [_Over(*row) for row in session.connection().execute(found)]
        return Plan(
            self.kind,
            _amount(over),
            lambda: _amount(each for each in over if self._anonymise(each.job_id, ready, actor)),
        )

    def _ready(self) -> sa.ColumnElement[bool]:
        """Jobs that are over for good: nothing of them moves, is sent or can be taken back."""
        now = self._clock()
        undoable = select(Event.id).where(col(Event.id) == col(Job.last_move_id), col(Event.at) >= now - UNDO_WINDOW)
        moving = select(FileMove.id).where(col(FileMove.job_id) == col(Job.id), col(FileMove.done_at).is_(None))
        sending = select(OutboxMail.id).where(
            col(OutboxMail.job_id) == col(Job.id), col(OutboxMail.state) == MailState.SENDING
        )
        return sa.and_(
            col(Job.status).in_(ENDED),
            col(Job.anonymised_at).is_(None),
            col(Job.archived_at).is_not(None),
            col(Job.file_state) == FileState.SETTLED,
            ~undoable.exists(),
            ~moving.exists(),
            ~sending.exists(),
        )

    def _anonymise(self, job_id: int, ready: sa.ColumnElement[bool], actor: Actor) -> bool:
        """Anonymise one job in one transaction; False when it went on since it was looked at."""
        now = self._clock()
        with self._database.write() as unit:
            session = unit.session
            held = session.exec(select(Job).where(col(Job.id) == job_id, ready).with_for_update(of=Job)).first()
            if held is None:
                return False
            _forget_places(session, held)
            _forget_files(session, held)
            _forget_history(session, job_id)
            _forget_letters(session, job_id, now)
            _forget_person(held, now)
            session.add(new_event(actor, ANONYMISED, now, job_id))
            session.flush()
            held.search_text = search_text(self._views.job(session, held))
            announce(unit, self._live, Changed(job_id))
        return True


def _forget_person(job: Job, now: datetime) -> None:
    """What the job itself says; the name of its files keeps method, colour and number."""
    name = FORMER_STUDENT.replace(" ", "").title()
    job.sqlmodel_update(
        {
            "student_name": FORMER_STUDENT,
            "student_email": "",
            "notes": None,
            "stem": f"{name}_{job.stem.partition('_')[2]}",
            "original_name": "model",
            "reject_note": None,
            "file_problem": None,
            "submission_key": None,
            "submission_digest": None,
            "track_generation": job.track_generation + 1,
            "anonymised_at": now,
            "updated_at": now,
        }
    )


def _forget_places(session: Session, job: Job) -> None:
    """Where files lay says whose they were."""
    session.exec(sa.delete(FileMove).where(col(FileMove.job_id) == job.id))
    session.exec(sa.delete(SeenFile).where(col(SeenFile.place).contains(job.stem, autoescape=True)))


def _forget_files(session: Session, job: Job) -> None:
    for revision in session.exec(select(Revision).where(Revision.job_id == job.id)):
        revision.original_name = f"file {revision.number}{revision.extension}"
        if revision.origin in (SUBMITTED, BY_THE_STUDENT):  # under the name that the student had then
            revision.created_by = FORMER_STUDENT


def _forget_history(session: Session, job_id: int) -> None:
    """Who of the staff did what and when stays; what was written, and who the student was, does not."""
    for event in session.exec(select(Event).where(Event.job_id == job_id)):
        event.changes = {name: values for name, values in event.changes.items() if name in _NUMBERS}
        event.undo = None
        if event.action not in RETENTION:
            event.reason = None
        if event.actor_kind in _STUDENTS:
            event.actor_name = FORMER_STUDENT
    for payment in session.exec(select(Payment).where(Payment.job_id == job_id)):
        payment.collected_by = payment.reason = None
    for quote in session.exec(select(Quote).where(Quote.job_id == job_id)):
        quote.override_reason = quote.override_reason and _REMOVED


def _forget_letters(session: Session, job_id: int, now: datetime) -> None:
    """That there were messages and mails, and when, stays; nothing of what they said. What waited is not sent."""
    for message in session.exec(select(Message).where(Message.job_id == job_id)):
        message.text = _REMOVED
        message.told_at = message.told_at or now
        if message.from_student:
            message.author_name = FORMER_STUDENT
    for mail in session.exec(select(OutboxMail).where(OutboxMail.job_id == job_id)):
        mail.to_address, mail.to_name, mail.context, mail.last_error = "", FORMER_STUDENT, {REMOVED: True}, None
        if mail.state in _WAITS:
            mail.state = MailState.CANCELLED


def _amount(over: Iterable[_Over]) -> Amount:
    over = tuple(over)
    oldest = min((each.ended_at for each in over), default=None)
    return Amount(len(over), oldest=oldest, jobs=tuple(each.job_id for each in over))
