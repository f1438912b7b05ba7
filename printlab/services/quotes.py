"""Quotes: what staff offer, what the student accepts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlmodel import func, select

from printlab.domain import words
from printlab.domain.commands import ApproveJob, ConfirmJob
from printlab.domain.policy import Actor
from printlab.domain.pricing import price_cents, rates_of_next_quote, rates_on
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import Catalog, JobView, LabView
from printlab.errors import Conflict, InvalidInput
from printlab.models import Quote
from printlab.services import fields
from printlab.services.adopting import Adoption
from printlab.services.desk import PART, Desk, JobWork, StaleVersion, find_revision

_FIRST = 1


class QuoteSuperseded(Conflict):
    """The student accepts a quote that is no longer the one; the sentence says the new price."""

    def __init__(self, job: JobView) -> None:
        now = f" The quote is now {job.price}." if job.price is not None else ""
        super().__init__(f"The lab has changed this quote.{now} Look at it and accept it if you agree.")
        self.job = job


class PriceChanged(Conflict):
    """The rates are others than whoever quotes saw; the sentence says the new price."""

    def __init__(self, price: str) -> None:
        super().__init__(f"The rates changed since: it costs {price} now. Look at it and send it again.")


class Quotes:
    """Approve, re-quote, confirm."""

    def __init__(
        self, desk: Desk, adoption: Adoption, catalog: Callable[[], Catalog], lab: Callable[[], LabView]
    ) -> None:
        self._desk = desk
        self._adoption = adoption
        self._catalog = catalog
        self._lab = lab

    def preview(self, printer: str, weight_cg: int, time_min: int) -> int:
        """What a new job of this weight (0.01 g) and time costs on ``printer``, in cents. Raises InvalidInput."""
        found = fields.printer(self._catalog(), printer)
        if weight_cg < 0 or time_min < 0:
            raise InvalidInput("Weight and time cannot be negative.", "weight" if weight_cg < 0 else "time")
        return price_cents(rates_on(found, self._lab().minimum_charge_cents), weight_cg, time_min)

    def approve(self, command: ApproveJob, actor: Actor) -> JobView:
        """Quote the job and ask the student; or, with a reason, straight to the queue (the student stands there).

        Raises PriceChanged when it does not cost what was seen.
        """
        if command.skip_confirmation and not fields.line(command.reason, "reason"):
            raise InvalidInput("Say why the student need not confirm, for example “agreed at the desk”.", "reason")
        with self._desk.work(command.job_id, command.version, actor, Verb.APPROVE) as work:
            quote = self._make_quote(work, command)
            if command.skip_confirmation:
                quote.accepted_at = work.now
                work.move(Verb.APPROVE, JobStatus.READY_TO_PRINT)
            else:
                event = work.move(Verb.APPROVE, JobStatus.PENDING)
                self._desk.outbox.quote(work.unit, work.after(self._desk.views), event, None)
        return work.result

    def requote(self, command: ApproveJob, actor: Actor) -> JobView:
        """Replace the quote by a new one, which the student has to confirm. Raises PriceChanged as ``approve`` does."""
        with self._desk.work(command.job_id, command.version, actor, Verb.REQUOTE) as work:
            old = work.before.price_cents
            self._make_quote(work, replace(command, skip_confirmation=False))
            event = work.move(Verb.REQUOTE, JobStatus.PENDING)
            previous = words.money(old, work.before.currency) if old is not None else None
            self._desk.outbox.quote(work.unit, work.after(self._desk.views), event, previous)
        return work.result

    def confirm(self, command: ConfirmJob, actor: Actor) -> JobView:
        """Accept the quote that was seen; raises QuoteSuperseded when there is a newer one.

        Its number may be left out by staff, because the version says what they saw, and by a student as long as there
        was no other quote.
        """
        try:
            with self._desk.work(command.job_id, command.version, actor, Verb.CONFIRM) as work:
                self._refuse_other_quote(command, work.before, actor)
                quote = work.current_quote()
                assert quote is not None  # noqa: S101  (no job is Pending without one)
                quote.accepted_at = work.now
                work.undo_extra["accepted_quote"] = quote.number
                work.changed("accepted", None, f"quote {quote.number}, {_money(work.before, quote.price_cents)}")
                work.move(Verb.CONFIRM, JobStatus.READY_TO_PRINT)
        except StaleVersion as stale:
            self._refuse_other_quote(command, stale.job, actor)
            raise
        return work.result

    @staticmethod
    def _refuse_other_quote(command: ConfirmJob, job: JobView, actor: Actor) -> None:
        """A student who names no quote can only mean the one there is, as long as there was no other."""
        seen = command.quote or (None if actor.is_staff else _FIRST)
        if seen is not None and job.quote is not None and seen != job.quote.number:
            raise QuoteSuperseded(job)

    def _make_quote(self, work: JobWork, command: ApproveJob) -> Quote:
        """Set the row's facts and add the next quote; the price is computed here and nowhere else."""
        self._apply_choices(work, command)
        row, session = work.row, work.session
        printer = next(p for p in self._catalog().printers if p.id == row.printer_id)
        rates = rates_of_next_quote(printer, work.before.quote, row.minimum_charge_cents)
        weight_cg, time_min = fields.weight_cg(command.weight_cg), fields.time_min(command.time_min)
        computed = price_cents(rates, weight_cg, time_min)
        if command.price_cents is None and command.seen_cents not in (None, computed):
            raise PriceChanged(words.money(computed, work.before.currency))
        newest = session.exec(select(func.max(Quote.number)).where(Quote.job_id == work.job_id)).one()
        quote = Quote(
            job_id=work.job_id,
            number=(newest or 0) + 1,
            revision=row.authoritative,
            printer_id=row.printer_id,
            material_id=row.material_id,
            color_id=row.color_id,
            quantity=row.quantity,
            strength=row.strength,
            weight_cg=weight_cg,
            time_min=time_min,
            price_cents=_price(command, computed),
            computed_cents=computed,
            per_gram_micro=rates.per_gram_micro,
            per_minute_micro=rates.per_minute_micro,
            minimum_cents=rates.minimum_cents,
            override_reason=_override_reason(command, computed),
            created_at=work.now,
            created_by=work.actor.name,
        )
        session.add(quote)
        row.quote_number = quote.number
        quote.changes = list(work.after(self._desk.views).changes_since_request)
        self._describe(work, quote)
        return quote

    def _apply_choices(self, work: JobWork, command: ApproveJob) -> None:
        """Printer, material, colour, quantity, strength and which revision counts, where staff chose otherwise."""
        row, before, catalog = work.row, work.before, self._catalog()
        printer = fields.printer(catalog, command.printer) if command.printer else None
        method = printer.method if printer else before.method
        if printer:
            row.printer_id = printer.id
        if command.material and (command.material != before.material or method != before.method):
            row.material_id = fields.material(catalog, command.material, method).id
        if command.color and (command.color != before.color or method != before.method):
            row.color_id = fields.color(catalog, command.color, method).id
        if method != before.method and not (command.material and command.color):
            raise InvalidInput(f"Choose a material and a colour for {method}.", "material")
        if command.quantity is not None:
            row.quantity = fields.quantity(command.quantity)
        if command.strength is not None:
            row.strength = command.strength
        if command.revision is not None:
            self._adoption.let_count(work, command.revision)
        if command.one_copy is not None:
            _say_copies(work, one_copy=command.one_copy)
        work.reason = fields.line(command.reason, "reason")

    def _describe(self, work: JobWork, quote: Quote) -> None:
        before, after = work.before, work.after(self._desk.views)
        work.changed_to(after, (*PART, "authoritative"))
        work.changed("weight", _weight(before.weight_cg), _weight(quote.weight_cg))
        work.changed("time", _time(before.time_min), _time(quote.time_min))
        work.changed("price", before.price, _money(before, quote.price_cents))
        if quote.override_reason:
            work.changed("computed price", None, _money(before, quote.computed_cents))


