"""A whole lab on a temporary folder, and jobs in any status, for tests of what goes over the wire."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from printlab import api
from printlab.domain.commands import (
    ApproveJob,
    CompleteJob,
    ConfirmJob,
    HandOverJob,
    RejectJob,
    StartJob,
    SubmitJob,
)
from printlab.domain.policy import ANONYMOUS, SYSTEM, Actor, ActorKind
from printlab.domain.status import JobStatus
from printlab.domain.views import JobView, PaymentMethod
from printlab.services import Services
from printlab.settings import load_settings
from printlab.start import open_services

PASSWORD = "correct horse battery"
ORIGIN = "http://lab.test"
FORM = {
    "name": "Jane Doe",
    "email": "jane@example.edu",
    "method": "Filament",
    "printer": "Prusa MK4S",
    "material": "PLA",
    "color": "Blue",
    "accept_terms": "true",
}
GCODE = b"; made by a slicer\nG28\n" + b"G1 X1 Y1 E0.1\n" * 200


def stl(facets: int = 12) -> bytes:
    """A binary STL of so many facets."""
    return b"\0" * 80 + struct.pack("<I", facets) + bytes(range(50)) * facets


class Clock:
    """A clock that goes on by itself and can be set forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def advance(self, **by: float) -> None:
        """Set it forward, for example ``hours=2``."""
        self.ahead += timedelta(**by)


async def chunks_of(content: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    """The bytes in small pieces."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


@dataclass
class Lab:
    """The services, an application with nothing but our routes, and who can use it."""

    services: Services
    clock: Clock
    app: FastAPI
    staff_token: str
    colleague_token: str
    admin_token: str
    staff: Actor
    browser: str
    made: int = field(default=0)

    @property
    def cookie(self) -> str:
        """What the browser of a student sends who has seen a page here."""
        return f"printlab_browser={self.browser}"

    def client(self, token: str | None = None, **options: Any) -> httpx.AsyncClient:
        """A client of this lab; with a token it sends it."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(app=self.app, client=(options.pop("address", "192.0.2.7"), 4711))
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers | options.pop("headers", {}))

    def staff_client(self) -> httpx.AsyncClient:
        """A client with the staff token."""
        return self.client(self.staff_token)

    def hire_sam(self) -> None:
        """Sam Lee has an account from now on; passwords take time, so only where one is needed."""
        if self.services.accounts.needs_first_admin():
            self.services.accounts.add_user("sam@example.edu", "Sam Lee", ActorKind.STAFF, PASSWORD, SYSTEM)

    def session(self) -> str:
        """The cookie of Sam Lee, who has just signed in."""
        self.hire_sam()
        return self.services.accounts.sign_in("sam@example.edu", PASSWORD, "tests", "192.0.2.7")

    async def staged(self, browser: str, content: bytes = b"", name: str = "part.stl", *, sliced: bool = False) -> str:
        """The id of an upload of this browser."""
        chunks = chunks_of(content or stl())
        staged = await self.services.submissions.receive(browser, name, chunks, sliced=sliced)
        return staged.id

    async def submitted(self) -> JobView:
        """A new job."""
        self.made += 1
        staged_id = await self.staged("tests")
        order = SubmitJob("Jane Doe", "jane@example.edu", "Filament", "Prusa MK4S", "PLA", "Blue", accept_terms=True)
        return self.services.submissions.submit(order, "tests", staged_id, ANONYMOUS, f"key {self.made}").job

    async def job_in(self, status: JobStatus) -> JobView:
        """A job that has just come to ``status``, moved there by this lab's staff token."""
        job = await self.submitted()
        if status is JobStatus.REJECTED:
            return self.services.jobs.reject(RejectJob(job.id, job.version, ("too large",)), self.staff)
        for step in _LINE[: _ORDER.index(status)]:
            job = step(self, job)
        return job

    def approve(self, job: JobView) -> JobView:
        """Quote 38 g and 130 minutes."""
        return self.services.quotes.approve(ApproveJob(job.id, job.version, 3800, 130), self.staff)

    def confirm(self, job: JobView) -> JobView:
        """Accept on the student's behalf."""
        return self.services.quotes.confirm(ConfirmJob(job.id, job.version), self.staff)

    def start(self, job: JobView) -> JobView:
        """Put it on a machine."""
        return self.services.jobs.start(StartJob(job.id, job.version), self.staff)

    def complete(self, job: JobView) -> JobView:
        """It came out."""
        return self.services.jobs.complete(CompleteJob(job.id, job.version), self.staff)

    def hand_over(self, job: JobView) -> JobView:
        """Paid in cash."""
        paid = HandOverJob(job.id, job.version, job.price_cents or 0, PaymentMethod.CASH)
        return self.services.jobs.hand_over(paid, self.staff)

    def track_token(self, job: JobView) -> str:
        """The last part of the job's private link."""
        return job.track_url.rsplit("/", 1)[1]

    def count(self) -> int:
        """How many jobs there are."""
        return sum(self.services.search.counts(self.staff).values())

    def left_in_staging(self) -> list[str]:
        """What lies in staging; nothing may stay there after a request."""
        return sorted(path.name for path in self.services.settings.staging.iterdir())


_LINE = (Lab.approve, Lab.confirm, Lab.start, Lab.complete, Lab.hand_over)
_ORDER = [status for status in JobStatus if status is not JobStatus.REJECTED]


def open_lab(folder: Path, **settings: Any) -> Lab:
    """A lab on ``folder`` with tokens for an admin and two staff members."""
    clock = Clock()
    services = open_services(load_settings(_env_file=None, data_dir=folder, **settings), clock)
    accounts = services.accounts
    staff_token = accounts.create_token("front desk", ActorKind.STAFF, SYSTEM)
    colleague_token = accounts.create_token("back desk", ActorKind.STAFF, SYSTEM)
    admin_token = accounts.create_token("office", ActorKind.ADMIN, SYSTEM)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    api.install(app, services)
    staff = accounts.actor_of_token(staff_token)
    browser = services.keyring.new_browser()
    return Lab(services, clock, app, staff_token, colleague_token, admin_token, staff, browser)
