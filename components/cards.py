"""What a card of the board says: figures already in words, times as ISO 8601, ready to be sent to any browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import orjson

from components.findings import SHORT
from components.model_viewer import insides_in_words
from components.status import STATUS_ICONS, WITHDRAWN_ICONS, status_label
from components.verb_names import VERB_ICONS, undo_label
from printlab.domain import words
from printlab.domain.analysis import AnalysisState
from printlab.domain.board import is_new
from printlab.domain.deadline import Danger, Deadline
from printlab.domain.judging import Severity
from printlab.domain.known_figures import figures_known
from printlab.domain.policy import Actor, undoable_until
from printlab.domain.slicing import Outgrown
from printlab.domain.status import ENDED, JobStatus, Verb
from printlab.domain.views import CardView, FileState, JobView, LastMove, Opened, Outcome, copies, withdrawal

_TONES = {Severity.STOPS: "negative", Severity.WARNING: "warning", Severity.HINT: "quiet"}


def next_step(verb: Verb) -> dict[str, Any]:
    return {
        "verb": verb.value,
        "label": verb.label,
        "icon": VERB_ICONS[verb],
        "priced": verb is Verb.HAND_OVER,
    }


def card_json(card: CardView) -> bytes:
    """A card as every browser gets it."""
    return orjson.dumps(card_data(card))


def card_data(card: CardView) -> dict[str, Any]:
    """The same as plain values."""
    job = card.job
    return {
        "id": job.id,
        "version": job.version,
        "status": job.status.value,
        "since": job.status_since.isoformat(),
        "created": job.created_at.isoformat(),
        "new": is_new(job),
        "looked": job.looked_by,
        "who": job.student_name,
        "email": job.student_email,
        "course": job.course,
        "assignee": job.assignee,
        "needed": _short_day(job.needed_by, job.created_at.year) if job.needed_by else None,
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
        "next": next_step(Verb.REQUOTE) if job.needs_new_quote else None,
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
    }


def deadline_mark(deadline: Deadline) -> Mark:
    """That a day is at risk, and why."""
    tone = "negative" if deadline.danger.is_lost else "warning"
    return Mark(tone, "event_busy", _deadline_words(deadline), "Deadline at risk")


def _deadline_words(deadline: Deadline) -> str:
    """``Needed Fri 4 Dec, may take until Mon 7 Dec``."""
    year = deadline.needed_by.year
    day = _short_day(deadline.needed_by, year)
    ready_on = _short_day(deadline.ready_on, year) if deadline.ready_on else ""
    match deadline.danger:
        case Danger.PASSED:
            return f"Was needed {day}"
        case Danger.HARDLY:
            return f"Needed {day}, hardly ready before {ready_on}"
        case Danger.TODAY:
            return "Needed today"
        case Danger.TIGHT:
            return f"Needed {day}, may take until {ready_on}"
        case Danger.TOMORROW:
            return "Needed tomorrow"


def undo_item(last: LastMove | None, actor: Actor) -> dict[str, Any] | None:
    """What the menu offers ``actor`` to take back, and until when."""
    until = undoable_until(actor, last)
    if until is None or last is None:
        return None
    item = {"verb": Verb.UNDO.value, "icon": VERB_ICONS[Verb.UNDO], "label": undo_label(last.verb)}
    return {**item, "until": until.isoformat()}


def _figures(card: CardView) -> list[str]:
    """As quoted; before that what the sliced file says, or the automatic estimate."""
    job, known = card.job, figures_known(card.job, card.takes)
    weight = None if known.weight_cg is None else words.weight(known.weight_cg)
    time = None if known.time_min is None else words.duration(known.time_min)
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


def marks(job: JobView, deadline: Deadline | None) -> list[Mark]:
    """What is unusual about the job, worst first; a day that is at risk is named once."""
    found = [*_warnings(job), *_remarks(job)]
    if deadline is None:
        return found
    return [deadline_mark(deadline), *(mark for mark in found if not mark.due)]


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
    if job.kept_until is not None:
        yield Mark(
            "quiet",
            "event_available",
            f"Collects by {words.day(job.kept_until)}",
            "The student asked the lab to keep it until then",
        )
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
        yield Mark(
            "quiet",
            "event",
            f"by {_short_day(job.needed_by, job.created_at.year)}",
            "Needed",
            job.needed_by.isoformat(),
        )
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


def _short_day(day: date, year: int) -> str:
    """``Sun 6 Dec`` of a day in ``year``, ``Fri 8 Jan 2027`` of one in another."""
    return words.day(day).removesuffix(f" {year}")


def _notes(card: CardView) -> Iterator[Note]:
    if card.job.status is JobStatus.REJECTED and card.job.reject_note:
        yield Note("format_quote", "Why", card.job.reject_note)
    if card.message is not None:
        yield Note("mark_chat_unread", card.message.author_name, card.message.text)
    if card.job.notes:
        yield Note("chat_bubble_outline", card.job.student_name, card.job.notes)
    if card.staff_note is not None and card.staff_note.reason:
        yield Note("sticky_note_2", card.staff_note.actor_name, card.staff_note.reason)


def _failed(count: int) -> str:
    return "1 failed print" if count == 1 else f"{count} failed prints"
