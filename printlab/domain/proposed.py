"""The weight, time and material that a quote begins with: what is known of the file before anybody types."""

from __future__ import annotations

from printlab.domain import slicing
from printlab.domain.automatic import automatic_figures
from printlab.domain.slicing import Figures
from printlab.domain.views import Catalog, JobView, RevisionKind, RevisionView


def proposed(job: JobView, catalog: Catalog) -> Figures:
    """Those of the quote that was told for the file that counts, or what is known of that file."""
    file, quote = job.counting_file, job.quote
    if quote is not None and quote.covers(file.number):
        return Figures(quote.weight_cg, quote.time_min, job.material)
    return known_of(file, job, catalog)


def known_of(revision: RevisionView, job: JobView, catalog: Catalog) -> Figures:
    """What a file says of all copies; of the model that counts the automatic estimate."""
    if revision.kind is not RevisionKind.SLICED and revision.model == job.counting_file.model:
        return automatic_figures(job, catalog)
    return slicing.figures(revision, job, catalog)
