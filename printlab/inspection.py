"""``printlab inspect``: what the lab would find in a file, without a job, as text or as JSON."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from printlab.domain import words
from printlab.domain.analysis import AnalysisState, AnalysisView
from printlab.domain.model_facts import ModelFacts
from printlab.domain.report import Order, inches, millimetres, report
from printlab.domain.report_values import report_values
from printlab.domain.views import Catalog, LabView, PrinterView
from printlab.errors import InvalidInput, NotFound
from printlab.geometry.refusals import ModelRefused
from printlab.geometry.sandbox import Sandbox
from printlab.settings import Settings, load_settings
from printlab.start import open_services


@dataclass(frozen=True, slots=True)
class Lab:
    """What a file is judged by."""

    catalog: Catalog
    terms: LabView
    currency: str


def inspect(path: Path, printer_name: str | None) -> dict[str, Any]:
    """The findings under the keys of docs/inspect.md; ``outcome`` is ``ok`` or ``refused``, and all keys are there.

    Raises NotFound when there is no such file, InvalidInput when it cannot be read or the lab has no such printer.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path}.")
    if not os.access(path, os.R_OK):
        raise InvalidInput(f"The file {path} cannot be read by this account.")
    lab = lab_here()
    printer = _printer(lab.catalog, printer_name)
    with closing(Sandbox()) as sandbox:
        return inspected(path.resolve(), printer, lab, sandbox)


def inspected(path: Path, printer: PrinterView, lab: Lab, sandbox: Sandbox) -> dict[str, Any]:
    """The same for one printer of one lab, in a sandbox that is at hand."""
    try:
        return _judged(sandbox.measure(path), printer, lab)
    except ModelRefused as refusal:
        said = {"outcome": "refused", "code": refusal.code.value, "message": refusal.message}
        return said | report_values(None, lab.currency) | {"printer": printer.name, "material": None, "strength": None}


def lab_here() -> Lab:
    """The lab of these settings; where there is none yet, a new one, which leaves nothing behind."""
    settings = load_settings()
    if settings.database_url is not None or (settings.data_dir / "printlab.db").exists():
        return _opened(settings)
    with tempfile.TemporaryDirectory() as folder:
        return _opened(load_settings(data_dir=Path(folder), storage_root=None))


def as_text(found: dict[str, Any]) -> str:
    """The same for a person to read."""
    if found["outcome"] != "ok":
        return f"Refused ({found['code']}): {found['message']}"
    bodies = "1 body" if found["bodies"] == 1 else f"{found['bodies']:,} bodies"
    lines = [
        f"{found['format']}, {found['triangles']:,} triangles, {bodies}{'' if found['closed'] else ', not closed'}",
        f"{millimetres(found['size_mm'])} ({inches(found['size_mm'])})",
        f"{found['volume_mm3'] / 1000:,.2f} cm³, {found['area_mm2'] / 100:,.1f} cm²",
    ]
    lines += [f"{finding['severity']}: {finding['student'] or finding['staff']}" for finding in found["findings"]]
    if found["estimate"]:
        lines.append(f"{found['printer']}, {found['material']}: {', '.join(_in_words(found['estimate']))}")
    return "\n".join(lines)


def as_json(found: dict[str, Any]) -> str:
    """The same for a program."""
    return json.dumps(found, ensure_ascii=False, indent=2)


def _judged(facts: ModelFacts, printer: PrinterView, lab: Lab) -> dict[str, Any]:
    material = next((material.name for material in lab.catalog.materials_of(printer.method)), None)
    strength = lab.terms.default_strength
    order = Order(printer.name, material or "", strength, minimum_charge_cents=lab.terms.minimum_charge_cents)
    found = report(AnalysisView("", AnalysisState.DONE, 1, facts), order, lab.catalog)
    said = {"outcome": "ok", "code": None, "message": None} | report_values(found, lab.currency)
    return said | {"printer": printer.name, "material": material, "strength": strength.value}


def _in_words(estimate: dict[str, Any]) -> Iterator[str]:
    weight, minutes, price = (estimate[key] for key in ("weight_g", "time_min", "price_cents"))
    yield f"{words.weight(round(weight['low'] * 100))} to {words.weight(round(weight['high'] * 100))}"
    yield f"{words.duration(minutes['low'])} to {words.duration(minutes['high'])}"
    yield f"{words.money(price['low'], estimate['currency'])} to {words.money(price['high'], estimate['currency'])}"


def _opened(settings: Settings) -> Lab:
    services = open_services(settings)
    try:
        return Lab(services.catalog.view(), services.lab.view(), settings.currency)
    finally:
        services.database.dispose()


def _printer(catalog: Catalog, name: str | None) -> PrinterView:
    active = [printer for printer in catalog.printers if printer.active]
    found = next((p for p in active if name is None or p.name.casefold() == name.casefold()), None)
    if found is None:
        raise InvalidInput(f"The lab has no printer “{name}”. Choose one of: {', '.join(p.name for p in active)}.")
    return found
