"""Another rate than the one that a job was looked at with."""

from __future__ import annotations

from dataclasses import replace

from printlab.domain.policy import Actor
from printlab.services import Services


def make_dearer(services: Services, admin: Actor, name: str = "Prusa MK4S", per_gram_micro: int = 500_000) -> None:
    """An admin sets what a gram costs on a printer."""
    printer = next(p for p in services.catalog.view().printers if p.name == name)
    services.catalog.save_printer(replace(printer, per_gram_micro=per_gram_micro), admin)
