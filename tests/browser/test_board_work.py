"""Working on the board: looked for, filtered, sorted, kept under a name, by keyboard alone, several jobs at once."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from printlab.domain.board import MOST_COUNTED
from printlab.domain.status import JobStatus
from tests import files_made
from tests.browser.lab import WITHOUT_TASKS, Lab, running_lab, until
from tests.browser.people import PHONE, NewPerson, Person, alive
from tests.past import many_of_one_student
from tests.workbench import change_lab


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab of its own: what a board counts and finds is all that there is. Its models are not looked into."""
    with running_lab(tmp_path / "lab", **WITHOUT_TASKS) as lab:
        yield lab


@pytest.fixture
def board(lab: Lab, staff: Person) -> Page:
    """Three jobs of two students: one that nobody decided on, one to start, one printing."""
    lab.bench.submit(name="Jane Doe", email="jane@example.edu", course="ME 101", color="Blue")
    lab.bench.at(JobStatus.READY_TO_PRINT, name="Jane Doe", email="jd@example.edu", color="Red")
    lab.bench.at(JobStatus.PRINTING, name="Zoë Müller", email="zoe@example.edu", notes="for the wind tunnel")
    return staff.visit("/board")


def cards(page: Page) -> Locator:
    return page.locator(".plb-job:visible")


def card(page: Page, number: int) -> Locator:
    return page.locator(f'[data-job="{number}"]')


def search(page: Page, text: str) -> None:
    page.get_by_label("Search jobs").fill(text)


# ---------- all of it ----------


def test_every_column_is_there_to_its_end_also_after_the_lab_has_changed(lab: Lab, person: NewPerson) -> None:
    """On a high window all columns ask for more at the same moment."""
    statuses = (JobStatus.UPLOADED, JobStatus.PENDING, JobStatus.READY_TO_PRINT)
    for status in statuses:
        for _ in range(25):
            lab.bench.at(status)
    page = person(lab, viewport={"width": 1920, "height": 1800}).signed_in(lab.staff()).visit("/board")
    columns = [page.locator(f"#plb-col-{status} .plb-column__cards") for status in statuses]
    for column in columns:
        expect(column.locator(".plb-slot").first).to_have_attribute("aria-setsize", "25")
        last = column.locator('.plb-slot[aria-posinset="25"]')
        _scrolled_to(column, last)
    change_lab(lab.bench.services, pickup_where="At the front desk")
    lab.bench.at(JobStatus.UPLOADED)
    expect(columns[0].locator(".plb-slot").first).to_have_attribute("aria-setsize", "26")
    _scrolled_to(columns[0], columns[0].locator('.plb-slot[aria-posinset="26"]'))


def _scrolled_to(column: Locator, card: Locator) -> None:
    """Scroll down, as somebody does, until it is seen, however long the next cards take to come, or grow meanwhile."""

    def scroll() -> bool:
        column.evaluate("it => { it.scrollTop += 400; }")
        column.page.wait_for_timeout(50)
        return card.is_visible()

    until(scroll, "the last card of the column")


# ---------- looking for something ----------


@pytest.mark.parametrize(
    ("typed", "found"),
    [("#2", [2]), ("jane", [1, 2]), ("DOE red", [2]), ("me 101", [1]), ("jane@example", [1]), ("tunnel", [3])],
)
def test_a_search_finds_what_is_typed_wherever_it_stands(board: Page, typed: str, found: list[int]) -> None:
    search(board, typed)
    expect(cards(board)).to_have_count(len(found))
    for number in found:
        expect(card(board, number).locator("mark").first).to_be_visible()
    expect(board).to_have_url(re.compile(r"[?&]q="))


def test_an_ended_job_is_found_too(lab: Lab, board: Page) -> None:
    old = lab.bench.at(JobStatus.PAID_PICKED_UP, name="Yusuf Demir")
    expect(card(board, old.id)).to_be_hidden()
    search(board, "yusuf")
    expect(card(board, old.id)).to_be_visible()


