"""The staff board: one element, fed once with all cards and then with single ones as they change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cache
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from components import design
from components.status import STATUS_ICONS, status_classes, status_label
from printlab.domain import words
from printlab.domain.status import JobStatus, Verb, verbs_from
from printlab.domain.views import BoardView, CardView, FileState, Outcome

COLUMNS = (
    JobStatus.UPLOADED,
    JobStatus.PENDING,
    JobStatus.READY_TO_PRINT,
    JobStatus.PRINTING,
    JobStatus.COMPLETED,
    JobStatus.REJECTED,
    JobStatus.PAID_PICKED_UP,
)
FOLDED = (JobStatus.REJECTED, JobStatus.PAID_PICKED_UP)
NEXT_STEP: dict[JobStatus, Verb] = {
    JobStatus.UPLOADED: Verb.APPROVE,
    JobStatus.READY_TO_PRINT: Verb.START,
    JobStatus.PRINTING: Verb.COMPLETE,
    JobStatus.COMPLETED: Verb.HAND_OVER,
}
DANGEROUS = frozenset({Verb.REJECT, Verb.DECLINE, Verb.CANCEL})
VERB_ICONS: dict[Verb, str] = {
    Verb.APPROVE: "check",
    Verb.REJECT: "block",
    Verb.CONFIRM: "thumb_up",
    Verb.DECLINE: "thumb_down",
    Verb.CANCEL: "close",
    Verb.START: "print",
    Verb.COMPLETE: "done_all",
    Verb.FAIL: "error_outline",
    Verb.HAND_OVER: "inventory_2",
    Verb.REQUOTE: "request_quote",
    Verb.REOPEN: "undo",
    Verb.REPRINT: "replay",
    Verb.CORRECT: "upload_file",
    Verb.UNDO: "undo",
}
_ON_BEHALF: dict[Verb, str] = {
    Verb.CONFIRM: "Accept for the student",
    Verb.DECLINE: "Decline for the student",
    Verb.CANCEL: "Cancel for the student",
}
_EMPTY: dict[JobStatus, str] = {
    JobStatus.UPLOADED: "New files from students appear here by themselves.",
    JobStatus.PENDING: "Quotes that wait for a student's answer appear here. Approve an uploaded job to send one.",
    JobStatus.READY_TO_PRINT: "Jobs whose quote was accepted queue here for a printer.",
    JobStatus.PRINTING: "Jobs on a printer appear here. Start one from “Ready to print”.",
    JobStatus.COMPLETED: "Finished prints wait here until their owner collects them.",
    JobStatus.REJECTED: "Rejected, declined and cancelled jobs appear here.",
    JobStatus.PAID_PICKED_UP: "Jobs that were handed over appear here.",
}


def verb_label(verb: Verb) -> str:
    """The verb as a staff button says it: what belongs to the student is named as such."""
    return _ON_BEHALF.get(verb, verb.label)


def menu_verbs(status: JobStatus) -> tuple[Verb, ...]:
    """What a card's menu offers besides its next step; a corrected file is sent from the job page."""
    here = verbs_from(status) - {NEXT_STEP.get(status), Verb.CORRECT}
    return tuple(sorted((verb for verb in Verb if verb in here), key=lambda verb: verb in DANGEROUS))


class Board(Element, component="board.js"):
    """All jobs by status. ``on_verb(job_id, verb)`` is called when somebody asks for an action on a card."""

    def __init__(self, board: BoardView, zone: str, on_verb: Callable[[int, Verb], Awaitable[None]]) -> None:
        """``zone`` is the lab's IANA time zone, in which the browser says exact times."""
        super().__init__()
        ui.add_head_html(f"<style>{_style()}</style>")
        self._on_verb = on_verb
        self._props["columns"] = [_column(status) for status in COLUMNS]
        self._props["cards"] = [card_data(card) for card in board.cards]
        self._props["totals"] = _counts(board.counts)
        self._props["zone"] = zone
        self.on("verb", self._asked)

    def show(self, cards: Iterable[CardView], counts: Mapping[JobStatus, int], gone: Iterable[int] = ()) -> None:
        """Send what changed, and nothing else: these cards, the new counts, and the ids that are no longer there."""
        self.run_method("upsert", [card_data(card) for card in cards], _counts(counts), list(gone))

    def replace(self, board: BoardView) -> None:
        """Send all of it again, after changes may have been missed."""
        self.run_method("replace", [card_data(card) for card in board.cards], _counts(board.counts))

    def _asked(self, event: GenericEventArguments) -> Awaitable[None] | None:
        try:
            job_id, verb = int(event.args["id"]), Verb(event.args["verb"])
        except (KeyError, TypeError, ValueError):
            return None  # not sent by our own script
        return self._on_verb(job_id, verb)


