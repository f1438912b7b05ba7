"""What is known about a job: the head of its page, the facts, the student's request, and how to correct it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Any

from nicegui import ui

from components import design
from components.buttons import quiet_button, secondary_button
from components.cards import marks
from components.copy_line import CopyLine
from components.facts import facts, figures, swatch
from components.fields import address
from components.job_form import Choices, JobForm, hint, offered, pair, short, text, unless_same
from components.mail_list import mail_state
from components.revisions import file_icon, what_it_is
from components.status import status_badge
from components.strengths import STRENGTH_NAMES
from components.timeline import folded
from components.verbs import look_too
from printlab.domain import words
from printlab.domain.commands import EditJob
from printlab.domain.deadline import Deadline
from printlab.domain.limits import MAX_COPIES
from printlab.domain.policy import is_closed, part_is_open
from printlab.domain.views import EventView, JobView, MailView, PaymentView, Strength, copies, withdrawal

_NOBODY = "Nobody"


def job_head(job: JobView, deadline: Deadline | None, lookers: Sequence[str], zone: tzinfo, now: datetime) -> None:
    """Who and what in large type, how it stands, what is unusual about it, whether its day is at risk, and which
    colleagues look at it too.
    """
    with ui.element("div").classes("plj-head"):
        with ui.element("h1").classes("plj-title"):
            ui.label(f"#{job.id}").classes("plj-title-id")
            ui.label(job.student_name).classes("plj-title-name").props["title"] = job.student_name
        with ui.element("div").classes("plj-head-line"):
            status_badge(job.status, job.outcome, withdrawal(job))
            ui.label(f"since {words.when(job.status_since, now, zone)}").classes(design.MUTED)
            _counting_file(job)
        with ui.element("div").classes("plj-head-line"):
            _part_line(job)
            _marks(job, deadline, now)
            if lookers:
                _mark("quiet", "visibility", look_too(lookers))


def _counting_file(job: JobView) -> None:
    with ui.element("div").classes("plj-mark") as box:
        ui.icon(file_icon(job.counting_file)).props("aria-hidden=true")
        ui.label(job.counting_file.original_name).classes(design.BREAK)
    box.props["title"] = f"{what_it_is(job.counting_file)}: the file that counts"


def _part_line(job: JobView) -> None:
    several = f" · {copies(job.quantity)}" if job.quantity > 1 else ""
    with ui.element("div").classes("plj-color"):
        swatch(job.color_hex)
        ui.label(f"{job.color} · {job.material} · {job.printer}{several}").classes(design.STRONG)


def _marks(job: JobView, deadline: Deadline | None, now: datetime) -> None:
    for mark in marks(job, deadline):
        if mark.until and mark.until <= now.isoformat():
            continue
        late = " plj-late" if mark.late else ""
        box = _mark(f"{mark.tone}{late}", mark.icon, mark.text)
        if mark.means:
            box.props["title"] = f"{mark.means}: {mark.text}"
        if mark.until:
            _goes_by_itself(box, (datetime.fromisoformat(mark.until) - now).total_seconds())


def _goes_by_itself(box: ui.element, after_s: float) -> None:
    """A page may stay open for as long as what it says is true, and longer."""
    with box:
        ui.timer(after_s, lambda: box.set_visibility(False), once=True)


def _mark(tone: str, icon: str, text: str) -> ui.element:
    with ui.element("div").classes(f"plj-mark plj-mark-{tone}") as box:
        ui.icon(icon).props("aria-hidden=true")
        ui.label(text).classes(design.BREAK)
    return box


def what_was_written(job: JobView, note: EventView | None, zone: tzinfo, now: datetime) -> None:
    """What the student wrote, and ``note``, the newest one of staff."""
    if job.notes:
        _words("chat_bubble_outline", job.student_name, job.notes)
    if note is not None and note.reason:
        _words("sticky_note_2", f"{note.actor_name}, {words.when(note.at, now, zone)}", note.reason)


def _words(icon: str, who: str, text: str) -> None:
    with folded(text, "plj-words"):
        ui.icon(icon).props("aria-hidden=true")
        ui.label(f"{short(who)}:").classes(design.MUTED)
        ui.label(text)


def job_figures(job: JobView) -> None:
    """Weight, time and price beside each other, as quoted."""
    if job.quote is not None:
        figures(
            [
                ("Price", words.money(job.quote.price_cents, job.currency)),
                ("Weight", words.weight(job.quote.weight_cg)),
                ("Time", words.duration(job.quote.time_min)),
            ]
        )


def part_facts(job: JobView, zone: tzinfo, now: datetime) -> None:
    """Quote, machine, measured, paid, who looks after it."""
    facts(
        [
            ("Copies", str(job.quantity)),
            ("Strength", job.strength.label),
            ("Scale", f"× {job.scale:g}" if job.scale != 1 else None),
            ("Needed by", words.day(job.needed_by) if job.needed_by else None),
            ("Collects by", words.day(job.kept_until) if job.kept_until else None),
            ("Changed", "; ".join(job.changes_since_request)),
            ("Quote", _quote(job, zone, now)),
            ("Price", _override(job)),
            ("Machine", job.machine),
            ("Took", _measured(job)),
            ("Failed prints", str(job.failed_prints) if job.failed_prints else None),
            ("Assigned to", job.assignee or _NOBODY),
            *(("Paid", _payment(payment, job.currency, zone, now)) for payment in job.payments),
        ]
    )


def assign_menu(job: JobView, colleagues: Sequence[str], me: str, on_assign: Callable[[str], Any]) -> None:
    """A button with everybody who can look after the job; whoever looks at the page comes first."""
    others = [name for name in colleagues if name != me]
    with quiet_button("Assign", icon="person_add").props("dense"), ui.menu().props("auto-close"):
        for name, label in {me: f"{short(me)} (you)", **{name: short(name) for name in others}, "": _NOBODY}.items():
            if name != (job.assignee or ""):
                ui.menu_item(label, _assigning(on_assign, name)).props("role=menuitem")


def _assigning(on_assign: Callable[[str], Any], name: str) -> Callable[[], Any]:
    return lambda: on_assign(name)


def student_facts(job: JobView, zone: tzinfo, now: datetime) -> None:
    """Who it is for, and what they wrote."""
    pairs = [
        ("Name", job.student_name),
        ("E-mail", job.student_email or None),
        ("Course", job.course),
        ("Sent", words.when(job.created_at, now, zone) + (" at the desk" if job.walk_in else "")),
        ("Their file", job.original_name),
        ("File name", job.filename),
    ]
    facts(pairs)
    if job.anonymised_at is not None:
        day = words.day(job.anonymised_at.astimezone(zone).date())
        ui.label(f"Anonymised on {day}: nothing says any more whose job it was.").classes(
            f"{design.SMALL} {design.MUTED} {design.PROSE}"
        )
        return
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
        None if job.actual_weight_cg is None else words.weight(job.actual_weight_cg),
        None if job.actual_time_min is None else words.duration(job.actual_time_min),
    )
    return ", ".join(part for part in parts if part) or None


def _payment(payment: PaymentView, currency: str, zone: tzinfo, now: datetime) -> str:
    details = [
        payment.method.value if payment.method else None,
        payment.reference,
        f"collected by {payment.collected_by}" if payment.collected_by else None,
        f"booked by {payment.received_by}, {words.when(payment.at, now, zone)}",
    ]
    return f"{words.money(payment.amount_cents, currency)} · " + " · ".join(detail for detail in details if detail)


class EditForm(JobForm):
    """Correct what was entered; colour, copies and strength stay once the student was told a price for them.

    Of a job that is closed only what records and receipt say about the student can be corrected.
    """

    @property
    def title(self) -> str:
        """Edit."""
        return "Edit details"

    @property
    def submit_label(self) -> str:
        """Save."""
        return "Save"

    @property
    def _is_closed(self) -> bool:
        return is_closed(self.job.status)

    @property
    def _part_is_open(self) -> bool:
        return part_is_open(self.job)

    def create(self) -> None:
        """Student, part, who looks after it."""
        with pair():
            self.name = self.filled(
                ui.input("Name").props("maxlength=300 autocomplete=off"), lambda job: job.student_name
            )
            self.email = self.filled(
                ui.input("E-mail").props("maxlength=254 type=email autocomplete=off"), lambda job: job.student_email
            )
        if self.choices.mails:
            hint("If a mail has gone to the old address already, the private link ends and a new one is sent.")
        with pair():
            self.color = self.filled(
                ui.select(offered(self._colors(), self.job.color), label="Colour"), lambda job: job.color
            )
            self.quantity = self.filled(
                ui.number("Copies", min=1, max=MAX_COPIES, precision=0), lambda job: float(job.quantity)
            )
            self.strength = self.filled(ui.select(STRENGTH_NAMES, label="Strength"), lambda job: job.strength)
            self.needed_by = self.filled(ui.input("Needed by").props("type=date stack-label"), self._day_of)
            self.course = self.filled(
                ui.input("Course or department").props("maxlength=200"), lambda job: job.course or ""
            )
            people = {"": _NOBODY, **{name: name for name in self._people()}}
            self.assignee = self.filled(ui.select(people, label="Assigned to"), lambda job: job.assignee or "")
        self.notes = self.filled(ui.textarea("Notes of the student").props("autogrow"), lambda job: job.notes or "")
        self._closed = hint("This job is closed. What records and mails say about the student can still be corrected.")
        self._show_what_is_open()

    def rebase(self, job: JobView, choices: Choices | None = None) -> None:
        """Follow the job; what it no longer lets change goes out of sight."""
        super().rebase(job, choices)
        self.color.set_options(offered(self._colors(), str(self.color.value)))
        self._show_what_is_open()

    def _show_what_is_open(self) -> None:
        for field in (self.color, self.quantity, self.strength):
            field.set_visibility(self._part_is_open)
        for field in (self.needed_by, self.assignee, self.notes):
            field.set_visibility(not self._is_closed)
        self._closed.set_visibility(self._is_closed)

    def _colors(self) -> list[str]:
        return [color.name for color in self.choices.catalog.colors_of(self.job.method)]

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
        elif email != self.job.student_email:
            self.parse(self.email, lambda _: address(email), "")
        if not self._is_closed:
            self._check_day()
        return EditJob(
            self.job.id,
            self.job.version,
            name=unless_same(name, self.job.student_name),
            email=unless_same(email, self.job.student_email),
            color=unless_same(str(self.color.value), self.job.color) if self._part_is_open else None,
            quantity=self._quantity() if self._part_is_open else None,
            strength=self._strength() if self._part_is_open else None,
            needed_by=None if self._is_closed else unless_same(text(self.needed_by) or "", self._day_of(self.job)),
            course=unless_same(text(self.course) or "", self.job.course or ""),
            notes=None if self._is_closed else unless_same(text(self.notes) or "", self.job.notes or ""),
            assignee=None if self._is_closed else unless_same(str(self.assignee.value), self.job.assignee or ""),
        )

    def _check_day(self) -> None:
        typed, today = text(self.needed_by), self.choices.now.astimezone(self.choices.zone).date()
        if typed and typed != self._day_of(self.job) and typed < today.isoformat():
            self.demand(self.needed_by, "This date has passed. Choose today or a later day.")

    @staticmethod
    def _day_of(job: JobView) -> str:
        return job.needed_by.isoformat() if job.needed_by else ""

    def _strength(self) -> Strength | None:
        chosen = Strength(self.strength.value)
        return None if chosen is self.job.strength else chosen

    def _quantity(self) -> int | None:
        if not self.quantity.value or self.quantity.value < 1:
            self.demand(self.quantity, "Enter 1 or more.")
            return None
        chosen = int(self.quantity.value)
        return None if chosen == self.job.quantity else chosen


def mails(sent: tuple[MailView, ...], zone: tzinfo, now: datetime, on_send_again: Callable[[int], Any]) -> None:
    """The mails of a job, newest first; each opens to what it says, one that could not be sent stands open."""
    with ui.element("div").classes("plj-mails"):
        for mail in sent:
            failed = mail.state in ("failed", "bounced")
            with ui.element("details").classes("plj-mail") as fold:
                if failed:
                    fold.props("open")
                _mail_head(mail, words.when(mail.sent_at or mail.created_at, now, zone))
                if mail.last_error:
                    ui.label(mail.last_error).classes(design.ERROR)
                if failed or mail.state == "sent":
                    button = secondary_button if failed else quiet_button
                    button("Send it again", _of_mail(on_send_again, mail), icon="send").classes("plj-again")
                ui.label(mail.text).classes("plj-mail-text")


def _mail_head(mail: MailView, when: str) -> None:
    state = mail_state(mail)
    with ui.element("summary").classes("plj-mail-head"):
        ui.icon(state.icon).props("aria-hidden=true").classes(f"plj-mail-{state.tone}")
        with ui.element("div").classes("plj-file-text"):
            ui.label(mail.subject).classes(design.BREAK)
            ui.label(f"{state.label} · {mail.to} · {when}").classes(f"{design.SMALL} {design.MUTED} {design.BREAK}")


def _of_mail(on_send_again: Callable[[int], Any], mail: MailView) -> Callable[[], Any]:
    return lambda: on_send_again(mail.id)


def job_style() -> None:
    """Put the job page's style sheet, which forms in dialogs share, into the page."""
    design.add_sheets("job.css")
