"""How long it takes, in the student's words: how busy the lab is, a job's place in the queue, its likely finish."""

from __future__ import annotations

from datetime import datetime, tzinfo

from nicegui import ui

from components import design
from printlab.domain import words
from printlab.domain.status import JobStatus
from printlab.domain.views import JobView
from printlab.domain.waiting import Crowd, LabOutlook, Milestone, Outlook, Unsaid

Words = tuple[str, str]
"""What is said, and what it is worked out from; either may be empty."""
NOTHING: Words = ("", "")

_LIKELY = {
    JobStatus.UPLOADED: "Staff likely decide {when}.",
    JobStatus.PENDING: "If you accept now, it is likely ready {when}.",
    JobStatus.READY_TO_PRINT: "Likely ready {when}.",
    JobStatus.PRINTING: "Likely ready {when}.",
}
_SEEN = "Worked out from the lab’s last 30 days; most jobs keep within such a range."
_OTHER_ORDER = "Staff may take jobs in another order."


def lab_words(lab: LabOutlook) -> str:
    """How busy the lab is, and what it took for most jobs of the last 30 days."""
    if lab.took is None:
        return _crowd(lab)
    took = f"Most parts of the last 30 days took the lab {words.time_range(lab.took.low, lab.took.high)}"
    return f"{_crowd(lab)} {took}{'; it may take longer now' if lab.crowd is Crowd.BUSY else ''}."


def _crowd(lab: LabOutlook) -> str:
    if lab.waiting == 0:
        return "No job waits in the lab."
    wait = "1 job waits" if lab.waiting == 1 else f"{lab.waiting} jobs wait"
    match lab.crowd:
        case Crowd.BUSY:
            return f"The lab is busy: {wait}."
        case Crowd.QUIET:
            return f"The lab is quiet: {wait}."
        case Crowd.USUAL:
            return f"{wait} in the lab, as many as usual."
        case None:
            return f"{wait} in the lab."


def job_words(job: JobView, outlook: Outlook | None, now: datetime, zone: tzinfo) -> Words:
    """The job's place in the queue and when it is likely ready, and what that is worked out from."""
    if outlook is None:
        return NOTHING
    place = _place(job, outlook.before)
    if outlook.likely is not None:
        when = words.between(outlook.likely.earliest, outlook.likely.latest, now, zone)
        order = "" if outlook.before is None else f" {_OTHER_ORDER}"
        return f"{place} {_LIKELY[job.status].format(when=when)}".strip(), f"{_SEEN}{order}"
    return f"{place} {_unsaid(job, outlook, now, zone)}".strip(), ""


def _place(job: JobView, before: int | None) -> str:
    if before is None:
        return ""
    match job.status:
        case JobStatus.UPLOADED:
            return _before_yours("file", before) if before else "No other file is before yours."
        case JobStatus.READY_TO_PRINT:
            where = f"for the {job.printer}"
            return (
                f"{_before_yours('job', before)[:-1]} {where}." if before else f"No other job is before yours {where}."
            )
        case _:
            wait = "No job waits" if before == 0 else "1 job waits" if before == 1 else f"{before} jobs wait"
            return f"{wait} for the {job.printer}."


def _before_yours(what: str, count: int) -> str:
    return f"1 {what} is before yours." if count == 1 else f"{count} {what}s are before yours."


def _unsaid(job: JobView, outlook: Outlook, now: datetime, zone: tzinfo) -> str:
    match outlook.unsaid:
        case Unsaid.LAB_CLOSED:
            return f"The lab takes no new files at the moment, so {_no_time(outlook)}."
        case Unsaid.OUT_OF_USE:
            return f"The {job.printer} is not in use at the moment, so {_no_time(outlook)}."
        case Unsaid.OVERDUE:
            return f"It takes longer now than in the lab’s last 30 days, so {_no_time(outlook)}."
        case _ if outlook.quoted_end is not None:
            return f"By the quoted time it is printed {words.between(now, outlook.quoted_end, now, zone)}."
        case _:
            return ""


def _no_time(outlook: Outlook) -> str:
    happens = "staff decide" if outlook.milestone is Milestone.DECIDED else "it is ready"
    return f"nobody can say yet when {happens}"


class WaitLine:
    """Two lines of a page that follow; they take no room while there is nothing to say."""

    def __init__(self, said: Words, *, is_lead: bool = False) -> None:
        """``is_lead``: it belongs to what the page is about."""
        self._said: Words | None = None
        with ui.element("div").classes("pl-stack pl-tight") as self._box:
            self._text = ui.label().classes(f"{'pl-lead' if is_lead else ''} {design.PROSE}")
            self._basis = ui.label().classes(f"{design.SMALL} {design.MUTED} {design.PROSE}")
        self.show(said)

    def show(self, said: Words) -> None:
        """Say this from now on; the same once more sends nothing."""
        if said == self._said:
            return
        self._said = text, basis = said
        self._text.set_text(text)
        self._basis.set_text(basis)
        self._basis.set_visibility(bool(basis))
        self._box.set_visibility(bool(text))
