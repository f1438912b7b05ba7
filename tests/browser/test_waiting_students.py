"""What the lab's clock is told by an admin, and what students and staff do about parts that wait."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from printlab.domain.status import JobStatus
from printlab.domain.views import Outcome
from tests.browser.lab import WITHOUT_TASKS, Lab, link_in
from tests.browser.people import PHONE, NewPerson, Person

LAB_SETTINGS = WITHOUT_TASKS  # nobody asks what is in a model


def test_a_student_whose_link_leads_nowhere_has_it_sent_again(lab: Lab, person: NewPerson) -> None:
    job = lab.bench.submit()
    visitor = person(lab, **PHONE)
    visitor.refusals_are_expected = True
    student = visitor.visit("/track/1-1-nothing")
    student.get_by_label("Job number").fill("one")
    student.get_by_label("Your e-mail address").fill(job.student_email)
    student.get_by_role("button", name="Send me the link").click()
    expect(student.get_by_text("Enter the job’s number, for example 142.")).to_be_visible()
    student.get_by_label("Job number").fill(f"#{job.id}")
    student.get_by_role("button", name="Send me the link").click()
    expect(student.get_by_text("If there is such a job with this address")).to_be_visible()
    student.goto(link_in(lab.mail(job.student_email, "asked for")))
    expect(student.get_by_text("The lab has your file.")).to_be_visible()


def test_a_student_needs_more_time_and_staff_see_it(lab: Lab, staff: Person, person: NewPerson) -> None:
    job = lab.bench.at(JobStatus.COMPLETED)
    day = (datetime.now(UTC) + timedelta(days=5)).date()
    student = person(lab, **PHONE).visit(job.track_url)
    student.get_by_label("I need until").fill(day.isoformat())
    student.get_by_role("button", name="Keep it until then").click()
    expect(student.get_by_text("The lab knows that you need until")).to_be_visible()
    desk = staff.visit(f"/jobs/{job.id}")
    expect(desk.get_by_text(f"Collects by {day:%a} {day.day} {day:%b} {day.year}")).to_be_visible()
    expect(desk.get_by_text("said until when they need to collect the part")).to_be_visible()


def test_parts_that_nobody_collects_are_closed_together(lab: Lab, staff: Person) -> None:
    jobs = [lab.bench.at(JobStatus.COMPLETED, name="Two Months") for _ in range(2)]
    board = staff.visit("/board?q=two+months")
    board.get_by_role("button", name="Choose", exact=True).click()
    board.get_by_role("button", name="Choose all 2").click()
    board.locator(".plb-many").get_by_role("button", name="Hand over").click()
    dialog = board.get_by_role("dialog")
    dialog.get_by_text("Nobody came, dispose of them").click()
    dialog.get_by_role("button", name="Hand over 2 jobs").click()
    expect(dialog).to_contain_text("Say why.")
    dialog.get_by_label("Reason, which the students read").fill("It waited for two months.")
    dialog.get_by_role("button", name="Hand over 2 jobs").click()
    expect(dialog).to_contain_text("2 of 2 done.")
    assert {lab.bench.get(job.id).outcome for job in jobs} == {Outcome.DISPOSED}


def test_an_admin_sees_what_a_limit_would_do_before_it_is_saved(lab: Lab, person: NewPerson) -> None:
    page = person(lab).signed_in(lab.admin()).visit("/admin")
    expect(page.get_by_text(re.compile("No part would be unclaimed"))).to_be_visible()
    page.get_by_label("A part is unclaimed after").fill("")
    expect(page.get_by_text("Off: parts wait until somebody closes the job.")).to_be_visible()
    page.get_by_label("Closed on (optional)").fill("24.12.2026")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("“24.12.2026” is no closing.")).to_be_visible()
    page.get_by_label("Closed on (optional)").fill("2026-12-24 to 2027-01-01 Winter break")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("All changes are saved")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Closed on (optional)")).to_have_value("2026-12-24 to 2027-01-01 Winter break")
    expect(page.get_by_label("A part is unclaimed after")).to_have_value("")
