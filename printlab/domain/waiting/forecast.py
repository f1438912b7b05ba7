"""When many jobs are likely ready, as seen at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache, reduce
from operator import add

from printlab.domain.status import JobStatus
from printlab.domain.views import JobView, PrinterView
from printlab.domain.waiting.outlook import Likely, Unsaid, Waits
from printlab.domain.waiting.turns import DESK, Span


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
        self._waits = waits
        self._turn = cache(waits.turn)
        self._printing = cache(waits.printing)

    @property
    def now(self) -> datetime:
        """The moment as of which it is."""
        return self._waits.now

    def ready(self, job: Standing) -> Likely | None:
        """When a job lies ready, if its student accepts at once; None where that cannot be said, and where it does."""
        waits = self._waits
        printer = waits.catalog.printer(job.printer)
        if printer is None or not printer.active or not waits.takes_files:
            return None
        ways = list(self._ways(job, printer))
        spans = [way for way in ways if isinstance(way, Span)]
        return waits.likely(reduce(add, spans)) if spans and len(spans) == len(ways) else None

    def _ways(self, job: Standing, printer: PrinterView) -> Iterator[Span | Unsaid]:
        """What still lies before it, one after the other."""
        queue, now = self._waits.queue, self.now
        match job.status:
            case JobStatus.UPLOADED:
                yield self._turn(DESK, queue.before(DESK, job.since, job.id), job.since)
                yield self._turn(printer.id, queue.before(printer.id, now, job.id), now, printer.method)
                yield self._printing(job.time_min)
            case JobStatus.PENDING:
                yield self._turn(printer.id, queue.before(printer.id, now, job.id), now, printer.method)
                yield self._printing(job.time_min)
            case JobStatus.READY_TO_PRINT:
                yield self._turn(printer.id, queue.before(printer.id, job.since, job.id), job.since, printer.method)
                yield self._printing(job.time_min)
            case JobStatus.PRINTING:
                yield self._printing(job.time_min, job.since)
            case _:
                return
