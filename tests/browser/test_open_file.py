"""“Open file”, from the click to the slicer: a real Chromium on a screen, the helper installed, a stand-in slicer."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Playwright, expect
from sqlmodel import col

from printlab.domain.status import JobStatus
from printlab.domain.views import EventView, FileState, JobView
from printlab.models import Job
from tests import files_made
from tests.browser.desktop import Desktop, desktop, managed_policy
from tests.browser.lab import PASSWORD, Lab
from tests.browser.people import NEWEST_FIRST, PHONE, NewPerson, Person
from tests.browser.waiting import measured


@pytest.fixture(scope="module")
def desk(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    """The PC at the front desk, set up; its share is the lab's storage root."""
    with desktop(lab, tmp_path_factory.mktemp("desk")) as pc:
        pc.install("Front Desk", lab.storage)
        yield pc


@pytest.fixture(scope="module")
def windows(lab: Lab, desk: Desktop, playwright: Playwright) -> Iterator[BrowserContext]:
    """A browser on that PC which the administrator has told to trust the lab."""
    with managed_policy(lab.url), desk.browser(playwright) as context:
        yield context


@pytest.fixture
def sam(lab: Lab, windows: BrowserContext) -> Iterator[Person]:
    """Sam, signed in at the front desk."""
    person = Person(lab, windows).signed_in(lab.staff())
    yield person
    person.page.close()
    assert person.errors == []


@pytest.fixture
def job(lab: Lab) -> JobView:
    """A job that waits for a printer, with the sliced file that its price was told for."""
    return lab.bench.confirm(lab.bench.approve(lab.bench.add_sliced(lab.bench.submit(), files_made.gcode())))


def redeem(lab: Lab, job: JobView, address: str, workstation: str) -> None:
    """Somebody else opens the job's file, somewhere else."""
    session = lab.services.accounts.sign_in(address, PASSWORD, "Firefox", "192.0.2.9")
    link = lab.services.opening.mint(job.id, lab.services.accounts.actor_of(session))
    assert lab.services.opening.redeem(link.url.rpartition("/")[2], workstation) is not None


def concluded(lab: Lab, job: JobView) -> EventView:
    """The last line of the history, once the helper has said what came of the click."""
    deadline = time.monotonic() + 10
    while (event := lab.events(job.id)[-1]).action == "file handed to the helper":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return event


def test_a_click_on_the_board_opens_the_file_that_counts_in_place(
    lab: Lab, desk: Desktop, sam: Person, job: JobView
) -> None:
    page = sam.visit(NEWEST_FIRST)
    page.get_by_role("button", name=f"Open file of job {job.id}").click()
    opened = desk.opened()
    assert opened == lab.storage / "ReadyToPrint" / f"{job.stem}.gcode"
    assert hashlib.sha256(opened.read_bytes()).hexdigest() == job.counting_file.sha256
    expect(sam.said(f"Job {job.id} opens at Front Desk")).to_be_visible()
    card = page.locator(f'[data-job="{job.id}"]')
    expect(card.get_by_text("Open at Front Desk, Sam Rivera")).to_be_visible()
    assert page.url == f"{lab.url}{NEWEST_FIRST}"
    event = concluded(lab, job)
    assert (event.action, event.actor_name, event.workstation) == ("file opened", "Sam Rivera", "Front Desk")
    assert lab.bench.agrees(job)
    lab.bench.start(job)
    page.mouse.move(0, 0)  # a card that moves waits for the pointer to leave it
    expect(card.get_by_text("Open at Front Desk")).to_have_count(0)


