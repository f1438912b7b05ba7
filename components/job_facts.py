"""What is known about a job: the head of its page, the facts, the student's request, and how to correct it."""

from __future__ import annotations

from datetime import datetime, tzinfo
from functools import cache

from nicegui import ui

from components import design
from components.copy_line import CopyLine
from components.facts import facts, swatch
from components.job_form import JobForm, pair, text
from components.status import status_badge
from printlab.domain import words
from printlab.domain.commands import EditJob
from printlab.domain.status import JobStatus
from printlab.domain.views import JobView, MailView, PaymentView

_NOBODY = "Nobody"
_MAIL_STATES = {
    "queued": ("schedule", "Waits to be sent"),
    "sending": ("schedule", "Being sent"),
    "sent": ("done", "Sent"),
    "not sent": ("mail_outline", "Not sent, no mail server is set up"),
    "cancelled": ("block", "Cancelled"),
    "failed": ("error_outline", "Could not be sent"),
}


def job_head(job: JobView, zone: tzinfo, now: datetime) -> None:
    """Who and what in large type, how it stands, since when."""
    with ui.element("div").classes("plj-head"):
        with ui.element("h1").classes("plj-title"):
            ui.label(f"#{job.id}").classes("plj-title-id")
            ui.label(job.student_name).classes(design.BREAK)
        with ui.element("div").classes("plj-head-line"):
            status_badge(job.status, job.outcome)
            ui.label(f"since {words.when(job.status_since, now, zone)}").classes(design.MUTED)
            ui.label(job.original_name).classes(f"{design.MUTED} {design.BREAK}")


def job_figures(job: JobView) -> None:
    """Weight, time and price beside each other, as quoted."""
    if job.quote is None:
        return
    with ui.element("dl").classes("pl-figures"):
        for name, value in (
            ("Price", words.money(job.quote.price_cents, job.currency)),
            ("Weight", words.weight(job.quote.weight_cg)),
            ("Time", words.duration(job.quote.time_min)),
        ):
            with ui.element("div"):
                with ui.element("dt"):
                    ui.label(name)
                with ui.element("dd"):
                    ui.label(value)


def part_facts(job: JobView, zone: tzinfo, now: datetime) -> None:
    """On what, in what, how many; what changed since the request; quote, machine, measured, paid."""
    with ui.element("div").classes("plj-color"):
        swatch(job.color_hex)
        ui.label(f"{job.color} · {job.material} · {job.printer}").classes(design.STRONG)
    for change in job.changes_since_request:
        with ui.element("div").classes("plj-change"):
            ui.icon("swap_horiz").props("aria-hidden=true")
            ui.label(change)
    facts(
        [
            ("Copies", str(job.quantity)),
            ("Strength", job.strength.value.capitalize()),
            ("Needed by", words.day(job.needed_by) if job.needed_by else None),
            ("Quote", _quote(job, zone, now)),
            ("Price", _override(job)),
            ("Machine", job.machine),
            ("Took", _measured(job)),
            ("Failed prints", str(job.failed_prints) if job.failed_prints else None),
            ("Assigned to", job.assignee),
            *(("Paid", _payment(payment, job.currency, zone, now)) for payment in job.payments),
        ]
    )


def student_facts(job: JobView, zone: tzinfo, now: datetime) -> None:
    """Who it is for, and what they wrote."""
    pairs = [
        ("Name", job.student_name),
        ("E-mail", job.student_email),
        ("Course", job.course),
        ("Sent", words.when(job.created_at, now, zone) + (" at the desk" if job.walk_in else "")),
        ("Their file", job.original_name),
        ("File name", job.filename),
        ("Notes", job.notes),
    ]
    facts(pairs)
    ui.label("The student's private link").classes(f"{design.SMALL} {design.MUTED}")
    CopyLine(job.track_url)


def _quote(job: JobView, zone: tzinfo, now: datetime) -> str | None:
    if job.quote is None:
        return None
    quote = job.quote
    answer = f", accepted {words.when(quote.accepted_at, now, zone)}" if quote.accepted_at else ""
    return f"No. {quote.number} by {quote.created_by}, {words.when(quote.created_at, now, zone)}{answer}"


def _override(job: JobView) -> str | None:
    if job.quote is None or job.quote.override_reason is None:
        return None
    return f"{words.money(job.quote.computed_cents, job.currency)} computed; {job.quote.override_reason}"


def _measured(job: JobView) -> str | None:
    parts = (
        None if job.actual_time_min is None else words.duration(job.actual_time_min),
        None if job.actual_weight_cg is None else words.weight(job.actual_weight_cg),
    )
    return ", ".join(part for part in parts if part) or None


