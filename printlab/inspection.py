"""``printlab inspect``: what the lab would find in a model or sliced file, without a job, as text or as JSON."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from printlab.domain import naming, words
from printlab.domain.analysis import AnalysisState, AnalysisView
from printlab.domain.model_facts import ModelFacts
from printlab.domain.report import Order, inches, millimetres, report
from printlab.domain.report_values import report_values
from printlab.domain.sliced_facts import CAUTIONS, Caution, SlicedFacts, SlicedFormat
from printlab.domain.sliced_values import sliced_values
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
    """The same for one printer of one lab, in a sandbox that is at hand. A project has the keys of both."""
    sliced = _sliced(path, sandbox)
    if sliced is None:
        return _model(path, printer, lab, sandbox)
    if sliced.format is not SlicedFormat.PROJECT_3MF:
        return _said(sliced)
    model, own = _model(path, printer, lab, sandbox), sliced_values(sliced)
    return model | own | {"material": own["material"] or model["material"]}


def _sliced(path: Path, sandbox: Sandbox) -> SlicedFacts | None:
    """What a sliced file or a project says of itself; None for anything else."""
    if naming.extension(path.name, naming.SLICED_EXTENSIONS) is None:
        return None
    sliced = sandbox.read_sliced(path)
    return None if Caution.UNREADABLE in sliced.cautions and path.suffix.lower() == ".3mf" else sliced


def _said(sliced: SlicedFacts) -> dict[str, Any]:
    unreadable = Caution.UNREADABLE in sliced.cautions
    return {
        "outcome": "refused" if unreadable else "ok",
        "code": Caution.UNREADABLE.value if unreadable else None,
        "message": CAUTIONS[Caution.UNREADABLE] if unreadable else None,
        "format": sliced.format.value,
    } | sliced_values(sliced)


def _model(path: Path, printer: PrinterView, lab: Lab, sandbox: Sandbox) -> dict[str, Any]:
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
    lines = list(_of_the_model(found)) if "triangles" in found else []
    return "\n".join(lines + (list(_of_the_slicer(found)) if "sliced" in found else []))


def _of_the_model(found: dict[str, Any]) -> Iterator[str]:
    bodies = "1 body" if found["bodies"] == 1 else f"{found['bodies']:,} bodies"
    yield f"{found['format']}, {found['triangles']:,} triangles, {bodies}{'' if found['closed'] else ', not closed'}"
    yield f"{millimetres(found['size_mm'])} ({inches(found['size_mm'])})"
    yield f"{found['volume_mm3'] / 1000:,.2f} cm³, {found['area_mm2'] / 100:,.1f} cm²"
    for finding in found["findings"]:
        yield f"{finding['severity']}: {finding['student'] or finding['staff']}"
    if found["estimate"]:
        yield f"estimate for the {found['printer']}: {', '.join(_in_words(found['estimate']))}"


def _of_the_slicer(found: dict[str, Any]) -> Iterator[str]:
    written = " ".join(filter(None, (found["slicer"], found["slicer_version"]))) or "an unknown program"
    yield f"{'sliced' if found['sliced'] else 'not sliced'}, written by {written}"
    figures = (
        found["weight_g"] and words.weight(round(found["weight_g"] * 100)),
        found["resin_ml"] and f"{found['resin_ml']:.1f} ml",
        found["time_s"] and words.duration(max(1, round(found["time_s"] / 60))),
        found["material"],
        found["printer_model"],
        found["layer_height_mm"] and f"layers of {found['layer_height_mm']:g} mm",
    )
    if said := ", ".join(filter(None, figures)):
        yield said
    for plate in found["plates_one_by_one"]:
        yield f"plate {plate['number']}: {', '.join(_plate_in_words(plate)) or 'no figures'}"
    for warning in found["warnings"]:
        yield f"warning: {warning['message']}"


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


def _plate_in_words(plate: dict[str, Any]) -> Iterator[str]:
    if plate["weight_g"]:
        yield words.weight(round(plate["weight_g"] * 100))
    if plate["time_s"]:
        yield words.duration(max(1, round(plate["time_s"] / 60)))


def _opened(settings: Settings) -> Lab:
    services = open_services(settings)
    try:
        return Lab(services.catalog.view(), services.lab.view(), settings.currency)
    finally:
        services.close()


def _printer(catalog: Catalog, name: str | None) -> PrinterView:
    active = catalog.printers_in_use
    found = next((p for p in active if name is None or p.name.casefold() == name.casefold()), None)
    if found is None:
        raise InvalidInput(f"The lab has no printer “{name}”. Choose one of: {', '.join(p.name for p in active)}.")
    return found
