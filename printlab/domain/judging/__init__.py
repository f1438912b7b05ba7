"""What is said about a measured model: will it print on this printer, and what is odd about it.

Every finding has a code for programs, a sentence for the student and, where staff need more or alone have to know, one
for them. Nothing here reads the file again: facts, printer and scale in, findings out, the worst first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from printlab.domain.judging.case import Case
from printlab.domain.judging.contents import oddities
from printlab.domain.judging.finding import Code, Finding, Severity
from printlab.domain.judging.room import beyond, room
from printlab.domain.judging.surface import flatness, pieces, surface
from printlab.domain.judging.units import size_of_another_unit
from printlab.domain.judging.walls import overhangs, walls
from printlab.domain.model_facts import ModelFacts
from printlab.domain.views import PrinterView

__all__ = ["Code", "Finding", "Severity", "judge"]

_RULES: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    room,
    beyond,
    flatness,
    size_of_another_unit,
    surface,
    pieces,
    walls,
    overhangs,
    oddities,
)


def judge(
    facts: ModelFacts,
    printer: PrinterView,
    printers: Sequence[PrinterView],
    scale: float = 1.0,
    *,
    size_is_right: bool = False,
) -> tuple[Finding, ...]:
    """Everything to say about a model on the chosen printer, the worst first.

    ``printers`` are those of the lab: the active ones are named where the part fits them. ``scale`` is the factor that
    was accepted for this job, 1 where none was; once one was, or somebody said that the ``size_is_right``, no other is
    offered.
    """
    case = Case(facts, printer, printers, scale, size_is_right)
    findings = [finding for rule in _RULES for finding in rule(case)]
    order = {code: place for place, code in enumerate(Code)}
    severities = list(Severity)
    return tuple(sorted(findings, key=lambda found: (severities.index(found.severity), order[found.code])))
