"""What staff should look at in a sliced file before they print it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from printlab.domain import slicing, words
from printlab.domain.report import estimate_for, report_of
from printlab.domain.sliced_facts import CAUTIONS, Caution
from printlab.domain.views import Catalog, JobView, RevisionView, copies

FAR_LESS, FAR_MORE = 0.5, 2.0
"""A slicer's weight is within 0.9 and 1.06 of the estimate for nine parts of ten; supports, a wipe tower and thicker
walls can add as much again. What lies beyond these multiples of the range is another part, or another number of copies.
"""
_DAMAGE = {
    Caution.TRUNCATED: "Sliced file is cut off",
    Caution.CRC_BROKEN: "Sliced file is damaged",
    Caution.UNREADABLE: "Sliced file cannot be read",
}
_SHORT = _DAMAGE | {Caution.NOT_TOLD: "Nobody knows what the file is"}


@dataclass(frozen=True, slots=True)
class Remark:
    """``text`` is a sentence, ``short`` the same in a few words for a card; empty where only the figures are missing.

    ``is_damage``: the file would not print to its end.
    """

    text: str
    short: str = ""
    is_damage: bool = False


def remarks(job: JobView, revision: RevisionView, catalog: Catalog) -> tuple[Remark, ...]:
    """All that is odd about one of the job's files for this job, damage first; nothing of a bare model."""
    found = [*_cautions(revision), *_another_order(job, revision, catalog), *_another_weight(job, revision, catalog)]
    return tuple(sorted(found, key=lambda remark: not remark.is_damage))


def _cautions(revision: RevisionView) -> Iterator[Remark]:
    for caution in revision.sliced.cautions if revision.sliced else ():
        if caution is not Caution.SEVERAL_PLATES:
            yield Remark(CAUTIONS[caution], _SHORT.get(caution, ""), caution in _DAMAGE)


def _another_order(job: JobView, revision: RevisionView, catalog: Catalog) -> Iterator[Remark]:
    facts = revision.sliced
    if facts is None:
        return
    if facts.printer_model and not slicing.is_for_printer(facts.printer_model, job, catalog):
        text = f"It was sliced for “{facts.printer_model}”; the job is for the {job.printer}."
        yield Remark(text, f"Sliced for {facts.printer_model}")
    if facts.material and not slicing.is_of_material(facts.material, job, catalog):
        yield Remark(f"It was sliced for {facts.material}; the job is {job.material}.", f"Sliced for {facts.material}")


def _another_weight(job: JobView, revision: RevisionView, catalog: Catalog) -> Iterator[Remark]:
    """A weight that the part cannot have: another part, or another number of copies."""
    weight_cg = slicing.figures(revision, job, catalog).weight_cg
    estimate = estimate_for(job, catalog) if weight_cg else None
    if not weight_cg or estimate is None or not estimate.certain:
        return
    low, high = estimate.weight_cg.low * FAR_LESS, estimate.weight_cg.high * FAR_MORE
    if low <= weight_cg <= high:
        return
    about = report_of(job, catalog)  # judged only now: it takes longer, and every card on the board is asked this
    if about is None or not about.is_settled:
        return
    told = f"It takes {words.weight(weight_cg)}"
    likely = f"about {words.weight(estimate.weight_cg.likely)} are estimated for {copies(job.quantity)}"
    of_one = not revision.one_copy and job.quantity > 1 and low <= weight_cg * job.quantity <= high
    question = "Does it hold one copy only?" if of_one else "Is it the right file, and for all copies?"
    yield Remark(f"{told}; {likely}. {question}", f"Weighs far {'less' if weight_cg < low else 'more'} than estimated")
