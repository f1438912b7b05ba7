"""Where jobs stand in the queue, and when they are likely ready, as seen at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, reduce
from operator import add

from printlab.domain.status import JobStatus
from printlab.domain.views import JobView
from printlab.domain.waiting.outlook import Likely, Milestone, Outlook, Unsaid, Waits
from printlab.domain.waiting.turns import DESK, Line, Span


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts of a job for when it is ready. ``time_min`` is the time of all copies, as far as that is known."""

    id: int
    status: JobStatus
    since: datetime
    printer: str
    time_min: int | None

    @classmethod
    def of(cls, job: JobView, time_min: int | None) -> Standing:
        """That of a job that takes so long."""
        return cls(job.id, job.status, job.status_since, job.printer, time_min)


class Forecast:
    """What several jobs wait for together is worked out once for all of them."""

    def __init__(self, waits: Waits) -> None:
        self.waits = waits
        self._turn = cache(waits.turn)
        self._printing = cache(waits.printing)

    @property
    def now(self) -> datetime:
        """The moment as of which it is."""
        return self.waits.now

    def ready(self, job: Standing) -> Likely | None:
        """When a job lies ready, if its student accepts at once; None where that cannot be said, and where it does."""
        return self._likely(self._ways(job)) if self.waits.takes_files else None

    def of(self, job: Standing) -> Outlook | None:
        """What can be said of a job to its student, of a new one only when it is decided; None when it is on its way no
        more.
        """
        ways = self._ways(job)
        if not ways:
            return None
        is_undecided = job.status is JobStatus.UPLOADED
        milestone, until = (Milestone.DECIDED, ways[:1]) if is_undecided else (Milestone.READY, ways)
        before = self._before(job)
        if not self.waits.takes_files:
            return Outlook(milestone, before, unsaid=Unsaid.LAB_CLOSED)
        if likely := self._likely(until):
            return Outlook(milestone, before, likely)
        unsaid = next(way for way in until if isinstance(way, Unsaid))
        return Outlook(milestone, before, unsaid=unsaid, quoted_end=self._quoted_end(job, unsaid))

    def _ways(self, job: Standing) -> Sequence[Span | Unsaid]:
        """What still lies before it, one after the other; nothing before one that is on its way no more."""
        match job.status:
            case JobStatus.UPLOADED:
                return self._until_turn(job, DESK, job.since), *self._through_the_queue(job, self.now)
            case JobStatus.PENDING:
                return self._through_the_queue(job, self.now)
            case JobStatus.READY_TO_PRINT:
                return self._through_the_queue(job, job.since)
            case JobStatus.PRINTING:
                return (self._printing(job.time_min, job.since),)  # it is on the machine, whatever becomes of that
            case _:
                return ()

    def _through_the_queue(self, job: Standing, since: datetime) -> Sequence[Span | Unsaid]:
        """``since`` when it waits for its printer: of one that is not accepted yet, from now on."""
        printer = self.waits.catalog.printer(job.printer)
        if printer is None or not printer.active:
            return (Unsaid.OUT_OF_USE,)
        return self._until_turn(job, printer.id, since, printer.method), self._printing(job.time_min)

    def _until_turn(self, job: Standing, line: Line, since: datetime, method: str = "") -> Span | Unsaid:
        return self._turn(line, self.waits.queue.before(line, since, job.id), since, method)

    def _likely(self, ways: Sequence[Span | Unsaid]) -> Likely | None:
        spans = [way for way in ways if isinstance(way, Span)]
        return self.waits.likely(reduce(add, spans)) if spans and len(spans) == len(ways) else None

    def _before(self, job: Standing) -> int | None:
        """How many stand before it where it waits now, or would wait if it were accepted."""
        printer = self.waits.catalog.printer(job.printer)
        match job.status:
            case JobStatus.UPLOADED:
                return self.waits.queue.before(DESK, job.since, job.id)
            case JobStatus.PENDING if printer is not None:
                return self.waits.queue.before(printer.id, self.now, job.id)
            case JobStatus.READY_TO_PRINT if printer is not None:
                return self.waits.queue.before(printer.id, job.since, job.id)
            case _:
                return None

    def _quoted_end(self, job: Standing, unsaid: Unsaid) -> datetime | None:
        if job.status is not JobStatus.PRINTING or unsaid is not Unsaid.TOO_FEW or job.time_min is None:
            return None
        end = job.since + timedelta(minutes=job.time_min)
        return end if end > self.now else None