def test_what_the_slicer_saves_is_noticed_and_fills_the_quote_in(lab: Lab, desk: Desktop, sam: Person) -> None:
    job = lab.bench.submit()
    page = sam.visit(NEWEST_FIRST)
    page.get_by_role("button", name=f"Open file of job {job.id}").click()
    opened = desk.opened()
    assert opened == lab.storage / "Uploaded" / f"{job.stem}.stl"
    opened.with_name(f"{job.stem}_0.2mm_PLA_MK4S_2h10m.gcode").write_bytes(files_made.prusa_gcode())
    expect(sam.said(f"New sliced file for job {job.id}: 38 g, 2 h 10 min")).to_be_visible(timeout=15_000)
    card = page.locator(f'[data-job="{job.id}"]')
    expect(card).to_contain_text("38 g")
    page = sam.visit(f"/jobs/{job.id}")
    expect(page.get_by_label("Weight of all copies")).to_have_value("38")
    expect(page.get_by_label("Printing time of all copies")).to_have_value("2 h 10 min")
    page.get_by_role("button", name="Approve and send quote · $4.34").click()
    assert lab.moved(job.id, JobStatus.PENDING).price_cents == 434
    assert lab.bench.agrees(lab.job(job.id))


def test_a_click_on_the_jobs_page_opens_it_and_the_history_says_so(
    lab: Lab, desk: Desktop, sam: Person, job: JobView
) -> None:
    page = sam.visit(f"/jobs/{job.id}")
    page.get_by_role("button", name=f"Open file of job {job.id}").click()
    assert desk.opened() == lab.bench.working_copy(job)
    expect(page.locator(".plj-event", has_text="Sam Rivera opened the file")).to_contain_text("Front Desk")
    expect(page.locator(".plj-mark", has_text="Open at Front Desk, Sam Rivera")).to_be_visible()


def test_a_second_person_is_told_and_may_go_on(lab: Lab, desk: Desktop, sam: Person, job: JobView) -> None:
    redeem(lab, job, lab.colleague(), "Back Room")
    page = sam.visit(f"/jobs/{job.id}")
    button = page.get_by_role("button", name=f"Open file of job {job.id}")
    button.click()
    told = page.get_by_role("alertdialog", name=f"Job {job.id} is open elsewhere")
    expect(told).to_contain_text("Kim Okafor opened it at Back Room just now.")
    told.get_by_role("button", name="Leave it").click()
    expect(told).to_be_hidden()
    assert lab.events(job.id)[-1].actor_name == "Kim Okafor"
    button.click()
    told.get_by_role("button", name="Open it here too").click()
    assert desk.opened() == lab.bench.working_copy(job)
    expect(page.locator(".plj-mark", has_text="Open at Front Desk, Sam Rivera")).to_be_visible()


def test_a_file_that_is_still_moving_is_not_opened(lab: Lab, desk: Desktop, sam: Person, job: JobView) -> None:
    page = sam.visit(f"/jobs/{job.id}")
    with lab.services.database.write() as unit:
        state = sa.update(Job).where(col(Job.id) == job.id).values(file_state=FileState.MOVING)
        unit.session.exec(state)
    page.get_by_role("button", name=f"Open file of job {job.id}").click()
    expect(sam.said(f"The file of job {job.id} is still moving")).to_be_visible()
    assert desk.was_asked_nothing()


def test_the_set_up_page_tells_live_that_the_helper_answered(lab: Lab, desk: Desktop, sam: Person) -> None:
    page = sam.visit("/opener")
    page.get_by_role("button", name="Try the helper").click()
    expect(page.get_by_text("The helper on Front Desk answered. Files open there.")).to_be_visible(timeout=5_000)
    assert desk.was_asked_nothing()


def test_after_a_try_in_vain_another_system_has_its_own_commands(lab: Lab, desk: Desktop, sam: Person) -> None:
    """Here the administrator has answered the browser's own question: while it stands there, no page hears a click."""
    away = desk.helper.rename(desk.helper.with_suffix(".away"))
    try:
        page = sam.visit("/opener")
        page.get_by_label("Where it has the lab's share").fill("/mnt/prints")
        page.get_by_role("button", name="Try the helper").click()
        expect(page.get_by_text("No answer within 5 s.")).to_be_visible(timeout=8_000)
        for system, python in (("Windows", "py"), ("macOS", "python3"), ("Windows", "py")):
            sam.choose("System", system)
            commands = page.locator(".pl-copy-text:visible")
            expect(commands.first).to_have_text(re.compile(rf"^{python} printlab-open\.pyz --install .*/mnt/prints"))
            expect(commands.last).to_have_text(f"{python} printlab-open.pyz --self-test")
    finally:
        away.rename(desk.helper)
    assert desk.was_asked_nothing()


