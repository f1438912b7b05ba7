"""An empty lab filled with believable jobs, so that a newcomer sees a living board in one minute."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from printlab.demo import shapes
from printlab.domain.commands import (
    ApproveJob,
    CompleteJob,
    ConfirmJob,
    EditJob,
    HandOverJob,
    MoveJob,
    RejectJob,
    StartJob,
    SubmitJob,
)
from printlab.domain.policy import ANONYMOUS, Actor, ActorKind, student
from printlab.domain.status import JobStatus
from printlab.domain.views import JobView, PaymentMethod, Strength
from printlab.errors import Conflict
from printlab.services import Services, utc_now
from printlab.settings import Settings
from printlab.start import open_services

_BROWSER = "demo"
_STAFF = (
    Actor(ActorKind.STAFF, "demo:sam", "Sam Rivera", "Front Desk"),
    Actor(ActorKind.STAFF, "demo:ines", "Inès Okafor", "Printer Room"),
)
_HOW_MANY = {
    JobStatus.UPLOADED: 7,
    JobStatus.PENDING: 6,
    JobStatus.READY_TO_PRINT: 6,
    JobStatus.PRINTING: 5,
    JobStatus.COMPLETED: 6,
    JobStatus.REJECTED: 4,
    JobStatus.PAID_PICKED_UP: 7,
}
_STUDENTS = (
    "Jane Doe", "Zoë Müller-Łukasz", "Liam O'Brien", "王小明", "Amara Nwosu", "Mateo García", "Priya Raman",
    "Yusuf Demir", "Chloé Dubois",
    "Noah Kim", "Sofia Rossi", "Olena Kovalenko", "Ethan Brooks", "Fatima Al-Sayed", "Lucas Pereira",
    "Hana Sato", "Maximilian Alexander von Hohenfels-Wittgenstein", "Grace Thompson", "Arjun Patel", "Ella Lindqvist",
)  # fmt: skip
_COURSES = ("ME 2340 Machine Design", "ARCH 1101", "BIOE 4100 Capstone", "Robotics club", None, None)
_MACHINES = {
    "Prusa MK4S": ("MK4S left", "MK4S right"),
    "Prusa XL": ("XL",),
    "Raise3D Pro2 Plus": ("Raise3D",),
    "Formlabs Form 3": ("Form 3",),
}
_NOTES = (
    "The flat side is the visible one.",
    "It has to hold an M4 nut.",
    "Two of them need to match.",
    None,
    None,
    None,
)


@dataclass(frozen=True, slots=True)
class Part:
    """A model file, and what one copy is quoted at."""

    name: str
    content: bytes
    weight_g: float
    time_min: int


def parts() -> tuple[Part, ...]:
    """What the students of a demo send, with what it weighs and takes on the lab's first printer."""
    return (
        Part("bracket_v3_final.stl", shapes.box(82, 40, 31), 32.4, 80),
        Part("gear-24t.stl", shapes.gear(24, 60, 8), 10.7, 28),
        Part("phone stand.stl", shapes.box(70, 95, 12), 31.3, 74),
        Part("keyring star.stl", shapes.star(5, 45, 4), 2.4, 9),
        Part("Hex spacer M8 (x4).stl", shapes.disc(18, 25, 6), 2.7, 17),
        Part("lens cap 58mm.stl", shapes.disc(62, 6), 10.3, 26),
        Part("planter_large.stl", shapes.disc(140, 120), 424.0, 640),
        Part("enclosure lid.stl", shapes.box(120, 80, 4), 27.1, 66),
        Part("drive_gear_12T.stl", shapes.gear(12, 34, 14), 5.3, 17),
        Part(
            "site model base plate revision 4 with contour lines and north arrow.stl",
            shapes.box(240, 200, 5),
            140.0,
            310,
        ),
        Part("drawer knob.stl", shapes.disc(1.4, 1.1), 20.5, 52),  # in inches
        Part("lamp shade draft.stl", shapes.disc(70, 60, bottom=False), 79.0, 160),
    )


class _Clock:
    """The lab's time while its past is made up."""

    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self) -> datetime:
        return self.now


def fill(settings: Settings) -> int:
    """Fill an empty lab; return how many jobs it has now. Raises Conflict when there are jobs already."""
    clock = _Clock()
    quiet = settings.model_copy(update={"smtp_url": None})  # example.com wants no mail
    services = open_services(quiet, clock)
    if any(services.search.counts(_STAFF[0]).values()):
        raise Conflict("The lab has jobs already. The demo fills an empty lab only.")
    story = _Story(services, clock, Random(4))  # noqa: S311  (believable, and the same each time)
    targets = [status for status, count in _HOW_MANY.items() for _ in range(count)]
    story.order.shuffle(targets)
    for at, target in enumerate(targets):
        story.tell(target, at)
    services.close()
    return len(targets)


