"""What can go wrong between a student and the lab: every refusal is a sentence, and nothing typed is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, WebSocketRoute, expect

from printlab.domain.status import JobStatus
from printlab.domain.views import RevisionKind
from tests import files_made
from tests.browser.lab import Lab, link_in, part
from tests.browser.people import DESKTOP, NewPerson, Person

_MB = 1_000_000


# ---------- the file ----------


def test_a_wrong_extension_is_refused_before_a_byte_is_sent(student: Person) -> None:
    student.visit("/")
    student.page.get_by_label("First and last name").fill("Jane Doe")
    student.choose_file("holiday.png", files_made.png(), wait=False)
    expect(_problem(student)).to_have_text("“holiday.png” is not a file this lab takes. Save it as .stl, .obj, .3mf.")
    assert student.upload_requests() == []
    expect(student.page.get_by_label("First and last name")).to_have_value("Jane Doe")


def test_a_file_that_is_too_large_is_refused_before_a_byte_is_sent(student: Person, tmp_path: Path) -> None:
    large = tmp_path / "castle.stl"
    with large.open("wb") as file:
        file.truncate(50 * _MB + 1)
    page = student.visit("/")
    page.locator("input[type=file]").set_input_files(large)
    expect(_problem(student)).to_contain_text("this lab takes up to 50 MB")
    expect(_problem(student)).to_contain_text("castle.stl")
    assert student.upload_requests() == []


@pytest.mark.parametrize(
    ("name", "content", "asked"),
    [
        ("part.stl", files_made.png(), True),
        ("part.stl", b"", False),
        ("part.3mf", files_made.archive({"letter.txt": b"Dear lab"}), True),
        ("part.obj", b"\x00\x01\x02" * 100, True),
    ],
    ids=["renamed picture", "empty file", "zip that is no 3MF", "noise as OBJ"],
)
def test_what_is_no_mesh_is_refused_in_one_sentence(student: Person, name: str, content: bytes, asked: bool) -> None:
    student.refusals_are_expected = True
    page = student.visit("/")
    student.fill_order()
    student.choose_file(name, content, wait=False)
    expect(_problem(student)).to_have_text(re.compile(r"^.{20,200}\.$"))
    assert bool(student.upload_requests()) is asked
    expect(page.locator("label.pl-drop")).to_be_visible()
    expect(page.get_by_label("E-mail", exact=True)).to_have_value("jane@example.edu")

    student.choose_file("part.stl", files_made.stl())
    expect(_problem(student)).to_be_hidden()


def test_a_file_can_be_removed_and_another_chosen(lab: Lab, student: Person) -> None:
    page = student.visit("/")
    student.fill_order()
    student.choose_file("first.stl", files_made.stl())
    page.get_by_role("button", name="Remove the file").click()
    student.choose_file("second.stl", files_made.stl())
    assert lab.job(student.send()).original_name == "second.stl"


# ---------- the form ----------


def test_what_is_missing_is_said_beside_each_field(lab: Lab, student: Person) -> None:
    before = lab.jobs()
    page = student.visit("/")
    page.get_by_role("button", name="Send to the lab").click()
    for sentence in (
        "Choose the file that is to be printed.",
        "Choose a colour.",
        "Enter your first and last name.",
        "Enter an e-mail address. The quote goes there.",
        "Without agreement to the terms the lab cannot take the file.",
    ):
        expect(page.get_by_text(sentence)).to_be_visible()
    page.get_by_label("E-mail", exact=True).fill("jane at example")
    page.get_by_label("First and last name").focus()
    expect(page.get_by_text("This is not an e-mail address. Check it for a typing error.")).to_be_visible()
    assert lab.jobs() == before


def test_a_wrong_address_is_said_in_the_same_round_as_the_rest(lab: Lab, student: Person) -> None:
    before = lab.jobs()
    page = student.visit("/")
    page.get_by_label("E-mail", exact=True).fill("jane@example")
    page.get_by_role("button", name="Send to the lab").click()
    for sentence in (
        "Choose the file that is to be printed.",
        "Enter your first and last name.",
        "This is not an e-mail address. Check it for a typing error.",
        "Without agreement to the terms the lab cannot take the file.",
    ):
        expect(page.get_by_text(sentence)).to_be_visible()
    assert lab.jobs() == before


def test_a_mistyped_domain_is_asked_about_and_mended_with_one_tap(student: Person) -> None:
    page = student.visit("/")
    address = page.get_by_label("E-mail", exact=True)
    address.fill("jane@gmial.con")
    page.get_by_role("button", name="Did you mean jane@gmail.com?").click()
    expect(address).to_have_value("jane@gmail.com")
    expect(page.get_by_text("Did you mean")).to_be_hidden()
    address.fill("jane@example.edu")
    page.get_by_label("First and last name").fill("Jane")
    expect(page.get_by_text("Did you mean")).to_be_hidden()


def test_a_colour_that_the_other_method_lacks_is_chosen_anew_one_that_it_has_stays(lab: Lab, student: Person) -> None:
    """What is drawn as chosen is what will be sent, also after the options went and came back."""
    page = student.visit("/")
    student.fill_order(color="Blue")
    student.choose_file("part.stl", files_made.stl())
    student.choose("Method", "Resin")
    expect(page.get_by_role("radio", name="Clear")).to_be_visible()
    student.choose("Method", "Filament")
    page.get_by_role("button", name="Send to the lab").click()
    expect(page.get_by_text("Choose a colour.")).to_be_visible()
    expect(page.get_by_role("radio", name="Blue")).not_to_be_checked()

    student.choose("Colour", "Black")
    student.choose("Method", "Resin")
    expect(page.get_by_role("radio", name="Clear")).to_be_visible()
    expect(page.get_by_role("radio", name="Black")).to_be_checked()
    student.choose("Method", "Filament")
    student.choose("Colour", "Blue")
    expect(page.get_by_text("Choose a colour.")).to_be_hidden()
    assert lab.job(student.send()).color == "Blue"


def test_what_was_typed_survives_a_reload_the_file_too(lab: Lab, student: Person) -> None:
    student.visit("/")
    student.fill_order("Jane Doe", "jane.reload@example.edu", "Green")
    student.choose("Material", "PETG")
    student.choose_file("bracket.stl", files_made.stl())
    page = student.reload()
    expect(page.get_by_label("First and last name")).to_have_value("Jane Doe")
    expect(page.get_by_role("radio", name="Green")).to_be_checked()
    expect(page.get_by_role("radio", name="PETG")).to_be_checked()
    expect(page.locator(".pl-file-name")).to_have_text("bracket.stl")
    page.get_by_role("checkbox", name="I agree to these terms").click()
    job = lab.job(student.send())
    assert (job.color, job.material, job.student_email) == ("Green", "PETG", "jane.reload@example.edu")


# ---------- once is once ----------


def test_a_double_click_on_send_makes_one_job(lab: Lab, student: Person) -> None:
    before = lab.jobs()
    page = student.visit("/")
    student.fill_order()
    student.choose_file("part.stl", files_made.stl())
    page.get_by_role("button", name="Send to the lab").evaluate("button => { button.click(); button.click(); }")
    expect(page.locator(".pl-job-number")).to_be_visible()
    assert lab.jobs() == before + 1


def test_an_answer_that_was_lost_with_the_connection_makes_no_second_job(lab: Lab, student: Person) -> None:
    """The job is made, and the line breaks before the student hears of it: the page, loaded again, knows."""
    before = lab.jobs()
    student.refusals_are_expected = True
    cut = _Line()
    student.page.route_web_socket(re.compile("_nicegui_ws"), cut.connect)
    page = student.visit("/")
    student.fill_order(address="jane.cut@example.edu")
    student.choose_file("part.stl", files_made.stl())
    page.wait_for_function("Object.values(localStorage).some(kept => kept.includes('jane.cut@example.edu'))")
    cut.deafen()
    page.get_by_role("button", name="Send to the lab").click()
    job = _job_of(lab, student, "jane.cut@example.edu", before)
    student.reload()

    expect(page.locator(".pl-job-number")).to_have_text(str(job))
    expect(page.get_by_text("It had arrived already; nothing was sent twice.")).to_be_visible()
    assert lab.jobs() == before + 1


def test_a_short_break_of_the_line_loses_nothing(lab: Lab, student: Person) -> None:
    before = lab.jobs()
    cut = _Line()
    student.refusals_are_expected = True
    student.page.route_web_socket(re.compile("_nicegui_ws"), cut.connect)
    page = student.visit("/")
    student.fill_order(address="jane.short@example.edu")
    student.choose_file("part.stl", files_made.stl())
    cut.deafen()
    page.get_by_role("button", name="Send to the lab").click()
    job = _job_of(lab, student, "jane.short@example.edu", before)
    cut.break_off()
    expect(page.locator(".pl-job-number")).to_have_text(str(job), timeout=20_000)
    assert lab.jobs() == before + 1


def test_send_another_like_this_keeps_everything_but_the_file(lab: Lab, student: Person) -> None:
    page = student.visit("/")
    student.fill_order("Jane Doe", "jane.again@example.edu", "Orange")
    student.choose_file("first.stl", files_made.stl())
    first = student.send()
    page.get_by_role("button", name="Send another like this").click()
    expect(page.locator("label.pl-drop")).to_be_visible()
    expect(page.get_by_label("First and last name")).to_have_value("Jane Doe")
    expect(page.get_by_role("radio", name="Orange")).to_be_checked()
    student.choose_file("second.stl", files_made.stl())
    agree = page.get_by_role("checkbox", name="I agree to these terms")
    if not agree.is_checked():
        agree.click()
    second = student.send()
    assert second != first
    assert (lab.job(second).original_name, lab.job(second).color) == ("second.stl", "Orange")


# ---------- the lab's answers ----------


def test_closed_submissions_say_why_and_until_when(lab: Lab, student: Person, person: NewPerson) -> None:
    before = lab.jobs()
    page = student.visit("/")
    student.fill_order()
    student.choose_file("part.stl", files_made.stl())
    admin = person(lab, **DESKTOP).signed_in(lab.admin())
    try:
        _close(admin, "The lab moves to building 7.")
        notice = page.get_by_text("The lab moves to building 7.")  # on the open form, live: once, in the button's place
        expect(notice).to_be_visible()
        expect(page.get_by_role("button", name="Send to the lab")).to_be_hidden()
        newcomer = person(lab, **DESKTOP)
        newcomer.visit("/")
        expect(newcomer.page.get_by_role("heading", level=1)).to_have_text("The lab takes no files at the moment")
        expect(newcomer.page.get_by_text("Open again on")).to_be_visible()
        for somebody in (newcomer.page.get_by_role("main"), page.locator(".pl-notice")):  # a phone's, too
            expect(somebody.get_by_text("At the print lab’s front desk.")).to_be_visible()
            expect(somebody.get_by_text("Monday to Friday, 9:00 to 17:00")).to_be_visible()
            expect(somebody.get_by_role("link", name="lab@example.edu")).to_be_visible()
        assert lab.jobs() == before
    finally:
        _open(admin)
    expect(newcomer.page.get_by_role("heading", level=1)).to_have_text("Send a file to be printed")
    expect(page.get_by_label("First and last name")).to_have_value("Jane Doe")
    student.send()


def test_a_rejected_job_goes_on_with_a_corrected_file(lab: Lab, staff: Person, student: Person) -> None:
    job = lab.bench.submit(email="jane.reject@example.edu")
    page = staff.visit(f"/jobs/{job.id}")
    page.get_by_role("button", name=re.compile("^Reject")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=f"Reject job {job.id}").click()
    expect(dialog.get_by_text("Tick a reason, or write one. The student reads it.")).to_be_visible()
    reasons = [reason for reason in lab.services.catalog.view().reject_reasons if reason.active]
    dialog.get_by_role("checkbox", name=reasons[1].label).click()
    dialog.get_by_label("In your own words").fill("It is 40 cm long.")
    dialog.get_by_role("button", name=f"Reject job {job.id}").click()
    expect(staff.said(f"Job {job.id} rejected")).to_be_visible()
    now = lab.moved(job.id, JobStatus.REJECTED)
    assert (now.reject_reasons, now.reject_note) == ((reasons[1].label,), "It is 40 cm long.")
    mail = lab.mail("jane.reject@example.edu", f"Job {job.id}: we cannot print it like this")
    assert "It is 40 cm long." in part(mail, "plain")

    track = student.visit(link_in(mail))
    expect(track.get_by_role("heading", level=1)).to_have_text("The lab cannot print this job as it is.")
    expect(track.get_by_text("It is 40 cm long.")).to_be_visible()
    corrected = files_made.stl()
    student.choose_file("shorter.stl", corrected)
    track.get_by_role("button", name="Send corrected file").click()
    expect(track.get_by_role("heading", level=1)).to_have_text("The lab has your file.")
    now = lab.moved(job.id, JobStatus.UPLOADED)
    assert (now.authoritative, now.revisions[1].kind) == (2, RevisionKind.CORRECTED)
    assert lab.archived(now, now.revisions[1]) == corrected
    expect(page.locator(".plj-file--counts")).to_contain_text("shorter.stl")  # on the page that staff had open
    expect(page.get_by_role("button", name=re.compile("^Approve and send quote"))).to_be_visible()


def test_a_student_declines_and_takes_that_back(lab: Lab, student: Person) -> None:
    job = lab.bench.at(JobStatus.PENDING)
    page = student.visit(_track(job.track_url))
    page.evaluate("scrollTo(0, 150)")
    page.get_by_role("button", name="Decline", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(re.compile("^Why")).fill("Too expensive for me.")
    dialog.get_by_role("button", name="Decline the quote").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You declined the quote.")
    page.wait_for_function("scrollY === 0")  # the dialog that closed put the page back to where it was
    lab.moved(job.id, JobStatus.REJECTED)
    assert lab.events(job.id)[-1].reason == "Too expensive for me."
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Accept · $4.34")).to_be_visible()
    lab.moved(job.id, JobStatus.PENDING)


def test_a_superseded_quote_cannot_be_accepted(lab: Lab, student: Person) -> None:
    """The page follows a new quote by itself; one that could not follow is told the new price."""
    job = lab.bench.at(JobStatus.PENDING)
    page = student.visit(_track(job.track_url))
    expect(page.get_by_role("button", name="Accept · $4.34")).to_be_visible()
    lab.bench.requote(lab.bench.confirm(lab.job(job.id)))
    expect(page.get_by_role("button", name="Accept · $5.80")).to_be_visible()
    page.get_by_role("button", name="Accept · $5.80").click()
    assert lab.moved(job.id, JobStatus.READY_TO_PRINT).price_cents == 580


def test_a_student_cancels_after_being_asked_by_name(lab: Lab, student: Person) -> None:
    job = lab.bench.submit()
    page = student.visit(_track(job.track_url))
    page.get_by_role("button", name=f"Cancel job {job.id}").click()
    dialog = page.get_by_role("alertdialog")
    dialog.get_by_role("button", name="Keep the job").click()
    expect(dialog).to_be_hidden()
    assert lab.job(job.id).status is JobStatus.UPLOADED
    page.get_by_role("button", name=f"Cancel job {job.id}").click()
    page.get_by_role("alertdialog").get_by_role("button", name=f"Cancel job {job.id}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You cancelled this job.")
    lab.moved(job.id, JobStatus.REJECTED)


def test_a_link_that_belongs_to_no_job_says_so(student: Person) -> None:
    student.refusals_are_expected = True
    student.visit("/track/abcdefghijklmnopqrstuvwxyz")
    expect(student.page.get_by_role("heading", level=1)).to_have_text("There is no job at this address")


def test_staff_send_a_file_for_a_walk_in_student(lab: Lab, staff: Person) -> None:
    page = staff.visit("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("New job at the desk")
    staff.choose("Colour", "Black")
    page.get_by_label("The student’s first and last name").fill("Walter Inn")
    page.get_by_label("The student’s e-mail").fill("walter@example.edu")
    page.get_by_role("checkbox", name="The student agrees to these terms").click()
    staff.choose_file("knob.obj", files_made.obj())
    job = lab.job(staff.send())
    assert job.walk_in
    assert lab.events(job.id)[0].actor_name == "Sam Rivera"


# ---------- helpers ----------


class _Line:
    """The page's live connections, one after the other."""

    def __init__(self) -> None:
        self._routes: list[WebSocketRoute] = []
        self._deaf: set[WebSocketRoute] = set()

    def connect(self, page_side: WebSocketRoute) -> None:
        server_side = page_side.connect_to_server()
        server_side.on_message(lambda message: None if page_side in self._deaf else page_side.send(message))
        self._routes.append(page_side)

    def deafen(self) -> None:
        """Let nothing more of the server through on the connections there are; a later one hears again."""
        self._deaf.update(self._routes)

    def break_off(self) -> None:
        """Hang up, as a telephone does in a tunnel."""
        self._routes[-1].close(code=1001, reason="gone")


def _job_of(lab: Lab, student: Person, address: str, before: int) -> int:
    """The number of the job that was made for an address, as soon as it is there; the page's events go on meanwhile."""
    for _ in range(400):
        if lab.jobs() > before:
            job = lab.newest_job()
            assert job.student_email == address
            return job.id
        student.page.evaluate("() => new Promise(done => setTimeout(done, 25))")
    raise AssertionError("the order never reached the server")


def _problem(person: Person) -> Locator:
    return person.page.locator(".pl-upload .pl-error")


def _track(url: str) -> str:
    return "/track/" + url.rsplit("/", 1)[1]


def _close(admin: Person, message: str) -> None:
    page = admin.visit("/admin")
    admin.choose("Students’ form", "Closed")
    page.get_by_label("What students read while it is closed").fill(message)
    page.get_by_label("Opens again on (optional)").fill("2099-09-01")
    page.get_by_role("button", name="Save changes").click()
    expect(admin.said("Saved.")).to_be_visible()


def _open(admin: Person) -> None:
    page = admin.visit("/admin")
    admin.choose("Students’ form", "Open")
    page.get_by_role("button", name="Save changes").click()
    expect(admin.said("Submissions are open again.")).to_be_visible()
