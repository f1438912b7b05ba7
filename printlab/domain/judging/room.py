"""Whether everything fits the chosen printer, on which others it would, and what to do where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from printlab.domain.fit import build_volume_mm, fits
from printlab.domain.judging.case import Case
from printlab.domain.judging.finding import Code, Finding, Severity
from printlab.domain.judging.phrases import NAMED_ITEMS, all_of, any_of, millimetres_up, name_of, size
from printlab.domain.judging.units import likeliest_unit
from printlab.domain.model_facts import BuildItem


def room(case: Case) -> Iterator[Finding]:
    """What does not fit the chosen printer as it stands."""
    stand, turned = case.fitting(case.printer)
    if all(stand):
        return
    others = _where_else(case)
    if all(turned):
        yield _fits_turned_over(case, stand, others)
    else:
        yield _does_not_fit(case, stand, turned, others)


def beyond(case: Case) -> Iterator[Finding]:
    """Items that were not kept one by one, where the largest of them might not fit."""
    facts, build_mm = case.facts, build_volume_mm(case.printer)
    if facts.rest_mm is None:
        return
    if all(side * case.scale <= room_mm for side, room_mm in zip(facts.rest_mm, build_mm, strict=True)):
        return
    yield Finding(
        Code.NOT_ALL_JUDGED,
        Severity.WARNING,
        f"The file holds {facts.item_count:,} items, and the {len(facts.items)} longest were checked. Among the others "
        f"may be one that does not fit the {case.printer.name}. Send the items in several files to have all checked.",
        f"The others are up to {size(facts.rest_mm, case.scale)}, each side of another one perhaps.",
    )


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """The other active printers that all items fit, by how they do; ``alike`` are those of the same method that are
    best to choose: as it stands, else turned over.
    """

    standing: tuple[str, ...]
    turned: tuple[str, ...]
    alike: tuple[str, ...]


def _where_else(case: Case) -> _Elsewhere:
    others = [other for other in case.printers if other.active and other.name != case.printer.name]
    standing, turned = list[str](), list[str]()
    for other in sorted(others, key=lambda other: other.method != case.printer.method):
        stand, any_way = case.fitting(other)
        name = other.name if other.method == case.printer.method else f"{other.name} ({other.method.lower()})"
        if all(stand):
            standing.append(name)
        elif all(any_way):
            turned.append(name)
    names = {other.name for other in others if other.method == case.printer.method}
    alike = [name for name in standing if name in names] or [name for name in turned if name in names]
    return _Elsewhere(tuple(standing), tuple(turned), tuple(alike))


def _fits_turned_over(case: Case, stand: Sequence[bool], others: _Elsewhere) -> Finding:
    whom, name = _subject(case, stand), case.printer.name
    it = "it fits" if _singular(case, stand) else "they fit"
    sentence = f"{whom} {_does(case, stand)} not fit the {name} standing as drawn; turned onto another side {it}."
    if others.standing:
        sentence += f" Standing as drawn {it} the {any_of(others.standing)}."
    advice = (
        f"Turn it over in the slicer, or use the {any_of(others.standing)}."
        if others.standing
        else "Turn it over in the slicer."
    )
    return Finding(
        Code.FITS_TURNED_OVER,
        Severity.WARNING,
        f"{sentence} The layers will then run another way, which changes where the part is weak.",
        f"{_excess(case, stand)} {advice}",
        printers=others.alike if others.standing else (),
    )


def _does_not_fit(case: Case, stand: Sequence[bool], turned: Sequence[bool], others: _Elsewhere) -> Finding:
    whom = _subject(case, turned)
    if _singular(case, turned) and len(case.facts.items) == 1 and (tall := _too_tall_mm(case, case.facts.items[0])):
        sentence = (
            f"{whom} is {millimetres_up(tall)} mm too tall for the {case.printer.name}, also when it is turned over."
        )
    else:
        sentence = f"{whom} {_does(case, turned)} not fit the {case.printer.name}, whichever way it is turned."
    return Finding(
        Code.DOES_NOT_FIT,
        Severity.STOPS,
        f"{sentence} {_way_out(case, others)}",
        _excess(case, stand),
        printers=others.alike,
    )


def _way_out(case: Case, others: _Elsewhere) -> str:
    """Which printers take it; where none does, what to do about it."""
    it = "It" if len(case.facts.items) == 1 else "Everything"
    said = [f"{it} fits the {all_of(others.standing)}."] if others.standing else []
    if others.turned:
        said.append(f"Turned over it{' also' if said else ''} fits the {all_of(others.turned)}.")
    if said:
        return " ".join(said)
    if likeliest_unit(case) is not None:
        return "Its size may be in another unit: look at that first."
    percent = _largest_percent(case)
    smaller = f" or scale it to {percent} %" if percent else ""
    return f"None of the lab’s printers is large enough. Split it into pieces{smaller}."


def _largest_percent(case: Case) -> int | None:
    """The largest whole percentage at which all items fit the chosen printer; None below 25 %: that is another part."""
    low, high = 24, 100  # what fits still fits when it is made smaller, so halving the gap finds the edge
    while high - low > 1:
        percent = (low + high) // 2
        smaller = replace(case, scale=case.scale * percent / 100)
        if all(smaller.fitting(case.printer)[1]):
            low = percent
        else:
            high = percent
    return low if low >= 25 else None


def _too_tall_mm(case: Case, item: BuildItem) -> float | None:
    """By how much the item is too tall as it stands, if that alone is the trouble."""
    width, depth, height = build_volume_mm(case.printer)
    excess = item.poses[0].height_mm * case.scale - height
    if excess > 0 and fits(item.poses[0], (width, depth, height + excess), case.scale):
        return excess
    return None


def _excess(case: Case, stand: Sequence[bool]) -> str:
    """For staff: what does not fit as it stands, with its size and the printer's."""
    sizes = [
        size(item.size_mm, case.scale) for item, fits_so in zip(case.facts.items, stand, strict=True) if not fits_so
    ]
    listed = ", ".join(sizes[:NAMED_ITEMS]) + (" …" if len(sizes) > NAMED_ITEMS else "")
    return f"{listed} as drawn; the build volume of the {case.printer.name} is {case.printer.build_volume}."


def _subject(case: Case, fitting: Sequence[bool]) -> str:
    """Who does not fit: ``The part``, ``“Lid”``, ``3 of the 7 items (“Lid”, “Base” …)``."""
    items = case.facts.items
    if len(items) == 1:
        return "The part"
    names = [name_of(item, place) for place, item in enumerate(items, start=1) if not fitting[place - 1]]
    if len(names) == 1:
        return names[0]
    listed = ", ".join(names[:NAMED_ITEMS]) + (" …" if len(names) > NAMED_ITEMS else "")
    return f"{len(names)} of the {case.facts.item_count} items ({listed})"


def _singular(case: Case, fitting: Sequence[bool]) -> bool:
    return len(case.facts.items) == 1 or list(fitting).count(False) == 1


def _does(case: Case, fitting: Sequence[bool]) -> str:
    return "does" if _singular(case, fitting) else "do"
