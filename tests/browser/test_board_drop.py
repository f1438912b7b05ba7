"""Files that are dropped on the cards of the board: they go to that job, and nowhere else."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Route, expect

from printlab.domain.status import JobStatus, Verb
from tests import files_made
from tests.browser.lab import WITHOUT_TASKS, Lab
from tests.browser.people import DESKTOP, NEWEST_FIRST, PHONE, NewPerson, Person

LAB_SETTINGS = WITHOUT_TASKS  # nobody asks what is in a model

_COUNT_LISTENERS = """
window.listened = 0;
const listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (type, ...rest) {
  if (/^drag|^drop$/.test(type) && this instanceof Element) window.listened += 1;
  return listen.call(this, type, ...rest);
};
"""


def _place(job_id: int) -> str:
    return f'[data-job="{job_id}"]'


def _card(person: Person, job_id: int) -> Locator:
    return person.page.locator(_place(job_id))


def _sliced(name: str) -> tuple[str, str]:
    return name, files_made.prusa_gcode().decode()


def test_a_sliced_file_that_is_dropped_on_a_card_becomes_the_file_that_counts(lab: Lab, staff: Person) -> None:
    job, other = lab.bench.submit(), lab.bench.submit()
    page = staff.visit(NEWEST_FIRST)
    assert staff.drop(f"{_place(job.id)} .plb-job__file", _sliced("lid_0.2mm.gcode")) == [True, True]
    expect(staff.said(f"lid_0.2mm.gcode is now the file that counts for job {job.id}")).to_be_visible()
    expect(_card(staff, job.id).locator(".plb-job__figures")).to_contain_text("38 g")
    expect(_card(staff, job.id).locator(".plb-upload")).to_have_count(0)
    now = lab.job(job.id)
    assert (now.is_sliced, now.counting_file.created_by, now.counting_file.origin) == (True, "Sam Rivera", "uploaded")
    assert len(lab.job(other.id).revisions) == 1
    assert page.locator("[data-drop]").count() == 0


def test_a_drop_beside_the_cards_sends_nothing_and_keeps_the_board(lab: Lab, staff: Person) -> None:
    lab.bench.submit()
    page = staff.visit(NEWEST_FIRST)
    for place in (".plb-column__head", ".pl-header", ".plb-rail"):
        assert staff.drop(place, _sliced("part.gcode")) == [True, True]
    expect(page.locator(".plb-upload")).to_have_count(0)
    assert staff.upload_requests() == []


def test_the_card_below_the_pointer_is_marked(lab: Lab, staff: Person) -> None:
    jobs = lab.bench.submit(), lab.bench.submit()
    page = staff.visit(NEWEST_FIRST)
    over = """([place]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["x"], "x.gcode"));
      const event = new DragEvent("dragover", {dataTransfer, bubbles: true, cancelable: true});
      document.querySelector(place).dispatchEvent(event);
    }"""
    for job in jobs:
        page.locator(_place(job.id)).wait_for()
        page.evaluate(over, [_place(job.id)])
        assert page.locator("[data-drop]").evaluate_all("all => all.map((it) => it.dataset.job)") == [str(job.id)]
    page.evaluate(over, [".pl-header"])
    assert page.locator("[data-drop]").count() == 0


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ((("part.exe", "MZ"),), "“part.exe” is not a file this lab takes. Save it as .gcode"),
        ((("part.gcode", ""),), "“part.gcode” is empty."),
        ((("a.gcode", "G28"), ("b.gcode", "G28")), "One file at a time: drop the one that is to be printed."),
    ],
    ids=["no sliced file", "empty", "two files"],
)
def test_what_cannot_be_sent_is_said_on_its_card(
    lab: Lab, staff: Person, files: tuple[tuple[str, str], ...], sentence: str
) -> None:
    job = lab.bench.submit()
    staff.visit(NEWEST_FIRST)
    staff.drop(_place(job.id), *files)
    expect(_card(staff, job.id).get_by_role("alert")).to_contain_text(sentence)
    assert staff.upload_requests() == []
    _card(staff, job.id).get_by_role("button", name="Close").click()
    expect(_card(staff, job.id).get_by_role("alert")).to_have_count(0)
    assert staff.page.url.endswith(NEWEST_FIRST)


def test_what_the_server_refuses_is_said_on_its_card(lab: Lab, staff: Person) -> None:
    staff.refusals_are_expected = True
    job = lab.bench.submit()
    staff.visit(NEWEST_FIRST)
    staff.drop(_place(job.id), ("picture.gcode", "\x89PNG\r\n"))
    expect(_card(staff, job.id).get_by_role("alert")).to_contain_text("“picture.gcode”: ")
    assert len(lab.job(job.id).revisions) == 1


def test_a_sliced_file_that_is_cut_off_is_named_on_its_card(lab: Lab, staff: Person) -> None:
    job = lab.bench.submit()
    staff.visit(NEWEST_FIRST)
    whole = files_made.prusa_gcode().decode()
    staff.drop(_place(job.id), ("half.gcode", whole[: whole.index("; prusaslicer_config = end")]))
    expect(_card(staff, job.id).get_by_role("alert")).to_contain_text("“half.gcode”: The file ends too early")
    assert len(lab.job(job.id).revisions) == 1


def test_a_job_that_is_printed_takes_no_file(lab: Lab, staff: Person) -> None:
    job = lab.bench.at(JobStatus.PRINTING)
    page = staff.visit(NEWEST_FIRST)
    expect(page.get_by_role("region", name="Printing").locator(_place(job.id))).to_be_visible()
    staff.drop(_place(job.id), _sliced("part.gcode"))
    expect(_card(staff, job.id).get_by_role("alert")).to_have_text(
        "The file can be replaced only before printing starts."
    )
    assert staff.upload_requests() == []


def test_a_job_that_went_on_meanwhile_says_so_and_keeps_its_file(lab: Lab, staff: Person) -> None:
    job = lab.bench.at(JobStatus.READY_TO_PRINT)
    page = staff.visit(NEWEST_FIRST)

    waiting: list[Route] = []
    page.route(re.compile("/upload"), lambda route: waiting.append(route))  # noqa: PLW0108  (Playwright marks its handlers)
    with page.expect_request(re.compile("/upload")):
        staff.drop(_place(job.id), _sliced("part.gcode"))
    lab.bench.start(lab.job(job.id))
    while not waiting:
        page.wait_for_timeout(20)  # Playwright calls its handlers while it waits
    waiting[0].continue_()
    expect(_card(staff, job.id).get_by_role("alert")).not_to_be_empty()
    assert lab.job(job.id).authoritative == job.authoritative


def test_a_file_that_is_named_like_another_jobs_is_asked_about(lab: Lab, staff: Person) -> None:
    job, other = lab.bench.submit(), lab.bench.submit()
    page = staff.visit(NEWEST_FIRST)
    staff.drop(_place(job.id), _sliced(f"{other.stem}.gcode"))
    expect(page.get_by_role("alertdialog")).to_contain_text(f"Use a file of job {other.id} for job {job.id}?")
    page.get_by_role("button", name="Leave it out").click()
    expect(page.locator(".plb-upload")).to_have_count(0)
    assert len(lab.job(job.id).revisions) == len(lab.job(other.id).revisions) == 1


def test_progress_is_shown_and_the_upload_can_be_stopped_and_tried_again(lab: Lab, staff: Person) -> None:
    staff.refusals_are_expected = True
    job = lab.bench.submit()
    page, waiting = staff.visit(NEWEST_FIRST), list[Route]()
    page.route(re.compile("/upload"), lambda route: waiting.append(route))  # noqa: PLW0108  (Playwright marks its handlers)
    staff.drop(_place(job.id), _sliced("part.gcode"))
    card = _card(staff, job.id)
    expect(card.get_by_role("progressbar", name=f"Upload for job {job.id}")).to_be_visible()
    expect(card.locator(".plb-upload")).to_contain_text("part.gcode")
    card.get_by_role("button", name="Stop the upload").click()
    expect(card.locator(".plb-upload")).to_have_count(0)

    staff.drop(_place(job.id), _sliced("part.gcode"))
    while len(waiting) < 2:
        page.wait_for_timeout(20)  # Playwright calls its handlers while it waits
    waiting[1].abort()
    expect(card.get_by_role("alert")).to_contain_text("broke off")
    page.unroute(re.compile("/upload"))
    card.get_by_role("button", name="Try again").click()
    expect(staff.said(f"part.gcode is now the file that counts for job {job.id}")).to_be_visible()


def test_a_corrected_model_on_a_rejected_card_opens_the_job_again(lab: Lab, staff: Person) -> None:
    job = lab.bench.at(JobStatus.REJECTED)
    page = staff.visit(NEWEST_FIRST)
    page.locator(".plb-rail__done").click()
    staff.drop(_place(job.id), ("mended.obj", files_made.obj().decode()))
    lab.moved(job.id, JobStatus.UPLOADED)
    assert lab.job(job.id).last_move is not None
    assert lab.events(job.id)[-1].action == Verb.CORRECT


@pytest.mark.parametrize("window", [DESKTOP, PHONE], ids=["keyboard", "finger"])
def test_the_menu_of_a_card_chooses_a_file_too(lab: Lab, person: NewPerson, window: dict[str, object]) -> None:
    job = lab.bench.submit()
    staff = person(lab, **window).signed_in(lab.staff())
    page = staff.visit(NEWEST_FIRST)
    more = _card(staff, job.id).get_by_role("button", name="More actions")
    if window is PHONE:
        more.tap()
    else:
        more.press("Enter")
    entry = page.get_by_role("menuitem", name="Upload file…")
    with page.expect_file_chooser() as chooser:
        entry.tap() if window is PHONE else entry.press("Enter")
    name, text = _sliced("chosen.gcode")
    chooser.value.set_files({"name": name, "mimeType": "text/plain", "buffer": text.encode()})
    expect(staff.said(f"chosen.gcode is now the file that counts for job {job.id}")).to_be_visible()
    assert lab.job(job.id).is_sliced


def test_no_card_listens_for_drops_of_its_own(lab: Lab, staff: Person) -> None:
    for _ in range(5):
        lab.bench.submit()
    staff.context.add_init_script(_COUNT_LISTENERS)
    page = staff.visit(NEWEST_FIRST)
    expect(page.locator("[data-job]").nth(4)).to_be_attached()
    assert page.evaluate("window.listened") == 0
