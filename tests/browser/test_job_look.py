"""The job page at a look: what staff need is seen at once, and a phone has it in the order of the work."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from printlab.domain.status import JobStatus
from tests.browser.lab import Lab
from tests.browser.people import PHONE, NewPerson, Person

_STEP, _FACTS, _FILES, _HISTORY = ".plj-step", ".plj-facts", ".plj-files", ".plj-timeline"
_STUDENT = ".plj-section:has-text('Student and request')"
_FOLD_PX = 768


def extent(page: Page, what: str) -> tuple[float, float]:
    """Upper and lower edge of a part of the page."""
    box = page.locator(what).bounding_box()
    assert box is not None
    return box["y"], box["y"] + box["height"]


@pytest.mark.parametrize("status", JobStatus)
def test_a_laptop_shows_step_facts_and_the_part_with_its_size_above_the_fold(
    lab: Lab, staff: Person, status: JobStatus
) -> None:
    job = lab.bench.at(status, notes="The flat side is the visible one.", quantity=4)
    page = staff.visit(f"/jobs/{job.id}")
    expect(page.locator(".plv")).to_have_attribute("data-state", "shown", timeout=60_000)
    expect(page.locator(".pl-report-stage")).to_have_count(0)  # nothing is drawn anew any more
    assert max(extent(page, part)[1] for part in (_STEP, _FACTS, ".plv", ".pl-report-facts")) <= _FOLD_PX
    assert extent(page, ".plj-head-actions")[1] <= _FOLD_PX  # the file that counts is opened from there
    assert extent(page, _STUDENT)[0] <= _FOLD_PX - 100


@pytest.mark.parametrize("status", [JobStatus.UPLOADED, JobStatus.READY_TO_PRINT, JobStatus.PAID_PICKED_UP])
def test_what_cannot_be_edited_leaves_no_hole(lab: Lab, staff: Person, status: JobStatus) -> None:
    page = staff.visit(f"/jobs/{lab.bench.at(status).id}")
    page.get_by_role("button", name="Edit", exact=True).click()
    pairs = page.get_by_role("dialog").locator(".plj-pair")
    expect(pairs.first).to_be_visible()
    for pair in pairs.all():
        box = pair.bounding_box()
        parts = [part.bounding_box() for part in pair.locator("> *:visible").all()]
        ends: dict[float, float] = {}
        for part in parts:
            assert part is not None
            ends[part["y"]] = max(ends.get(part["y"], 0), part["x"] + part["width"])
        assert box is not None
        assert all(abs(end - box["x"] - box["width"]) < 1 for end in ends.values())


def test_a_phone_has_the_step_first_and_the_mails_last(lab: Lab, person: NewPerson) -> None:
    job = lab.bench.at(JobStatus.COMPLETED, notes="The flat side is the visible one.")
    page = person(lab, **PHONE).signed_in(lab.staff()).visit(f"/jobs/{job.id}")
    order = (".plj-written", _STEP, _FACTS, _FILES, _HISTORY, _STUDENT, ".plj-mails")
    for above, below in pairwise(order):
        assert extent(page, above)[1] <= extent(page, below)[0]
