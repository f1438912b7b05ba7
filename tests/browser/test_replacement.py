"""A replacement on the private page: seen and judged before it is sent, and nothing lost when it is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from printlab.domain.status import JobStatus
from printlab.domain.views import JobView
from tests import files_made
from tests.browser.lab import Lab
from tests.browser.people import DESKTOP, NewPerson, Person
from tests.browser.viewing import binary_stl, box, obj_of_a_prism
from tests.browser.waiting import analysed

_SHOWN_MS = 60_000
_PRISM = obj_of_a_prism([(0.0, 0.0), (60.0, 0.0), (60.0, 40.0), (0.0, 40.0)], 30)
_TOO_LARGE_BYTES = 50_000_001
_NOTHING = b"solid nothing\n" + b"facet normal 0 0 1\nendfacet\n" * 20 + b"endsolid nothing\n"


def rejected(lab: Lab, edge_mm: float) -> JobView:
    """A rejected job whose part is drawn already."""
    job = lab.bench.submit(binary_stl(box(edge_mm, 40, 30)), "first.stl")
    analysed(lab, job.id)
    return lab.bench.reject(lab.job(job.id))


def own(page: Page) -> Locator:
    """The 3D view of the part that the job has."""
    return page.locator("section", has=page.get_by_text("Your part", exact=True)).locator(".plv")


def chosen(page: Page) -> Locator:
    """The 3D view of the file that is not sent yet."""
    return page.locator(".pl-chosen .plv")


@pytest.mark.parametrize(("name", "content"), [("mended.stl", binary_stl(box(60, 41, 30))), ("mended.obj", _PRISM)])
def test_a_corrected_file_is_seen_before_it_has_arrived_and_judged_before_it_is_sent(
    lab: Lab, student: Person, name: str, content: bytes
) -> None:
    job = rejected(lab, 50)
    page = student.visit(job.track_url)
    held: list[Route] = []
    page.route("**/upload?*", lambda route: held.append(route))  # noqa: PLW0108  (Playwright marks its handlers)
    student.choose_file(name, content, wait=False)
    expect(chosen(page)).to_have_attribute("data-state", "shown", timeout=_SHOWN_MS)
    expect(chosen(page)).to_have_attribute("data-fits", "true")
    expect(page.get_by_role("button", name="Send corrected file")).to_be_hidden()

    held[0].continue_()
    report = page.locator(".pl-chosen .pl-report")
    expect(page.get_by_text("This file is not sent yet.")).to_be_visible()
    expect(report).to_contain_text("It fits the Prusa MK4S, and its surface is closed.", timeout=_SHOWN_MS)
    expect(report).to_contain_text(re.compile(r"Size.*60 × 4\d × 30 mm.*Price.*\$", re.DOTALL))
    expect(page.get_by_role("status").filter(has_text="Likely price: $")).to_be_visible()
    assert lab.job(job.id).status is JobStatus.REJECTED

    send = page.get_by_role("button", name="Send corrected file")
    send.scroll_into_view_if_needed()
    assert page.evaluate("scrollY") > 100
    send.click()
    now = lab.moved(job.id, JobStatus.UPLOADED)
    assert lab.archived(now, now.revisions[-1]) == content
    expect(page.get_by_text("This file is not sent yet.")).to_be_hidden()
    expect(page.get_by_text("Replace the file", exact=True)).to_be_visible()
    page.wait_for_function("scrollY === 0")  # where the job stands now


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("holiday.png", files_made.png()),
        ("part.stl", b""),
        ("part.stl", files_made.png()),
        ("part.stl", _NOTHING),
    ],
    ids=["wrong extension", "empty", "renamed picture", "no mesh"],
)
def test_what_cannot_be_printed_is_said_beside_the_field_and_the_part_of_before_is_seen_again(
    lab: Lab, student: Person, name: str, content: bytes
) -> None:
    student.refusals_are_expected = True
    job = rejected(lab, 51)
    page = student.visit(job.track_url)
    expect(own(page)).to_have_attribute("data-state", "shown", timeout=_SHOWN_MS)
    student.choose_file(name, content, wait=False)
    problem = page.locator(".pl-upload .pl-error")
    expect(problem).to_have_text(re.compile(r"^.{20,200}\.$"), timeout=_SHOWN_MS)
    expect(page.locator("label.pl-drop:visible")).to_have_count(1)
    expect(page.get_by_text("This file is not sent yet.")).to_be_hidden()
    expect(own(page)).to_have_attribute("data-state", "shown", timeout=_SHOWN_MS)
    expect(page.get_by_text("It is 40 cm long.")).to_be_visible()

    student.choose_file("mended.stl", binary_stl(box(60, 42, 30)))
    expect(problem).to_be_hidden()
    expect(page.get_by_role("button", name="Send corrected file")).to_be_visible()
    assert lab.job(job.id).status is JobStatus.REJECTED


def test_a_replacement_that_is_too_large_is_refused_before_a_byte_is_sent(
    lab: Lab, student: Person, tmp_path: Path
) -> None:
    large = tmp_path / "castle.stl"
    with large.open("wb") as file:
        file.truncate(_TOO_LARGE_BYTES)
    page = student.visit(rejected(lab, 52).track_url)
    page.locator("input[type=file]").set_input_files(large)
    expect(page.locator(".pl-upload .pl-error")).to_contain_text("this lab takes up to 50 MB")
    assert student.upload_requests() == []


def test_a_file_that_does_not_fit_the_jobs_printer_says_so_and_goes_again(lab: Lab, person: NewPerson) -> None:
    job = lab.bench.submit(binary_stl(box(53, 40, 30)), "first.stl")
    analysed(lab, job.id)
    student = person(lab, **DESKTOP)
    page = student.visit(job.track_url)
    expect(own(page)).to_have_attribute("data-state", "shown", timeout=_SHOWN_MS)
    student.choose_file("n" * 140 + ".stl", binary_stl(box(300, 40, 30)))
    expect(own(page)).to_have_attribute("data-state", "empty")
    expect(page.locator(".pl-chosen .pl-finding-negative")).to_contain_text(
        "does not fit the Prusa MK4S", timeout=_SHOWN_MS
    )
    expect(page.get_by_text("See below the part.")).to_have_count(
        1
    )  # in the field: Send stands right below the sentence
    expect(page.get_by_role("button", name="Replace the file with this one")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0

    page.get_by_role("button", name="Remove the file").click()
    expect(own(page)).to_have_attribute("data-state", "shown", timeout=_SHOWN_MS)
    expect(chosen(page)).to_be_hidden()
    expect(page.get_by_text("This file is not sent yet.")).to_be_hidden()


def test_a_chosen_file_survives_a_reload_until_it_is_sent_or_taken_away(lab: Lab, student: Person) -> None:
    job, other = rejected(lab, 55), rejected(lab, 56)
    page = student.visit(job.track_url)
    student.choose_file("mended.stl", binary_stl(box(60, 44, 30)))
    student.reload()
    expect(page.locator(".pl-file-name")).to_have_text("mended.stl")
    expect(page.get_by_text("This file is not sent yet.")).to_be_visible()
    student.visit(other.track_url)
    expect(page.get_by_text("Send a corrected file", exact=True)).to_be_visible()
    expect(page.locator(".pl-file-name")).to_have_count(0)  # it was chosen for the other job
    student.visit(job.track_url)
    page.get_by_role("button", name="Send corrected file").click()
    lab.moved(job.id, JobStatus.UPLOADED)

    student.choose_file("again.stl", binary_stl(box(60, 45, 30)))
    page.get_by_role("button", name="Remove the file").click()
    expect(page.locator(".pl-file-name")).to_have_count(0)
    student.reload()
    expect(page.locator("label.pl-drop")).to_be_visible()
    expect(page.locator(".pl-file-name, .pl-error")).to_have_count(0)


def test_a_file_that_was_cleared_away_meanwhile_is_asked_for_again(lab: Lab, student: Person) -> None:
    job = rejected(lab, 54)
    page = student.visit(job.track_url)
    student.choose_file("mended.stl", binary_stl(box(60, 43, 30)))
    expect(page.get_by_role("button", name="Send corrected file")).to_be_visible()
    for waiting in (lab.folder / "data" / "staging").rglob("*"):
        if waiting.is_file():
            waiting.unlink()
    page.get_by_role("button", name="Send corrected file").click()
    expect(page.locator(".pl-upload .pl-error")).to_have_text(
        "The file is no longer here. Choose it again; everything else was kept."
    )
    assert lab.job(job.id).status is JobStatus.REJECTED
