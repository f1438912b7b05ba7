"""What the lab's clock does about jobs that wait for their student: it warns, reminds, and lets quotes lapse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import structlog
from sqlmodel import Session, col, select

from printlab.domain import words
from printlab.domain.calendar import LabCalendar, OpenDays
from printlab.domain.policy import SYSTEM, Action, Actor
from printlab.domain.status import JobStatus, Verb
from printlab.domain.time_limits import MOST_REMINDERS, Due, Outlook, Rules, Step, TimeLimits, Wait, outlook
from printlab.domain.views import WITHDRAWALS, JobView, waits_since
from printlab.errors import Conflict
from printlab.live import Changed, announce
from printlab.mail.kinds import MailKind
from printlab.models import Event, Job, OutboxMail
from printlab.services.desk import Desk, find
from printlab.services.identity import authorise
from printlab.services.outbox import REMINDERS
from printlab.services.views import unseen_of_students

_log = structlog.get_logger(__name__)
_KINDS = [kind.value for kind in REMINDERS]
_WAITING = (JobStatus.PENDING, JobStatus.COMPLETED)
_PROMISED = "promised"  # in the facts of a warning: the day in ISO 8601 until which the quote can be answered
_ONCE = 0


class Reminders:
    """Each mail is one row in the outbox, written once for a job and occasion, with the job locked: its key says which.

    ``rules`` are the lab's as they are now.
    """

    def __init__(self, desk: Desk, rules: Callable[[], Rules]) -> None:
        self._desk = desk
        self.rules = rules

    def run(self) -> None:
        """Do what is due. Every process calls it as often as it likes: nothing is done twice, nor in the night."""
        rules, now = self.rules(), self._desk.clock()
        if not rules.calendar.writes_at(now):
            return
        with self._desk.database.read() as session:
            due = [(job_id, what) for job_id, wait in _waiting(session) if (what := rules.due(wait, now)) is not None]
        for job_id, what in due:
            try:
                self._do(job_id, what)
            except Conflict:
                _log.info("reminders.overtaken", job_id=job_id, step=what.step.value)
            except Exception:  # noqa: BLE001  (one job that fails must not keep the others waiting; the next run tries it again)
                _log.exception("reminders.failed", job_id=job_id, step=what.step.value)

    def answer_by(self, job: JobView) -> date | None:
        """The last day on which the job's quote can be answered, as far as nobody was warned late; None for any."""
        return self.rules().answer_by(waits_since(job))

    def preview(self, limits: TimeLimits, open_days: OpenDays, actor: Actor) -> Outlook:
        """What the clock would do next if these were the lab's limits and days. Raises NotSignedIn, NotAllowed."""
        rules = Rules(limits, LabCalendar(open_days, self.rules().calendar.zone))
        with self._desk.database.read() as session:
            authorise(session, actor, Action.MANAGE_LAB, self._desk.clock())
            return outlook(rules, _waiting(session), self._desk.clock())

    def _do(self, job_id: int, seen: Due) -> None:
        if seen.step is Step.LAPSE:
            self._let_lapse(job_id)
        else:
            self._tell(job_id)

    def _let_lapse(self, job_id: int) -> None:
        """Reject a job whose quote nobody answered; raises Conflict when somebody was faster."""
        with self._desk.work(job_id, None, SYSTEM, Verb.LAPSE) as work:
            rules = self.rules()
            if _due(work.session, work.row, rules, work.now) != Due(Step.LAPSE):
                return  # quoted anew, or asked about, since it was looked for
            work.row.reject_reasons = [WITHDRAWALS[Verb.LAPSE]]
            work.row.reject_note = None
            event = work.move(Verb.LAPSE, JobStatus.REJECTED)
            quoted = words.day(rules.calendar.day_of(waits_since(work.before)))
            job = work.after(self._desk.views)
            self._desk.outbox.write(work.unit, job, event, MailKind.LAPSED, quoted_on=quoted, price=_price(job))

    def _tell(self, job_id: int) -> None:
        with self._desk.database.write() as unit:
            row, rules, now = find(unit.session, job_id, lock=True), self.rules(), self._desk.clock()
            due = _due(unit.session, row, rules, now)
            if due is None or due.step is Step.LAPSE:
                return  # told by another process, or the student was faster
            job = self._desk.views.job(unit.session, row)
            kind, facts = _mail(due, job, rules, now)
            key = _key(kind, job_id, _occasion(row), due.number)
            self._desk.outbox.tell(unit, job, kind, key, now, **facts)
            announce(unit, self._desk.live, Changed(job_id))
        _log.info("reminders.told", job_id=job_id, step=due.step.value, number=due.number)


