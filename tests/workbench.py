"""A lab on a temporary folder, a clock that tests turn, and short ways to bring a job where a test needs it."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from printlab.domain.commands import (
    ApproveJob,
    CompleteJob,
    ConfirmJob,
    HandOverJob,
    JobFilter,
    LabChanges,
    MoveJob,
    RejectJob,
    StartJob,
    SubmitJob,
)
from printlab.domain.policy import ANONYMOUS, SYSTEM, Actor, ActorKind
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import CardView, JobView, LabView, PaymentMethod, StagedFile, Submitted
from printlab.files import disk
from printlab.services import Services
from tests import files_made

STAFF = Actor(ActorKind.STAFF, "token:1", "Sam Staff", workstation="Desk 1")
COLLEAGUE = Actor(ActorKind.STAFF, "token:2", "Kim Colleague", workstation="Desk 2")
ADMIN = Actor(ActorKind.ADMIN, "token:3", "Alex Admin")

_PAGE = 200

ORDER = SubmitJob(
    name="Jane Doe",
    email="jane@example.edu",
    method="Filament",
    printer="Prusa MK4S",
    material="PLA",
    color="Blue",
    accept_terms=True,
)


def change_lab(services: Services, actor: Actor = SYSTEM, **texts: Any) -> LabView:
    """The lab after an admin changed some of its texts and switches."""
    lab = services.lab.view()
    kept = {name: getattr(lab, name) for name in LabChanges.__slots__}
    return services.lab.change(LabChanges(**kept | texts), lab, actor)


class Clock:
    """Stands still until it is turned; every look is a microsecond later, so that no two moments are equal."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            self.now += timedelta(microseconds=1)
            return self.now

    def advance(self, **by: float) -> None:
        """Turn it forward, for example ``minutes=11``."""
        with self._lock:
            self.now += timedelta(**by)


class Workbench:
    """Services with a student and staff at hand."""

    def __init__(self, services: Services, clock: Clock) -> None:
        self.services = services
        self.clock = clock
        self._keys = itertools.count(1)

    @property
    def root(self) -> Path:
        """The storage root."""
        return self.services.settings.storage

    def stage(
        self, content: bytes | None = None, name: str = "part.stl", browser: str = "browser", *, sliced: bool = False
    ) -> StagedFile:
        """Upload a file."""
        data = files_made.stl() if content is None else content
        return _off_any_loop(lambda: self._receive(browser, name, data, sliced=sliced))

    async def _receive(self, browser: str, name: str, content: bytes, *, sliced: bool) -> StagedFile:
        return await self.services.submissions.receive(browser, name, in_chunks(content), sliced=sliced)

    def send(
        self,
        content: bytes | None = None,
        file: str = "part.stl",
        key: str | None = None,
        actor: Actor = ANONYMOUS,
        browser: str = "browser",
        **facts: Any,
    ) -> Submitted:
        """Upload a file and send the form; ``facts`` are what differs from ``ORDER``."""
        staged = self.stage(content, file, browser)
        key = key or f"key {next(self._keys)}"
        return self.services.submissions.submit(replace(ORDER, **facts), browser, staged.id, actor, key)

    def submit(self, content: bytes | None = None, file: str = "part.stl", **facts: Any) -> JobView:
        """A new job."""
        return self.send(content, file, **facts).job

    def student(self, job: JobView) -> Actor:
        """Whoever holds the job's private link."""
        return self.services.search.by_token(job.track_url.rsplit("/", 1)[1])[1]

    def get(self, job_id: int) -> JobView:
        """The job as it is now."""
        return self.services.search.get(job_id, STAFF)

    def jobs(self) -> tuple[JobView, ...]:
        """All jobs, the newest first; of 200 or fewer as of one moment."""
        page = self.services.search.find(JobFilter(limit=_PAGE), ADMIN)
        jobs = page.items
        while page.next_cursor is not None:
            page = self.services.search.find(JobFilter(limit=_PAGE, cursor=page.next_cursor), ADMIN)
            jobs += page.items
        return jobs

    def card(self, job: JobView) -> CardView:
        """What boards are told of the job now."""
        drawn: list[CardView] = []

        def draw(card: CardView) -> bytes:
            drawn.append(card)
            return b""

        self.services.board_index(draw).follow([job.id])
        return drawn[-1]

    def approve(self, job: JobView, actor: Actor = STAFF, **facts: Any) -> JobView:
        """Quote 38 g and 2 h 10 min: $4.34 on the Prusa MK4S."""
        command = ApproveJob(job.id, job.version, weight_cg=3800, time_min=130)
        return self.services.quotes.approve(replace(command, **facts), actor)

    def requote(self, job: JobView, actor: Actor = STAFF, **facts: Any) -> JobView:
        """Quote 50 g and 3 h: $5.80 on the Prusa MK4S."""
        command = ApproveJob(job.id, job.version, weight_cg=5000, time_min=180)
        return self.services.quotes.requote(replace(command, **facts), actor)

    def confirm(self, job: JobView, actor: Actor | None = None) -> JobView:
        """The student accepts the quote that the job has."""
        number = job.quote.number if job.quote else None
        return self.services.quotes.confirm(ConfirmJob(job.id, job.version, number), actor or self.student(job))

    def add_sliced(
        self, job: JobView, content: bytes | None = None, name: str = "part.gcode", actor: Actor = STAFF
    ) -> JobView:
        """Staff upload a sliced file."""
        staged = self.stage(content or files_made.gcode(), name, "desk", sliced=True)
        return self.services.revisions.add(job.id, job.version, "desk", staged.id, actor)

    def correct(self, job: JobView, content: bytes | None = None, actor: Actor | None = None) -> JobView:
        """The student sends a corrected file."""
        staged = self.stage(content, "corrected.stl", "phone")
        return self.services.revisions.correct(job.id, job.version, "phone", staged.id, actor or self.student(job))

    def reject(self, job: JobView, actor: Actor = STAFF) -> JobView:
        """Staff reject the job."""
        return self.services.jobs.reject(RejectJob(job.id, job.version, ("Too large",), "It is 40 cm long."), actor)

    def start(self, job: JobView, actor: Actor = STAFF) -> JobView:
        """Staff start the print."""
        return self.services.jobs.start(StartJob(job.id, job.version, "MK4S no. 2"), actor)

    def complete(self, job: JobView, actor: Actor = STAFF) -> JobView:
        """Staff take the part off the printer."""
        return self.services.jobs.complete(CompleteJob(job.id, job.version), actor)

    def hand_over(self, job: JobView, actor: Actor = STAFF, **facts: Any) -> JobView:
        """The student pays the price in cash and takes the part."""
        command = HandOverJob(job.id, job.version, job.price_cents or 0, PaymentMethod.CASH)
        return self.services.jobs.hand_over(replace(command, **facts), actor)

    def move(self, verb: Verb, job: JobView, actor: Actor = STAFF, reason: str | None = None) -> JobView:
        """Decline, cancel, fail, reopen, reprint or undo."""
        return getattr(self.services.jobs, verb.value)(MoveJob(job.id, job.version, reason), actor)

    def undo(self, job: JobView, actor: Actor = STAFF) -> JobView:
        """Take back the latest move."""
        return self.move(Verb.UNDO, job, actor)

    def lapsed(self, **facts: Any) -> JobView:
        """A new job whose quote nobody answered: two weeks later, on an afternoon on which the lab works."""
        job = self.at(JobStatus.PENDING, **facts)
        for days in (11, 4):
            self.clock.advance(days=days)
            self.services.reminders.run()
        return self.get(job.id)

    def at(self, status: JobStatus, **facts: Any) -> JobView:
        """A new job, brought to ``status`` by the verbs that lead there."""
        job = self.submit(**facts)
        if status is JobStatus.REJECTED:
            return self.reject(job)
        for step in _WAY[: _LINE.index(status)]:
            job = step(self, job)
        return job

    def do(self, verb: Verb, job: JobView, actor: Actor = STAFF) -> JobView:
        """Any verb, with what it needs to be accepted."""
        return _VERBS[verb](self, job, actor)

    def places(self, job: JobView) -> list[str]:
        """Every file of this job in the status folders, as ``Status/name``, without the sidecars."""
        return sorted(place for place in self.on_disk(job) if not place.endswith(".json"))

    def on_disk(self, job: JobView) -> list[str]:
        """Every file of this job in the status folders, as ``Status/name``."""
        return [
            f"{status.value}/{path.name}"
            for status in JobStatus
            for path in (self.root / status.value).iterdir()
            if path.name.lstrip(".").startswith(f"{job.stem}.")
        ]

    def working_copy(self, job: JobView) -> Path:
        """Where the job's working copy belongs."""
        return self.root / job.status.value / job.filename

    def agrees(self, job: JobView) -> bool:
        """Whether exactly the authoritative file lies in exactly the status folder, its sidecar beside it."""
        place = f"{job.status.value}/{job.filename}"
        authoritative = next(r for r in job.revisions if r.authoritative)
        return sorted(self.on_disk(job)) == sorted((place, f"{job.status.value}/{job.stem}.json")) and disk.holds(
            self.root / place, authoritative.bytes, authoritative.sha256
        )


