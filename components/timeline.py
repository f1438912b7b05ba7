"""A job's history in words: who, when, from where, what changed and why."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime, tzinfo

from nicegui import ui

from components import design
from components.job_form import short
from components.status import status_icon, status_label
from printlab.domain import words
from printlab.domain.policy import ActorKind
from printlab.domain.status import Verb
from printlab.domain.views import WITHDRAWALS, EventView, JobView, Outcome, withdrawal

_LONG = 300
NOTE = "note"
"""The action of an event that is a note of staff; it is no change of the job."""
OPENINGS = {
    "file handed to the helper": "handed the file to the helper",
    "file opened": "opened the file",
    "file not opened": "did not open the file",
}
"""The actions of events that are no news: card and page say themselves who has the file open."""
_SIGNS = {
    NOTE: "sticky_note_2",
    "sent a mail again": "forward_to_inbox",
    "kept": "event_available",
    **dict.fromkeys(OPENINGS, "launch"),
    "file not opened": "error_outline",
    "archived": "inventory",
    "files deleted": "delete_outline",
    "anonymised": "no_accounts",
}

_DONE = {
    "submit": "sent this job",
    "approve": "approved this job",
    "reject": "rejected this job",
    "confirm": "accepted the quote",
    "decline": "declined the quote",
    "cancel": "cancelled this job",
    "start": "started printing",
    "complete": "completed the print",
    "fail": "logged a failed print",
    "hand-over": "handed the part over",
    "requote": "sent a new quote",
    "lapse": "let the quote lapse",
    "kept": "said until when they need to collect the part",
    "reopen": "reopened this job",
    "reprint": "sent this job back to be printed again",
    "correct": "sent a corrected file",
    "undo": "undid the last step",
    "revision added": "added a file",
    "file saved": "took in what was saved in the shared folder",
    "file chosen": "chose the file that counts",
    "edit": "edited the details",
    "archived": "archived this job",
    "files deleted": "deleted the archived files",
    "anonymised": "anonymised this job",
    **OPENINGS,
    NOTE: "wrote a note",
}
_FACTS = {
    "size_is_right": "size",
    "student_name": "name",
    "student_email": "e-mail",
    "authoritative": "file that counts",
    "color": "colour",
    "outcome": "how it ended",
    "quantity": "copies",
    "assignee": "assigned to",
    "kept_until": "to be collected by",
}


@contextmanager
def folded(text: str, classes: str) -> Generator[None]:
    """A box for ``text``, which the block lays out; when it is long, its beginning until somebody asks for the rest."""
    is_long = len(text) > _LONG or text.count("\n") > 2
    outer, inner = ("details", "summary") if is_long else ("div", "div")
    with (
        ui.element(outer).classes("plj-folded"),
        ui.element(inner).classes(f"plj-folded-line {classes}"),
        ui.element("div").classes("plj-folded-text"),
    ):
        yield


def sentence(event: EventView, student: str | None = None) -> str:
    """``Sam Lee approved this job``; whoever sent it without signing in is the student."""
    name = student if student and event.actor_kind is ActorKind.ANONYMOUS else event.actor_name
    return f"{short(name)} {_done(event)}"


def _done(event: EventView) -> str:
    if event.action == Verb.HAND_OVER and Outcome.DISPOSED in event.changes.get("outcome", ()):
        return "closed this job, not collected"
    return _DONE.get(event.action, event.action)


def news(events: Sequence[EventView], job: JobView) -> str:
    """What others did while a form was open, first things first, and how the job stands when that changed."""
    said = " ".join(dict.fromkeys(f"{_with_changes(event, job.currency)}." for event in reversed(events)))
    moved = any(event.from_status is not event.to_status for event in events)
    return f"{said} The job is now “{status_label(job.status, job.outcome, withdrawal(job))}”." if moved else said


def _with_changes(event: EventView, currency: str) -> str:
    if event.action != "edit":
        return sentence(event)
    return f"{sentence(event)}: {', '.join(_changes(event, currency))}"


def timeline(events: Sequence[EventView], job: JobView, zone: tzinfo, now: datetime) -> None:
    """The history of ``job``, newest first."""
    with ui.element("ol").classes("plj-timeline"):
        for event in events:
            with ui.element("li").classes("plj-event"):
                _sign(event)
                with ui.element("div").classes("plj-event-body"):
                    _line(event, job.student_name, zone, now)
                    _details(event, job.currency)


def _sign(event: EventView) -> None:
    if event.to_status is not None:
        status_icon(event.to_status, _withdrawn(event))
        return
    with ui.element("span").classes("plj-event-icon"):
        ui.icon(_SIGNS.get(event.action, "edit")).props("aria-hidden=true")


def _withdrawn(event: EventView) -> Verb | None:
    return next((verb for verb in WITHDRAWALS if event.action == verb), None)


def _line(event: EventView, student: str, zone: tzinfo, now: datetime) -> None:
    with ui.element("div").classes("plj-event-line"):
        ui.label(sentence(event, student)).classes("plj-event-what")
        place = f"{event.workstation} · " if event.workstation else ""
        role = "student · " if event.actor_kind is ActorKind.STUDENT else ""
        ui.label(f"{role}{place}{words.when(event.at, now, zone)}").classes("plj-event-when")


def _details(event: EventView, currency: str) -> None:
    if event.from_status and event.to_status and event.from_status is not event.to_status:
        reached = status_label(event.to_status, withdrawn=_withdrawn(event))
        ui.label(f"{event.from_status.label} → {reached}").classes("plj-event-move")
    if changes := _changes(event, currency):
        ui.label(" · ".join(changes)).classes(f"{design.SMALL} {design.MUTED} {design.BREAK}")
    if event.reason:
        with folded(event.reason, "plj-note" if event.action == NOTE else "plj-event-reason"):
            ui.label(event.reason)


def _changes(event: EventView, currency: str) -> list[str]:
    return [_change(name, old, new, currency) for name, (old, new) in event.changes.items()]


def _change(name: str, old: object, new: object, currency: str) -> str:
    label = _FACTS.get(name, name.replace("_", " "))
    before, after = _value(name, old, currency), _value(name, new, currency)
    if before is None:
        return f"{label} {after}"
    return f"{label} {before} → {after or 'none'}"


def _value(name: str, value: object, currency: str) -> str | None:
    """As people read it; a price may come in cents."""
    if value is None or value == "":
        return None
    if name == "price" and isinstance(value, int):
        return words.money(value, currency)
    if name == "scale" and isinstance(value, int | float):
        return f"× {value:g}"
    if name == "size_is_right" and isinstance(value, bool):
        return "confirmed" if value else "not confirmed"
    return str(value)
