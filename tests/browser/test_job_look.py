"""The job page at a look: what staff need is seen at once, and a phone has it in the order of the work."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from printlab.domain.status import JobStatus
from tests import files_made
from tests.browser.lab import Lab
from tests.browser.people import DESKTOP, NEWEST_FIRST, PHONE, NewPerson, Person
from tests.browser.toolpaths import block_gcode
from tests.browser.viewing import binary_stl, box, tools_in_reach
from tests.browser.waiting import measured, places

_STEP, _FACTS, _FILES, _HISTORY = ".plj-step", ".plj-facts", ".plj-files", ".plj-timeline"
_STUDENT = ".plj-section:has-text('Student and request')"
_FOLD_PX = 768
_SMALL_PC: dict[str, Any] = {"viewport": {"width": 1024, "height": 768}}
_TABLET: dict[str, Any] = {"viewport": {"width": 768, "height": 1024}, "has_touch": True}
_TOOLS = (
    *("Fit", "Corner", "Front", "Right", "Top", "Wireframe", "Smooth surfaces", "Cut the part open", "Dimensions"),
    "Measure between two points",
)
_TOUCH_PX = 40
_COLD_MS = 60_000  # a part that the lab has yet to measure and draw


def extent(page: Page, what: str) -> tuple[float, float]:
    """Upper and lower edge of a part of the page."""
    box_ = measured(page.locator(what))
    return box_["y"], box_["y"] + box_["height"]


def _shown(page: Page) -> Page:
    """The page once the part is drawn and nothing is drawn anew any more."""
    expect(page.locator(".plv")).to_have_attribute("data-state", "shown", timeout=_COLD_MS)
    expect(page.locator(".pl-report-stage")).to_have_count(0)
    return page


@pytest.mark.parametrize("status", JobStatus)
def test_a_laptop_shows_step_figures_findings_and_a_large_part_above_the_fold(
    lab: Lab, staff: Person, status: JobStatus
) -> None:
    job = lab.bench.at(status, notes="The flat side is the visible one.", quantity=4)
    page = _shown(staff.visit(f"/jobs/{job.id}"))
    assert max(extent(page, part)[1] for part in (_STEP, ".plv", ".pl-report-facts", ".pl-findings")) <= _FOLD_PX
    assert extent(page, ".plj-head-actions")[1] <= 150  # the file that counts, and what it costs
    assert extent(page, _FACTS)[0] <= _FOLD_PX - 40  # what is below shows that it is there
    stage = measured(page.locator(".plv-stage"))
    assert stage["width"] >= DESKTOP["viewport"]["width"] * 0.6
    assert stage["height"] >= _FOLD_PX * 0.4


def test_many_findings_leave_the_part_its_room_and_can_all_be_read(lab: Lab, staff: Person) -> None:
    cubes = [np.add(box(20, 20, 20, open_top=True), (x, 0, 90)) for x in (150, 300, 450)]
    content = binary_stl(np.concatenate([box(60, 40, 0.3, open_top=True), *cubes]))
    note = "It has to fit. " * 20
    job = lab.bench.submit(content, f"{'long ' * 25}.stl", name="N" * 80, notes=note)
    page = _shown(staff.visit(f"/jobs/{job.id}"))
    assert page.evaluate("document.documentElement.scrollHeight") == _FOLD_PX
    assert measured(page.locator(".plv-stage"))["height"] >= 190
    found, report = page.locator(".pl-finding"), page.locator(".pl-report")
    assert found.count() >= 4
    assert measured(found.first)["y"] < _FOLD_PX - 60
    found.last.scroll_into_view_if_needed()
    last, room = measured(found.last), measured(report)
    assert last["y"] + last["height"] <= room["y"] + room["height"] <= _FOLD_PX
    assert measured(page.locator(".plv-bar"))["y"] + 40 <= room["y"]


def test_many_findings_leave_a_cut_and_a_tool_path_all_of_their_tools(lab: Lab, staff: Person) -> None:
    cubes = [np.add(box(20, 20, 20, open_top=True), (x, 0, 90)) for x in (150, 300, 450)]
    content = binary_stl(np.concatenate([box(60, 40, 0.3, open_top=True), *cubes]))
    job = lab.bench.add_sliced(lab.bench.submit(content, "odd.stl"), block_gcode().encode())
    page = _shown(staff.visit(f"/jobs/{job.id}"))
    expect(page.locator(".pl-finding").nth(3)).to_be_attached()
    for tool, opened in (("Cut the part open", "Where the part is cut"), ("Both", "Travel: moves without plastic")):
        button = page.get_by_role("button", name=tool, exact=True)
        expect(button).to_be_visible(timeout=_COLD_MS)
        button.click()
        assert opened in tools_in_reach(_shown(page).locator(".plv"), _TOUCH_PX)
        assert extent(page, ".plv")[1] <= _FOLD_PX


def test_where_there_is_no_picture_more_of_the_work_is_above_the_fold(lab: Lab, staff: Person) -> None:
    nothing = b"solid nothing\n" + b"facet normal 0 0 1\nendfacet\n" * 20 + b"endsolid nothing\n"
    job = lab.bench.submit(nothing, "nothing.stl")
    page = staff.visit(f"/jobs/{job.id}")
    expect(page.locator(".pl-report")).to_contain_text("This file cannot be printed.", timeout=60_000)
    expect(page.locator(".plv")).to_be_hidden()
    lab.moved(job.id, JobStatus.REJECTED)
    expect(page.get_by_role("heading", name="Why it was rejected")).to_be_visible()
    assert max(extent(page, part)[1] for part in (_STEP, _FACTS, _FILES)) <= _FOLD_PX
    assert extent(page, _STUDENT)[0] <= _FOLD_PX - 200


@pytest.mark.parametrize("window", [DESKTOP, _SMALL_PC, _TABLET, PHONE], ids=["1366", "1024", "768", "390"])
def test_every_tool_of_the_viewer_is_in_reach_at_every_width(
    lab: Lab, person: NewPerson, window: dict[str, Any]
) -> None:
    job = lab.bench.submit(binary_stl(box(30, 20, 14)), "tools.stl")
    page = _shown(person(lab, **window).signed_in(lab.staff()).visit(f"/jobs/{job.id}"))
    assert tools_in_reach(page.locator(".plv"), _TOUCH_PX) == [*_TOOLS]
    wireframe = page.get_by_role("button", name="Wireframe")
    wireframe.click()
    expect(wireframe).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("window", [DESKTOP, _SMALL_PC, _TABLET, PHONE], ids=["1366", "1024", "768", "390"])
def test_model_and_tool_path_beside_each_other_leave_every_tool_in_reach(
    lab: Lab, person: NewPerson, window: dict[str, Any]
) -> None:
    job = lab.bench.add_sliced(lab.bench.submit(binary_stl(box(30, 20, 14)), "both.stl"), block_gcode().encode())
    page = person(lab, **window).signed_in(lab.staff()).visit(f"/jobs/{job.id}")
    both = page.get_by_role("button", name="Both", exact=True)
    expect(both).to_be_visible(timeout=_COLD_MS)
    both.click()
    viewer = _shown(page).locator(".plv")
    assert len(tools_in_reach(viewer, _TOUCH_PX)) == 10  # three to choose what is shown, five to look, layers, travel
    assert measured(viewer.locator(".plv-stage"))["height"] >= (400 if "is_mobile" in window else 190)


@pytest.mark.parametrize("status", [JobStatus.UPLOADED, JobStatus.READY_TO_PRINT, JobStatus.PAID_PICKED_UP])
def test_what_cannot_be_edited_leaves_no_hole(lab: Lab, staff: Person, status: JobStatus) -> None:
    page = staff.visit(f"/jobs/{lab.bench.at(status).id}")
    page.get_by_role("button", name="Edit", exact=True).click()
    pairs = page.get_by_role("dialog").locator(".plj-pair")
    expect(pairs.first).to_be_visible()
    for pair in pairs.all():
        whole = measured(pair)
        parts = [measured(part) for part in pair.locator("> *:visible").all()]
        ends: dict[float, float] = {}
        for part in parts:
            ends[part["y"]] = max(ends.get(part["y"], 0), part["x"] + part["width"])
        assert all(abs(end - whole["x"] - whole["width"]) < 1 for end in ends.values())


@pytest.mark.parametrize("place", ["/jobs/{}", NEWEST_FIRST])
def test_why_a_new_quote_is_needed_is_a_sentence_with_a_wide_table_below(lab: Lab, staff: Person, place: str) -> None:
    quoted = lab.bench.add_sliced(lab.bench.submit(), files_made.prusa_gcode(8, "29m"))
    accepted = lab.bench.confirm(lab.bench.approve(quoted, weight_cg=800, time_min=29))
    job = lab.bench.add_sliced(accepted, files_made.prusa_gcode(material="PETG"))
    page = staff.visit(place.format(job.id))
    if place == NEWEST_FIRST:
        page.locator(f'[data-job="{job.id}"]').get_by_role("button", name="Re-quote").click()
    expect(page.locator(".plj-why .pl-notice")).to_be_visible()
    sentence, table = measured(page.locator(".plj-why .pl-notice")), measured(page.locator(".plj-why table"))
    assert table["y"] >= sentence["y"] + sentence["height"]
    assert table["width"] == sentence["width"] > 350
    rows = [row["height"] for row in places(page.locator(".plj-why tr"))]
    assert 0 < min(rows) <= max(rows) < 40  # each fact in one line


def test_the_buttons_of_a_dialog_stand_on_its_edge_while_its_fields_scroll(lab: Lab, staff: Person) -> None:
    job = lab.bench.submit()
    page = staff.visit(NEWEST_FIRST)
    page.set_viewport_size({"width": 1366, "height": 500})
    page.locator(f'[data-job="{job.id}"]').get_by_role("button", name="Approve").click()
    card, actions = page.locator(".plj-dialog"), page.locator(".plj-dialog .plj-form-actions")
    expect(card).to_be_visible()
    for scrolled in (0, 90, 10_000):
        card.evaluate("(card, top) => card.scrollTo(0, top)", scrolled)
        whole, buttons = measured(card), measured(actions)
        assert abs(whole["y"] + whole["height"] - buttons["y"] - buttons["height"]) < 1
        assert (buttons["x"], buttons["width"]) == (whole["x"], whole["width"])


def test_a_phone_has_the_step_first_and_the_mails_last(lab: Lab, person: NewPerson) -> None:
    job = lab.bench.at(JobStatus.COMPLETED, notes="The flat side is the visible one.")
    page = _shown(person(lab, **PHONE).signed_in(lab.staff()).visit(f"/jobs/{job.id}"))
    expect(page.locator(".plj-mails")).to_be_visible()  # the last of them is written a moment after the job
    order = (".plj-written", _STEP, ".plj-model", _FACTS, _FILES, _STUDENT, _HISTORY, ".plj-mails")
    for above, below in pairwise(order):
        assert extent(page, above)[1] <= extent(page, below)[0]
