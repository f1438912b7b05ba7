"""What an admin sets about the lab, in one form: submissions, texts, terms, prices, when a job is old, how long the lab
waits for students.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date, datetime, tzinfo
from typing import Any

from nicegui import ui

from components import amounts, design
from components.choice import Choice, Option
from components.closed_sign import closed_sign
from components.draft import Values
from components.fields import Fields, money_input, text_area
from components.limit_fields import LimitFields, limit_texts
from components.section import section
from components.status import status_badge
from components.strengths import STRENGTHS
from printlab.domain.ageing import AGE_TONES, USUAL, AgeLimit
from printlab.domain.calendar import OpenDays
from printlab.domain.commands import LabChanges
from printlab.domain.retention import RetentionDays
from printlab.domain.status import JobStatus
from printlab.domain.time_limits import Outlook, TimeLimits
from printlab.domain.views import LabView, Strength

_OPEN, _CLOSED = "open", "closed"
_RETENTION = {
    "archive_after_days": ("Archive after", "The file leaves its folder. Every version of it stays in the archive."),
    "purge_after_days": ("Delete files after", "Files and pictures are deleted for good. Numbers and prices stay."),
    "anonymise_after_days": ("Anonymise after", "Name, e-mail and all that was written go for good. Numbers stay."),
}


class LabForm:
    """Follows the lab while it is open: what nobody touched here shows what others saved."""

    def __init__(
        self, lab: LabView, currency: str, today: date, on_change: Callable[[], Any], contact: str | None = None
    ) -> None:
        """``contact`` is the lab's e-mail address, which students read on the sign."""
        self.lab = lab
        self._contact = contact
        self._currency = currency
        self._today = today
        self._on_change = on_change
        self._fields = Fields()
        self._limits = LimitFields(self._fields)
        self._sent: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        self._would: dict[str, ui.label] = {}

    # ---------- layout ----------

    def create(self) -> None:
        """Lay out the sections, filled from the lab."""
        with section("Submissions", "Staff can enter jobs at the desk at any time."):
            self._create_submissions()
        with section("What students read", "On the form, on the tracking page and in the e-mails."):
            self._create_texts()
        with section("Terms"):
            self._create_terms()
        with section("Prices and printing", "Rates belong to the printers: see Catalogue."):
            self._create_prices()
        with section(
            "Old jobs on the board",
            "After how long in its status the age of a job turns amber, and then red. An empty field: never.",
        ):
            self._create_ages()
        with section(
            "Jobs that ended",
            "Counted in days from the day on which a job was picked up or rejected. An empty field: never.",
        ):
            self._create_retention()
        self._limits.create()
        self._fill(set(self._fields))
        self._changed()
        for name in self._fields:
            self._fields.watch(name, self._changed)

    def _create_submissions(self) -> None:
        options = (Option(_OPEN, "Open", "students can send files"), Option(_CLOSED, "Closed", "they read why not"))
        self._fields.add("submissions_open", Choice("Students’ form", options))
        with ui.element("div").classes("pl-form") as self._closing:
            self._fields.add("closed_message", text_area("What students read while it is closed"))
            with ui.element("div").classes("pl-stack pl-tight"):
                reopens = ui.input("Opens again on (optional)").props("type=date").classes("pla-short")
                ui.label("Students read the day. The form does not open by itself: open it here.").classes("pl-hint")
            self._fields.add("reopens_on", reopens)
            with ui.element("figure").classes("pla-preview"):
                with ui.element("figcaption"):
                    ui.label("Preview of the students’ page")
                self._preview = ui.element("div").classes("pl-stack")

    def _create_texts(self) -> None:
        self._fields.add("welcome", text_area("Welcome, above the form (optional)", rows=2))
        with ui.element("div").classes("pla-pair"):
            self._fields.add("opening_hours", text_area("Opening hours", rows=2))
            self._fields.add("pickup_where", text_area("Where to collect", rows=2))
        self._fields.add("pickup_bring", text_area("What to bring", rows=1))

    def _create_terms(self) -> None:
        self._version = ui.label().classes(f"{design.SMALL} {design.MUTED} {design.PROSE}")
        self._fields.add("terms", text_area("Terms that students agree to", rows=8))

    def _create_prices(self) -> None:
        with ui.element("div").classes("pl-stack pl-tight"):
            charge = money_input("Minimum charge for a job", self._currency).classes("pla-short")
            ui.label("0.00 for none. Counts for jobs that are sent from now on.").classes("pl-hint")
        self._fields.add("minimum_charge_cents", charge)
        self._fields.add("default_strength", Choice("Strength when the student does not choose", STRENGTHS))

    def _create_ages(self) -> None:
        with ui.element("div").classes("pla-ages"):
            for status in USUAL:
                with ui.element("div").classes("pla-age").props("role=group") as row:
                    row.props["aria-label"] = status.label
                    status_badge(status)
                    for tone in AGE_TONES:
                        field = ui.input(f"{tone.capitalize()} after").props("maxlength=12 autocomplete=off")
                        self._fields.add(f"{status.value}.{tone}", field)

    def _create_retention(self) -> None:
        for name, (label, means) in _RETENTION.items():
            with ui.element("div").classes("pl-stack pl-tight"):
                days = ui.input(label).props("maxlength=6 inputmode=numeric autocomplete=off").classes("pla-short")
                ui.label(means).classes("pl-hint")
                self._would[name] = ui.label().classes(f"{design.SMALL} {design.MUTED} {design.PROSE}")
            self._fields.add(name, days)

    @property
    def retention(self) -> RetentionDays | None:
        """The days as they are typed; None when they cannot be read, or cannot be so."""
        try:
            days = RetentionDays(*(amounts.days(self._fields.text(name)) for name in _RETENTION))
        except ValueError:
            return None
        return None if days.wrong() else days

    def say_what_it_would_do(self, sentences: Mapping[str, str]) -> None:
        """Show below each field of these what it would lead to now."""
        for name, label in self._would.items():
            label.set_text(sentences.get(name, ""))

    # ---------- what was changed ----------

    @property
    def touched(self) -> set[str]:
        """The names of the fields that differ from the lab as it is saved."""
        saved = _texts(self.lab)
        return {name for name in self._fields if self._fields.text(name) != saved[name]}

    def values(self) -> Values:
        """What was changed and not saved."""
        return {name: self._fields.text(name) for name in self.touched}

    def restore(self, kept: Values) -> bool:
        """Put changes back that were kept; True when there were any."""
        for name in self._fields:
            value = kept.get(name)
            if isinstance(value, str) and (name not in _CHOICES or value in _CHOICES[name]):
                self._fields.fill(name, value)
        return bool(self.touched)

    def discard(self) -> None:
        """Show the lab as it is saved."""
        self._fill(set(self._fields))

    def follow(self, lab: LabView) -> bool:
        """Take the lab as others saved it. True when they changed something that is changed here too."""
        before, after, touched = _texts(self.lab), _texts(lab), self.touched
        self.lab = lab
        self._fill(set(self._fields) - touched)
        self._changed()
        return any(before[name] != after[name] and self._fields.text(name) != after[name] for name in touched)

    def saved(self, lab: LabView) -> None:
        """``lab`` is what became of the last ``changes``; what was typed since then stays."""
        unchanged = {name for name in self._fields if self._fields.text(name) == self._sent.get(name)}
        self.lab = lab
        self._fill(unchanged)
        self._changed()

    def changes(self) -> LabChanges | None:
        """What is to be saved, or None when a field cannot be read; it says why."""
        fields = self._fields
        fields.start()
        self._sent = {name: fields.text(name) for name in fields}
        is_open = fields.text("submissions_open") != _CLOSED
        values = LabChanges(
            terms=fields.text("terms"),
            opening_hours=fields.text("opening_hours"),
            pickup_where=fields.text("pickup_where"),
            pickup_bring=fields.text("pickup_bring"),
            welcome=fields.text("welcome"),
            minimum_charge_cents=fields.parse("minimum_charge_cents", amounts.cents, 0),
            default_strength=Strength(fields.text("default_strength")),
            submissions_open=is_open,
            closed_message=fields.text("closed_message"),
            reopens_on=self._reopens_on(is_open=is_open),
            age_limits={status: self._age_limit(status) for status in USUAL},
            retention=RetentionDays(*(self._fields.parse(name, amounts.days, None) for name in _RETENTION)),
            time_limits=self._limits.time_limits(),
            open_days=self._limits.open_days(),
        )
        return values if fields.complete else None

    def limits_as_typed(self) -> tuple[TimeLimits, OpenDays] | None:
        """The time limits and the lab's days as they stand in their fields; None while one cannot be read."""
        return self._limits.as_typed()

    def show_outlook(self, outlook: Outlook | None, now: datetime, zone: tzinfo) -> None:
        """Say at each limit what it would do now; nothing where that is not known."""
        self._limits.show(outlook, now, zone)

    def refuse(self, name: str | None, sentence: str) -> bool:
        """Show a refusal at its field; False when there is no such field."""
        return self._fields.mark(name, sentence)

    def _reopens_on(self, *, is_open: bool) -> date | None:
        day = self._fields.parse("reopens_on", _day, None)
        if day is not None and day < self._today and not is_open:
            self._fields.mark("reopens_on", "This day has passed. Choose a later one, or none.")
        return day

    def _age_limit(self, status: JobStatus) -> AgeLimit:
        return AgeLimit(*(self._fields.parse(f"{status.value}.{tone}", amounts.age_h, None) for tone in AGE_TONES))

    def _fill(self, names: set[str]) -> None:
        texts = _texts(self.lab)
        for name in names:
            if self._fields.text(name) != texts[name]:
                self._fields.fill(name, texts[name])

    def _changed(self) -> None:
        self._show_closing()
        self._show_version()
        self._on_change()

    def _show_closing(self) -> None:
        shown = {name: self._fields.text(name) for name in _ON_THE_SIGN}
        if shown == self._shown:
            return
        self._shown = shown
        self._closing.set_visibility(self._fields.text("submissions_open") == _CLOSED)
        self._preview.clear()
        with self._preview:
            closed_sign(self._as_typed(), self._contact, level=3)

    def _as_typed(self) -> LabView:
        """The lab as the sign would show it after saving; a day that cannot be saved is not on it."""
        text = self._fields.text
        reopens_on = None
        with suppress(ValueError):
            reopens_on = _day(text("reopens_on"))
        if reopens_on is not None and reopens_on < self._today:
            reopens_on = None
        return replace(
            self.lab,
            closed_message=text("closed_message"),
            reopens_on=reopens_on,
            pickup_where=text("pickup_where"),
            opening_hours=text("opening_hours"),
        )

    def _show_version(self) -> None:
        version = self.lab.terms_version
        if "terms" in self.touched:
            text = f"Saving makes version {version + 1}. Jobs that were sent before keep the version they agreed to."
        else:
            text = f"Version {version}. A change makes a new version; jobs keep the one that was agreed to."
        self._version.set_text(text)


_ON_THE_SIGN = ("submissions_open", "closed_message", "reopens_on", "pickup_where", "opening_hours")
_CHOICES = {"submissions_open": (_OPEN, _CLOSED), "default_strength": tuple(Strength)}


def _texts(lab: LabView) -> dict[str, str]:
    """The lab as its fields show it."""
    return (
        {
            "submissions_open": _OPEN if lab.submissions_open else _CLOSED,
            "closed_message": lab.closed_message,
            "reopens_on": lab.reopens_on.isoformat() if lab.reopens_on else "",
            "welcome": lab.welcome,
            "opening_hours": lab.opening_hours,
            "pickup_where": lab.pickup_where,
            "pickup_bring": lab.pickup_bring,
            "terms": lab.terms,
            "minimum_charge_cents": amounts.cents_text(lab.minimum_charge_cents),
            "default_strength": lab.default_strength.value,
        }
        | {
            f"{status.value}.{tone}": amounts.age_text(hours)
            for status, limit in lab.age_limits.items()
            for tone, hours in limit.by_tone.items()
        }
        | {name: amounts.days_text(days) for name, days in asdict(lab.retention).items()}
        | limit_texts(lab)
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("Choose a day from the calendar.") from None
