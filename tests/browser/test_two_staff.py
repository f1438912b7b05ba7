"""Two staff at two PCs, and a board that lives by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from printlab.domain.commands import EditJob
from printlab.domain.status import JobStatus
from tests import files_made
from tests.browser.lab import WITHOUT_TASKS, Lab
from tests.browser.people import DESKTOP, NEWEST_FIRST, NewPerson, Person
from tests.browser.waiting import measured

LAB_SETTINGS = WITHOUT_TASKS  # nobody asks what is in a model

_APPROVE = re.compile("^Approve and send quote")
# How often since then an element has come to have this class.
_COUNT = """name => {
  window.counted = 0;
  const has = (element) => element.classList?.contains(name);
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") window.counted += [...change.addedNodes].filter(has).length;
      else if (has(change.target) && !change.oldValue?.includes(name)) window.counted += 1;
    }
  }).observe(document, {childList: true, subtree: true, attributeFilter: ["class"], attributeOldValue: true});
}"""
_STAYS = "() => 'persistent' in getElement(Number(document.querySelector('.q-dialog').id.slice(1))).$attrs"


def test_when_two_approve_at_once_one_wins_and_the_other_is_told(lab: Lab, staff: Person, colleague: Person) -> None:
    job = lab.bench.submit()
    for person, weight in ((staff, "38"), (colleague, "99")):
        person.visit(f"/jobs/{job.id}")
        person.page.get_by_label("Weight of all copies").fill(weight)
        person.page.get_by_label("Printing time").fill("2 h 10")
        expect(_approve(person)).to_have_text(re.compile(r"\$"))
    for person in (staff, colleague):
        _approve(person).evaluate("button => { button.click(); }")

    now = lab.moved(job.id, JobStatus.PENDING)
    assert [event.action for event in lab.events(job.id)].count("approve") == 1
    winner, loser, name = (staff, colleague, "Sam Rivera")
    if now.last_move is not None and now.last_move.actor_name != name:
        winner, loser, name = (colleague, staff, "Kim Okafor")
    expect(winner.said(f"Job {job.id} approved for")).to_be_visible()
    told = loser.page.get_by_role("alert").filter(has_text="Job")
    expect(told).to_contain_text(name)
    expect(_approve(loser)).to_be_disabled()
    expect(loser.page.get_by_label("Weight of all copies")).to_have_value("99" if loser is colleague else "38")
    expect(loser.page.locator(".plj-head")).to_contain_text("Awaiting confirmation")
    loser.page.get_by_role("button", name="Show the job as it is").click()
    expect(loser.page.get_by_text("was asked to accept")).to_be_visible()


def test_what_was_typed_stays_when_a_colleague_changes_the_job(lab: Lab, staff: Person, colleague: Person) -> None:
    job = lab.bench.submit()
    page = staff.visit(f"/jobs/{job.id}")
    page.get_by_label("Weight of all copies").fill("38")
    page.get_by_label("Printing time").fill("2 h 10")

    other = colleague.visit(f"/jobs/{job.id}")
    other.get_by_role("button", name="Edit", exact=True).click()
    dialog = other.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Jane Doe-Miller")
    dialog.get_by_role("button", name="Save").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("Jane Doe-Miller")

    expect(page.get_by_role("alert").filter(has_text="Kim Okafor")).to_be_visible()
    expect(page.get_by_text("What you typed is still here.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Jane Doe-Miller")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Weight of all copies")).to_have_value("38")
    _approve(staff).click()
    assert lab.moved(job.id, JobStatus.PENDING).price_cents == 434


def test_a_dialog_on_the_board_tells_when_somebody_was_first(lab: Lab, staff: Person) -> None:
    job = lab.bench.at(JobStatus.READY_TO_PRINT)
    page = staff.visit(NEWEST_FIRST)
    _card(staff, job.id).get_by_role("button", name="Start printing").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Machine").fill("MK4S no. 1")
    lab.bench.start(lab.job(job.id), lab.users[lab.colleague()])
    expect(dialog.get_by_role("alert")).to_contain_text("Kim Okafor")
    expect(dialog.get_by_label("Machine")).to_have_value("MK4S no. 1")
    dialog.get_by_role("button", name="Show the job as it is").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#plb-col-Printing").locator(f'[data-job="{job.id}"]')).to_be_visible()
    assert lab.job(job.id).machine == "MK4S no. 2"


def test_undo_from_the_notification_and_from_the_job_page(lab: Lab, staff: Person) -> None:
    job = lab.bench.at(JobStatus.READY_TO_PRINT)
    page = staff.visit(NEWEST_FIRST)
    _card(staff, job.id).get_by_role("button", name="Start printing").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Start")).click()
    expect(page.locator("#plb-col-Printing").locator(f'[data-job="{job.id}"]')).to_be_visible()
    staff.said(f"Job {job.id} is printing").get_by_role("button", name="Undo: Start printing").click()
    expect(page.locator("#plb-col-ReadyToPrint").locator(f'[data-job="{job.id}"]')).to_be_visible()
    expect(staff.said(f"Undone: Start printing. Job {job.id} is “Ready to print” again")).to_be_visible()
    lab.moved(job.id, JobStatus.READY_TO_PRINT)

    page = staff.visit(f"/jobs/{job.id}")
    page.get_by_role("button", name=re.compile("^Start")).click()
    lab.moved(job.id, JobStatus.PRINTING)
    page.locator(".plj-undo").get_by_role("button", name="Undo: Start printing").click()
    expect(page.locator(".plj-head")).to_contain_text("Ready to print")
    lab.moved(job.id, JobStatus.READY_TO_PRINT)
    assert [event.action for event in lab.events(job.id)][-4:] == ["start", "undo", "start", "undo"]


def test_undo_from_the_menu_of_a_card(lab: Lab, staff: Person, colleague: Person) -> None:
    """Whoever made the move finds its way back on the card, after the notification has gone; a colleague does not."""
    job = lab.bench.start(lab.bench.at(JobStatus.READY_TO_PRINT), lab.users[lab.staff()])
    for person in (colleague, staff):
        page = person.visit(NEWEST_FIRST)
        _card(person, job.id).get_by_role("button", name="More actions").click()
        expect(page.get_by_role("menuitem", name="Log a failed print")).to_be_visible()
        expect(page.get_by_role("menuitem", name="Undo: Start printing")).to_have_count(1 if person is staff else 0)
    staff.page.get_by_role("menuitem", name="Undo: Start printing").click()
    expect(staff.page.locator("#plb-col-ReadyToPrint").locator(f'[data-job="{job.id}"]')).to_be_visible()
    lab.moved(job.id, JobStatus.READY_TO_PRINT)


def test_an_admin_is_asked_before_a_colleagues_move_is_taken_back_from_the_board(lab: Lab, person: NewPerson) -> None:
    job = lab.bench.start(lab.bench.at(JobStatus.READY_TO_PRINT), lab.users[lab.staff()])
    admin = person(lab, **DESKTOP).signed_in(lab.admin())
    page = admin.visit(NEWEST_FIRST)
    _card(admin, job.id).get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Undo: Start printing").click()
    expect(page.get_by_role("alertdialog")).to_contain_text(f"Take back what Sam Rivera did to job {job.id}?")
    assert lab.job(job.id).status is JobStatus.PRINTING
    page.get_by_role("alertdialog").get_by_role("button", name="Undo: Start printing").click()
    lab.moved(job.id, JobStatus.READY_TO_PRINT)


def test_the_board_says_that_submissions_are_closed_and_when_they_open_again(lab: Lab, staff: Person) -> None:
    page = staff.visit(NEWEST_FIRST)
    strip = page.get_by_role("status").filter(has_text="Submissions are closed")
    expect(strip).to_be_hidden()
    lab.change(submissions_open=False, closed_message="Holidays.", reopens_on=date(2099, 1, 5))
    expect(strip).to_contain_text("Open again on Mon 5 Jan 2099.")
    expect(page.get_by_role("link", name="Change that")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    lab.change(submissions_open=True)
    expect(strip).to_be_hidden()


def test_only_an_untouched_dialog_closes_on_escape_or_a_click_beside_it(lab: Lab, staff: Person) -> None:
    job = lab.bench.at(JobStatus.READY_TO_PRINT)
    page = staff.visit(NEWEST_FIRST)
    dialog = page.get_by_role("dialog")
    leave: tuple[Callable[[], None], ...] = (
        lambda: page.keyboard.press("Escape"),
        lambda: page.mouse.click(20, 700),
    )
    for away in leave:
        _card(staff, job.id).get_by_role("button", name="Start printing").click()
        expect(dialog).to_be_visible()
        away()
        expect(dialog).to_be_hidden()
    _card(staff, job.id).get_by_role("button", name="Start printing").click()
    dialog.get_by_label("Machine").fill("MK4S no. 1")
    page.wait_for_function(_STAYS)
    page.evaluate(_COUNT, "q-animate--scale")
    for times, away in enumerate(leave, start=1):
        away()
        _counted(page, times)  # it shakes where it would have closed
        expect(dialog.get_by_label("Machine")).to_have_value("MK4S no. 1")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_a_refusal_that_comes_again_takes_its_own_place(lab: Lab, staff: Person) -> None:
    job = lab.bench.at(JobStatus.READY_TO_PRINT)
    page = staff.visit(NEWEST_FIRST)
    page.evaluate(_COUNT, "q-notification")
    for times in range(1, 4):
        page.evaluate("job => emitEvent('printlab_undo', {job, version: 1, verb: 'start'})", job.id)
        _counted(page, times)
    expect(page.locator(".q-notification")).to_have_count(1)
    box = measured(page.locator(".q-notification"))
    assert box["width"] <= 480
    assert box["y"] < 20


def test_the_board_and_the_job_page_name_the_file_that_counts(lab: Lab, staff: Person) -> None:
    job = lab.bench.submit()
    page = staff.visit(NEWEST_FIRST)
    expect(_card(staff, job.id)).to_contain_text("part.stl")
    lab.bench.add_sliced(job, name="plate.gcode")
    expect(_card(staff, job.id)).to_contain_text("plate.gcode")
    expect(_card(staff, job.id)).not_to_contain_text("part.stl")
    page = staff.visit(f"/jobs/{job.id}")
    expect(page.locator(".plj-head")).to_contain_text("plate.gcode")


def test_a_card_under_the_pointer_waits_until_the_pointer_leaves(lab: Lab, staff: Person) -> None:
    job = lab.bench.at(JobStatus.PRINTING)
    page = staff.visit(NEWEST_FIRST)
    card = _card(staff, job.id)
    card.hover()
    lab.bench.complete(lab.job(job.id), lab.users[lab.colleague()])
    expect(card).to_contain_text("Now: Ready for pickup")
    expect(page.locator("#plb-col-Printing").locator(f'[data-job="{job.id}"]')).to_be_visible()
    page.mouse.move(683, 20)
    expect(page.locator("#plb-col-Completed").locator(f'[data-job="{job.id}"]')).to_be_visible()


def test_an_edit_by_hand_in_another_process_reaches_an_open_job_page(lab: Lab, staff: Person) -> None:
    job = lab.bench.submit()
    page = staff.visit(f"/jobs/{job.id}")
    page.evaluate("window.neverReloaded = true")
    lab.services.jobs.edit(EditJob(job.id, job.version, quantity=3), lab.users[lab.colleague()])
    expect(page.locator(".plj-facts")).to_contain_text("was 1 copy, now 3 copies")
    assert page.evaluate("window.neverReloaded")


def test_the_demo_of_the_command_line_makes_an_open_board_come_alive(
    start_lab: Callable[..., Lab], person: NewPerson
) -> None:
    lab = start_lab()
    staff = person(lab, **DESKTOP).signed_in(lab.staff())
    page = staff.visit(NEWEST_FIRST)
    expect(page.get_by_text("New files from students appear here by themselves.")).to_be_visible()
    page.evaluate("window.neverReloaded = true")
    said = lab.cli("demo")
    match = re.search(r"(\d+) demo jobs", said)
    assert match, said
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#plb-col-PaidPickedUp [data-job]").first).to_be_visible()
    total = "[...document.querySelectorAll('h2 .plb-count')].reduce((sum, count) => sum + +count.textContent, 0)"
    page.wait_for_function(f"{total} === {int(match[1])}")
    assert lab.jobs() == int(match[1])
    assert page.evaluate("window.neverReloaded")
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#plb-col-PaidPickedUp")).to_be_hidden()


def test_a_file_that_does_not_say_what_it_takes_is_started_once_staff_say_that_the_price_holds(
    lab: Lab, staff: Person
) -> None:
    job = lab.bench.add_sliced(
        lab.bench.confirm(lab.bench.approve(lab.bench.add_sliced(lab.bench.submit(), files_made.prusa_gcode()))),
        b"; of nobody known\n" + files_made.gcode(),
    )
    page = staff.visit(NEWEST_FIRST)
    card = _card(staff, job.id)
    expect(card).to_contain_text("The newer file does not say what it takes: weight and time")
    card.get_by_role("button", name="Start printing").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Start printing").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Tick this when the slicer shows no more than that.")
    expect(dialog.get_by_text("does not say")).to_have_count(1)
    expect(dialog.get_by_text("then tick the box, or use Re-quote and type it in there.")).to_be_visible()
    expect(dialog.get_by_text("Type weight and time in")).to_have_count(0)
    holds = dialog.get_by_role("checkbox", name="It costs what was accepted, $4.34")
    asked, answer = measured(dialog.get_by_text("The newer file does not say")), measured(holds)
    assert answer["y"] >= asked["y"] + asked["height"]  # beside it, it would be a column of four lines
    holds.click()
    expect(dialog.get_by_role("alert")).to_be_hidden()
    dialog.get_by_role("button", name="Start printing").click()
    lab.moved(job.id, JobStatus.PRINTING)


def test_a_laptop_shows_the_five_open_columns_and_reaches_the_finished_ones(lab: Lab, staff: Person) -> None:
    lab.bench.at(JobStatus.REJECTED)
    page = staff.visit(NEWEST_FIRST)
    done = page.get_by_role("button", name="Done")
    for status in ("Uploaded", "Pending", "ReadyToPrint", "Printing", "Completed"):
        _lies_left_of(page.locator(f"#plb-col-{status}"), done)
    head = measured(page.get_by_role("heading", name="Uploaded"))
    done.click()
    for status in ("Rejected", "PaidPickedUp"):
        _lies_left_of(page.locator(f"#plb-col-{status}"), done)
    shown = measured(page.get_by_role("heading", name="Uploaded"))
    assert head["y"] == shown["y"]
    done.click()
    _lies_left_of(page.locator("#plb-col-Uploaded"), done)


def _lies_left_of(column: Locator, rail: Locator) -> None:
    """The whole column is on the screen, and nothing lies above it."""
    box, edge = measured(column), measured(rail)
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= edge["x"]
    assert edge["x"] + edge["width"] <= 1366


def test_a_card_says_what_was_written_and_when_it_is_needed(lab: Lab, staff: Person) -> None:
    notes = "The flat side is the visible one.\n" + "It has to hold an M4 nut. " * 20
    today = datetime.now(lab.settings.zone).date()
    job = lab.bench.submit(notes=notes, needed_by=today + timedelta(days=1))
    later = lab.bench.submit(needed_by=today + timedelta(days=9))
    page = staff.visit(NEWEST_FIRST)
    note = _card(staff, job.id).locator(".plb-job__note")
    expect(note).to_contain_text("The flat side is the visible one.")
    expect(note).to_have_attribute("title", f"Jane Doe: {notes.strip()}")
    box = measured(note)
    assert box["height"] < 24
    expect(_card(staff, job.id).locator(".plb-mark--warning")).to_contain_text("Needed tomorrow")
    expect(_card(staff, later.id).locator(".plb-mark", has_text="Needed by")).to_be_visible()
    expect(_card(staff, later.id).locator(".plb-mark--warning")).to_have_count(0)
    note.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"#{job.id}")
    expect(page.locator(".plj-written")).to_contain_text("The flat side is the visible one.")


def _card(person: Person, job_id: int) -> Locator:
    return person.page.locator(f'[data-job="{job_id}"]')


def _counted(page: Page, times: int) -> None:
    page.wait_for_function("times => window.counted >= times", arg=times)


def _approve(person: Person) -> Locator:
    return person.page.get_by_role("button", name=_APPROVE)


def test_a_dialog_says_who_comes_and_goes(lab: Lab, staff: Person, colleague: Person) -> None:
    job = lab.bench.submit()
    boards = [somebody.visit(f"/board?q=%23{job.id}") for somebody in (staff, colleague)]
    for board in boards:
        board.locator(f'[data-job="{job.id}"]').get_by_role("button", name="Approve").click()
    for board in boards:
        expect(board.get_by_role("dialog").get_by_text("looks at it too")).to_be_visible()
    boards[1].keyboard.press("Escape")
    expect(boards[0].get_by_role("dialog").get_by_text("looks at it too")).to_be_hidden()


def test_each_sees_that_the_other_looks_at_the_job_too(lab: Lab, staff: Person, colleague: Person) -> None:
    job = lab.bench.submit()
    mine = staff.visit(f"/jobs/{job.id}")
    expect(mine.get_by_text("looks at it too")).to_have_count(0)
    board = colleague.visit(f"/board?q=%23{job.id}")
    board.locator(f'[data-job="{job.id}"]').get_by_role("button", name="Approve").click()
    expect(board.get_by_role("dialog").get_by_text("looks at it too")).to_be_visible()
    expect(mine.get_by_text("looks at it too")).to_be_visible()
    board.keyboard.press("Escape")
    expect(mine.get_by_text("looks at it too")).to_have_count(0)
    theirs = colleague.visit(f"/jobs/{job.id}")
    expect(theirs.get_by_text("looks at it too")).to_be_visible()
    theirs.close()
    expect(mine.get_by_text("looks at it too")).to_have_count(0)