def test_a_share_that_is_not_connected_is_told_on_both_sides(
    lab: Lab, desk: Desktop, sam: Person, job: JobView, tmp_path: Path
) -> None:
    desk.configure(root=str(tmp_path))
    try:
        page = sam.visit("/opener")
        page.get_by_role("button", name="Try the helper").click()
        expect(page.get_by_text("The helper on Front Desk answered. The lab's share is not there")).to_be_visible()
        sam.visit(f"/jobs/{job.id}")
        page.get_by_role("button", name=f"Open file of job {job.id}").click()
        panel = page.get_by_role("status", name="Front Desk did not open it")
        expect(panel).to_contain_text("Connect the share, then click again.")
        expect(panel.get_by_role("link", name="Download")).to_have_attribute("href", f"/files/{job.id}/authoritative")
        assert "Connect the share" in desk.log
    finally:
        desk.configure(root=str(lab.storage))
    assert desk.was_asked_nothing()
    assert lab.job(job.id).opened is None


def test_a_file_that_does_not_open_is_told_on_the_page_and_in_the_history(
    lab: Lab, desk: Desktop, sam: Person, job: JobView
) -> None:
    redeem(lab, job, lab.colleague(), "Back Room")
    page = sam.visit(f"/jobs/{job.id}")
    page.get_by_role("button", name=f"Open file of job {job.id}").click()
    anyway = page.get_by_role("button", name="Open it here too")
    expect(anyway).to_be_visible()
    lab.bench.working_copy(job).write_bytes(b"; something else\n")
    anyway.click()
    panel = page.get_by_role("status", name="Front Desk did not open it")
    expect(panel).to_contain_text("somebody saved over it", timeout=8_000)
    line = page.locator(".plj-event", has_text="Sam Rivera did not open the file")
    expect(line).to_contain_text("Front Desk")
    expect(line).to_contain_text("somebody saved over it")
    expect(line.locator(".q-icon")).to_have_text("error_outline")
    expect(page.locator(".plj-event", has_text="Kim Okafor handed the file to the helper")).to_contain_text("Back Room")
    expect(page.locator(".plj-mark", has_text="Open at Back Room, Kim Okafor")).to_be_visible()
    assert desk.was_asked_nothing()


# ---------- what the helper refuses ----------


def test_a_link_that_was_used_or_made_up_opens_nothing(lab: Lab, desk: Desktop, job: JobView) -> None:
    session = lab.services.accounts.sign_in(lab.staff(), PASSWORD, "Firefox", "192.0.2.9")
    link = lab.services.opening.mint(job.id, lab.services.accounts.actor_of(session))
    desk.click(link.url)
    assert desk.opened() == lab.bench.working_copy(job)
    for url in (link.url, f"printlab://open/{'A' * 43}"):
        assert "was used already, has expired" in desk.click(url, status=1)
    assert desk.was_asked_nothing()


def test_a_file_that_was_changed_in_the_share_is_not_opened_as_the_one_that_counts(
    lab: Lab, desk: Desktop, job: JobView
) -> None:
    session = lab.services.accounts.sign_in(lab.staff(), PASSWORD, "Firefox", "192.0.2.9")
    link = lab.services.opening.mint(job.id, lab.services.accounts.actor_of(session))
    lab.bench.working_copy(job).write_bytes(b"; something else\n")
    assert "somebody saved over it" in desk.click(link.url, status=1)
    assert desk.was_asked_nothing()


# ---------- without a helper ----------


def test_the_file_can_still_be_downloaded_from_the_board(lab: Lab, staff: Person, job: JobView) -> None:
    page = staff.visit(NEWEST_FIRST)
    page.get_by_role("button", name=f"More actions for job {job.id}").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Download file").click()
    assert download.value.suggested_filename == job.filename
    expect(page.get_by_role("menu")).to_be_hidden()


