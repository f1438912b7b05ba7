"""The filters of the board in words, as its script shows them: each with its values and how many jobs they show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from printlab.domain.board import UNASSIGNED, BoardQuery, Concern, Facet, Order
from printlab.domain.status import JobStatus

FACET_LABELS: dict[Facet, str] = {
    Facet.STATUS: "Status",
    Facet.METHOD: "Method",
    Facet.PRINTER: "Printer",
    Facet.MATERIAL: "Material",
    Facet.COLOR: "Colour",
    Facet.ASSIGNEE: "Assigned to",
    Facet.CONCERN: "Remarks",
}
CONCERN_LABELS: dict[Concern, str] = {
    Concern.DOES_NOT_FIT: "Does not fit",
    Concern.NOT_WATERTIGHT: "Not watertight",
    Concern.OTHER_FINDING: "Other remarks on the model",
    Concern.NEEDS_QUOTE: "Price does not hold",
    Concern.SLICED_FILE: "Sliced file is odd",
    Concern.NOT_SLICED: "No sliced file yet",
    Concern.FILE_PROBLEM: "File could not be moved",
    Concern.FAILED_PRINT: "Failed print",
    Concern.DEADLINE_AT_RISK: "Deadline at risk",
    Concern.DEADLINE: "Has a deadline",
    Concern.STUDENT_WROTE: "Student wrote a note",
    Concern.MAIL_FAILED: "Mail failed",
    Concern.NEW_MESSAGE: "New message",
    Concern.UNCLAIMED: "Unclaimed",
}
ORDER_LABELS: dict[Order, str] = {
    Order.WAITING: "Longest waiting",
    Order.NEWEST: "Newest",
    Order.DEADLINE: "Deadline",
    Order.STUDENT: "Student",
    Order.PRINTER: "Printer",
    Order.MATERIAL: "Material and colour",
    Order.STATUS: "Status",
    Order.PRICE: "Price",
    Order.NUMBER: "Number",
}


def value_label(facet: Facet, value: str) -> str:
    """A filter's value as people read it."""
    match facet:
        case Facet.STATUS:
            return JobStatus(value).label
        case Facet.CONCERN:
            return CONCERN_LABELS[Concern(value)]
        case Facet.ASSIGNEE:
            return value if value != UNASSIGNED else "Nobody"
        case _:
            return value


def orders() -> list[dict[str, str]]:
    """What can be sorted by."""
    return [{"value": order.value, "label": label} for order, label in ORDER_LABELS.items()]


def chosen(query: BoardQuery) -> dict[str, Any]:
    """What is looked for, for the search box, the chips and the address."""
    chips = [
        {"name": facet.value, "value": value, "label": value_label(facet, value)}
        for facet in FACET_LABELS
        for value in sorted(getattr(query, facet))
    ]
    if query.since is not None:
        chips.append({"name": "since", "value": query.since.isoformat(), "label": f"from {query.since.isoformat()}"})
    if query.until is not None:
        chips.append({"name": "until", "value": query.until.isoformat(), "label": f"to {query.until.isoformat()}"})
    return {
        "q": query.q,
        "words": query.words,
        "order": query.order.value,
        "view": query.view.value,
        "params": query.params(),
        "chips": chips,
        "narrowed": query.is_narrowed,
    }


def filter_groups(query: BoardQuery, counts: Mapping[Facet, Mapping[str, int]]) -> list[dict[str, Any]]:
    """Every filter with its values; what is chosen stays to be seen, also when it would show nothing."""
    return [
        {"name": facet.value, "label": label, "values": _values(facet, getattr(query, facet), counts[facet])}
        for facet, label in FACET_LABELS.items()
    ]


def _values(facet: Facet, taken: frozenset[str], counts: Mapping[str, int]) -> list[dict[str, Any]]:
    values = [
        {"value": value, "label": value_label(facet, value), "count": counts.get(value, 0), "on": value in taken}
        for value in {*counts, *taken}
    ]
    order = {value: place for place, value in enumerate((*JobStatus, *Concern))}
    return sorted(values, key=lambda one: (order.get(one["value"], -1), one["label"].casefold()))