def test_of_very_many_that_ended_it_is_said_that_there_are_more(lab: Lab, board: Page) -> None:
    many_of_one_student(lab.bench, MOST_COUNTED + 1, "Ada Lovelace")
    board.get_by_label("Search jobs").fill("lovelace")
    column = board.get_by_role("region", name="Picked up")
    expect(column.locator(".plb-count")).to_have_text(f"{MOST_COUNTED}+")
    expect(cards(board).first).to_contain_text("Ada Lovelace")
    board.get_by_label("Search jobs").fill("doe")
    expect(column).to_have_count(0)


def test_what_finds_nothing_says_where_it_looked_and_leads_back(board: Page) -> None:
    search(board, "nobody of this name")
    expect(board.get_by_text("No job matches.")).to_be_visible()
    board.get_by_role("button", name="Show all jobs").click()
    expect(cards(board)).to_have_count(3)


def test_a_filter_says_how_many_it_shows_and_the_address_keeps_it(board: Page) -> None:
    board.get_by_role("button", name="Filter", exact=True).click()
    red = board.locator(".plb-choice", has_text="Red")
    expect(red.locator(".plb-count")).to_have_text("1")
    red.get_by_role("checkbox").check()
    expect(cards(board)).to_have_count(1)
    expect(board.locator(".plb-chip")).to_have_text(re.compile("Red"))
    board.reload()
    expect(cards(board)).to_have_count(1)
    board.get_by_role("button", name="Take away the filter Red").click()
    expect(cards(board)).to_have_count(3)


def test_two_filters_that_are_clicked_before_there_is_an_answer_both_count(board: Page) -> None:
    board.get_by_role("button", name="Filter", exact=True).click()
    expect(board.get_by_label("Red")).to_be_visible()
    board.evaluate("""async () => {
      for (const color of ["Red", "Blue"]) {
        const choice = [...document.querySelectorAll(".plb-choice")].find((it) => it.textContent.includes(color));
        choice.querySelector("input").click();
        await new Promise((next) => setTimeout(next));
      }
    }""")
    expect(board).to_have_url(re.compile("color=Blue&color=Red"))
    expect(board.locator(".plb-chip")).to_have_text([re.compile("Blue"), re.compile("Red")])


def test_a_job_comes_and_goes_as_it_matches(lab: Lab, board: Page) -> None:
    board.goto(f"{lab.url}/board?status=ReadyToPrint")
    expect(card(board, 2)).to_be_visible()
    lab.bench.start(lab.bench.get(2))
    expect(card(board, 2)).to_have_count(0)
    lab.bench.undo(lab.bench.get(2))
    expect(card(board, 2)).to_be_visible()


def test_what_is_found_among_ended_jobs_is_in_sight_on_every_screen(lab: Lab, board: Page, person: NewPerson) -> None:
    old = lab.bench.at(JobStatus.PAID_PICKED_UP, name="Yusuf Demir")
    phone = person(lab, **PHONE).signed_in(lab.staff()).visit("/board")
    for page in (board, phone):
        search(page, "yusuf")
        expect(card(page, old.id)).to_be_in_viewport()
        expect(page.locator(".plb-column:visible")).to_have_count(1)


def test_a_search_in_what_waits_leads_to_all_jobs(lab: Lab, board: Page) -> None:
    old = lab.bench.at(JobStatus.PAID_PICKED_UP, name="Yusuf Demir")
    board.get_by_role("button", name="Needs you").click()
    search(board, "yusuf")
    board.get_by_role("button", name="Look among all jobs").click()
    expect(card(board, old.id)).to_be_in_viewport()


def test_a_click_on_a_row_opens_its_job(board: Page) -> None:
    board.get_by_role("button", name="Table").click()
    card(board, 2).get_by_text("Ready to print").click()
    expect(board).to_have_url(re.compile(r"/jobs/2$"))


