"""Facts of a believable job for every kind of mail: what the words of a mail are tried and shown with."""

from __future__ import annotations

from typing import Any

from printlab.mail.kinds import WITHOUT_JOB, MailKind

_OF_EVERY_MAIL: dict[str, Any] = {
    "track_url": "https://print.example.edu/track/7Qm3kX_vN0d2aS8yWcTzR4",
    "lab": {
        "opening_hours": "Monday to Thursday 9:00–17:00\nFriday 9:00–13:00",
        "pickup_where": "Engineering Hall, room 1.204\nthe counter behind the glass door",
        "pickup_bring": "Your student card. Cash or card.",
        "contact_email": "printlab@example.edu",
    },
}

_OF_JOBS: dict[str, Any] = {
    "job_id": 142,
    "student_name": "Zoë Müller-Łukasz",
    "filename": "ZoeMullerLukasz_Filament_Black_142.stl",
    "original_name": "camera bracket v3 (final).stl",
    "printer": "Prusa MK4S",
    "material": "PLA",
    "color": "Black",
    "quantity": 2,
    "walk_in": False,
    "day": "Mon 3 Nov 2025",
    "verb": "complete",
    "by_student": False,
    "nothing": "$0.00",
}

_OF_KIND: dict[MailKind, dict[str, Any]] = {
    MailKind.RECEIVED: {},
    MailKind.QUOTE: {
        "quote_number": 2,
        "price": "$3.86",
        "weight": "38 g",
        "duration": "2 h 10 min",
        "changes": ["was Blue, now Black", "was 1 copy, now 2 copies"],
        "previous_price": "$3.60",
    },
    MailKind.REJECTED: {
        "reasons": ["Some walls are thinner than 0.8 mm; they would not print.", "The mesh has holes."],
        "note": "The two clips at the back are 0.3 mm.\nMake them 1 mm and it will work.",
        "by": "lab",
    },
    MailKind.READY: {"price": "$3.86"},
    MailKind.RECEIPT: {
        "amount": "$3.00",
        "payment_method": "card",
        "reference": "T-20931",
        "collected_by": "Jane Doe",
        "outcome": "collected",
        "reason": "One copy had a scratch.",
    },
    MailKind.CORRECTION: {
        "status_label": "Printing",
        "what": "Ready for pickup",
        "supersedes": "Job 142: ready for pickup, $3.86 to pay",
    },
    MailKind.LINK: {"status_label": "Printing"},
    MailKind.MESSAGE: {
        "messages": [
            {"author": "Sam Rivera", "text": "The clip is too thin to hold.\nMay we print it at 110 %?"},
            {"author": "Inès Costa", "text": "Or send us a thicker one."},
        ]
    },
    MailKind.LAPSING: {"price": "$3.86", "answer_by": "Mon 17 Nov 2025", "promised": "2025-11-17"},
    MailKind.LAPSED: {"price": "$3.86", "quoted_on": "Mon 3 Nov 2025"},
    MailKind.COLLECT: {
        "price": "$3.86",
        "ready_on": "Mon 3 Nov 2025",
        "number": 2,
        "unclaimed_on": "Wed 3 Dec 2025",
        "kept_until": None,
    },
    MailKind.UNCLAIMED: {"price": "$3.86", "ready_on": "Mon 3 Nov 2025"},
    MailKind.STARTED: {},
    MailKind.FAILED_ATTEMPT: {},
    MailKind.STUDENT_MESSAGE: {
        "messages": [{"author": "Zoë Müller-Łukasz", "text": "Can I pick it up on Friday?\nI have a lab until four."}]
    },
    MailKind.DISK: {
        "level": "critical",
        "holds": "the files of the jobs",
        "place": "/srv/print",
        "free": "0.8 GB",
        "whole": "252 GB",
    },
}

_WITHDRAWN: dict[str, Any] = {"by": "student", "reasons": [], "note": None}

VARIANTS: dict[str, tuple[MailKind, dict[str, Any]]] = {
    "first-quote": (MailKind.QUOTE, {"quote_number": 1, "previous_price": None, "changes": []}),
    "note-only": (MailKind.REJECTED, {"reasons": []}),
    "reasons-only": (MailKind.REJECTED, {"note": None}),
    "cancelled": (MailKind.REJECTED, _WITHDRAWN | {"verb": "cancel", "by_student": True}),
    "cancelled-by-staff": (MailKind.REJECTED, _WITHDRAWN | {"verb": "cancel"}),
    "declined": (MailKind.REJECTED, _WITHDRAWN | {"verb": "decline", "by_student": True}),
    "declined-by-staff": (MailKind.REJECTED, _WITHDRAWN | {"verb": "decline"}),
    "waived": (
        MailKind.RECEIPT,
        {"outcome": "waived", "amount": "$0.00", "payment_method": "waived", "reference": None},
    ),
    "disposed": (MailKind.RECEIPT, {"outcome": "disposed", "collected_by": None, "reference": None}),
    "plain-receipt": (MailKind.RECEIPT, {"reference": None, "collected_by": None, "reason": None}),
    "free-receipt": (MailKind.RECEIPT, {"amount": "$0.00", "payment_method": "cash", "reference": None}),
    "taken-back-by-the-student": (
        MailKind.CORRECTION,
        {
            "by_student": True,
            "status_label": "Awaiting confirmation",
            "what": "Rejected",
            "supersedes": "Job 142: you declined the quote",
        },
    ),
    "brought-to-the-desk": (MailKind.RECEIVED, {"walk_in": True}),
    "same-price": (MailKind.QUOTE, {"previous_price": "$3.86", "changes": ["was Blue, now Black"]}),
    "one-copy": (MailKind.QUOTE, {"quantity": 1, "previous_price": None, "changes": []}),
    "free": (MailKind.READY, {"price": "$0.00"}),
    "first-reminder": (MailKind.COLLECT, {"number": 1, "unclaimed_on": None, "price": "$0.00"}),
    "reminder-on-the-day-named": (MailKind.COLLECT, {"kept_until": "Fri 21 Nov 2025"}),
    "link-asked-for": (MailKind.LINK, {"asked": True}),
    "filling-up": (MailKind.DISK, {"level": "warning", "free": "20 GB"}),
    "no-lab-texts": (
        MailKind.READY,
        {"lab": {"opening_hours": "", "pickup_where": "", "pickup_bring": "", "contact_email": ""}},
    ),
}
"""What the same kinds look like when all that may be missing is missing, or another case applies."""


def facts_of(kind: MailKind, **changes: Any) -> dict[str, Any]:
    """A full context for this kind of mail."""
    common = _OF_EVERY_MAIL if kind in WITHOUT_JOB else _OF_EVERY_MAIL | _OF_JOBS
    return {**common, **_OF_KIND[kind], **changes}


def cases_of(kind: MailKind) -> dict[str, dict[str, Any]]:
    """Full contexts of all cases of this kind by their names; the usual one comes first."""
    others = {name: facts_of(kind, **changes) for name, (of, changes) in VARIANTS.items() if of is kind}
    return {"usual": facts_of(kind)} | others
