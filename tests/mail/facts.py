"""Facts of a believable job, for every kind of mail."""

from __future__ import annotations

from typing import Any

from printlab.mail.compose import Composer, MailKind

TRACK_URL = "https://print.example.edu/track/7Qm3kX_vN0d2aS8yWcTzR4"
MESSAGE_ID = "<42.quote.1@print.example.edu>"

COMMON: dict[str, Any] = {
    "job_id": 142,
    "student_name": "Zoë Müller-Łukasz",
    "filename": "ZoeMullerLukasz_Filament_Black_142.stl",
    "original_name": "camera bracket v3 (final).stl",
    "track_url": TRACK_URL,
    "printer": "Prusa MK4S",
    "material": "PLA",
    "color": "Black",
    "quantity": 2,
    "walk_in": False,
    "day": "Mon 3 Nov 2025",
    "verb": "complete",
    "by_student": False,
    "nothing": "$0.00",
    "lab": {
        "opening_hours": "Monday to Thursday 9:00–17:00\nFriday 9:00–13:00",
        "pickup_where": "Engineering Hall, room 1.204\nthe counter behind the glass door",
        "pickup_bring": "Your student card. Cash or card.",
        "contact_email": "printlab@example.edu",
    },
}

OF_KIND: dict[MailKind, dict[str, Any]] = {
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
}

WITHDRAWN: dict[str, Any] = {"by": "student", "reasons": [], "note": None}

# What the same kinds look like when everything that may be missing is missing, or another case applies.
VARIANTS: dict[str, tuple[MailKind, dict[str, Any]]] = {
    "first-quote": (MailKind.QUOTE, {"quote_number": 1, "previous_price": None, "changes": []}),
    "note-only": (MailKind.REJECTED, {"reasons": []}),
    "reasons-only": (MailKind.REJECTED, {"note": None}),
    "cancelled": (MailKind.REJECTED, WITHDRAWN | {"verb": "cancel", "by_student": True}),
    "cancelled-by-staff": (MailKind.REJECTED, WITHDRAWN | {"verb": "cancel"}),
    "declined": (MailKind.REJECTED, WITHDRAWN | {"verb": "decline", "by_student": True}),
    "declined-by-staff": (MailKind.REJECTED, WITHDRAWN | {"verb": "decline"}),
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
    "first-reminder": (MailKind.COLLECT, {"number": 1, "unclaimed_on": None, "price": "$0.00"}),
    "reminder-on-the-day-named": (MailKind.COLLECT, {"kept_until": "Fri 21 Nov 2025"}),
    "link-asked-for": (MailKind.LINK, {"asked": True}),
    "brought-to-the-desk": (MailKind.RECEIVED, {"walk_in": True}),
    "same-price": (MailKind.QUOTE, {"previous_price": "$3.86", "changes": ["was Blue, now Black"]}),
    "one-copy": (MailKind.QUOTE, {"quantity": 1, "previous_price": None, "changes": []}),
    "free": (MailKind.READY, {"price": "$0.00"}),
    "no-lab-texts": (
        MailKind.READY,
        {"lab": {"opening_hours": "", "pickup_where": "", "pickup_bring": "", "contact_email": ""}},
    ),
}


def facts_of(kind: MailKind, **changes: Any) -> dict[str, Any]:
    """A full context for this kind of mail."""
    return {**COMMON, **OF_KIND[kind], **changes}


def a_composer(**changes: Any) -> Composer:
    """A lab's composer."""
    values: dict[str, Any] = {
        "lab_name": "Campus Print Lab",
        "mail_from": "printlab@example.edu",
        "contact_email": "help@example.edu",
    }
    return Composer(**(values | changes))
