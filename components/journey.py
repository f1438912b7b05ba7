"""Where a job is, in the student's words: one sentence, what now, and five steps with times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from nicegui import ui

from components.status import status_label
from printlab.domain import words
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import EventView, JobView, LabView, Outcome

State = Literal["done", "now", "next"]
_STEPS = (
    (JobStatus.UPLOADED, "File received", "File received"),
    (JobStatus.PENDING, "Checked and quoted", "Your answer to the quote"),
    (JobStatus.READY_TO_PRINT, "In the print queue", "In the print queue"),
    (JobStatus.PRINTING, "Printed", "Printing"),
    (JobStatus.COMPLETED, "Ready for pickup", "Ready for pickup"),
)
_ORDER = [status for status, _, _ in _STEPS]


@dataclass(frozen=True, slots=True)
class Step:
    """One of the five steps: what it is called at the moment, whether it is over, and when it was reached."""

    label: str
    state: State
    at: datetime | None


def where(job: JobView) -> str:
    """The sentence that answers "where is it?"."""
    match job.status:
        case JobStatus.UPLOADED:
            return "The lab has your file."
        case JobStatus.PENDING:
            return "Your quote is here. The lab waits for your answer."
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


def _where_rejected(job: JobView) -> str:
    last = job.last_move
    by_student = last is not None and last.actor_key == f"student:{job.id}"
    if last is not None and last.verb is Verb.DECLINE:
        return "You declined the quote." if by_student else "The quote was declined for you."
    if last is not None and last.verb is Verb.CANCEL:
        return "You cancelled this job." if by_student else "This job was cancelled for you."
    return "The lab cannot print this job as it is."


def what_now(job: JobView, lab: LabView) -> str:
    """The sentence that answers "what now?"."""
    match job.status:
        case JobStatus.UPLOADED:
            return "Staff check it next and send you a quote. Nothing is printed or charged before you accept it."
        case JobStatus.PENDING:
            return "Accept it and the part joins the print queue. Decline it and nothing is charged."
        case JobStatus.REJECTED:
            return "Nothing is charged. Send a corrected file and the same job goes on."
        case JobStatus.READY_TO_PRINT:
            return "There is nothing for you to do. You hear from the lab when it is ready."
        case JobStatus.PRINTING:
            return _what_now_printing(job)
        case JobStatus.COMPLETED:
            return _what_now_completed(job, lab)
        case JobStatus.PAID_PICKED_UP:
            if job.outcome is Outcome.DISPOSED:
                return "Nobody collected the part in time. Ask the lab if you still need it."
            return "There is nothing left to do. Send another file whenever you need one."


def _what_now_printing(job: JobView) -> str:
    takes = f"It takes about {words.duration(job.time_min)} on the {job.printer}. " if job.time_min else ""
    return f"{takes}You hear from the lab when it is ready."


def _what_now_completed(job: JobView, lab: LabView) -> str:
    price = f"It costs {words.money(job.price_cents, job.currency)}. " if job.price_cents else ""
    return f"{price}Come and collect it:" if lab.pickup_where else f"{price}Collect it at the lab."


def steps(job: JobView, events: tuple[EventView, ...]) -> tuple[Step, ...]:
    """The five steps with the latest time that each was reached; none of a rejected job is the present one."""
    position = len(_ORDER) if job.status is JobStatus.PAID_PICKED_UP else _position(job, events)
    reached = {event.to_status: event.at for event in reversed(events) if event.to_status is not None}
    reached.setdefault(JobStatus.UPLOADED, job.created_at)
    return tuple(_step(index, position, job, reached) for index in range(len(_STEPS)))


def _position(job: JobView, events: tuple[EventView, ...]) -> int:
    if job.status is not JobStatus.REJECTED:
        return _ORDER.index(job.status)
    came_from = next((event.from_status for event in events if event.to_status is JobStatus.REJECTED), None)
    return _ORDER.index(came_from) if came_from is not None and came_from in _ORDER else 0


def _step(index: int, position: int, job: JobView, reached: dict[JobStatus, datetime]) -> Step:
    status, past, present = _STEPS[index]
    stopped = job.status is JobStatus.REJECTED
    state: State = "done" if index < position or (stopped and index == 0) else "next"
    if index == position and not stopped:
        state = "now"
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
                    if step.state == "done":
                        ui.icon("check")
                ui.label(step.label)
                if step.at is not None:
                    ui.label(when(step.at)).classes("pl-step-time")
