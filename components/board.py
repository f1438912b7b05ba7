"""The staff board: one element, fed with the beginning of each column, and then with single cards as they change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cache
from typing import Any

import orjson
from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from components import design
from components.cards import next_step, undo_item
from components.status import STATUS_ICONS, status_classes
from components.upload import TAKES_NO_FILE, FileRules
from components.verb_names import DANGEROUS, NEXT_STEP, VERB_ICONS, menu_verbs, verb_label
from printlab.domain.board import BoardQuery, Delta, Drawn
from printlab.domain.limits import MAX_INTEGER
from printlab.domain.policy import Actor
from printlab.domain.status import ENDED, JobStatus, Verb

Counts = Mapping[JobStatus, int]
COLUMNS = (
    JobStatus.UPLOADED,
    JobStatus.PENDING,
    JobStatus.READY_TO_PRINT,
    JobStatus.PRINTING,
    JobStatus.COMPLETED,
    JobStatus.REJECTED,
    JobStatus.PAID_PICKED_UP,
)
_EMPTY: dict[JobStatus, str] = {
    JobStatus.UPLOADED: "New files from students appear here by themselves. Enter a job at the desk under “New job”.",
    JobStatus.PENDING: "Quotes that wait for a student's answer appear here. Approve an uploaded job to send one.",
    JobStatus.READY_TO_PRINT: "Jobs whose quote was accepted queue here for a printer.",
    JobStatus.PRINTING: "Jobs on a printer appear here. Start one from “Ready to print”.",
    JobStatus.COMPLETED: "Finished prints wait here until their owner collects them.",
    JobStatus.REJECTED: "Rejected, declined and cancelled jobs appear here.",
    JobStatus.PAID_PICKED_UP: "Jobs that were handed over appear here.",
}


class Board(
    Element, component="board.js", dependencies=["sending.js", "board_uploads.js", "board_card.js", "board_column.js"]
):
    """The jobs of ``query`` by status, for ``actor``: the beginning of each column, and how many there are in all.

    ``on_verb(job_id, verb)`` is called when somebody asks for an action on a card, ``on_undo(job_id, version)`` when
    they take back the move that made this version, ``on_file(job_id)`` when they open its file. A file that was dropped
    on a card and has arrived goes to ``on_upload(job_id, version, staged_id)``, with the job's version on the card;
    it answers why the file was not taken, or None. ``on_more(status)`` is called when somebody comes to the end of what
    a column has here. The ids are as the browser reports them.
    """

    def __init__(
        self,
        cards: Iterable[Drawn],
        counts: Counts,
        query: BoardQuery,
        actor: Actor,
        zone: str,
        on_verb: Callable[[int, Verb], Awaitable[None]],
        on_undo: Callable[[int, int], Awaitable[None]],
        on_file: Callable[[int], Awaitable[None]],
        on_upload: Callable[[int, int, str], Awaitable[str | None]],
        on_more: Callable[[JobStatus], Awaitable[None]],
        files: Mapping[JobStatus, FileRules],
    ) -> None:
        """``zone`` is the lab's IANA time zone, in which the browser says exact times. ``files`` says what cards of a
        status take; those of others take nothing.
        """
        super().__init__()
        self._actor = actor
        ui.add_head_html(f"<style>{_style()}</style>")
        self._on_verb = on_verb
        self._on_undo = on_undo
        self._on_file = on_file
        self._on_upload = on_upload
        self._on_more = on_more
        self._props["columns"] = [_column(status, files.get(status)) for status in COLUMNS]
        self._query = query
        self._props["cards"] = self._values(cards)
        self._props["totals"] = _counts(counts)
        self._props["zone"] = zone
        self.on("verb", self._asked)
        self.on("file", self._file_clicked)
        self.on("upload", self._file_arrived)
        self.on("more", self._more_wanted)

    def show(self, delta: Delta, counts: Counts) -> None:
        """Send what changed, and nothing else."""
        self.run_method("upsert", self._values(delta.shown), _counts(counts), list(delta.gone))

    def append(self, status: JobStatus, cards: Iterable[Drawn], counts: Counts) -> None:
        """Send the next cards of a column."""
        self.run_method("append", status.value, self._values(cards), _counts(counts))

    def replace(self, cards: Iterable[Drawn], counts: Counts, query: BoardQuery) -> None:
        """Send the beginning of each column anew: something else is looked for, or changes may have been missed."""
        self._query = query
        self.run_method("replace", self._values(cards), _counts(counts))

    def _values(self, cards: Iterable[Drawn]) -> list[dict[str, Any]]:
        """What is the same for everybody was made once; the place and the way back are this viewer's own."""
        return [
            {
                "card": orjson.Fragment(drawn.card),
                "place": self._query.key(drawn.entry),
                "undo": undo_item(drawn.last_move, self._actor),
            }
            for drawn in cards
        ]

    def _asked(self, event: GenericEventArguments) -> Awaitable[None] | None:
        try:
            job_id, version, verb = int(event.args["id"]), int(event.args["version"]), Verb(event.args["verb"])
        except (KeyError, TypeError, ValueError, OverflowError):
            return None  # not sent by our own script
        if max(job_id, version) > MAX_INTEGER:
            return None
        return self._on_undo(job_id, version) if verb is Verb.UNDO else self._on_verb(job_id, verb)

    def _file_clicked(self, event: GenericEventArguments) -> Awaitable[None] | None:
        try:
            job_id = int(event.args["id"])
        except (KeyError, TypeError, ValueError, OverflowError):
            return None  # not sent by our own script
        return self._on_file(job_id) if job_id <= MAX_INTEGER else None

    def _more_wanted(self, event: GenericEventArguments) -> Awaitable[None] | None:
        try:
            return self._on_more(JobStatus(event.args["status"]))
        except (KeyError, TypeError, ValueError):
            return None  # not sent by our own script

    async def _file_arrived(self, event: GenericEventArguments) -> None:
        try:
            job_id, version, staged_id = int(event.args["id"]), int(event.args["version"]), str(event.args["staged"])
        except (KeyError, TypeError, ValueError, OverflowError):
            return  # not sent by our own script
        if max(job_id, version) <= MAX_INTEGER:
            problem = await self._on_upload(job_id, version, staged_id)
            self.run_method("uploadEnded", job_id, problem or "")


@cache
def _style() -> str:
    return (design.STATIC / "board.css").read_text(encoding="utf-8")


def _counts(counts: Counts) -> dict[str, int]:
    return {status.value: counts.get(status, 0) for status in COLUMNS}


def _column(status: JobStatus, takes: FileRules | None) -> dict[str, Any]:
    verb = NEXT_STEP.get(status)
    return {
        "status": status.value,
        "label": status.label,
        "icon": STATUS_ICONS[status],
        "ring": status is JobStatus.PRINTING,
        "tone": status_classes(status),
        "done": status in ENDED,
        "empty": _EMPTY[status],
        "next": next_step(verb) if verb else None,
        "waits": "No answer yet" if status is JobStatus.PENDING else None,
        "menu": [_menu_item(verb) for verb in menu_verbs(status)],
        "takes": takes and {"purpose": takes.purpose, "extensions": takes.extensions, "maxMb": takes.max_mb},
        "closed": TAKES_NO_FILE,
    }


def _menu_item(verb: Verb) -> dict[str, Any]:
    return {"verb": verb.value, "label": verb_label(verb), "icon": VERB_ICONS[verb], "danger": verb in DANGEROUS}
