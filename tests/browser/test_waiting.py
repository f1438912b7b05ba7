"""Two students look at their pages while staff work through the queue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from printlab.domain.status import JobStatus
from printlab.services import build_services
from tests.browser.lab import WITHOUT_TASKS, Lab, served_again
from tests.browser.people import PHONE, NewPerson, alive
from tests.past import one_job_a_day
from tests.workbench import Clock, Workbench

LAB_SETTINGS = WITHOUT_TASKS  # nothing is measured or drawn while changes of a page are counted

_NOTE_CHANGES = """() => {
    window.changes = [];
    new MutationObserver(found => window.changes.push(...found)).observe(
        document.querySelector("main"), {childList: true, subtree: true, characterData: true});
}"""


@pytest.fixture
def past(lab: Lab) -> Iterator[Workbench]:
    """The lab of yesterday: what is done here happens at the time of its clock."""
    clock = Clock()
    clock.now = datetime.now(UTC) - timedelta(hours=25)
    services = build_services(lab.settings, clock)
    yield Workbench(services, clock)
    services.close()


def test_the_queue_moves_before_the_students_eyes(lab: Lab, past: Workbench, person: NewPerson) -> None:
    one_job_a_day(past)
    bench = lab.bench
    first, second = bench.at(JobStatus.READY_TO_PRINT), bench.at(JobStatus.READY_TO_PRINT)
    other = bench.at(JobStatus.READY_TO_PRINT, printer="Prusa XL")
    lab.process.kill()
    lab.process.wait()
    with served_again(lab):  # it learns from the last weeks when it starts
        newcomer = person(lab, **PHONE).visit("/")
        expect(
            newcomer.get_by_text("The lab is busy: 3 jobs wait. Most parts of the last 30 days took")
        ).to_be_visible()
        near = person(lab, **PHONE).visit(second.track_url)
        expect(near.get_by_text("1 job is before yours for the Prusa MK4S. Likely ready")).to_be_visible()
        far = person(lab).visit(other.track_url)
        expect(far.get_by_text("No other job is before yours for the Prusa XL. Likely ready")).to_be_visible()
        note_changes(far)

        bench.start(first)

        expect(near.get_by_text("No other job is before yours for the Prusa MK4S. Likely ready")).to_be_visible()
        expect(newcomer.get_by_text("2 jobs wait")).to_be_visible()
        assert far.evaluate("window.changes.length") == 0
        bench.start(second)
        expect(near.get_by_role("heading", level=1)).to_have_text("Your part is being printed.")
        expect(near.get_by_text("before yours")).to_have_count(0)
        expect(newcomer.get_by_text("1 job waits")).to_be_visible()
        for page in (newcomer, near, far):  # before their server ends
            page.close()


def note_changes(page: Page) -> None:
    """Remember from now on what changes in the main part of a page that is drawn."""
    alive(page)
    page.wait_for_timeout(1500)
    page.evaluate(_NOTE_CHANGES)
