"""What the kinds of mails are called, and when each is written."""

from __future__ import annotations

_NAMES = {
    "received": ("File received", "When a file has arrived."),
    "quote": ("Quote", "When staff approve a job, or quote it anew."),
    "rejected": ("Rejected or cancelled", "When a job is rejected, declined or cancelled."),
    "ready": ("Ready for pickup", "When a print is complete."),
    "receipt": ("Receipt", "When a part is handed over, or closed as not collected."),
    "correction": ("Correction", "When a step is taken back of which a mail told."),
    "link": ("New link", "When the address of a job is corrected."),
    "message": ("Message from the lab", "When the student has not seen a message for two minutes."),
    "lapsing": ("Quote about to lapse", "Some days before a quote lapses that nobody has answered."),
    "lapsed": ("Quote lapsed", "When a quote lapses that nobody has answered."),
    "collect": ("Reminder to collect", "Some days after a part was ready, until it is collected."),
    "unclaimed": ("Not collected in time", "When a part has waited for too long."),
    "started": ("Printing has begun", "When a print is started."),
    "failed-attempt": ("A print failed", "When staff log a failed print."),
    "student-message": ("Message from the student", "To the lab, when nobody has seen a message for two minutes."),
    "disk": ("Disk space", "To the admins, when a disk fills up."),
}


def mail_name(kind: str) -> str:
    """What a mail tells, in words."""
    return _NAMES[kind][0] if kind in _NAMES else kind


def mail_occasion(kind: str) -> str:
    """When it is written, as a sentence."""
    return _NAMES[kind][1] if kind in _NAMES else ""
