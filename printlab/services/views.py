"""Rows → views, in a fixed number of queries however many jobs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from sqlmodel import Session, col, func, select

from printlab.domain.analysis import AnalysisView
from printlab.domain.known_figures import figures_before_quote
from printlab.domain.policy import ActorKind
from printlab.domain.pricing import Rates, rates_of_next_quote
from printlab.domain.remarks import remarks
from printlab.domain.slicing import Tolerance, outgrown
from printlab.domain.status import ENDED, JobStatus, Verb
from printlab.domain.views import (
    CardView,
    Catalog,
    EventView,
    JobView,
    LastMove,
    MessageView,
    Opened,
    PaymentMethod,
    PaymentView,
    QuoteView,
    RevisionKind,
    RevisionView,
)
from printlab.models import Event, Job, Message, Payment, Quote, Revision, UserAccount
from printlab.services.analyses import Analyses
from printlab.services.automatic import with_automatic
from printlab.services.history import NOTE
from printlab.services.slicing import from_stored
from printlab.services.verdicts import Verdicts

_OfJob = TypeVar("_OfJob", Revision, Payment)


class ViewBuilder:
    """Builds views with the names of the catalogue, the lab's currency and each job's private link."""

    def __init__(
        self,
        catalog: Callable[[], Catalog],
        analyses: Analyses,
        currency: str,
        tolerance: Tolerance,
        track_url: Callable[[Job], str],
    ) -> None:
        self._catalog = catalog
        self._analyses = analyses
        self._currency = currency
        self._tolerance = tolerance
        self._track_url = track_url
        self._verdicts = Verdicts()

    def job(self, session: Session, job: Job) -> JobView:
        """One job with everything."""
        return self.jobs(session, [job])[0]

    def jobs(self, session: Session, jobs: Sequence[Job]) -> tuple[JobView, ...]:
        """Many jobs, in the order given."""
        catalog = self._catalog()
        parts = _Parts(session, jobs, catalog, self._analyses)
        views = with_automatic(session, [self._job(job, parts) for job in jobs], catalog)
        return tuple(self._judged(job, catalog) for job in views)

    def cards(self, session: Session, jobs: Sequence[Job]) -> tuple[CardView, ...]:
        """Many cards, in the order given."""
        catalog = self._catalog()
        parts = _Parts(session, jobs, catalog, self._analyses)
        notes, messages = _newest_notes(session, jobs), unseen_of_students(session, [job.id for job in jobs])
        views = with_automatic(session, [self._job(job, parts) for job in jobs], catalog)
        judged = (self._judged(job, catalog) for job in views)
        return tuple(self._card(job, notes.get(job.id), messages.get(job.id), catalog) for job in judged)

    def _card(self, job: JobView, note: EventView | None, message: MessageView | None, catalog: Catalog) -> CardView:
        trouble = self._verdicts.trouble(job, catalog)
        odd = () if job.status in ENDED else remarks(job, job.counting_file, catalog)
        takes, is_automatic = figures_before_quote(job, catalog)
        return CardView(job, note, trouble, takes, is_automatic, odd, message)

    def _judged(self, job: JobView, catalog: Catalog) -> JobView:
        reasons = outgrown(job, catalog, self._tolerance)
        return job if reasons is None else replace(job, outgrown=reasons)

    def _job(self, job: Job, parts: _Parts) -> JobView:
        job_id = job.id or 0
        printer = parts.printers[job.printer_id]
        color = parts.colors[job.color_id]
        revisions = tuple(
            revision_view(job, revision, parts.analyses.get(revision.sha256)) for revision in parts.revisions[job_id]
        )
        quote = parts.quotes.get(job_id)
        quoted = quote_view(quote) if quote else None
        return JobView(
            id=job_id,
            version=job.version,
            status=job.status,
            status_since=job.status_since,
            created_at=job.created_at,
            updated_at=job.updated_at,
            stem=job.stem,
            filename=next((r.filename for r in revisions if r.authoritative), job.stem),
            original_name=job.original_name,
            student_name=job.student_name,
            student_email=job.student_email,
            method=printer.method,
            printer=printer.name,
            material=parts.materials[job.material_id].name,
            color=color.name,
            color_hex=color.hex,
            quantity=job.quantity,
            strength=job.strength,
            needed_by=job.needed_by,
            course=job.course,
            notes=job.notes,
            requested_color=parts.colors[job.requested_color_id].name,
            requested_printer=parts.printers[job.requested_printer_id].name,
            requested_material=parts.materials[job.requested_material_id].name,
            requested_quantity=job.requested_quantity,
            requested_strength=job.requested_strength,
            currency=self._currency,
            rates=rates_of_next_quote(printer, quoted, job.minimum_charge_cents),
            quote=quoted,
            reject_reasons=tuple(job.reject_reasons),
            reject_note=job.reject_note,
            machine=job.machine,
            actual_weight_cg=job.actual_weight_cg,
            actual_time_min=job.actual_time_min,
            failed_prints=job.failed_prints,
            outcome=job.outcome,
            assignee_id=job.assignee_id,
            assignee=parts.users.get(job.assignee_id or 0),
            walk_in=job.walk_in,
            file_state=job.file_state,
            file_problem=job.file_problem,
            authoritative=job.authoritative,
            revisions=revisions,
            last_move=_last_move(parts.events.get(job.last_move_id or 0)),
            track_url=self._track_url(job),
            payments=tuple(payment_view(payment) for payment in parts.payments[job_id]),
            scale_micro=job.scale_micro,
            size_is_right=job.size_is_right,
            analysis=parts.analyses.get(model_hash(parts.revisions[job_id], job.authoritative)),
            looked_at=job.looked_at,
            looked_by=job.looked_by,
            archived_at=job.archived_at,
            anonymised_at=job.anonymised_at,
            kept_until=job.kept_until if job.status is JobStatus.COMPLETED else None,
            opened=_opened(job, parts.events.get(job.last_opened_id or 0)),
        )


class _Parts:
    """What belongs to a set of jobs, one query for each table."""

    def __init__(self, session: Session, jobs: Sequence[Job], catalog: Catalog, analyses: Analyses) -> None:
        ids = [job.id for job in jobs]
        self.printers = {printer.id: printer for printer in catalog.printers}
        self.materials = {material.id: material for material in catalog.materials}
        self.colors = {color.id: color for color in catalog.colors}
        self.revisions = _by_job(
            session.exec(select(Revision).where(col(Revision.job_id).in_(ids)).order_by(col(Revision.number)))
        )
        contents = {revision.sha256 for revisions in self.revisions.values() for revision in revisions}
        self.analyses = analyses.of(session, contents)
        payments = select(Payment).where(col(Payment.job_id).in_(ids)).order_by(col(Payment.id))
        self.payments = _by_job(session.exec(payments))
        self.quotes = self._current_quotes(session, jobs)
        self.events = self._last_events(session, jobs)
        self.users = self._assignees(session, jobs)

    def _last_events(self, session: Session, jobs: Sequence[Job]) -> dict[int | None, Event]:
        ids = {job.last_move_id for job in jobs} | {job.last_opened_id for job in jobs}
        if not (ids := ids - {None}):
            return {}
        return {event.id: event for event in session.exec(select(Event).where(col(Event.id).in_(ids)))}

    def _assignees(self, session: Session, jobs: Sequence[Job]) -> dict[int, str]:
        if not (ids := {job.assignee_id for job in jobs if job.assignee_id}):
            return {}
        users = session.exec(select(UserAccount).where(col(UserAccount.id).in_(ids)))
        return {user.id or 0: user.name for user in users}

    def _current_quotes(self, session: Session, jobs: Sequence[Job]) -> dict[int, Quote]:
        current = {job.id: job.quote_number for job in jobs if job.quote_number}
        if not current:
            return {}
        # Older ones are few. Pairs would be compared row by row: SQLite takes no index for them.
        quotes = session.exec(select(Quote).where(col(Quote.job_id).in_(current)))
        return {quote.job_id: quote for quote in quotes if quote.number == current[quote.job_id]}


def search_text(job: JobView) -> str:
    """What the search looks in, in lower case."""
    parts = (
        f"#{job.id}",
        job.student_name,
        job.student_email,
        job.filename,
        job.original_name,
        job.course,
        job.notes,
        job.color,
        job.printer,
        job.material,
    )
    return " ".join(part for part in parts if part).casefold()


def _by_job(rows: Iterable[_OfJob]) -> dict[int, list[_OfJob]]:
    grouped: dict[int, list[_OfJob]] = defaultdict(list)
    for row in rows:
        grouped[row.job_id].append(row)
    return grouped


def model_hash(revisions: Sequence[Revision], authoritative: int) -> str:
    """The hash of the model that counts: the file that does, or what that was sliced from."""
    by_number = {revision.number: revision for revision in revisions}
    return by_number[by_number[authoritative].model].sha256


def revision_view(job: Job, revision: Revision, analysis: AnalysisView | None) -> RevisionView:
    """One revision of ``job``, and what is known of its content."""
    return RevisionView(
        number=revision.number,
        filename=f"{job.stem}{revision.extension}",
        extension=revision.extension,
        original_name=revision.original_name,
        kind=RevisionKind(revision.kind),
        bytes=revision.bytes,
        sha256=revision.sha256,
        authoritative=revision.number == job.authoritative,
        origin=revision.origin,
        created_by=revision.created_by,
        created_at=revision.created_at,
        model=revision.model,
        sliced=from_stored(revision.sliced),
        one_copy=revision.one_copy,
        facts=analysis and analysis.facts,
        thumbnail_url=analysis and analysis.thumbnail_url,
        model_url=analysis and analysis.model_url,
        tool_path_url=analysis and analysis.tool_path_url,
        purged_at=revision.purged_at,
    )


def quote_view(quote: Quote) -> QuoteView:
    """One quote."""
    return QuoteView(
        number=quote.number,
        revision=quote.revision,
        printer_id=quote.printer_id,
        holds_for_revision=quote.holds_for_revision,
        weight_cg=quote.weight_cg,
        time_min=quote.time_min,
        price_cents=quote.price_cents,
        computed_cents=quote.computed_cents,
        rates=Rates(quote.per_gram_micro, quote.per_minute_micro, quote.minimum_cents),
        override_reason=quote.override_reason,
        changes=tuple(quote.changes),
        created_at=quote.created_at,
        created_by=quote.created_by,
        accepted_at=quote.accepted_at,
    )


def payment_view(payment: Payment) -> PaymentView:
    """One booking."""
    return PaymentView(
        amount_cents=payment.amount_cents,
        method=PaymentMethod(payment.method) if payment.method else None,
        reference=payment.reference,
        collected_by=payment.collected_by,
        received_by=payment.received_by,
        at=payment.at,
    )


def event_view(event: Event) -> EventView:
    """One line of the history."""
    return EventView(
        id=event.id or 0,
        job_id=event.job_id or 0,
        at=event.at,
        action=event.action,
        actor_kind=ActorKind(event.actor_kind),
        actor_name=event.actor_name,
        workstation=event.workstation,
        from_status=event.from_status,
        to_status=event.to_status,
        changes={name: (old, new) for name, (old, new) in event.changes.items()},
        reason=event.reason,
    )


def _last_move(event: Event | None) -> LastMove | None:
    return LastMove(Verb(event.action), event.at, event.actor_key, event.actor_name) if event else None


def _opened(job: Job, event: Event | None) -> Opened | None:
    """Who has the file open: nobody once the job moved on, or another file counts."""
    if event is None or (job.last_move_id or 0) > (event.id or 0):
        return None
    if event.changes["revision"][1] != job.authoritative:
        return None
    return Opened(event.at, event.actor_key, event.actor_name, event.workstation or "")


def message_view(message: Message) -> MessageView:
    """One message."""
    return MessageView(
        id=message.id or 0,
        job_id=message.job_id,
        from_student=message.from_student,
        author_name=message.author_name,
        text=message.text,
        at=message.at,
        seen_at=message.seen_at,
    )


def unseen_of_students(session: Session, job_ids: Sequence[int | None]) -> dict[int, MessageView]:
    """Of each of these jobs the newest message of its student that none of the staff has seen."""
    unseen = col(Message.job_id).in_(job_ids), col(Message.from_student), col(Message.seen_at).is_(None)
    rows = session.exec(select(Message).where(*unseen).order_by(col(Message.id)))
    return {row.job_id: message_view(row) for row in rows}


def _newest_notes(session: Session, jobs: Sequence[Job]) -> dict[int, EventView]:
    """What staff wrote last about each job."""
    of_these = col(Event.job_id).in_([job.id for job in jobs])
    newest = select(func.max(Event.id)).where(of_these, Event.action == NOTE).group_by(col(Event.job_id))
    rows = session.exec(select(Event).where(col(Event.id).in_(newest)))
    return {row.job_id or 0: event_view(row) for row in rows}