@cache
def _style() -> str:
    return (design.STATIC / "board.css").read_text(encoding="utf-8")


def _counts(counts: Mapping[JobStatus, int]) -> dict[str, int]:
    return {status.value: counts.get(status, 0) for status in COLUMNS}


def _column(status: JobStatus) -> dict[str, Any]:
    verb = NEXT_STEP.get(status)
    return {
        "status": status.value,
        "label": status.label,
        "icon": STATUS_ICONS[status],
        "ring": status is JobStatus.PRINTING,
        "tone": status_classes(status),
        "done": status in FOLDED,
        "empty": _EMPTY[status],
        "next": {"verb": verb.value, "label": verb.label, "priced": verb is Verb.HAND_OVER} if verb else None,
        "waits": "No answer yet" if status is JobStatus.PENDING else None,
        "menu": [_menu_item(verb) for verb in menu_verbs(status)],
    }


def _menu_item(verb: Verb) -> dict[str, Any]:
    label = verb_label(verb) + ("…" if verb in DANGEROUS else "")
    return {"verb": verb.value, "label": label, "icon": VERB_ICONS[verb], "danger": verb in DANGEROUS}


def card_data(card: CardView) -> dict[str, Any]:
    """A card as the browser gets it: plain JSON, figures already in words, times as ISO 8601."""
    return {
        "id": card.id,
        "version": card.version,
        "status": card.status.value,
        "since": card.status_since.isoformat(),
        "created": card.created_at.isoformat(),
        "who": card.student_name,
        "file": card.original_name,
        "name": card.filename,
        "printer": card.printer,
        "material": card.material,
        "color": card.color,
        "hex": card.color_hex,
        "price": _price(card),
        "figures": _figures(card),
        "marks": _marks(card),
    }


def _price(card: CardView) -> str | None:
    return None if card.price_cents is None else words.money(card.price_cents, card.currency)


def _figures(card: CardView) -> list[str]:
    weight = None if card.weight_cg is None else words.weight(card.weight_cg)
    time = None if card.time_min is None else words.duration(card.time_min)
    copies = None
    if card.quantity > 1:
        copies = f"{card.quantity} copies" if weight is None else f"×{card.quantity}"
    return [figure for figure in (copies, weight, time, _price(card)) if figure]


def _marks(card: CardView) -> list[dict[str, str]]:
    """What is unusual about the job, worst first; each with an icon, and a tone for its colour."""
    marks: list[tuple[bool, str, str, str]] = [
        (card.file_state is FileState.PROBLEM, "negative", "report_problem", "File could not be moved"),
        (card.file_state is FileState.MOVING, "quiet", "drive_file_move", "File still moving"),
        (card.failed_prints > 0, "warning", "error_outline", _failed(card.failed_prints)),
        (
            card.status is JobStatus.READY_TO_PRINT and not card.is_sliced,
            "warning",
            "layers_clear",
            "No sliced file yet",
        ),
        (card.outcome is Outcome.DISPOSED, "quiet", "flag", status_label(card.status, card.outcome)),
        (card.outcome is Outcome.WAIVED, "quiet", "flag", "Payment waived"),
        (bool(card.changes), "quiet", "swap_horiz", "; ".join(card.changes)),
        (bool(card.needed_by), "quiet", "event", f"Needed by {words.day(card.needed_by)}" if card.needed_by else ""),
        (bool(card.machine), "quiet", "precision_manufacturing", card.machine or ""),
        (bool(card.assignee), "quiet", "person", card.assignee or ""),
    ]
    return [{"tone": tone, "icon": icon, "text": text} for here, tone, icon, text in marks if here]


def _failed(count: int) -> str:
    return "1 failed print" if count == 1 else f"{count} failed prints"
