"""The panel that says what comes next for a job, with the other things that can be done below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from components.buttons import danger_button, secondary_button
from components.job_form import short
from components.status import status_label
from components.verb_names import DANGEROUS, NEXT_STEP, verb_label
from printlab.domain import words
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import JobView, Outcome, withdrawal

_HIDDEN = frozenset({Verb.CORRECT, Verb.UNDO})


def inline_verb(job: JobView) -> Verb | None:
    """The verb whose form stands in the panel, or None when staff wait or nothing is left to do."""
    return Verb.REQUOTE if job.needs_new_quote else NEXT_STEP.get(job.status)


def standing(job: JobView, *, mailed: bool) -> str | None:
    """What a status without a form of its own says; ``mailed`` is whether the lab sends mail at all."""
    if job.status is JobStatus.PENDING and job.quote is not None:
        price, who = words.money(job.quote.price_cents, job.currency), short(job.student_name)
        if mailed:
            return f"{who} was asked to accept {price}. The job goes on by itself when they answer."
        return f"{who} has to accept {price}. No mail is sent: tell them, or give them the private link of the job."
    if job.status is JobStatus.REJECTED:
        return _why(job) or "No reason was kept."
    if job.status is JobStatus.PAID_PICKED_UP:
        return "Nobody collected it." if job.outcome is Outcome.DISPOSED else "Handed over. Nothing is left to do."
    return None


def _why(job: JobView) -> str:
    if withdrawal(job):
        return "\n".join([_who_withdrew(job), *([f"“{job.reject_note}”"] if job.reject_note else [])])
    return "\n".join(["\n".join(job.reject_reasons), job.reject_note or ""]).strip()


def _who_withdrew(job: JobView) -> str:
    """Who called it off, as far as the job itself knows: its latest move may be an undo of what came after."""
    last = job.last_move
    if withdrawal(job) is Verb.LAPSE:
        return "Nobody answered the quote in time. Reopen the job when the student still wants it."
    if last is None or last.verb is not withdrawal(job):
        return f"{job.reject_reasons[0]}. The lab did not reject it."
    if last.actor_key == f"student:{job.id}":
        return "By the student. The lab did not reject it."
    return f"For the student, by {last.actor_name}. The lab did not reject it."


def panel_title(job: JobView, form_title: str | None) -> str:
    """What the panel is about."""
    if form_title is not None:
        return form_title
    if withdrawn := withdrawal(job):
        return status_label(job.status, withdrawn=withdrawn)
    return {
        JobStatus.PENDING: "Waits for the student",
        JobStatus.REJECTED: "Why it was rejected",
        JobStatus.PAID_PICKED_UP: "Done",
    }.get(job.status, job.status.label)


def other_verbs(job: JobView, allowed: Iterable[Verb]) -> list[Verb]:
    """What can be done besides the panel's own form, what ends a job last."""
    inline = inline_verb(job)
    return sorted((v for v in allowed if v is not inline and v not in _HIDDEN), key=lambda verb: verb in DANGEROUS)


def verb_buttons(verbs: Iterable[Verb], on_verb: Callable[[Verb], Any]) -> None:
    """One button a verb."""
    for verb in verbs:
        make = danger_button if verb is Verb.REJECT else secondary_button
        make(verb_label(verb), _pressed(on_verb, verb))


def _pressed(on_verb: Callable[[Verb], Any], verb: Verb) -> Callable[[], Any]:
    return lambda: on_verb(verb)
