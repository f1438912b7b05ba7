"""“Open file”, from the click to the slicer: a real Chromium on a screen, the helper installed, a stand-in slicer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect, sync_playwright

from printlab.domain.status import JobStatus
from tests import files_made
from tests.browser.desktop import Desktop, desktop, managed_policy
from tests.browser.lab import Lab
from tests.browser.people import Person


@pytest.fixture(scope="module")
def desk(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    """The PC at the front desk, set up; its share is the lab's storage root."""
    with desktop(lab, tmp_path_factory.mktemp("desk")) as pc:
        pc.install("Front Desk", lab.storage)
        yield pc


@pytest.fixture(scope="module")
def windows(lab: Lab, desk: Desktop) -> Iterator[BrowserContext]:
    """A browser on that PC which the administrator has told to trust the lab."""
    with managed_policy(lab.url), sync_playwright() as playwright, desk.browser(playwright) as context:
        yield context


@pytest.fixture
def sam(lab: Lab, windows: BrowserContext) -> Iterator[Person]:
    """Sam, signed in at the front desk."""
    expect.set_options(timeout=10_000)
    person = Person(lab, windows).signed_in(lab.staff())
    yield person
    person.page.close()
    assert person.errors == []


def test_a_click_on_the_board_opens_the_file_that_counts_in_place(lab: Lab, desk: Desktop, sam: Person) -> None:
    job = lab.bench.add_sliced(lab.bench.at(JobStatus.READY_TO_PRINT), files_made.gcode())
    page = sam.visit("/board")
    page.get_by_role("button", name=f"Open file of job {job.id}").click()
    opened = desk.opened()
    assert opened == lab.storage / "ReadyToPrint" / f"{job.stem}.gcode"
    assert hashlib.sha256(opened.read_bytes()).hexdigest() == job.counting_file.sha256
    expect(sam.said(f"Job {job.id} opens at Front Desk")).to_be_visible()
    card = page.locator(f'[data-job="{job.id}"]')
    expect(card.get_by_text("Open at Front Desk, Sam Rivera")).to_be_visible()
