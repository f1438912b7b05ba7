"""Models on the pages of a running lab: sent, analysed by its own worker, and seen in 3D and on the board."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from printlab.domain.analysis import AnalysisState
from tests import files_made
from tests.browser.lab import Lab
from tests.browser.people import DESKTOP, NEWEST_FIRST, PHONE, NewPerson, Person
from tests.browser.viewing import Triangles, View, binary_stl, blue, box, near_white, obj_of_a_prism, tools_in_reach
from tests.browser.waiting import analysed, measured

_SHOWN_S = 10.0
_OUTLINE = [(0.0, 0.0), (60.0, 0.0), (60.0, 40.0), (20.0, 60.0), (0.0, 40.0)]
FILES = {
    "bracket.stl": binary_stl(box(60, 40, 30)),
    "prism.obj": obj_of_a_prism(_OUTLINE, 30),
    "cube.3mf": files_made.threemf(40),
}


def torus(around: int, across: int) -> Triangles:
    """A ring of 80 mm with a rippled surface: ``2 · around · across`` triangles."""
    u, v = np.meshgrid(np.linspace(0, 2 * np.pi, around + 1), np.linspace(0, 2 * np.pi, across + 1), indexing="ij")
    radius = 10 + 0.4 * np.sin(24 * u) * np.sin(6 * v)
    points = np.stack(
        [(30 + radius * np.cos(v)) * np.cos(u), (30 + radius * np.cos(v)) * np.sin(u), radius * np.sin(v)], axis=-1
    )
    a, b, c, d = points[:-1, :-1], points[1:, :-1], points[1:, 1:], points[:-1, 1:]
    return np.concatenate([np.stack(three, axis=-2).reshape(-1, 3, 3) for three in ((a, b, c), (a, c, d))])


def assert_part_on_its_bed(page: Page) -> None:
    """The canvas shows the part, large enough to be seen, and the bed around it."""
    pixels = View(page).is_in("shown").pixels()
    assert 0.03 < blue(pixels) < 0.7
    assert near_white(pixels) > 0.05
    expect(page.locator(".plv-bed")).to_contain_text("250 × 210 × 220 mm")


@pytest.mark.parametrize("name", FILES)
def test_a_part_is_seen_before_it_is_sent_and_by_staff_afterwards(
    name: str, lab: Lab, person: NewPerson, staff: Person
) -> None:
    student = person(lab, **DESKTOP)
    page = student.visit("/")
    student.choose_file(name, FILES[name])
    assert_part_on_its_bed(page)
    expect(page.locator(".pl-report-facts")).to_contain_text("mm", timeout=30_000)
    student.fill_order()
    number = student.send()

    assert analysed(lab, number).state is AnalysisState.DONE
    page = staff.visit(f"/jobs/{number}")
    assert_part_on_its_bed(page)
    expect(page.locator(".pl-report-facts")).to_contain_text("Size")


@pytest.mark.parametrize("window", [DESKTOP, PHONE], ids=["laptop", "phone"])
def test_a_student_who_cuts_the_part_open_keeps_every_tool(lab: Lab, person: NewPerson, window: dict[str, Any]) -> None:
    student = person(lab, **window)
    page = student.visit("/")
    cubes = [np.add(box(20, 20, 20, open_top=True), (x, 0, 90)) for x in (80, 110, 140)]
    student.choose_file("odd.stl", binary_stl(np.concatenate([box(60, 40, 0.3, open_top=True), *cubes])))
    expect(page.locator(".pl-finding").nth(2)).to_be_attached(timeout=30_000)
    expect(page.locator(".plv-reds")).to_be_visible()
    View(page).is_in("shown").button("Cut the part open").click()
    assert {"X (left–right)", "Where the part is cut", "Measure between two points"} <= {
        *tools_in_reach(page.locator(".plv"), 40)
    }
    assert measured(page.locator(".plv-stage"))["height"] >= 160
    words, side = measured(page.get_by_text("From left")), measured(View(page).button("Other side"))
    assert words["y"] >= side["y"] or window is not PHONE  # in one line: a phone has none to spare


def test_a_file_of_50_mb_is_soon_seen_on_the_job_page(
    lab: Lab, staff: Person, record_property: Callable[[str, object], None]
) -> None:
    content = binary_stl(torus(1000, 499))
    assert len(content) > 49_000_000
    job = lab.bench.submit(content, "ring.stl")
    assert analysed(lab, job.id).state is AnalysisState.DONE

    page = staff.visit(f"/jobs/{job.id}")
    View(page).is_in("shown")
    loaded_ms = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    shown_ms = page.evaluate("performance.now()")
    record_property("seconds from page load to shown", round((shown_ms - loaded_ms) / 1000, 2))
    assert (shown_ms - loaded_ms) / 1000 < _SHOWN_S
    assert blue(View(page).pixels()) > 0.03


def card(page: Page, job_id: int) -> Locator:
    """A job's card on the board."""
    return page.locator(f'[data-job="{job_id}"]')


