"""From a file in the browser to a job: one way in for the form, the API and the desk."""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime

import structlog
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from printlab.db import Unit
from printlab.domain import naming
from printlab.domain.commands import SubmitJob
from printlab.domain.policy import Action, Actor, require
from printlab.domain.retention import Amount
from printlab.domain.status import JobStatus
from printlab.domain.views import (
    AT_THE_DESK,
    SUBMITTED,
    Catalog,
    ColorView,
    FileState,
    JobView,
    LabView,
    MaterialView,
    PrinterView,
    RevisionKind,
    StagedFile,
    Submitted,
)
from printlab.errors import InvalidFile, InvalidInput, NotFound, SubmissionsClosed
from printlab.files import layout
from printlab.files.archive import Incoming
from printlab.files.staging import Staging
from printlab.limits import RateLimiter
from printlab.live import Changed, announce
from printlab.mail.kinds import MailKind
from printlab.models import FileMove, Job, Revision
from printlab.services import fields
from printlab.services.desk import Desk
from printlab.services.history import new_event
from printlab.services.identity import check_still_in
from printlab.services.intake import Intake
from printlab.services.new_files import NewFile, new_revision
from printlab.services.told import storage_told_to
from printlab.services.tries import CountedTries
from printlab.services.views import search_text
from printlab.settings import Settings

SUBMISSIONS_PER_HOUR = 120
"""How many orders one address may send: a campus network shows many students as one."""
# Each order writes a mail to the address that was typed, whoever typed it.
_ORDERS_PER_RECIPIENT = 40
_TOO_MANY_ORDERS = "Too many orders today for this e-mail address. Bring the file to the desk."
_log = structlog.get_logger(__name__)


