"""Two students look at their pages while staff work through the queue."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from printlab.domain.status import JobStatus
from tests.browser.lab import Lab
from tests.browser.people import PHONE, NewPerson, alive
from tests.past import one_job_a_day

_FRAMES_SEEN = """() => {
    window.changes = [];
    new MutationObserver(found => window.changes.push(...found)).observe(
        document.querySelector("main"), {childList: true, subtree: true, characterData: true});
}"""


def test_the_queue_moves_before_the_students_eyes(start_lab: Callable[..., Lab], person: NewPerson) -> None:
    lab = start_lab()
    bench = lab.bench
    one_job_a_day(bench)
    first, second, other = (
        bench.at(JobStatus.READY_TO_PRINT),
        bench.at(JobStatus.READY_TO_PRINT),
        bench.at(JobStatus.READY_TO_PRINT, printer="Prusa XL"),
    )
    near, far = person(lab, **PHONE), person(lab)
    newcomer = person(lab, **PHONE).visit("/")
    expect(newcomer.get_by_text("3 jobs wait")).to_be_visible()
    page = near.visit(path_of(second.track_url))
    expect(page.get_by_text("1 job is before yours for the Prusa MK4S.")).to_be_visible()
    unmoved = far.visit(path_of(other.track_url))
    expect(unmoved.get_by_text("No other job is before yours for the Prusa XL.")).to_be_visible()
    watch(unmoved)

    bench.start(first)

    expect(page.get_by_text("No other job is before yours for the Prusa MK4S.")).to_be_visible()
    expect(newcomer.get_by_text("2 jobs wait")).to_be_visible()
    assert unmoved.evaluate("window.changes.length") == 0
    bench.start(second)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your part is being printed.")
    expect(page.get_by_text("before yours")).to_have_count(0)
    expect(newcomer.get_by_text("1 job waits")).to_be_visible()


def watch(page: Page) -> None:
    """Note from now on what changes in the main part of a page that is drawn."""
    alive(page)
    page.wait_for_timeout(1000)
    page.evaluate(_FRAMES_SEEN)


def path_of(url: str) -> str:
    """The path of a private link."""
    found = re.search(r"/track/\S+", url)
    assert found
    return found[0]