def _say_copies(work: JobWork, *, one_copy: bool) -> None:
    """Whether the file that counts holds one copy or, as is usual, all of them; an undo takes it back."""
    file = find_revision(work.session, work.job_id, work.row.authoritative)
    if file.one_copy != one_copy:
        work.undo_extra["copies"] = {"revision": file.number, "one_copy": file.one_copy}
        work.changed(f"copies in file {file.number}", *("one" if one else "all" for one in (file.one_copy, one_copy)))
        file.one_copy = one_copy


def _price(command: ApproveJob, computed: int) -> int:
    return computed if command.price_cents is None else fields.cents(command.price_cents, "price_cents")


def _override_reason(command: ApproveJob, computed: int) -> str | None:
    """Why the price is another than the computed one; raises InvalidInput when nobody says."""
    if _price(command, computed) == computed:
        return None
    reason = fields.line(command.reason, "reason")
    if reason is None:
        raise InvalidInput("Say why the price differs from the computed one.", "reason")
    return reason


def _money(job: JobView, cents: int | None) -> str | None:
    return None if cents is None else words.money(cents, job.currency)


def _weight(weight_cg: int | None) -> str | None:
    return None if weight_cg is None else words.weight(weight_cg)


def _time(time_min: int | None) -> str | None:
    return None if time_min is None else words.duration(time_min)
