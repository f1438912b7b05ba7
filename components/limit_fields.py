"""How long the lab waits for students and on which days it works: the fields, each limit with what it would do now."""

from __future__ import annotations

from datetime import datetime, tzinfo

from nicegui import ui

from components import days
from components.fields import Fields, text_area
from components.section import section
from printlab.domain import words
from printlab.domain.calendar import OpenDays
from printlab.domain.time_limits import Outlook, Step, TimeLimits, Would
from printlab.domain.views import LabView

_NO_DAYS = OpenDays()
_FIELDS: tuple[tuple[str, str, Step], ...] = (
    ("lapse_days", "A quote lapses after", Step.LAPSE),
    ("warning_days", "The student is warned before, by", Step.WARN),
    ("reminder_days", "Reminders that a part is ready, after", Step.REMIND),
    ("unclaimed_days", "A part is unclaimed after", Step.UNCLAIMED),
)
_SAYS: dict[Step, tuple[str, str, str]] = {
    Step.LAPSE: ("quote would lapse", "quotes would lapse", "quoted"),
    Step.WARN: ("student would be warned", "students would be warned", "quoted"),
    Step.REMIND: ("student would be reminded", "students would be reminded", "ready since"),
    Step.UNCLAIMED: ("part would be unclaimed", "parts would be unclaimed", "ready since"),
}
_OFF: dict[Step, str] = {
    Step.LAPSE: "Off: a quote waits for its answer until staff end the job.",
    Step.WARN: "Off: quotes lapse without a warning.",
    Step.REMIND: "Off: nobody is reminded.",
    Step.UNCLAIMED: "Off: parts wait until somebody closes the job.",
}


class LimitFields:
    """Two sections of the lab's form; their fields are among its ``fields``."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._said: dict[Step, ui.label] = {}

    def create(self) -> None:
        """Lay both out."""
        note = "Counted in days from the job’s last step. An empty field switches a limit off."
        with section("Time limits", note), ui.element("div").classes("pla-ages"):
            for name, label, step in _FIELDS:
                with ui.element("div").classes("pl-stack pl-tight"):
                    field = ui.input(label).props("maxlength=40 autocomplete=off suffix=days").classes("pla-short")
                    self._fields.add(name, field)
                    self._said[step] = ui.label().classes("pl-hint").props("aria-live=polite")
        note = "Warnings and reminders go out on business days from 9:00 to 20:00, and never while the lab is closed."
        with section("Business days", note):
            with ui.element("div").classes("pl-stack pl-tight"):
                self._fields.add("weekdays", ui.input("Weekdays").props("maxlength=60").classes("pla-short"))
                ui.label("For example Mon–Fri, or Mon, Wed, Fri.").classes("pl-hint")
            with ui.element("div").classes("pl-stack pl-tight"):
                self._fields.add("closings", text_area("Closed on (optional)"))
                ui.label("One a line, for example 2026-12-24 to 2027-01-01 Winter break.").classes("pl-hint")

    def time_limits(self) -> TimeLimits:
        """The limits that were typed; a field that cannot be read is marked."""
        parse = self._fields.parse
        return TimeLimits(
            lapse_days=parse("lapse_days", days.count, None),
            warning_days=parse("warning_days", days.count, None),
            reminder_days=parse("reminder_days", days.counts, ()),
            unclaimed_days=parse("unclaimed_days", days.count, None),
        )

    def open_days(self) -> OpenDays:
        """The lab's days that were typed; a field that cannot be read is marked."""
        parse = self._fields.parse
        weekdays = parse("weekdays", days.weekdays, _NO_DAYS.weekdays)
        return OpenDays(weekdays, parse("closings", days.closings, ()))

    def as_typed(self) -> tuple[TimeLimits, OpenDays] | None:
        """Both, without a mark anywhere; None while one of them cannot be read or be."""
        text = self._fields.text
        try:
            limits = TimeLimits(
                lapse_days=days.count(text("lapse_days")),
                warning_days=days.count(text("warning_days")),
                reminder_days=days.counts(text("reminder_days")),
                unclaimed_days=days.count(text("unclaimed_days")),
            )
            if limits.wrong():
                return None
            return limits, OpenDays(days.weekdays(text("weekdays")), days.closings(text("closings")))
        except ValueError:
            return None

    def show(self, outlook: Outlook | None, now: datetime, zone: tzinfo) -> None:
        """What each limit would do; nothing where that is not known."""
        for name, _, step in _FIELDS:
            is_off = not self._fields.text(name)
            self._said[step].set_text(_OFF[step] if is_off else _sentence(step, outlook, now, zone))


def _sentence(step: Step, outlook: Outlook | None, now: datetime, zone: tzinfo) -> str:
    """``3 quotes would lapse now; the oldest is job 41, quoted Mon 12 Oct 2026.``"""
    if outlook is None:
        return ""
    one, many, since = _SAYS[step]
    would, at = outlook.steps[step], "now" if outlook.at <= now else words.when(outlook.at, now, zone)
    if not would.count:
        return f"No {one} {at}."
    return f"{f'1 {one}' if would.count == 1 else f'{would.count} {many}'} {at}; {_oldest(would, since, zone)}"


def _oldest(would: Would, since: str, zone: tzinfo) -> str:
    assert would.since is not None  # noqa: S101  (somebody is concerned)
    it = "it is" if would.count == 1 else "the oldest is"
    return f"{it} job {would.oldest}, {since} {words.day(would.since.astimezone(zone).date())}."


def limit_texts(lab: LabView) -> dict[str, str]:
    """The lab as these fields show it."""
    limits, open_days = lab.time_limits, lab.open_days
    return {
        "lapse_days": days.count_text(limits.lapse_days),
        "warning_days": days.count_text(limits.warning_days),
        "reminder_days": days.counts_text(limits.reminder_days),
        "unclaimed_days": days.count_text(limits.unclaimed_days),
        "weekdays": days.weekdays_text(open_days.weekdays),
        "closings": days.closings_text(open_days.closings),
    }