def test_the_picture_comes_to_the_board_by_itself(lab: Lab, staff: Person) -> None:
    page = staff.visit(NEWEST_FIRST)
    job = lab.bench.submit(binary_stl(box(30, 20, 10)), "new.stl")
    picture = card(page, job.id).locator(".plb-thumb img")
    expect(picture).to_be_visible(timeout=60_000)
    expect(picture).to_have_js_property("naturalWidth", 512)
    size = measured(card(page, job.id).locator(".plb-thumb"))
    assert (size["width"], size["height"]) == (50, 50)


def apart(one: Locator, other: Locator) -> bool:
    """Whether two boxes share no point."""
    a, b = measured(one), measured(other)
    beside = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
    return beside or a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]


def test_a_picture_is_enlarged_beside_its_card(lab: Lab, staff: Person) -> None:
    job = lab.bench.submit(binary_stl(box(30, 20, 11)), "peek.stl")
    assert analysed(lab, job.id).thumbnail_url
    page = staff.visit(NEWEST_FIRST)
    thumb, peek = card(page, job.id).locator(".plb-thumb"), page.locator(".plb-peek")
    thumb.hover()
    expect(peek).to_be_visible()
    assert apart(peek, card(page, job.id))
    page.keyboard.press("Escape")
    expect(peek).to_be_hidden()

    page.mouse.move(0, 0)
    card(page, job.id).locator("a").first.focus()
    page.keyboard.press("Tab")
    expect(thumb).to_be_focused()
    expect(peek).to_be_visible()
    page.keyboard.press("Tab")
    expect(peek).to_be_hidden()


def test_the_enlarged_picture_leads_to_the_job(lab: Lab, person: NewPerson, staff: Person) -> None:
    job = lab.bench.submit(binary_stl(box(30, 20, 13, open_top=True)), "lead.stl")
    assert analysed(lab, job.id).thumbnail_url
    page = staff.visit(NEWEST_FIRST)
    peek = page.locator(".plb-peek")
    card(page, job.id).locator(".plb-thumb").hover()
    expect(peek).to_contain_text("Red: holes let you see inside the surface")
    peek.click()
    expect(page).to_have_url(f"{lab.url}/jobs/{job.id}")

    page = person(lab, **PHONE).signed_in(lab.staff()).visit(NEWEST_FIRST)
    card(page, job.id).locator(".plb-thumb").tap()
    page.locator(".plb-peek").tap()
    expect(page).to_have_url(f"{lab.url}/jobs/{job.id}")


def test_a_card_counts_what_else_was_found(lab: Lab, staff: Person) -> None:
    job = lab.bench.submit(binary_stl(box(300, 300, 13, open_top=True)), "several.stl")
    assert analysed(lab, job.id).state is AnalysisState.DONE
    page = staff.visit(NEWEST_FIRST)
    mark = card(page, job.id).locator(".plb-mark", has_text="Does not fit")
    expect(mark.locator(".plb-mark__more")).to_have_text("+1")
    expect(mark).to_have_attribute("title", "Model: Does not fit; Not watertight")
    more = mark.get_by_role("button", name="1 more: Not watertight", expanded=False)
    more.press("Enter")
    expect(mark.get_by_text("Does not fit; Not watertight", exact=True)).to_be_visible()
    mark.get_by_role("button", expanded=True).click()
    expect(mark).not_to_contain_text("Not watertight")
    assert page.url.endswith(NEWEST_FIRST)


def test_a_finger_unfolds_what_else_was_found(lab: Lab, person: NewPerson) -> None:
    job = lab.bench.submit(binary_stl(box(301, 300, 13, open_top=True)), "several.stl")
    assert analysed(lab, job.id).state is AnalysisState.DONE
    page = person(lab, **PHONE).signed_in(lab.staff()).visit(NEWEST_FIRST)
    more = card(page, job.id).locator(".plb-mark__more")
    box_of = measured(more)
    assert min(box_of["width"], box_of["height"]) >= 40
    more.tap()
    expect(card(page, job.id).locator(".plb-mark", has_text="Does not fit")).to_contain_text("; Not watertight")


