"""Waiting for what a lab does by itself."""

from __future__ import annotations

from printlab.domain.analysis import AnalysisView
from tests.browser.lab import Lab, until

_ANALYSED_S = 90.0


def analysed(lab: Lab, job_id: int) -> AnalysisView:
    """What the lab found in a job's model, once it is over."""

    def look() -> AnalysisView | None:
        analysis = lab.job(job_id).analysis
        return analysis if analysis is not None and analysis.state.is_over else None

    return until(look, f"the analysis of job {job_id}", _ANALYSED_S)
