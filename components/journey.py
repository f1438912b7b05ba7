"""Where a job is, in the student's words: one sentence, what now, and its steps with times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from nicegui import ui

from components.status import status_label
from printlab.domain import words
from printlab.domain.policy import ActorKind
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import EventView, JobView, LabView, Outcome, withdrawal

State = Literal["done", "now", "next", "stopped"]
_STEPS = (
    (JobStatus.UPLOADED, "File received", "File received"),
    (JobStatus.PENDING, "Checked and quoted", "Quoted, waiting for your answer"),
    (JobStatus.READY_TO_PRINT, "In the print queue", "In the print queue"),
    (JobStatus.PRINTING, "Printing began", "Printing"),
    (JobStatus.COMPLETED, "Ready for pickup", "Ready for pickup"),
)
_BACKWARD = frozenset({Verb.FAIL, Verb.REPRINT, Verb.REOPEN})
_STEP_ICONS: dict[State, str] = {"done": "check", "stopped": "close"}
_TOLD = {
    "weight": "weight",
    "time": "printing time",
    "printer": "printer",
    "material": "material",
    "color": "colour",
    "quantity": "copies",
}
_ORDER = [status for status, _, _ in _STEPS]
_HEARS = {True: "You hear from the lab when it is ready.", False: "This page says when it is ready: keep its link."}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is called at the moment, whether it is over, and when it was reached."""

    label: str
    state: State
    at: datetime | None


def where(job: JobView) -> str:
    """The sentence that answers "where is it?"."""
    match job.status:
        case JobStatus.UPLOADED:
            return "The lab has your file."
        case JobStatus.PENDING:
            new = "new " if job.quote is not None and job.quote.number > 1 else ""
            return f"Your {new}quote is here. The lab waits for your answer."
        case JobStatus.REJECTED:
            return _where_rejected(job)
        case JobStatus.READY_TO_PRINT:
            return "Your part is in the print queue."
        case JobStatus.PRINTING:
            return "Your part is being printed."
        case JobStatus.COMPLETED:
            return "Your part is ready for pickup."
        case JobStatus.PAID_PICKED_UP:
            if job.outcome is Outcome.DISPOSED:
                return f"{status_label(job.status, job.outcome)}."
            return "Your part was picked up."


def _by_student(job: JobView) -> bool:
    return job.last_move is not None and job.last_move.actor_key == f"student:{job.id}"


def _where_rejected(job: JobView) -> str:
    by_student = _by_student(job)
    match withdrawal(job):
        case Verb.DECLINE:
            return "You declined the quote." if by_student else "The quote was declined for you."
        case Verb.CANCEL:
            return "You cancelled this job." if by_student else "This job was cancelled for you."
        case Verb.LAPSE:
            return "The quote has lapsed: nobody answered it."
        case _:
            return "The lab cannot print this job as it is."


def was_withdrawn(job: JobView) -> bool:
    """Whether the student ended the job, or somebody or the clock did it for them; the lab itself had nothing against
    it.
    """
    return withdrawal(job) is not None


def what_now(job: JobView, lab: LabView, *, mailed: bool) -> str:
    """The sentence that answers "what now?"; ``mailed`` says whether the lab sends mail at all."""
    match job.status:
        case JobStatus.UPLOADED:
            return f"{_why_back(job)}{_what_now_uploaded(mailed=mailed)}"
        case JobStatus.PENDING:
            return "Accept it and the part joins the print queue. Decline it and nothing is charged."
        case JobStatus.REJECTED:
            if was_withdrawn(job):
                return "Nothing is charged. If you want it after all, send the file here and the same job goes on."
            return "Nothing is charged. Send a corrected file and the same job goes on."
        case JobStatus.READY_TO_PRINT:
            return f"{_why_queued(job)}There is nothing for you to do. {_HEARS[mailed]}"
        case JobStatus.PRINTING:
            return f"{_takes(job)}{_HEARS[mailed]}"
        case JobStatus.COMPLETED:
            return _what_now_completed(job, lab)
        case JobStatus.PAID_PICKED_UP:
            if job.outcome is Outcome.DISPOSED:
                return "Nobody collected the part in time. Ask the lab if you still need it."
            again = " Send another file whenever you need one." if lab.submissions_open else ""
            return f"There is nothing left to do.{again}"


def _why_back(job: JobView) -> str:
    """Why a quote that the student may have read is gone."""
    last = job.last_move
    took_back = last is not None and last.verb is Verb.UNDO and not _by_student(job)
    return "The lab took its last step back and looks at the job once more. " if took_back else ""


def _what_now_uploaded(*, mailed: bool) -> str:
    if mailed:
        return "Staff check it next and send you a quote. Nothing is printed or charged before you accept it."
    return (
        "Staff check it next and put a quote on this page. Nothing is printed or charged before you accept it. "
        "The lab sends no e-mail: keep the link of this page, for example as a bookmark."
    )


def _why_queued(job: JobView) -> str:
    """How the job came into the queue, unless the student has just accepted the quote."""
    last = job.last_move
    match last.verb if last is not None else None:
        case Verb.APPROVE:
            return "The price was agreed at the desk. "
        case Verb.CONFIRM:
            return "" if _by_student(job) else "The quote was accepted for you. "
        case Verb.FAIL:
            return "An attempt did not work, so the lab prints it again. The price stays the same. "
        case Verb.REPRINT:
            return "The lab prints it again. The price stays the same. "
        case _:
            return ""