def test_a_key_does_not_hit_what_comes_to_lie_below_a_resting_pointer(lab: Lab, board: Page) -> None:
    lab.bench.submit(name="Next In Line")
    card(board, 1).get_by_role("button", name="Approve").click()
    dialog = board.get_by_role("dialog")
    expect(dialog).to_be_visible()
    box = card(board, 4).bounding_box()
    assert box is not None
    board.mouse.move(box["x"] + 60, box["y"] + 10)  # above the dialog, which lies over it
    board.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    board.evaluate("document.activeElement.blur()")
    board.keyboard.press("r")
    board.wait_for_timeout(500)
    expect(dialog).to_be_hidden()


def test_back_leads_to_the_view_before(board: Page) -> None:
    board.get_by_role("button", name="Table", exact=True).click()
    expect(board.locator(".plb-row[data-job]")).to_have_count(3)
    board.get_by_role("button", name=re.compile("Needs you")).click()
    expect(card(board, 3)).to_have_count(0)
    board.go_back()
    expect(board.locator(".plb-row[data-job]")).to_have_count(3)


def test_a_view_is_saved_and_shared(lab: Lab, board: Page, person: NewPerson) -> None:
    search(board, "tunnel")
    expect(cards(board)).to_have_count(1)
    board.get_by_role("button", name="Views").click()
    board.get_by_placeholder("Save what is shown as…").fill("Wind")
    board.get_by_label("Share it with the other staff").check()
    board.get_by_role("button", name="Save view").click()
    expect(board.get_by_role("button", name="Wind shared")).to_be_visible()
    colleague = person(lab).signed_in(lab.admin()).visit("/board")
    colleague.get_by_role("button", name="Views").click()
    colleague.get_by_role("button", name=re.compile("^Wind")).click()
    expect(cards(colleague)).to_have_count(1)
    expect(colleague.get_by_role("button", name="Delete the view Wind")).to_have_count(0)


# ---------- how it looks is everybody's own ----------


def test_how_somebody_has_the_board_follows_them_to_another_computer(lab: Lab, board: Page, person: NewPerson) -> None:
    board.get_by_role("button", name="Compact cards").click()
    board.get_by_role("button", name="Table", exact=True).click()
    board.get_by_role("button", name="Columns").click()
    board.get_by_label("E-mail").check()
    expect(board.get_by_text("jane@example.edu").first).to_be_visible()
    elsewhere = person(lab).signed_in(lab.staff()).visit("/board?view=table")
    expect(elsewhere.get_by_text("jane@example.edu").first).to_be_visible()
    elsewhere.get_by_role("button", name="Board", exact=True).last.click()
    expect(elsewhere.get_by_role("button", name="Compact cards")).to_have_attribute("aria-pressed", "true")


def test_one_column_at_a_time_for_whoever_likes_that(board: Page) -> None:
    board.get_by_role("button", name="One column at a time").click()
    expect(cards(board)).to_have_count(1)
    board.get_by_role("tab", name=re.compile("Printing")).click()
    expect(card(board, 3)).to_be_visible()
    board.keyboard.press("j")
    expect(card(board, 3).get_by_role("link", name=re.compile("#3"))).to_be_focused()


# ---------- what is new ----------


def test_whoever_looks_first_takes_the_light_off_for_all(lab: Lab, board: Page, person: NewPerson) -> None:
    colleague = person(lab).signed_in(lab.admin()).visit("/board")
    expect(card(colleague, 1).get_by_text("New", exact=True)).to_be_visible()
    expect(colleague).to_have_title(re.compile(r"^\(1\) "))
    card(board, 1).hover()
    expect(card(colleague, 1).get_by_text("New", exact=True)).to_have_count(0)
    expect(colleague).to_have_title(re.compile("^Board"))
    expect(card(colleague, 1).locator("time")).to_have_attribute("title", re.compile("first looked at by"))