def test_a_tap_enlarges_a_picture_and_another_one_puts_it_back(lab: Lab, person: NewPerson) -> None:
    job = lab.bench.submit(binary_stl(box(30, 20, 12)), "tap.stl")
    assert analysed(lab, job.id).thumbnail_url
    page = person(lab, **PHONE).signed_in(lab.staff()).visit(NEWEST_FIRST)
    thumb, peek = card(page, job.id).locator(".plb-thumb"), page.locator(".plb-peek")
    thumb.tap()
    expect(peek).to_be_visible()
    assert apart(peek, card(page, job.id).locator(".plb-job__actions"))
    thumb.tap()
    expect(peek).to_be_hidden()
    expect(page).to_have_url(f"{lab.url}{NEWEST_FIRST}")


def part_in_3d(page: Page, job_id: int) -> Locator:
    """The dialog over the board, with the part in it."""
    dialog = page.get_by_role("dialog", name=f"#{job_id} Jane Doe")
    expect(dialog).to_be_visible()
    assert_part_on_its_bed(page)
    return dialog


def test_a_part_is_turned_in_3d_over_the_board_whose_viewer_comes_only_then(lab: Lab, staff: Person) -> None:
    job = lab.bench.submit(binary_stl(box(60, 40, 30)), "over.stl")
    assert analysed(lab, job.id).model_url
    fetched: list[str] = []
    staff.page.on("request", lambda request: fetched.append(request.url))
    page = staff.visit(NEWEST_FIRST)
    thumb, peek = card(page, job.id).locator(".plb-thumb"), page.locator(".plb-peek")
    thumb.hover()
    expect(peek).to_be_visible()
    assert not [url for url in fetched if "viewer" in url]
    peek.get_by_role("button", name=f"View job {job.id} in 3D").click()
    dialog = part_in_3d(page, job.id)
    assert [url for url in fetched if "/static/viewer." in url]
    expect(peek).to_be_hidden()
    expect(dialog).to_contain_text("60 × 40 × 30 mm")
    expect(dialog.get_by_role("link", name=f"Open job {job.id}")).to_have_attribute("href", f"/jobs/{job.id}")
    page.keyboard.press("Escape")
    expect(page.locator(".plv")).to_have_count(0)
    expect(thumb).to_be_focused()
    expect(peek).to_be_hidden()
    assert page.url.endswith(NEWEST_FIRST)


def test_a_part_is_turned_in_3d_by_keyboard_alone(lab: Lab, staff: Person) -> None:
    job = lab.bench.submit(binary_stl(box(60, 40, 31)), "keys.stl")
    assert analysed(lab, job.id).model_url
    page = staff.visit(NEWEST_FIRST)
    link, thumb = card(page, job.id).locator("a").first, card(page, job.id).locator(".plb-thumb")
    link.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"View job {job.id} in 3D")).to_be_focused()
    page.keyboard.press("Escape")
    expect(thumb).to_be_focused()
    expect(page.locator(".plb-peek")).to_be_hidden()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    part_in_3d(page, job.id)
    page.keyboard.press("Escape")
    expect(thumb).to_be_focused()
    expect(page.locator(".plv")).to_have_count(0)

    link.focus()
    page.keyboard.press("v")
    part_in_3d(page, job.id)
    page.keyboard.press("Escape")
    expect(page.locator(".plv")).to_have_count(0)
    expect(link).to_be_focused()


def test_a_part_is_turned_in_3d_by_finger(lab: Lab, person: NewPerson) -> None:
    job = lab.bench.submit(binary_stl(box(60, 40, 32)), "finger.stl")
    assert analysed(lab, job.id).model_url
    page = person(lab, **PHONE).signed_in(lab.staff()).visit(NEWEST_FIRST)
    card(page, job.id).locator(".plb-thumb").tap()
    button = page.get_by_role("button", name=f"View job {job.id} in 3D")
    size = measured(button)
    assert min(size["width"], size["height"]) >= 40
    button.tap()
    dialog = part_in_3d(page, job.id)
    dialog.get_by_role("button", name="Close").tap()
    expect(page.locator(".plv")).to_have_count(0)


def test_what_cannot_be_read_is_said_where_the_part_would_be(lab: Lab, staff: Person, student: Person) -> None:
    nothing = b"solid nothing\n" + b"facet normal 0 0 1\nendfacet\n" * 20 + b"endsolid nothing\n"
    job = lab.bench.submit(nothing, "nothing.stl")
    page = staff.visit(f"/jobs/{job.id}")
    assert analysed(lab, job.id).state is AnalysisState.REFUSED
    expect(page.locator(".pl-report")).to_contain_text("This file cannot be printed.")
    expect(page.locator(".plv")).to_be_hidden()
    page = student.visit(job.track_url)
    expect(page.get_by_role("heading", level=1)).to_have_text("The lab cannot print this job as it is.")
    expect(page.get_by_text("Send a corrected file", exact=True)).to_be_visible()
