"""Waiting for what a lab does by itself."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from printlab.domain.analysis import AnalysisView
from tests.browser.lab import Lab, until

_ANALYSED_S = 90.0
_AT_REST = """async () => {
    const STILL_MS = 120, PATIENCE_MS = 10_000;
    await document.fonts.ready;
    const places = () => [...document.querySelectorAll('body *')].map((it) => {
        const { x, y, width, height } = it.getBoundingClientRect();
        return [x, y, width, height].join();
    }).join(' ');
    const began = performance.now();
    for (let before = places(), since = began; performance.now() - began < PATIENCE_MS;) {
        await new Promise((next) => setTimeout(next, 30));
        const now = places();
        if (now !== before) [before, since] = [now, performance.now()];
        else if (performance.now() - since >= STILL_MS) return true;
    }
    return false;
}"""

_DRAWN_ANEW = 3


def analysed(lab: Lab, job_id: int) -> AnalysisView:
    """What the lab found in a job's model, once it is over."""

    def look() -> AnalysisView | None:
        analysis = lab.job(job_id).analysis
        return analysis if analysis is not None and analysis.state.is_over else None

    return until(look, f"the analysis of job {job_id}", _ANALYSED_S)


def at_rest(page: Page) -> Page:
    """The page once its fonts are there and nothing on it has moved for a moment."""
    assert page.evaluate(_AT_REST), "the page never came to rest"
    return page


def places(what: Locator) -> list[dict[str, float]]:
    """The places of all that ``what`` finds, as ``x, y, width, height`` in px, in one moment of the page at rest."""
    at_rest(what.page)
    return what.evaluate_all("all => all.map((it) => it.getBoundingClientRect().toJSON())")


def measured(what: Locator) -> dict[str, float]:
    """The place of what the page shows, as ``x, y, width, height`` in px, once the page is at rest.

    A part that is drawn anew just then is away for a moment.
    """
    for _ in range(_DRAWN_ANEW):
        at_rest(what.page)
        what.wait_for(state="visible")
        if (place := what.bounding_box()) is not None:
            return dict(place)
    raise AssertionError(f"{what} is not to be seen")