def test_new_jobs_are_told_by_sound_and_notice(lab: Lab, person: NewPerson) -> None:
    staff = person(lab, permissions=["notifications"]).signed_in(lab.staff())
    staff.context.add_init_script(
        "window.told = [];"
        "window.Notification = class { static permission = 'granted';"
        " static requestPermission = async () => 'granted'; constructor(title, {body}) { told.push(body); } };"
        "const start = OscillatorNode.prototype.start;"
        "OscillatorNode.prototype.start = function (...at) { told.push('note'); return start.apply(this, at); };"
    )
    page = staff.visit("/board")
    page.get_by_role("button", name="Tell me of new jobs").click()
    page.get_by_label("With a sound").check()
    page.get_by_label("With a notice on the desktop").click()
    expect(page.get_by_label("With a notice on the desktop")).to_be_checked()
    page.evaluate("told.length = 0")
    job = lab.bench.submit(name="Hana Sato")
    page.wait_for_function("told.length === 3")
    assert set(page.evaluate("told")) == {"note", f"Job {job.id} of Hana Sato"}


# ---------- by keyboard ----------


def test_everything_goes_by_keyboard(lab: Lab, board: Page) -> None:
    keys = board.keyboard
    keys.press("/")
    keys.type("jane")
    expect(cards(board)).to_have_count(2)
    keys.press("Escape")
    expect(cards(board)).to_have_count(3)
    keys.press("Escape")
    keys.press("j")
    expect(card(board, 1).get_by_role("link", name=re.compile("#1"))).to_be_focused()
    keys.press("ArrowRight")
    expect(card(board, 2).get_by_role("link", name=re.compile("#2"))).to_be_focused()
    keys.press("s")
    expect(board.get_by_role("dialog")).to_contain_text("Start printing")
    keys.press("Escape")
    expect(board.get_by_role("dialog")).to_have_count(0)
    keys.press("j")
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    keys.press("h")
    expect(board.get_by_text("Hand over: not for job 3 now, it is “Printing”").first).to_be_attached()
    keys.press("Enter")
    expect(board).to_have_url(f"{lab.url}/jobs/3")