def test_without_a_helper_the_page_offers_other_ways_after_5_s(lab: Lab, staff: Person, job: JobView) -> None:
    page = staff.visit(NEWEST_FIRST)
    page.get_by_role("button", name=f"Open file of job {job.id}").click()
    panel = page.get_by_role("status", name="Nothing opened yet")
    expect(panel).to_be_hidden()
    expect(panel).to_be_visible(timeout=8_000)
    expect(panel).to_contain_text(f"ReadyToPrint/{job.stem}.gcode")
    expect(panel.get_by_role("button", name="Copy")).to_be_visible()
    expect(panel.get_by_role("link", name="Set up this computer")).to_have_attribute("href", "/opener")
    with page.expect_download() as download:
        panel.get_by_role("link", name="Download").click()
    assert Path(download.value.path()).read_bytes() == lab.bench.working_copy(job).read_bytes()
    redeem(lab, job, lab.staff(), "Front Desk")  # another link: this one is still without an answer
    expect(panel).to_be_visible()
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_be_hidden()


def test_the_panel_takes_the_keyboard_from_nobody_who_types(lab: Lab, staff: Person, job: JobView) -> None:
    page = staff.visit(f"/jobs/{job.id}")
    page.get_by_role("button", name=f"Open file of job {job.id}").click()
    note = page.get_by_label("Note for colleagues")
    note.click()
    page.keyboard.type("Before ")
    panel = page.get_by_role("status", name="Nothing opened yet")
    expect(panel).to_be_visible(timeout=8_000)
    page.wait_for_timeout(400)  # a dialog moves the keyboard once it has come in
    page.keyboard.type("and after.")
    expect(note).to_have_value("Before and after.")
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_be_hidden()


def test_the_set_up_page_says_what_to_do_when_nothing_answers(staff: Person) -> None:
    page = staff.visit("/opener")
    page.get_by_role("button", name="Try the helper").click()
    expect(page.get_by_text("Waiting for the helper on this computer.")).to_be_visible()
    expect(page.get_by_text("No answer within 5 s.")).to_be_visible(timeout=8_000)
    expect(page.get_by_text("python3 printlab-open.pyz --self-test", exact=True)).to_be_visible()


def test_the_set_up_page_writes_the_command_for_this_computer(staff: Person) -> None:
    page = staff.visit("/opener")
    page.get_by_label("Name of this computer").fill("Resin Room")
    expect(page.get_by_text("Fill in where this computer has the lab's share")).to_be_visible()
    expect(page.get_by_text("--root")).to_be_hidden()  # whoever copies an example sets the computer up wrongly
    page.get_by_label("Where it has the lab's share").fill("/mnt/the prints")
    expect(page.get_by_text("Fill in where this computer has the lab's share")).to_have_count(0)
    command = page.locator(".pl-copy-text").first
    expect(command).to_have_text(
        "python3 printlab-open.pyz --install --workstation 'Resin Room' --root '/mnt/the prints'"
    )
    staff.choose("System", "Windows")
    expect(command).to_have_text('py printlab-open.pyz --install --workstation "Resin Room" --root "/mnt/the prints"')
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the helper").click()
    assert download.value.suggested_filename == "printlab-open.pyz"


def test_a_phone_breaks_the_command_between_its_words(lab: Lab, person: NewPerson) -> None:
    page = person(lab, **PHONE).signed_in(lab.staff()).visit("/opener")
    page.get_by_label("Where it has the lab's share").fill("/mnt/prints")
    words = page.locator(".pl-copy-text").first.locator(".pl-copy-word")
    expect(words).to_have_text(
        ["python3", "printlab-open.pyz", "--install", "--workstation", "'Front", "Desk'", "--root", "/mnt/prints"]
    )
    lines = words.evaluate_all("words => words.map(it => it.getBoundingClientRect().height)")
    assert len(set(lines)) == 1
    assert measured(page.locator(".pl-copy-text").first)["height"] > 2 * lines[0]  # it does not fit on one line