class _Story:
    """Each job's past, told through the same services that people use."""

    def __init__(self, services: Services, clock: _Clock, order: Random) -> None:
        self._services = services
        self._clock = clock
        self._parts = parts()
        self._today = clock.now
        self.order = order

    def tell(self, target: JobStatus, at: int) -> None:
        part = self._parts[at % len(self._parts)]
        self._clock.now = self._today - self._age(target)
        job = self._submit(part, at)
        if target is JobStatus.UPLOADED:
            return
        if target is JobStatus.REJECTED:
            self._reject(job)
            return
        job = self._quote(job, part)
        for step, reached in (
            (self._confirm, JobStatus.READY_TO_PRINT),
            (self._start, JobStatus.PRINTING),
            (self._complete, JobStatus.COMPLETED),
            (self._hand_over, JobStatus.PAID_PICKED_UP),
        ):
            if job.status is target:
                return
            self._later()
            job = step(job)
            assert job.status is reached  # noqa: S101

    def _age(self, target: JobStatus) -> timedelta:
        """Jobs that came far are older."""
        days = {JobStatus.UPLOADED: 0.4, JobStatus.PENDING: 1.5, JobStatus.PAID_PICKED_UP: 9}.get(target, 4)
        return timedelta(hours=1 + 24 * days * self.order.uniform(0.15, 1))

    def _later(self) -> None:
        left = self._today - self._clock.now
        self._clock.now += left * self.order.uniform(0.1, 0.5)

    def _staff(self) -> Actor:
        return self.order.choice(_STAFF)

    def _submit(self, part: Part, at: int) -> JobView:
        catalog = self._services.catalog.view()
        method = "Resin" if at % 7 == 5 else "Filament"
        name = _STUDENTS[at % len(_STUDENTS)]
        needed = (self._today + timedelta(days=self.order.randint(2, 12))).date() if at % 4 == 0 else None
        order = SubmitJob(
            name=name,
            email=f"student{at + 1}@example.com",
            method=method,
            printer=self.order.choice(catalog.printers_of(method)).name,
            material=catalog.materials_of(method)[0].name,
            color=self.order.choice(catalog.colors_of(method)).name,
            quantity=self.order.choice((1, 1, 1, 2, 4)),
            strength=Strength.STRONG if at % 6 == 2 else None,
            needed_by=needed,
            course=self.order.choice(_COURSES),
            notes=self.order.choice(_NOTES),
            accept_terms=True,
        )
        staged = asyncio.run(self._services.submissions.receive(_BROWSER, part.name, _whole(part.content)))
        return self._services.submissions.submit(order, _BROWSER, staged.id, ANONYMOUS, f"demo {at}").job

    def _quote(self, job: JobView, part: Part) -> JobView:
        self._later()
        staff = self._staff()
        weight_g, time_min = part.weight_g * job.quantity, part.time_min * job.quantity
        extension = ".form" if job.method == "Resin" else ".gcode"
        sliced = shapes.gcode(part.name, weight_g, time_min, job.material)
        staged = asyncio.run(
            self._services.submissions.receive(_BROWSER, f"{job.stem}{extension}", _whole(sliced), sliced=True)
        )
        job = self._services.revisions.add(job.id, job.version, _BROWSER, staged.id, staff)
        if job.id % 5 == 0:
            edit = EditJob(job.id, job.version, notes=job.notes or "Asked at the desk: supports are fine.")
            job = self._services.jobs.edit(edit, staff)
        return self._services.quotes.approve(ApproveJob(job.id, job.version, round(weight_g * 100), time_min), staff)

    def _reject(self, job: JobView) -> None:
        self._later()
        reason = self.order.choice(self._services.catalog.view().reject_reasons[:4]).label
        self._services.jobs.reject(RejectJob(job.id, job.version, (reason,)), self._staff())

    def _confirm(self, job: JobView) -> JobView:
        quote = job.quote.number if job.quote else None
        return self._services.quotes.confirm(
            ConfirmJob(job.id, job.version, quote), student(job.id, job.student_name, 1)
        )

    def _start(self, job: JobView) -> JobView:
        machine = self.order.choice(_MACHINES[job.printer])
        job = self._services.jobs.start(StartJob(job.id, job.version, machine), self._staff())
        if job.id % 9 == 0:
            self._later()
            failed = MoveJob(job.id, job.version, "Came off the bed after an hour")
            job = self._services.jobs.fail(failed, self._staff())
            job = self._services.jobs.start(StartJob(job.id, job.version, machine), self._staff())
        return job

    def _complete(self, job: JobView) -> JobView:
        minutes = round((job.time_min or 0) * 1.04)
        return self._services.jobs.complete(CompleteJob(job.id, job.version, actual_time_min=minutes), self._staff())

    def _hand_over(self, job: JobView) -> JobView:
        method = self.order.choice((PaymentMethod.CASH, PaymentMethod.CARD, PaymentMethod.ACCOUNT))
        paid = HandOverJob(
            job.id, job.version, job.price_cents or 0, method, reference="R-2041", collected_by=job.student_name
        )
        return self._services.jobs.hand_over(paid, self._staff())


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
