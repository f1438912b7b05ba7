"""The staff board: one element, fed once with all cards and then with single ones as they change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from components import design
from components.findings import SHORT
from components.model_viewer import insides_in_words
from components.status import STATUS_ICONS, WITHDRAWN_ICONS, status_classes, status_label
from components.upload import TAKES_NO_FILE, FileRules
from printlab.domain import words
from printlab.domain.analysis import AnalysisState
from printlab.domain.judging import Severity
from printlab.domain.limits import MAX_INTEGER
from printlab.domain.policy import Actor, undoable_until
from printlab.domain.slicing import Outgrown
from printlab.domain.status import ENDED, JobStatus, Verb, verbs_from
from printlab.domain.views import BoardView, CardView, FileState, JobView, Opened, Outcome, copies, withdrawal

COLUMNS = (
    JobStatus.UPLOADED,
    JobStatus.PENDING,
    JobStatus.READY_TO_PRINT,
    JobStatus.PRINTING,
    JobStatus.COMPLETED,
    JobStatus.REJECTED,
    JobStatus.PAID_PICKED_UP,
)
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
    Verb.REOPEN: "restart_alt",
    Verb.REPRINT: "replay",
    Verb.CORRECT: "upload_file",
    Verb.UNDO: "undo",
}
_ON_BEHALF: dict[Verb, str] = {
    Verb.CONFIRM: "Accept for the student",
    Verb.DECLINE: "Decline for the student",
    Verb.CANCEL: "Cancel for the student",
}
_TONES = {Severity.STOPS: "negative", Severity.WARNING: "warning", Severity.HINT: "quiet"}
_EMPTY: dict[JobStatus, str] = {
    JobStatus.UPLOADED: "New files from students appear here by themselves. Enter a job at the desk under “New job”.",
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


def needs_new_quote(job: JobView) -> bool:
    """Whether the job cannot be started as it is: its accepted price does not hold for its file."""
    return job.outgrown is not None and not job.outgrown.only_unsaid


class Board(Element, component="board.js", dependencies=["sending.js", "board_uploads.js"]):
    """All jobs by status, for ``actor``.

    ``on_verb(job_id, verb)`` is called when somebody asks for an action on a card, ``on_undo(job_id, version)`` when
    they take back the move that made this version, ``on_file(job_id)`` when they open its file. A file that was dropped
    on a card and has arrived goes to ``on_upload(job_id, version, staged_id)``, with the job's version on the card;
    it answers why the file was not taken, or None. The ids are as the browser reports them.
    """

    def __init__(
        self,
        board: BoardView,
        actor: Actor,
        zone: str,
        on_verb: Callable[[int, Verb], Awaitable[None]],
        on_undo: Callable[[int, int], Awaitable[None]],
        on_file: Callable[[int], Awaitable[None]],
        on_upload: Callable[[int, int, str], Awaitable[str | None]],
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
        self._props["columns"] = [_column(status, files.get(status)) for status in COLUMNS]
        self._props["cards"] = [card_data(card, self._actor) for card in board.cards]
        self._props["totals"] = _counts(board.counts)
        self._props["zone"] = zone
        self.on("verb", self._asked)
        self.on("file", self._file_clicked)
        self.on("upload", self._file_arrived)

    def show(self, cards: Iterable[CardView], counts: Mapping[JobStatus, int], gone: Iterable[int] = ()) -> None:
        """Send what changed, and nothing else: these cards, the new counts, and the ids that are no longer there."""
        self.run_method("upsert", [card_data(card, self._actor) for card in cards], _counts(counts), list(gone))

    def replace(self, board: BoardView) -> None:
        """Send all of it again, after changes may have been missed."""
        self.run_method("replace", [card_data(card, self._actor) for card in board.cards], _counts(board.counts))

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


def _counts(counts: Mapping[JobStatus, int]) -> dict[str, int]:
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
        "next": _next(verb) if verb else None,
        "waits": "No answer yet" if status is JobStatus.PENDING else None,
        "menu": [_menu_item(verb) for verb in menu_verbs(status)],
        "takes": takes and {"purpose": takes.purpose, "extensions": takes.extensions, "maxMb": takes.max_mb},
        "closed": TAKES_NO_FILE,
    }


def _next(verb: Verb) -> dict[str, Any]:
    return {
        "verb": verb.value,
        "label": verb.label,
        "icon": VERB_ICONS[verb],
        "priced": verb is Verb.HAND_OVER,
    }


def _menu_item(verb: Verb) -> dict[str, Any]:
    return {"verb": verb.value, "label": verb_label(verb), "icon": VERB_ICONS[verb], "danger": verb in DANGEROUS}


def card_data(card: CardView, actor: Actor) -> dict[str, Any]:
    """A card as ``actor``'s browser gets it: plain JSON, figures already in words, times as ISO 8601."""
    job = card.job
    return {
        "id": job.id,
        "version": job.version,
        "status": job.status.value,
        "since": job.status_since.isoformat(),
        "created": job.created_at.isoformat(),
        "who": job.student_name,
        "file": job.known_as,
        "counts": job.counting_file.original_name,
        "sliced": job.is_sliced,
        "name": job.filename,
        "printer": job.printer,
        "material": job.material,
        "color": job.color,
        "hex": job.color_hex,
        "copies": copies(job.quantity) if job.quantity > 1 else None,
        "price": job.price,
        "figures": _figures(card),
        "source": _source(card),
        "ended": next((mark.text for mark in _ending(job)), None),
        "next": _next(Verb.REQUOTE) if needs_new_quote(job) else None,
        "marks": [
            asdict(mark)
            for mark in (
                *_ending(job),
                *_warnings(job),
                *_file_marks(card),
                *_model_marks(card),
                *_estimate_marks(card),
                *_remarks(job),
            )
        ],
        "picture": job.analysis.thumbnail_url if job.analysis else None,
        "pictured": _pictured(job),
        "insides": _insides(job),
        "notes": [asdict(note) for note in _notes(card)],
        "undo": _undo(job, actor),
    }