def _takes(job: JobView) -> str:
    return f"It takes about {words.duration(job.time_min)} on the {job.printer}. " if job.time_min else ""


def _what_now_completed(job: JobView, lab: LabView) -> str:
    price = f"It costs {words.money(job.price_cents, job.currency)}. " if job.price_cents else ""
    return f"{price}Come and collect it:" if lab.pickup_where else f"{price}Collect it at the lab."


def agreement(job: JobView, events: tuple[EventView, ...], when: Callable[[datetime], str]) -> tuple[str, str] | None:
    """How the present quote was agreed to: what to call it, and by whom and when; None while it is open.

    ``events`` come newest first; ``when`` puts a moment into words.
    """
    if job.quote is None or job.quote.accepted_at is None:
        return None
    at = when(job.quote.accepted_at)
    step = _agreeing_step(events)
    if step is None or step.actor_kind is ActorKind.STUDENT:
        return "Accepted", at
    if step.action == Verb.CONFIRM:
        return "Accepted", f"for you by {step.actor_name}, {at}"
    return "Agreed", f"at the desk with {step.actor_name}, {at}"


def replaced(events: tuple[EventView, ...]) -> str | None:
    """Which quote the present one replaces, and in what they differ; None where it is the first.

    ``events`` come newest first.
    """
    made = next((event for event in events if event.action in (Verb.APPROVE, Verb.REQUOTE)), None)
    if made is None or made.action != Verb.REQUOTE:
        return None
    price, _ = made.changes.get("price", (None, None))
    before = f"the quote of {price}, which no longer holds" if price else "the quote before; the price stays the same"
    differs = "".join(
        f"\n{_TOLD[name].capitalize()}: was {old}, now {new}"
        for name, (old, new) in made.changes.items()
        if name in _TOLD and old
    )
    return f"This replaces {before}.{differs}"


def _agreeing_step(events: tuple[EventView, ...]) -> EventView | None:
    """The latest step that put the job into the queue with its price settled."""
    agreeing = (event for event in events if event.action in (Verb.APPROVE, Verb.CONFIRM))
    return next((event for event in agreeing if event.to_status is JobStatus.READY_TO_PRINT), None)


def steps(job: JobView, events: tuple[EventView, ...]) -> tuple[Step, ...]:
    """The five steps on the way to the part, each with when it was reached, and how the job ended.

    Of a job that ended before, only those that it reached.
    """
    position = len(_ORDER) if job.status is JobStatus.PAID_PICKED_UP else _position(job, events)
    reached = {event.to_status: event.at for event in _forward(events) if event.to_status is not None}
    reached.setdefault(JobStatus.UPLOADED, job.created_at)
    if JobStatus.PENDING not in reached and (step := _agreeing_step(events)) is not None:
        reached[JobStatus.PENDING] = step.at  # the price was agreed at the desk, without a question
    if job.status is JobStatus.REJECTED:
        ended = Step(_end(job), "stopped", job.status_since)
        return (*(_step(index, position + 1, reached) for index in range(position + 1)), ended)
    line = tuple(_step(index, position, reached) for index in range(len(_STEPS)))
    if job.status is JobStatus.PAID_PICKED_UP:
        return (*line, Step(status_label(job.status, job.outcome), "done", job.status_since))
    return line


def _forward(events: tuple[EventView, ...]) -> list[EventView]:
    """The moves that brought the job on and were not taken back, the oldest first.

    A failed print or a reopened job comes to where it was before, and the student did that step long ago.
    """
    moves: list[EventView] = []
    for event in reversed(events):
        if event.action == Verb.UNDO and moves:
            moves.pop()
        elif event.to_status is not None:
            moves.append(event)
    return [event for event in moves if event.action not in _BACKWARD]


def _end(job: JobView) -> str:
    """What ended the job before it was printed."""
    match withdrawal(job):
        case Verb.DECLINE:
            return "Quote declined"
        case Verb.CANCEL:
            return "Cancelled"
        case Verb.LAPSE:
            return "Quote lapsed"
        case _:
            return "Not printed as it is"


def _position(job: JobView, events: tuple[EventView, ...]) -> int:
    if job.status is not JobStatus.REJECTED:
        return _ORDER.index(job.status)
    came_from = next((event.from_status for event in events if event.to_status is JobStatus.REJECTED), None)
    return _ORDER.index(came_from) if came_from is not None and came_from in _ORDER else 0


def _step(index: int, position: int, reached: dict[JobStatus, datetime]) -> Step:
    status, past, present = _STEPS[index]
    state: State = "done" if index < position else "now" if index == position else "next"
    label = present if state == "now" else past
    return Step(label, state, reached.get(status) if state != "next" else None)


def step_line(line: tuple[Step, ...], when: Callable[[datetime], str]) -> None:
    """Lay out the steps below each other; ``when`` puts a moment into words."""
    with ui.element("ol").classes("pl-steps").props('aria-label="Progress"'):
        for step in line:
            with ui.element("li").classes(f"pl-step-{step.state}") as item:
                if step.state == "now":
                    item.props("aria-current=step")
                with ui.element("span").classes("pl-dot").props("aria-hidden=true"):
                    if icon := _STEP_ICONS.get(step.state):
                        ui.icon(icon)
                ui.label(step.label)
                if step.at is not None:
                    ui.label(when(step.at)).classes("pl-step-time")
