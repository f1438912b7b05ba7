"""What there is to judge: the facts of a model, the printers, and the scale that was accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from printlab.domain.fit import build_volume_mm, fitting
from printlab.domain.model_facts import ModelFacts
from printlab.domain.views import PrinterView

FLAT_MM = 0.05
"""Thinner than the thinnest layer of any of the lab's printers: there is nothing to print."""


@dataclass(frozen=True, slots=True)
class Case:
    """A model for a printer of the lab, at the scale of its job."""

    facts: ModelFacts
    printer: PrinterView
    printers: Sequence[PrinterView]
    scale: float
    size_is_right: bool = False

    @property
    def longest_mm(self) -> float:
        """The longest side of the largest item, as it would be printed."""
        return max(max(item.size_mm) for item in self.facts.items) * self.scale

    @property
    def thinnest_mm(self) -> float:
        """The shortest side of the thinnest item, as it would be printed."""
        return min(min(item.size_mm) for item in self.facts.items) * self.scale

    def fitting(self, printer: PrinterView) -> tuple[list[bool], list[bool]]:
        """For each item whether it fits as it stands, and whether it fits in any pose."""
        return fitting(self.facts.items, build_volume_mm(printer), self.scale)

    @property
    def fits_somewhere(self) -> bool:
        """Whether there is an active printer that takes all items, in any pose."""
        printers = (self.printer, *self.printers)
        return any(all(self.fitting(printer)[1]) for printer in printers if printer.active)