class Submissions:
    """Receive a file, then turn it and the form into a job, once."""

    def __init__(
        self,
        desk: Desk,
        staging: Staging,
        catalog: Callable[[], Catalog],
        lab: Callable[[], LabView],
        intake: Intake,
        settings: Settings,
    ) -> None:
        self._desk = desk
        self._intake = intake
        self._staging = staging
        self._catalog = catalog
        self._lab = lab
        self._settings = settings
        self.per_caller = RateLimiter(SUBMISSIONS_PER_HOUR, 3600)
        self._per_recipient = CountedTries(
            desk.database, desk.clock, "recipient", _ORDERS_PER_RECIPIENT, 24 * 3600, _TOO_MANY_ORDERS
        )
        self._turn = threading.Condition()
        self._being_sent: set[str] = set()

    async def receive(
        self,
        browser: str,
        filename: str,
        chunks: AsyncIterator[bytes],
        *,
        sliced: bool = False,
        announced_bytes: int = 0,
        caller: str | None = None,
    ) -> StagedFile:
        """Stage an upload while it arrives; 0 announced bytes are unknown.

        ``caller`` is the address that a stranger sends from, None for staff: what waits from one address is limited.

        Raises InvalidFile, FileTooLarge, StorageProblem.
        """
        if sliced:
            extensions = tuple(dict.fromkeys((*naming.SLICED_EXTENSIONS, *self._settings.upload_extensions)))
            limit_mb = self._settings.max_sliced_mb
        else:
            extensions, limit_mb = self._settings.upload_extensions, self._settings.max_upload_mb
        return await self._staging.receive(browser, filename, chunks, extensions, limit_mb, announced_bytes, caller)

    def staged(self, browser: str, staged_id: str) -> StagedFile:
        """An upload of this browser that waits to be sent; raises NotFound."""
        return self._staging.get(browser, staged_id)[0]

    def discard(self, browser: str, staged_id: str) -> None:
        """Forget an upload that will not be sent."""
        self._staging.discard(browser, staged_id)

    def abandoned(self) -> Amount:
        """The uploads that were not sent within a day."""
        return self._staging.abandoned()

    def sweep(self) -> Amount:
        """Remove uploads that were never sent, after a day; return what was removed."""
        return self._staging.sweep()

    def submit(
        self, command: SubmitJob, browser: str, staged_id: str, actor: Actor, key: str, caller: str | None = None
    ) -> Submitted:
        """Make the job. The same ``key`` again gives the same job; nothing is lost when it is refused.

        ``caller`` is who is counted for the limits of the public: the address that a stranger sends from.

        Raises InvalidInput (with the field), NotFound (the upload), SubmissionsClosed, NotAllowed, TooManyRequests,
        StorageProblem.
        """
        with self._alone_with(staged_id), storage_told_to(actor):
            return self._submit(command, browser, staged_id, actor, key, caller)

    @contextmanager
    def _alone_with(self, staged_id: str) -> Generator[None]:
        """One upload becomes one job: whoever sends it a second time at the same moment waits, and finds it taken."""
        with self._turn:
            self._turn.wait_for(lambda: staged_id not in self._being_sent)
            self._being_sent.add(staged_id)
        try:
            yield
        finally:
            with self._turn:
                self._being_sent.discard(staged_id)
                self._turn.notify_all()

    def _submit(
        self, command: SubmitJob, browser: str, staged_id: str, actor: Actor, key: str, caller: str | None
    ) -> Submitted:
        order = _Order(command, self._catalog(), self._lab(), self._desk.clock(), self._settings)
        claim = _claim(key, order.email)
        if (repeated := self._earlier(claim, staged_id, browser, order)) is not None:
            return repeated
        self._refuse_when_closed(order, actor)
        try:
            with self._counted(None if actor.is_staff else caller, order.email):
                job = self._create(order, browser, staged_id, actor, claim)
        except (IntegrityError, NotFound):
            # Two requests with one key, a double click: the second meets the unique key, or finds its upload taken.
            if (repeated := self._earlier(claim, staged_id, browser, order)) is None:
                raise
            return repeated
        _log.info("job.submitted", job_id=job.id, actor=actor.key, walk_in=order.walk_in)
        self._staging.discard(browser, staged_id)
        job = self._desk.filing.follow(job)
        return Submitted(job, job.track_url)

    @contextmanager
    def _counted(self, caller: str | None, email: str) -> Generator[None]:
        """Count one order of a stranger; one that became no job is none. Raises TooManyRequests."""
        limits = [] if caller is None else [(self.per_caller, caller), (self._per_recipient, email.casefold())]
        taken: list[tuple[RateLimiter | CountedTries, str]] = []
        try:
            for limit, who in limits:
                limit.take(who)
                taken.append((limit, who))
            yield
        except BaseException:
            for limit, who in taken:
                limit.give_back(who)
            raise

    def _create(self, order: _Order, browser: str, staged_id: str, actor: Actor, claim: str) -> JobView:
        staged, path = self._staging.get(browser, staged_id)
        if staged.extension not in self._settings.upload_extensions:
            raise InvalidFile(naming.accepted_sentence(self._settings.upload_extensions))
        self._intake.refuse_known(staged.sha256)
        incoming = self._desk.filing.archive.take_in(path, staged.sha256)
        try:
            with self._desk.database.write() as unit:
                check_still_in(unit.session, actor, order.now)
                return self._write(unit, order, staged, incoming, actor, claim)
        finally:
            self._desk.filing.archive.drop(incoming)

    def _write(
        self, unit: Unit, order: _Order, staged: StagedFile, incoming: Incoming, actor: Actor, claim: str
    ) -> JobView:
        session = unit.session
        row = order.row(staged.original_name)
        row.submission_key, row.submission_digest = claim, order.digest(staged.sha256)
        session.add(row)
        session.flush()
        job_id = row.id or 0
        row.stem = naming.stem(order.name, order.method, order.color.name, job_id)
        session.add(order.revision(job_id, staged, incoming, actor))
        self._intake.want(unit, staged.sha256)
        event = new_event(actor, "submit", order.now, job_id)
        event.to_status = JobStatus.UPLOADED
        session.add(event)
        target = layout.working_copy(JobStatus.UPLOADED, row.stem, staged.extension)
        session.add(FileMove(job_id=job_id, revision=1, target=target, created_at=order.now))
        session.flush()
        job = self._desk.views.job(session, row)
        row.search_text = search_text(job)
        self._desk.estimates.want(unit, job)
        self._desk.outbox.write(unit, job, event, MailKind.RECEIVED)
        session.flush()
        self._desk.filing.archive.keep(incoming, job_id, 1, staged.extension)
        announce(unit, self._desk.live, Changed(job_id))
        return replace(job, version=row.version)

    def _earlier(self, claim: str, staged_id: str, browser: str, order: _Order) -> Submitted | None:
        """The job that this key already made; a key that was used for something else is refused."""
        with self._desk.database.read() as session:
            row = session.exec(select(Job).where(col(Job.submission_key) == claim)).one_or_none()
            if row is None:
                return None
            job = self._desk.views.job(session, row)
        sha256 = self._known_hash(browser, staged_id) or job.revisions[0].sha256
        if row.submission_digest != order.digest(sha256):
            raise InvalidInput("This Idempotency-Key was used for another order. Use a new key for a new order.")
        self._staging.discard(browser, staged_id)
        return Submitted(job, job.track_url, repeated=True)

    def _known_hash(self, browser: str, staged_id: str) -> str | None:
        """The hash of the upload, unless the first request of a double click already took it."""
        try:
            return self._staging.get(browser, staged_id)[0].sha256
        except NotFound:
            return None

    @staticmethod
    def _refuse_when_closed(order: _Order, actor: Actor) -> None:
        if order.walk_in:
            require(actor, Action.WALK_IN)
        elif not order.lab.submissions_open:
            raise SubmissionsClosed(order.lab.closed_message or "The lab takes no files at the moment.")