def _due(session: Session, row: Job, rules: Rules, now: datetime) -> Due | None:
    """What is due of a locked job."""
    if not rules.calendar.writes_at(now):
        return None
    return next((rules.due(wait, now) for _, wait in _waiting(session, row.id)), None)


def _mail(due: Due, job: JobView, rules: Rules, now: datetime) -> tuple[MailKind, dict[str, Any]]:
    """What a mail tells of a step that is due, and its facts."""
    moved = waits_since(job)
    facts: dict[str, Any] = {"price": _price(job)}
    if due.step is Step.WARN:
        promised = rules.promised(moved, rules.calendar.day_of(now))
        assert promised is not None  # noqa: S101  (nobody is warned of a quote that does not lapse)
        return MailKind.LAPSING, facts | {"answer_by": words.day(promised), _PROMISED: promised.isoformat()}
    facts |= {"ready_on": words.day(rules.calendar.day_of(moved))}
    if due.step is Step.UNCLAIMED:
        return MailKind.UNCLAIMED, facts
    unclaimed = rules.unclaimed_at(moved, job.kept_until)
    by = words.day(rules.calendar.day_of(unclaimed)) if unclaimed else None
    kept = words.day(job.kept_until) if job.kept_until else None
    return MailKind.COLLECT, facts | {"number": due.number, "unclaimed_on": by, "kept_until": kept}


def _price(job: JobView) -> str:
    return words.money(job.price_cents or 0, job.currency)


def _occasion(row: Job) -> str:
    """What a reminder is about: one step of the job, and the day until which its student needs."""
    return f"{row.last_move_id}" if row.kept_until is None else f"{row.last_move_id}/{row.kept_until.isoformat()}"


def _key(kind: MailKind, job_id: int, occasion: str, number: int = _ONCE) -> str:
    return f"{kind.value}:{job_id}:{occasion}:{number}"


def _waiting(session: Session, job_id: int | None = None) -> Iterator[tuple[int, Wait]]:
    """The numbers of the jobs that wait for their student, or of this one if it does, the longest waiting first."""
    wanted = col(Job.status).in_(_WAITING), *(() if job_id is None else (col(Job.id) == job_id,))
    mails = select(OutboxMail).join(Job, col(Job.id) == col(OutboxMail.job_id))
    mails = mails.where(col(OutboxMail.kind).in_(_KINDS), *wanted)
    told = {mail.dedupe_key: mail.context for mail in session.exec(mails)}
    jobs = select(Job, Event.at).join(Event, col(Event.id) == col(Job.last_move_id)).where(*wanted)
    found = session.exec(jobs.order_by(col(Event.at), col(Job.id))).all()
    asked = unseen_of_students(session, [row.id for row, _ in found])
    for row, moved in found:
        yield row.id or 0, _wait(row, moved, told, has_asked=row.id in asked)


def _wait(row: Job, moved: datetime, told: Mapping[str, dict[str, Any]], *, has_asked: bool) -> Wait:
    job_id, occasion = row.id or 0, _occasion(row)
    warning = told.get(_key(MailKind.LAPSING, job_id, occasion))
    reminded = (n for n in range(MOST_REMINDERS, 0, -1) if _key(MailKind.COLLECT, job_id, occasion, n) in told)
    return Wait(
        status=row.status,
        moved=moved,
        kept_until=row.kept_until,
        has_asked=has_asked,
        promised=None if warning is None else date.fromisoformat(warning[_PROMISED]),
        reminded=next(reminded, 0),
        is_told_unclaimed=_key(MailKind.UNCLAIMED, job_id, occasion) in told,
    )
