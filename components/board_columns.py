"""The board's columns and what a card of each status offers, as its script reads them: the table of moves in words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from components.cards import next_step
from components.status import STATUS_ICONS, status_classes
from components.upload import TAKES_NO_FILE, FileRules
from components.verb_names import DANGEROUS, NEXT_STEP, VERB_ICONS, menu_verbs, verb_label
from printlab.domain.board import STATUSES, Attention, BoardQuery, Column, Rows
from printlab.domain.status import ENDED, JobStatus, Verb

_EMPTY: dict[JobStatus | Rows, str] = {
    JobStatus.UPLOADED: "New files from students appear here by themselves. Enter a job at the desk under “New job”.",
    JobStatus.PENDING: "Quotes that wait for a student's answer appear here. Approve an uploaded job to send one.",
    JobStatus.READY_TO_PRINT: "Jobs whose quote was accepted queue here for a printer.",
    JobStatus.PRINTING: "Jobs on a printer appear here. Start one from “Ready to print”.",
    JobStatus.COMPLETED: "Finished prints wait here until their owner collects them.",
    JobStatus.REJECTED: "Rejected, declined and cancelled jobs appear here.",
    JobStatus.PAID_PICKED_UP: "Jobs that were handed over appear here.",
    Rows.OPEN: "Jobs that are under way appear here.",
}
NOT_FOUND = "Nothing here matches."
_NEEDS: dict[Attention, tuple[str, str, JobStatus]] = {
    Attention.CONFLICT: ("Conflicts", "report_problem", JobStatus.REJECTED),
    Attention.MAIL: ("Mail failed", "unsubscribe", JobStatus.REJECTED),
    Attention.MESSAGE: ("Messages", "mark_chat_unread", JobStatus.UPLOADED),
    Attention.FINISHED: ("To take off", "done_all", JobStatus.COMPLETED),
    Attention.TO_START: ("To start", STATUS_ICONS[JobStatus.READY_TO_PRINT], JobStatus.READY_TO_PRINT),
    Attention.TO_DECIDE: ("To decide", STATUS_ICONS[JobStatus.UPLOADED], JobStatus.UPLOADED),
    Attention.LAPSED: ("Lapsed quotes", STATUS_ICONS[JobStatus.PENDING], JobStatus.PENDING),
    Attention.UNCLAIMED: ("Unclaimed", "hourglass_disabled", JobStatus.COMPLETED),
}
"""What each reason is called, its icon, and the status whose colour it has."""


def columns_of(query: BoardQuery) -> list[dict[str, Any]]:
    """The columns of the query's view."""
    return [_column(column, query) for column in query.columns]


def _column(column: Column, query: BoardQuery) -> dict[str, Any]:
    label, icon, tone = _looks(column)
    return {
        "key": column.value,
        "label": label,
        "icon": icon,
        "tone": status_classes(tone) if tone else "",
        "ring": column is JobStatus.PRINTING,
        "done": column in ENDED,
        "fresh": column in (JobStatus.UPLOADED, Attention.TO_DECIDE),
        "empty": _empty(column, query),
    }


def _empty(column: Column, query: BoardQuery) -> str:
    """What stands in a column without a job; where nothing waits for staff its column is not there."""
    if isinstance(column, Attention):
        return ""
    return NOT_FOUND if query.is_narrowed else _EMPTY[column]


def _looks(column: Column) -> tuple[str, str, JobStatus | None]:
    if isinstance(column, Attention):
        return _NEEDS[column]
    if isinstance(column, Rows):
        return "Open jobs", "view_list", None
    return column.label, STATUS_ICONS[column], column


def statuses(files: Mapping[JobStatus, FileRules]) -> dict[str, dict[str, Any]]:
    """What a card of each status says of it and offers; ``files`` is what it takes."""
    return {status.value: _status(status, files.get(status)) for status in STATUSES}


@cache
def _status(status: JobStatus, takes: FileRules | None) -> dict[str, Any]:
    verb = NEXT_STEP.get(status)
    return {
        "label": status.label,
        "icon": STATUS_ICONS[status],
        "tone": status_classes(status),
        "ring": status is JobStatus.PRINTING,
        "done": status in ENDED,
        "next": next_step(verb) if verb else None,
        "waits": "No answer yet" if status is JobStatus.PENDING else None,
        "menu": [_menu_item(verb) for verb in menu_verbs(status)],
        "takes": takes and {"purpose": takes.purpose, "extensions": takes.extensions, "maxMb": takes.max_mb},
        "closed": TAKES_NO_FILE,
    }


def _menu_item(verb: Verb) -> dict[str, Any]:
    return {"verb": verb.value, "label": verb_label(verb), "icon": VERB_ICONS[verb], "danger": verb in DANGEROUS}