def _claim(key: str, email: str) -> str:
    """What an idempotency key is stored as: two students who send the same key do not meet."""
    return hashlib.sha256(f"{email}\n{key}".encode()).hexdigest()


class _Order:
    """A checked submission: every field clean, every choice found in the catalogue."""

    def __init__(self, command: SubmitJob, catalog: Catalog, lab: LabView, now: datetime, settings: Settings) -> None:
        self.now = now
        self.lab = lab
        self.name = fields.person_name(command.name)
        self.email = fields.email(command.email)
        self.method = fields.method(catalog, command.method)
        self.printer: PrinterView = fields.printer(catalog, command.printer, self.method)
        self.material: MaterialView = fields.material(catalog, command.material, self.method)
        self.color: ColorView = fields.color(catalog, command.color, self.method)
        self.quantity = fields.quantity(command.quantity)
        self.strength = command.strength or lab.default_strength
        self.needed_by = fields.not_past(command.needed_by, now.astimezone(settings.zone).date())
        self.course = fields.line(command.course, "course")
        self.notes = fields.text(command.notes, "notes")
        self.scale_micro = fields.scale_micro(command.scale)
        self.size_is_right = command.size_is_right
        self.walk_in = command.walk_in
        if not command.accept_terms:
            raise InvalidInput("Agree to the lab's terms to send the file.", "accept_terms")
        self._facts = asdict(command)

    def digest(self, sha256: str) -> str:
        """What was ordered, to tell a repeated request from another one with the same key."""
        facts = json.dumps(self._facts, sort_keys=True, default=str)
        return hashlib.sha256(f"{facts}\n{sha256}".encode()).hexdigest()

    def row(self, original_name: str) -> Job:
        """The job's row; its stem follows once it has a number."""
        return Job(
            status=JobStatus.UPLOADED,
            status_since=self.now,
            created_at=self.now,
            updated_at=self.now,
            student_name=self.name,
            student_email=self.email,
            printer_id=self.printer.id,
            material_id=self.material.id,
            color_id=self.color.id,
            quantity=self.quantity,
            strength=self.strength,
            needed_by=self.needed_by,
            course=self.course,
            notes=self.notes,
            scale_micro=self.scale_micro,
            size_is_right=self.size_is_right,
            requested_printer_id=self.printer.id,
            requested_material_id=self.material.id,
            requested_color_id=self.color.id,
            requested_quantity=self.quantity,
            requested_strength=self.strength,
            stem=uuid.uuid4().hex,
            original_name=original_name,
            authoritative=1,
            file_state=FileState.MOVING,
            walk_in=self.walk_in,
            terms_version=self.lab.terms_version,
            terms_accepted_at=self.now,
            minimum_charge_cents=self.lab.minimum_charge_cents,
            search_text="",
        )

    def revision(self, job_id: int, staged: StagedFile, incoming: Incoming, actor: Actor) -> Revision:
        """Revision 1: the student's own file."""
        origin, by = (AT_THE_DESK, actor.name) if self.walk_in else (SUBMITTED, self.name)
        new = NewFile(incoming, staged.extension, staged.original_name, origin, RevisionKind.ORIGINAL)
        return new_revision(new, job_id, 1, 1, by, self.now)
