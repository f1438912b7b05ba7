"""Staff and a student write to each other: live on both pages, and each side knows what the other has seen."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.lab import WITHOUT_TASKS, Lab
from tests.browser.people import PHONE, NewPerson, Person

LAB_SETTINGS = WITHOUT_TASKS  # nobody asks what is in a model


def test_a_question_is_answered_while_both_look(lab: Lab, staff: Person, person: NewPerson) -> None:
    job = lab.bench.submit()
    desk = staff.visit(f"/jobs/{job.id}")
    student = person(lab, **PHONE).visit(job.track_url)
    desk.get_by_label("Message to the student").fill("The clip is thin.\nMay we print it at 110 %?")
    desk.get_by_role("button", name="Send", exact=True).click()
    expect(desk.get_by_label("Message to the student")).to_have_value("")
    asked = student.locator(".pl-message").filter(has_text="May we print it at 110 %?")
    expect(asked).to_contain_text("Sam Rivera")
    asked.scroll_into_view_if_needed()
    expect(desk.get_by_text("Seen by the student")).to_be_visible()

    student.get_by_label("Message to the lab").fill("Yes, please.")
    student.get_by_role("button", name="Send", exact=True).click()
    answer = desk.locator(".pl-message").filter(has_text="Yes, please.")
    answer.scroll_into_view_if_needed()
    expect(answer).to_contain_text(job.student_name)
    expect(student.get_by_text("Seen by the lab")).to_be_visible()


def test_a_note_of_staff_never_stands_among_messages(lab: Lab, staff: Person, person: NewPerson) -> None:
    job = lab.bench.submit()
    desk = staff.visit(f"/jobs/{job.id}")
    desk.get_by_label("Note for colleagues").fill("He never pays on time.")
    desk.get_by_role("button", name="Add note").click()
    expect(desk.get_by_text("He never pays on time.").first).to_be_visible()
    student = person(lab, **PHONE).visit(job.track_url)
    expect(student.get_by_text("A question about this job?")).to_be_visible()
    expect(student.get_by_text("He never pays on time.")).to_have_count(0)


def test_what_is_typed_outlives_a_reload(lab: Lab, person: NewPerson) -> None:
    job = lab.bench.submit()
    student = person(lab, **PHONE).visit(job.track_url)
    student.get_by_label("Message to the lab").fill("Half a question")
    student.reload()
    expect(student.get_by_label("Message to the lab")).to_have_value("Half a question")
