"""The automatic estimate: what a slicer on the lab's server says of one copy of a part, before anybody sliced it.

The same file at the same scale, with the same profile and strength, is sliced once. The material is not among these:
the slicer gives the volume of the filament, and the weight follows from the density.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from printlab.domain.estimating import Estimate, Range
from printlab.domain.model_facts import ModelFacts, Remark
from printlab.domain.pricing import Rates, price_cents
from printlab.domain.slicing import Figures, taken
from printlab.domain.views import Catalog, JobView, Strength

VERSION = 1
"""Raised when the slicer is asked for something else: everything open is sliced again."""
MOST_TRIANGLES = 1_000_000
"""Larger than any print needs, and as much as the sandbox may write: 50 bytes each."""
_MG_PER_G = 1000
_MM3_PER_CM3 = 1000
_DAMAGE = frozenset({Remark.TRUNCATED, Remark.BAD_FACES})


class AutomaticState(StrEnum):
    """How far it is; ``failed`` means that there will be none."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Need:
    """What one run of the slicer depends on; the scale in millionths."""

    sha256: str
    scale_micro: int
    profile_sha256: str
    strength: Strength

    @property
    def key(self) -> str:
        """The same for the same need, 64 hexadecimal digits."""
        parts = (self.sha256, self.scale_micro, self.profile_sha256, self.strength.value, VERSION)
        return hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()


def takes_profile(method: str) -> bool:
    """Whether a slicer on the server can estimate the prints of this method: it slices no resin."""
    return method != "Resin"


@dataclass(frozen=True, slots=True)
class Automatic:
    """What came of it: volume of the filament in mm³ and seconds of one copy, or a sentence that says why not."""

    state: AutomaticState
    volume_mm3: float | None = None
    time_s: int | None = None
    message: str | None = None


def need_of(job: JobView, catalog: Catalog) -> Need | None:
    """What the slicer would be asked for a job as it is; None where the printer has no profile, or nothing is known of
    the file.
    """
    printer = catalog.printer(job.printer)
    if printer is None or printer.profile is None or job.analysis is None or job.analysis.facts is None:
        return None
    return Need(job.analysis.sha256, job.scale_micro, printer.profile.sha256, job.strength)


def why_not(facts: ModelFacts) -> str | None:
    """Why a slicer would say something wrong of a model, though it reports no error; None when it would not.

    A part with holes is filled or left empty as the slicer guesses: PrusaSlicer 2.5.0 was 81 % off, with success.
    """
    if not facts.closed or facts.flipped_edges:
        return "Its surface is not closed: the slicer would guess what belongs to the part."
    if facts.inside_out:
        return "A body of it is inside out: the slicer would guess what is solid."
    if _DAMAGE & set(facts.remarks):
        return "Some of the file is missing."
    if facts.item_count > 1:
        return "The file holds several parts, which the slicer would take for one."
    if facts.triangles > MOST_TRIANGLES:
        return f"It has more than {MOST_TRIANGLES:,} triangles."
    return None


def estimate_of(found: Automatic, density_mg_cm3: int, quantity: int, rates: Rates) -> Estimate | None:
    """Weight, time and price of ``quantity`` copies as the slicer has them; None while, or where, it has none."""
    figures = _figures(found, density_mg_cm3, quantity)
    if figures.weight_cg is None or figures.time_min is None:
        return None
    weight, time = figures.weight_cg, figures.time_min
    price = price_cents(rates, weight, time)
    return Estimate(
        Range(weight, weight, weight), Range(time, time, time), Range(price, price, price), certain=True, automatic=True
    )


def automatic_figures(job: JobView, catalog: Catalog) -> Figures:
    """What a quote of the job begins with where nobody sliced the file; empty where the slicer gave nothing."""
    material = catalog.material(job.material, job.method)
    if job.automatic is None or material is None:
        return Figures()
    return _figures(job.automatic, material.density_mg_cm3, job.quantity)


def _figures(found: Automatic, density_mg_cm3: int, quantity: int) -> Figures:
    if found.state is not AutomaticState.DONE or found.volume_mm3 is None or found.time_s is None:
        return Figures()
    return taken(found.volume_mm3 / _MM3_PER_CM3 * density_mg_cm3 / _MG_PER_G, found.time_s, quantity)