def _payment(payment: PaymentView, currency: str, zone: tzinfo, now: datetime) -> str:
    details = [
        payment.method.value if payment.method else None,
        payment.reference,
        f"collected by {payment.collected_by}" if payment.collected_by else None,
        f"{payment.received_by}, {words.when(payment.at, now, zone)}",
    ]
    return f"{words.money(payment.amount_cents, currency)} · " + " · ".join(detail for detail in details if detail)


class EditForm(JobForm):
    """Correct what was entered; colour and copies stay while the student looks at a quote."""

    @property
    def title(self) -> str:
        """Edit."""
        return "Edit details"

    @property
    def submit_label(self) -> str:
        """Save."""
        return "Save"

    @property
    def _part_is_open(self) -> bool:
        return self.job.status is not JobStatus.PENDING

    def create(self) -> None:
        """Student, part, who looks after it."""
        with pair():
            self.name = self.filled(
                ui.input("Name").props("maxlength=300 autocomplete=off"), lambda job: job.student_name
            )
            self.email = self.filled(
                ui.input("E-mail").props("maxlength=254 type=email autocomplete=off"), lambda job: job.student_email
            )
        with pair() as part:
            colors = [color.name for color in self.choices.catalog.colors_of(self.job.method)]
            options = colors if self.job.color in colors else [*colors, self.job.color]
            self.color = self.filled(ui.select(options, label="Colour"), lambda job: job.color)
            self.quantity = self.filled(
                ui.number("Copies", min=1, max=500, precision=0), lambda job: float(job.quantity)
            )
        part.set_visibility(self._part_is_open)
        with pair():
            self.course = self.filled(
                ui.input("Course or department").props("maxlength=200"), lambda job: job.course or ""
            )
            people = {"": _NOBODY, **{name: name for name in self._people()}}
            self.assignee = self.filled(ui.select(people, label="Assigned to"), lambda job: job.assignee or "")
        self.notes = self.filled(ui.textarea("Notes of the student").props("autogrow"), lambda job: job.notes or "")

    def _people(self) -> list[str]:
        names = list(self.choices.colleagues)
        return names if self.job.assignee in (None, *names) else [*names, str(self.job.assignee)]

    def read(self) -> EditJob:
        """Only what differs."""
        name, email = text(self.name), text(self.email)
        if not name:
            self.demand(self.name, "Enter the student's name.")
        if not email:
            self.demand(self.email, "Enter an e-mail address; the tracking link is sent there.")
        return EditJob(
            self.job.id,
            self.job.version,
            name=_other(name, self.job.student_name),
            email=_other(email, self.job.student_email),
            color=_other(str(self.color.value), self.job.color) if self._part_is_open else None,
            quantity=self._quantity() if self._part_is_open else None,
            course=_other(text(self.course) or "", self.job.course or ""),
            notes=_other(text(self.notes) or "", self.job.notes or ""),
            assignee=_other(str(self.assignee.value), self.job.assignee or ""),
        )

    def _quantity(self) -> int | None:
        if not self.quantity.value or self.quantity.value < 1:
            self.demand(self.quantity, "Enter 1 or more.")
            return None
        chosen = int(self.quantity.value)
        return None if chosen == self.job.quantity else chosen


def _other(typed: str | None, current: str) -> str | None:
    return None if typed == current else typed


def mails(sent: tuple[MailView, ...], zone: tzinfo, now: datetime) -> None:
    """The mails of a job, newest first; each opens to what it says."""
    with ui.element("div").classes("plj-mails"):
        for mail in sent:
            icon, state = _MAIL_STATES.get(mail.state, ("mail_outline", mail.state.capitalize()))
            with ui.expansion().classes("plj-mail").props("dense") as fold:
                with fold.add_slot("header"), ui.element("div").classes("plj-mail-head"):
                    ui.icon(icon).props("aria-hidden=true")
                    with ui.element("div").classes("plj-file-text"):
                        ui.label(mail.subject).classes(design.BREAK)
                        when = words.when(mail.sent_at or mail.created_at, now, zone)
                        ui.label(f"{state} · {mail.to} · {when}").classes(
                            f"{design.SMALL} {design.MUTED} {design.BREAK}"
                        )
                if mail.last_error:
                    ui.label(mail.last_error).classes(design.ERROR)
                ui.label(mail.text).classes("plj-mail-text")


def job_style() -> None:
    """Put the job page's style sheet, which forms in dialogs share, into the page."""
    ui.add_head_html(f"<style>{_style()}</style>")


@cache
def _style() -> str:
    return (design.STATIC / "job.css").read_text(encoding="utf-8")