def _undo(job: JobView, actor: Actor) -> dict[str, Any] | None:
    """What the menu offers to take back, and until when."""
    until = undoable_until(actor, job.last_move)
    if until is None or job.last_move is None:
        return None
    item = {"verb": Verb.UNDO.value, "icon": VERB_ICONS[Verb.UNDO], "label": undo_label(job.last_move.verb)}
    return {**item, "until": until.isoformat()}


def undo_label(verb: Verb) -> str:
    """What the way back says: it names the move that it takes back."""
    return f"Undo: {verb.label}"


def _figures(card: CardView) -> list[str]:
    """As quoted; before that what the sliced file says, or the automatic estimate."""
    job, takes = card.job, card.takes
    weight_cg, time_min = (takes.weight_cg, takes.time_min) if takes else (job.weight_cg, job.time_min)
    weight = None if weight_cg is None else words.weight(weight_cg)
    time = None if time_min is None else words.duration(time_min)
    price = f"{job.price} accepted" if job.outgrown is not None else job.price
    return [figure for figure in (weight, time, price) if figure]


def _source(card: CardView) -> dict[str, str] | None:
    """Where the card's figures are from: a sliced file, the automatic estimate, or the quote."""
    if card.job.is_sliced:
        return {"icon": "layers", "text": f"Sliced file: {card.job.counting_file.original_name}"}
    if card.is_automatic:
        return {"icon": _ESTIMATED.icon, "text": _ESTIMATED.text}
    return {"icon": "sell", "text": "Quote"} if card.job.quote is not None else None


@dataclass(frozen=True, slots=True)
class Mark:
    """Something unusual about a job; ``means`` says what the icon stands for, ``due`` is a day in ISO 8601.

    What is ``late`` shows only when it stays for a while; ``until`` is when it ends, as ISO 8601. ``more`` is what else
    there is of the kind: counted on the card, told in full on hover, on a click, and by screen readers.
    """

    tone: str
    icon: str
    text: str
    means: str = ""
    due: str = ""
    late: bool = False
    until: str = ""
    more: tuple[str, ...] = ()


_ESTIMATED = Mark("quiet", "calculate", "Automatic estimate")


def _ending(job: JobView) -> Iterator[Mark]:
    """Why a job is not printed; its page says that in the panel of the next step."""
    if job.status is not JobStatus.REJECTED:
        return
    if withdrawn := withdrawal(job):
        yield Mark("quiet", WITHDRAWN_ICONS[withdrawn], "; ".join(job.reject_reasons))
    elif job.reject_reasons:
        yield Mark("negative", STATUS_ICONS[JobStatus.REJECTED], "; ".join(job.reject_reasons), "Rejected")


def marks(job: JobView) -> list[Mark]:
    """What is unusual about the job, worst first."""
    return [*_warnings(job), *_remarks(job)]


