"""What verbs are called on buttons and in menus of staff, and which one comes next."""

from __future__ import annotations

from printlab.domain.status import JobStatus, Verb, verbs_from

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


def verb_label(verb: Verb) -> str:
    """The verb as a staff button says it: what belongs to the student is named as such."""
    return _ON_BEHALF.get(verb, verb.label)


def menu_verbs(status: JobStatus) -> tuple[Verb, ...]:
    """What a card's menu offers besides its next step; a corrected file is sent from the job page, and quotes lapse by
    themselves.
    """
    here = verbs_from(status) - {NEXT_STEP.get(status), Verb.CORRECT, Verb.LAPSE}
    return tuple(sorted((verb for verb in Verb if verb in here), key=lambda verb: verb in DANGEROUS))


def undo_label(verb: Verb) -> str:
    """What the way back says: it names the move that it takes back."""
    return f"Undo: {verb.label}"
