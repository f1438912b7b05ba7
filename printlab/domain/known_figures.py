"""What is known of the figures of a job before it has a quote."""

from __future__ import annotations

from printlab.domain.automatic import automatic_figures
from printlab.domain.slicing import Figures, figures
from printlab.domain.views import Catalog, JobView


def figures_before_quote(job: JobView, catalog: Catalog) -> tuple[Figures | None, bool]:
    """What the sliced file that counts says, or else the automatic estimate, and whether it is that one; None of a job
    that has a quote, and of one of which nothing is known.
    """
    if job.quote is not None:
        return None, False
    if job.is_sliced:
        return figures(job.counting_file, job, catalog), False
    automatic = automatic_figures(job, catalog)
    return (None, False) if automatic == Figures() else (automatic, True)


def figures_known(job: JobView, before_quote: Figures | None) -> Figures:
    """Weight and time of all copies: as quoted, or as ``figures_before_quote`` told."""
    return Figures(job.weight_cg, job.time_min) if before_quote is None else before_quote


def time_known_min(job: JobView, catalog: Catalog) -> int | None:
    """Minutes that all copies take, as far as that is known."""
    before_quote, _ = figures_before_quote(job, catalog)
    return figures_known(job, before_quote).time_min
