"""What a sliced file says, as plain values: one form for the JSON of the API and of ``printlab inspect``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from printlab.domain.sliced_facts import CAUTIONS, SlicedFacts


def sliced_values(facts: SlicedFacts) -> dict[str, Any]:
    """Under the keys of docs/inspect.md; what the file does not say is None or empty."""
    return {
        "slicer": facts.slicer,
        "slicer_version": facts.slicer_version,
        "sliced": facts.sliced,
        "weight_g": _figure(facts.weight_g),
        "weight_source": facts.weight_source and facts.weight_source.value,
        "filament_mm": _figure(facts.filament_mm),
        "volume_cm3": _figure(facts.volume_cm3),
        "resin_ml": _figure(facts.resin_ml),
        "cost": facts.cost,
        "time_s": facts.time_s,
        "material": facts.material,
        "printer_model": facts.printer_model,
        "layer_height_mm": facts.layer_height_mm,
        "nozzle_mm": facts.nozzle_mm,
        "tools": [asdict(tool) for tool in facts.tools],
        "plates": len(facts.plates),
        "plates_one_by_one": [asdict(plate) for plate in facts.plates],
        "thumbnails": [f"{each.width_px}x{each.height_px}/{each.format}" for each in facts.thumbnails],
        "warnings": [{"code": caution.value, "message": CAUTIONS[caution]} for caution in facts.cautions],
    }


def _figure(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
