"""A report as plain values: one form for the JSON of the API and of ``printlab inspect``."""

from __future__ import annotations

from typing import Any

from printlab.domain.estimating import Estimate, Range
from printlab.domain.judging import Finding
from printlab.domain.model_facts import BuildItem, ModelFacts, Size3
from printlab.domain.report import Report

_DIGITS = 9
"""More than the single precision of model files, fewer than the noise of a multiplication shows."""
_UNMEASURED: dict[str, Any] = dict.fromkeys(
    ("format", "units", "triangles", "size_mm", "volume_mm3", "area_mm2", "closed", "open_edges", "bodies")
) | {"items": [], "remarks": []}


def report_values(found: Report | None, currency: str) -> dict[str, Any]:
    """What was measured, found and estimated, under the keys of docs/inspect.md; what is not known is None or empty.

    Lengths, areas and volumes are those of the part as it will be printed: the file's own, times the report's scale.
    """
    facts = found and found.analysis.facts
    if found is None or facts is None:
        return _UNMEASURED | {"findings": [], "estimate": None}
    return _measured(facts, found.scale) | {
        "findings": [_finding(finding) for finding in found.findings],
        "estimate": found.estimate and _estimate(found.estimate, currency),
    }


def _measured(facts: ModelFacts, scale: float) -> dict[str, Any]:
    return {
        "format": facts.format.value,
        "units": facts.units,
        "triangles": facts.triangles,
        "size_mm": _size(facts.size_mm, scale),
        "volume_mm3": _figure(facts.volume_mm3 * scale**3),
        "area_mm2": _figure(facts.area_mm2 * scale**2),
        "closed": facts.closed,
        "open_edges": facts.open_edges,
        "bodies": facts.bodies,
        "items": [_item(item, scale) for item in facts.items],
        "remarks": [remark.value for remark in facts.remarks],
    }


def _item(item: BuildItem, scale: float) -> dict[str, Any]:
    return {"name": item.name, "triangles": item.triangles, "size_mm": _size(item.size_mm, scale)}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code.value,
        "severity": finding.severity.value,
        "student": finding.student or None,
        "staff": finding.staff,
        "factor": finding.factor,
    }


def _estimate(estimate: Estimate, currency: str) -> dict[str, Any]:
    weight = estimate.weight_cg
    return {
        "weight_g": {"low": weight.low / 100, "likely": weight.likely / 100, "high": weight.high / 100},
        "time_min": _range(estimate.time_min),
        "price_cents": _range(estimate.price_cents),
        "currency": currency,
        "certain": estimate.certain,
        "automatic": estimate.automatic,
    }


def _range(found: Range) -> dict[str, int]:
    return {"low": found.low, "likely": found.likely, "high": found.high}


def _size(size_mm: Size3, scale: float) -> list[float]:
    return [_figure(length * scale) for length in size_mm]


def _figure(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