_LINE = (
    JobStatus.UPLOADED,
    JobStatus.PENDING,
    JobStatus.READY_TO_PRINT,
    JobStatus.PRINTING,
    JobStatus.COMPLETED,
    JobStatus.PAID_PICKED_UP,
)
_WAY: tuple[Callable[[Workbench, JobView], JobView], ...] = (
    Workbench.approve,
    Workbench.confirm,
    Workbench.start,
    Workbench.complete,
    Workbench.hand_over,
)


def _moved(verb: Verb) -> Callable[[Workbench, JobView, Actor], JobView]:
    return lambda bench, job, actor: bench.move(verb, job, actor, "because")


_VERBS: dict[Verb, Callable[[Workbench, JobView, Actor], JobView]] = {
    Verb.APPROVE: Workbench.approve,
    Verb.REJECT: Workbench.reject,
    Verb.CONFIRM: Workbench.confirm,
    Verb.DECLINE: _moved(Verb.DECLINE),
    Verb.CANCEL: _moved(Verb.CANCEL),
    Verb.START: Workbench.start,
    Verb.COMPLETE: Workbench.complete,
    Verb.FAIL: _moved(Verb.FAIL),
    Verb.HAND_OVER: Workbench.hand_over,
    Verb.REQUOTE: Workbench.requote,
    Verb.REOPEN: _moved(Verb.REOPEN),
    Verb.REPRINT: _moved(Verb.REPRINT),
    Verb.CORRECT: lambda bench, job, actor: bench.correct(job, actor=actor),
    Verb.UNDO: _moved(Verb.UNDO),
}


async def in_chunks(content: bytes, size: int = 64 * 1024) -> AsyncIterator[bytes]:
    """The bytes as a server hands them on."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


def _off_any_loop(make: Callable[[], Any]) -> Any:  # noqa: ANN401  (whatever the coroutine gives)
    """Run a coroutine to its end, also where an event loop runs already."""
    result: list[Any] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            result.append(asyncio.run(make()))
        except BaseException as error:  # noqa: BLE001  (raised again in the caller's thread)
            failure.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return result[0]