def _warnings(job: JobView) -> Iterator[Mark]:
    if job.file_state is FileState.PROBLEM:
        yield Mark("negative", "report_problem", "File could not be moved")
    if job.file_state is FileState.MOVING:
        yield Mark("quiet", "drive_file_move", "File still moving", late=True)
    if job.outgrown is not None and job.outgrown.only_unsaid:
        unsaid = f"The newer file does not say what it takes: {job.outgrown.unsaid}"
        yield Mark("warning", "price_change", unsaid, "Price")
    elif job.outgrown is not None:
        yield Mark("negative", "price_change", f"Needs a new quote: {_why_anew(job.outgrown)}")
    if job.failed_prints:
        yield Mark("warning", "error_outline", _failed(job.failed_prints))
    if job.status is JobStatus.READY_TO_PRINT and not job.is_sliced:
        yield Mark("warning", "layers_clear", "No sliced file yet")


def _file_marks(card: CardView) -> Iterator[Mark]:
    """What is odd about the sliced file; missing figures are asked for where they are needed."""
    odd = [remark for remark in card.remarks if remark.short]
    if odd:
        worst, *others = odd
        tone = "negative" if worst.is_damage else "warning"
        yield Mark(tone, "fact_check", worst.short, "Sliced file", more=tuple(remark.short for remark in others))


def _why_anew(outgrown: Outgrown) -> str:
    """The reasons begin with “it”, which nothing stands before here."""
    first, *others = outgrown.reasons
    return "; ".join((f"the file {first.removeprefix('it ')}", *others))


def _remarks(job: JobView) -> Iterator[Mark]:
    if job.opened is not None:
        yield Mark("quiet", "launch", opened_words(job.opened), "The file", until=job.opened.until.isoformat())
    if job.outcome is Outcome.DISPOSED:
        yield Mark("quiet", "flag", status_label(job.status, job.outcome))
    if job.outcome is Outcome.WAIVED:
        yield Mark("quiet", "flag", "Payment waived")
    if job.scale != 1:
        yield Mark("quiet", "straighten", f"Scale × {job.scale:g}")
    if changes := job.changes_since_request:
        yield Mark("quiet", "swap_horiz", "; ".join(changes), "Changed since the request")
    if job.needed_by:
        yield Mark("quiet", "event", f"by {_due(job.needed_by, job.created_at)}", "Needed", job.needed_by.isoformat())
    if job.machine:
        yield Mark("quiet", "precision_manufacturing", job.machine, "Machine")
    if job.assignee:
        yield Mark("quiet", "person", job.assignee, "Assigned to")


def _estimate_marks(card: CardView) -> Iterator[Mark]:
    """Figures that nobody stands for yet are told from those of a sliced file and of a quote."""
    if card.is_automatic:
        yield _ESTIMATED


def _model_marks(card: CardView) -> Iterator[Mark]:
    """How far the look into the model is, or the worst that it found, with what else it did."""
    analysis = card.job.analysis
    if analysis is None or card.job.status in ENDED:
        return
    if not analysis.state.is_over:
        yield Mark("quiet", "hourglass_empty", "Being analysed", late=True)
    if analysis.state is AnalysisState.FAILED:
        yield Mark("warning", "help_outline", "Could not be analysed")
    if analysis.state is AnalysisState.REFUSED:
        yield Mark("negative", "error_outline", "No printable model")
    if card.findings:
        worst, *others = card.findings
        more = tuple(SHORT[finding.code] for finding in others)
        yield Mark(_TONES[worst.severity], "warning_amber", SHORT[worst.code], "Model", more=more)


def _insides(job: JobView) -> str:
    """What is red in the picture; empty where nothing is."""
    return insides_in_words(job.analysis.facts if job.analysis else None) or ""


def _pictured(job: JobView) -> str:
    """Whether there is a picture of the part: ``shown``, ``waiting`` or ``none``."""
    if job.analysis is None:
        return "none"
    if job.analysis.thumbnail_url:
        return "shown"
    return "none" if job.analysis.state.is_over else "waiting"


def opened_words(opened: Opened) -> str:
    """``Open at Front Desk, Sam Rivera``."""
    return f"Open at {opened.workstation}, {opened.actor_name}"


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote about a job."""

    icon: str
    who: str
    text: str


def _due(day: date, sent: datetime) -> str:
    """``Sun 6 Dec``: the year goes without saying while it is that of the request."""
    return words.day(day).removesuffix(f" {sent.year}")


def _notes(card: CardView) -> Iterator[Note]:
    if card.job.status is JobStatus.REJECTED and card.job.reject_note:
        yield Note("format_quote", "Why", card.job.reject_note)
    if card.job.notes:
        yield Note("chat_bubble_outline", card.job.student_name, card.job.notes)
    if card.staff_note is not None and card.staff_note.reason:
        yield Note("sticky_note_2", card.staff_note.actor_name, card.staff_note.reason)


def _failed(count: int) -> str:
    return "1 failed print" if count == 1 else f"{count} failed prints"