def test_the_keys_are_listed_and_belong_to_whoever_types(board: Page) -> None:
    board.keyboard.press("?")
    expect(board.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Hand over")
    board.keyboard.press("Escape")
    search(board, "")
    board.get_by_label("Search jobs").press_sequentially("?xa")
    expect(board.get_by_label("Search jobs")).to_have_value("?xa")
    expect(board.get_by_role("dialog")).to_have_count(0)


def test_the_palette_does_what_is_typed(lab: Lab, board: Page) -> None:
    card(board, 2).get_by_role("link", name=re.compile("#2")).focus()
    board.keyboard.press("Control+k")
    board.keyboard.type("start")
    board.keyboard.press("Enter")
    expect(board.get_by_role("dialog")).to_contain_text("#2")
    board.keyboard.press("Escape")
    expect(board.get_by_role("dialog")).to_have_count(0)
    board.keyboard.press("Control+k")
    board.keyboard.type("3")
    board.keyboard.press("Enter")
    expect(board).to_have_url(f"{lab.url}/jobs/3")
    alive(board)
    board.keyboard.press("Control+k")
    board.keyboard.type("table")
    board.keyboard.press("Enter")
    expect(board).to_have_url(f"{lab.url}/board?view=table")
    board.keyboard.press("Control+k")
    board.keyboard.type("dark")  # no letters that happen to stand somewhere in another name
    expect(board.get_by_role("dialog").get_by_role("option")).to_have_text([re.compile("Search all jobs for “dark”")])


def test_passing_a_new_job_with_the_keyboard_is_no_look(lab: Lab, staff: Person) -> None:
    jobs = [lab.bench.submit() for _ in range(3)]
    board = staff.visit("/board")
    for _ in jobs:
        board.keyboard.press("j")
    board.keyboard.press("Tab")
    expect(board.locator(".plb-job--new")).to_have_count(2)  # one stays in the keyboard's hands
    assert [lab.bench.get(job.id).looked_at is None for job in jobs[:2]] == [True, True]


# ---------- several at once ----------


def test_several_are_approved_each_for_itself(lab: Lab, board: Page) -> None:
    bench = lab.bench
    sliced = [bench.add_sliced(bench.submit(), files_made.prusa_gcode()) for _ in range(3)]
    card(board, 1).get_by_role("link", name=re.compile("#1")).focus()
    board.keyboard.press("x")
    card(board, sliced[-1].id).get_by_role("checkbox").click(modifiers=["Shift"])
    expect(board.get_by_text("4 chosen")).to_be_visible()
    board.locator(".plb-many").get_by_role("button", name="Approve").click()
    dialog = board.get_by_role("dialog")
    expect(dialog).to_contain_text("1 job will be left as it is.")
    bench.reject(bench.get(sliced[0].id))
    dialog.get_by_role("button", name="Approve 3 jobs").click()
    expect(dialog).to_contain_text("2 of 3 done, 1 not.")
    expect(dialog.locator("li")).to_contain_text([f"#{sliced[0].id}"])
    assert [bench.get(job.id).status for job in sliced[1:]] == [JobStatus.PENDING] * 2
    expect(board.get_by_text("2 chosen")).to_be_visible()  # the one that was left out, and the one that was rejected
    assert bench.get(1).status is JobStatus.UPLOADED


def test_all_that_are_looked_for_are_rejected_with_one_reason(lab: Lab, board: Page) -> None:
    jobs = [lab.bench.submit(name="Spam Sender") for _ in range(3)]
    search(board, "spam")
    expect(cards(board)).to_have_count(3)
    board.get_by_role("button", name="Choose", exact=True).click()
    board.get_by_role("button", name="Choose all 3").click()
    board.locator(".plb-many").get_by_role("button", name="Reject").click()
    dialog = board.get_by_role("dialog")
    dialog.get_by_role("button", name="Reject 3 jobs").click()
    expect(dialog).to_contain_text("Tick a reason, or write one.")
    dialog.get_by_label("In your own words").fill("This is no part.")
    dialog.get_by_role("button", name="Reject 3 jobs").click()
    expect(dialog).to_contain_text("3 of 3 done.")
    assert {lab.bench.get(job.id).reject_note for job in jobs} == {"This is no part."}
    expect(board.locator(".plb-many")).to_have_count(0)  # nothing is chosen any more
    dialog.get_by_role("button", name="Undo: Reject (3)").click()
    expect(dialog).to_contain_text("3 of 3 taken back.")
    assert {lab.bench.get(job.id).status for job in jobs} == {JobStatus.UPLOADED}


def test_chosen_jobs_are_handed_to_a_spreadsheet(lab: Lab, board: Page) -> None:
    lab.bench.submit(name="=HYPERLINK(0)")
    board.get_by_role("button", name="Choose", exact=True).click()
    board.get_by_role("button", name="Choose all 4").click()
    with board.expect_download() as download:
        board.locator(".plb-many").get_by_role("button", name="Export").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Job"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["Student"] for row in rows] == ["Jane Doe", "Jane Doe", "Zoë Müller", "'=HYPERLINK(0)"]


@pytest.mark.usefixtures("board")
def test_a_phone_has_all_of_it_within_reach(lab: Lab, person: NewPerson) -> None:
    phone = person(lab, **PHONE).signed_in(lab.staff()).visit("/board")
    phone.get_by_role("button", name="Filter", exact=True).tap()
    phone.get_by_label("Blue").check()
    phone.get_by_role("button", name="Show 2 open jobs").tap()
    expect(cards(phone)).to_have_count(1)
    overflow = phone.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    assert overflow <= 0


def test_a_job_that_leaves_the_filter_waits_for_the_pointer(lab: Lab, board: Page) -> None:
    board.goto(f"{lab.url}/board?status=ReadyToPrint")
    card(board, 2).hover()
    lab.bench.start(lab.bench.get(2))
    expect(card(board, 2).get_by_text("Now: not here any more")).to_be_visible()
    board.mouse.move(2, 2)
    expect(card(board, 2)).to_have_count(0)


def test_what_a_student_sends_again_is_lit_again(lab: Lab, board: Page) -> None:
    card(board, 1).hover()
    expect(card(board, 1).get_by_text("New", exact=True)).to_have_count(0)
    board.mouse.move(2, 2)
    lab.bench.correct(lab.bench.reject(lab.bench.get(1)))
    expect(card(board, 1).get_by_text("New", exact=True)).to_be_visible()
