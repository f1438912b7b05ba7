"""How findings name sizes, shares and items."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from printlab.domain.model_facts import BuildItem, Size3

NAMED_ITEMS = 3
"""So many items are named; the others are an ellipsis."""
_NAME_LENGTH = 40


def millimetres(value: float) -> str:
    """``120``, ``45.5``, ``0.32``: a tenth of a millimetre, a hundredth below one."""
    if value < 1:
        return f"{value:.2f}".rstrip("0").removesuffix(".")
    return f"{value:,.1f}".removesuffix(".0")


def millimetres_up(value: float) -> str:
    """The same, never less than it is: an excess that is cut away must be enough."""
    return millimetres(ceil(value * 10 - 1e-6) / 10 if value >= 1 else ceil(value * 100 - 1e-6) / 100)


def size(size_mm: Size3, scale: float) -> str:
    """``20 × 14.5 × 8 mm``, once it is scaled."""
    return " × ".join(millimetres(side * scale) for side in size_mm) + " mm"


def cubic_centimetres(volume_mm3: float) -> str:
    """``48.7 cm³``, ``1,235 cm³``: four digits that count; what is less than a hundredth is in ``mm³``."""
    if 0 < volume_mm3 < 10:
        return f"{millimetres(volume_mm3)} mm³" if volume_mm3 >= 0.01 else "under 0.01 mm³"
    rounded = float(f"{volume_mm3 / 1000:.4g}")
    digits = 0 if rounded >= 1000 else 1 if rounded >= 10 else 2
    written = f"{rounded:,.{digits}f}"
    return f"{written.rstrip('0').rstrip('.') if digits else written} cm³"


def percent(share: float) -> str:
    """``12 %`` of 0.12; less than one says so."""
    return f"{share * 100:.0f} %" if share >= 0.01 else "under 1 %"


def counted(number: int, noun: str) -> str:
    """``1 edge``, ``1,200 edges``."""
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"


def name_of(item: BuildItem, place: int) -> str:
    """An item by its own name in quotes, or by its place; names come from the file and may be anything."""
    name = " ".join("".join(c if c.isprintable() else " " for c in item.name).split())
    return f"“{name[:_NAME_LENGTH]}”" if name else f"item {place}"


def all_of(names: Iterable[str]) -> str:
    """``MK4S, XL and Form 3``; there is at least one name."""
    return _listed(list(names), "and")


def any_of(names: Iterable[str]) -> str:
    """The same with “or”."""
    return _listed(list(names), "or")


def _listed(names: list[str], word: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"
