"""The process that is killed: it moves jobs through the real services, as fast as it can."""

from __future__ import annotations

import os
import signal
import threading
import uuid
from collections.abc import MutableMapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import structlog
from sqlmodel import select

from printlab.domain.policy import takes_sliced_files
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import JobView
from printlab.errors import Conflict, NotAllowed
from printlab.files import disk
from printlab.models import Event, Job, Revision
from printlab.services import Services
from tests import files_made
from tests.crash.lab import Lab, Ledger, sha256
from tests.workbench import ADMIN, Clock, Workbench

_MOST_JOBS = 12


class Shuffler:
    """Takes a job at random and does with it something that is possible now."""

    def __init__(self, services: Services, ledger: Ledger, random: Random) -> None:
        self._services = services
        self._bench = Workbench(services, Clock())
        self._ledger = ledger
        self._random = random
        self._ids: list[int] = []
        self._looked_s = 0.0

    def submit(self) -> None:
        """One more job."""
        self._ids = []
        content = files_made.stl(header=uuid.uuid4().bytes)
        job = self._bench.submit(content, key=uuid.uuid4().hex, browser=uuid.uuid4().hex)
        self._ledger.write("submitted", job=job.id, sha256=sha256(content))

    def step(self) -> bool:
        """Do something; return whether a job was moved. Somebody else being faster is no error."""
        job_ids = self._job_ids()
        if len(job_ids) < _MOST_JOBS and self._random.random() < 1 / (len(job_ids) + 1):
            self.submit()
            return False
        job = self._bench.get(self._random.choice(job_ids))
        chance = self._random.random()
        if chance < 0.1 and takes_sliced_files(job.status):
            self._add_sliced(job)
        elif chance < 0.2:
            self._save_over(job)
        elif chance < 0.3:
            self._save_beside(job)
        elif chance < 0.35:
            self._notice()
        elif chance < 0.37:
            self._services.filing.reconcile()
        else:
            return self.move(job)
        return False

    def move(self, job: JobView | None = None) -> bool:
        """Move a job by any verb that its status allows."""
        job = job or self._bench.get(self._random.choice(self._job_ids()))
        verb = self._random.choice(self._services.search.allowed(job, ADMIN) or (Verb.UNDO,))
        try:
            moved = self._bench.do(verb, job, ADMIN)
        except (Conflict, NotAllowed):
            return False
        self._ledger.write("moved", job=job.id, verb=verb.value, version=moved.version)
        return True

    def _job_ids(self) -> list[int]:
        """The jobs that are there; looked up again now and then, since others make some too."""
        if not self._ids or self._random.random() < 0.05:
            self._ids = [job.id for job in self._bench.jobs()]
        return self._ids

    def _add_sliced(self, job: JobView) -> None:
        content = b"G1 X1\n" + uuid.uuid4().hex.encode() * 40
        try:
            self._bench.add_sliced(job, content, actor=ADMIN)
        except Conflict:
            return
        self._ledger.write("revision", job=job.id, sha256=sha256(content))

    def _save_over(self, job: JobView) -> None:
        """A slicer saves into the shared folder, as a good one does: a new file, renamed over the old one."""
        with self._services.filing._mover.lock(job.id):
            job = self._bench.get(job.id)
            path = self._bench.working_copy(job)
            counted = next(revision for revision in job.revisions if revision.authoritative)
            if not disk.holds(path, counted.bytes, counted.sha256):
                return
            self._save(job, path, b"G1 X2\n" + uuid.uuid4().hex.encode() * 40 + b"\n")

    def _save_beside(self, job: JobView) -> None:
        """A slicer saves under a name of its own, beside the working copy or where the job was a moment ago."""
        status = self._random.choice(list(JobStatus))
        content = files_made.prusa_gcode() + f"; {uuid.uuid4().hex}\n".encode()
        path = self._bench.root / status.value / f"{job.stem}_0.2mm_{uuid.uuid4().hex}.gcode"
        self._save(job, path, content)

    def _save(self, job: JobView, path: Path, content: bytes) -> None:
        new = path.with_name(f"~{uuid.uuid4().hex}")
        new.write_bytes(content)
        self._ledger.write("saving", job=job.id, sha256=sha256(content))
        new.replace(path)
        self._ledger.write("saved", job=job.id, sha256=sha256(content))

    def _notice(self) -> None:
        """Two looks, the second when what the first one saw has rested."""
        for _ in range(2):
            self._looked_s += 10
            self._services.noticing.look(self._looked_s)


def shuffle_until_killed(lab: Lab, seed: int, threads: int) -> None:
    """Several threads move jobs until the process ends by force; any surprise ends it at once with status 1."""
    services, ledger = _open(lab), lab.ledger

    def work(random: Random) -> None:
        try:
            shuffler = Shuffler(services, ledger, random)
            while True:
                shuffler.step()
        except BaseException as error:  # noqa: BLE001  (the test shows it)
            ledger.write("surprise", error=repr(error))
            os._exit(1)

    ledger.write("ready")
    workers = [threading.Thread(target=work, args=(Random(seed + n),)) for n in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def shuffle_until_point(lab: Lab, seed: int, point: str, occurrence: int, most_steps: int) -> None:
    """Move jobs until ``point`` is reached for the n-th time, and die right there."""
    left = occurrence
    ledger = lab.ledger

    def reached(name: str) -> None:
        nonlocal left
        if name == point:
            left -= 1
            if left == 0:
                ledger.write("killed", at=point)
                os.kill(os.getpid(), signal.SIGKILL)

    services = _open(lab)
    disk.reached = reached
    shuffler = Shuffler(services, ledger, Random(seed))
    for _ in range(most_steps):
        shuffler.step()


def move_times(lab: Lab, seed: int, moves: int) -> None:
    """Make exactly this many moves, however often others are faster."""
    services, ledger = _open(lab), lab.ledger
    made_moves(services, ledger, seed, moves)
    services.close()


def _open(lab: Lab) -> Services:
    """Services in which no failure hides: reconciling logs what it cannot finish and goes on, here that is the end."""
    structlog.configure(processors=[_no_hidden_failure, *structlog.get_config()["processors"]])
    return lab.open()


def _no_hidden_failure(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if event["event"] == "filing.failed":
        raise AssertionError(event)
    return event


def made_moves(services: Services, ledger: Ledger, seed: int, moves: int) -> None:
    """As ``move_times``, with services that are open."""
    shuffler, left = Shuffler(services, ledger, Random(seed)), moves
    while left:
        left -= shuffler.move()


def made_older(services: Services, by: timedelta) -> None:
    """As if all that happened so far had happened so much earlier."""
    with services.database.write() as unit:
        for job in unit.session.exec(select(Job)):
            job.status_since = datetime.now(UTC) - by
        for revision in unit.session.exec(select(Revision)):
            revision.created_at = datetime.now(UTC) - by
        for event in unit.session.exec(select(Event)):
            event.at = datetime.now(UTC) - by


def clean_up_until_point(lab: Lab, point: str, occurrence: int) -> None:
    """Clean up, and die where ``point`` is reached for the n-th time."""
    left = occurrence

    def reached(name: str) -> None:
        nonlocal left
        if name == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    services = lab.open()
    disk.reached = reached
    services.retention.run_once()
