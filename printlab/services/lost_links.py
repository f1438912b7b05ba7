"""Students who lost their private link, or have one that ended, ask for it again: it goes to the job's own address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from printlab.db import Database
from printlab.errors import InvalidInput
from printlab.mail.kinds import MailKind
from printlab.models import Job
from printlab.services import fields
from printlab.services.outbox import Outbox
from printlab.services.tries import CountedTries
from printlab.services.views import ViewBuilder

_log = structlog.get_logger(__name__)
_DAY_S = 24 * 3600
_OF_ADDRESS, _OF_JOB = 20, 3  # a campus has one address; nobody needs the same link more often in a day
_TOO_OFTEN = "This link was asked for three times today. Look into your mail, also among the junk, or ask at the desk."
_TOO_MANY = "Many links were asked for from this address."
_LARGEST = 2**31 - 1


class LostLinks:
    """The answer is the same whether there is such a job or not, so that nobody learns who prints here.

    The link stays as it is: whoever only knows a number and an address could end the student's own otherwise.
    """

    def __init__(self, database: Database, views: ViewBuilder, outbox: Outbox, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._views = views
        self._outbox = outbox
        self._clock = clock
        self._of_address = CountedTries(database, clock, "lost links", _OF_ADDRESS, _DAY_S, _TOO_MANY)
        self._of_job = CountedTries(database, clock, "lost link of a job", _OF_JOB, _DAY_S, _TOO_OFTEN)

    def ask(self, job_number: str, email: str, caller: str) -> None:
        """Mail the job's link to its student, if this is their address; ``caller`` is the address that asks.

        Raises InvalidInput for what is no number or no address, TooManyRequests.
        """
        job_id, address = _job_id(job_number), fields.email(email).casefold()
        self._of_address.take(caller)
        self._of_job.take(f"{job_id} {address}")  # as they were typed: a limit of real jobs only would tell them apart
        with self._database.write() as unit:
            row, now = unit.session.get(Job, job_id), self._clock()
            if row is None or row.student_email.casefold() != address:
                _log.info("link.asked_in_vain", caller=caller)
                return
            job = self._views.job(unit.session, row)
            key = f"{MailKind.LINK.value}:{job.id}:asked:{now.isoformat()}"
            self._outbox.tell(unit, job, MailKind.LINK, key, now, status_label=job.status.label, asked=True)
        _log.info("link.asked", job_id=job_id)


def _job_id(typed: str) -> int:
    text = typed.strip().removeprefix("#")
    if not text.isascii() or not text.isdecimal() or not 0 < int(text[:12]) <= _LARGEST or len(text) > 10:
        raise InvalidInput("Enter the job’s number, for example 142.", "job")
    return int(text)
