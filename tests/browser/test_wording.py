"""An admin writes a mail in the lab's own words, and sees it as the student will."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.lab import ADMIN_EMAIL, WITHOUT_TASKS, Lab, until
from tests.browser.people import DESKTOP, NewPerson

LAB_SETTINGS = WITHOUT_TASKS  # nobody asks what is in a model


def editor(lab: Lab, person: NewPerson, kind: str) -> Page:
    return person(lab, **DESKTOP).signed_in(lab.admin()).visit(f"/admin/mail/words/{kind}")


def test_words_are_seen_at_once_refused_with_their_line_and_sent(lab: Lab, person: NewPerson) -> None:
    page = editor(lab, person, "received")
    mail = page.frame_locator("iframe")
    expect(mail.get_by_text("camera bracket v3")).not_to_have_count(0)
    text = page.get_by_label("Text", exact=True)
    text.fill("We have it.\n\n- {{ printer }}\n- {{ colour }}")
    expect(page.get_by_text("Line 4: “colour” is no fact of this mail.")).to_be_visible()
    text.fill("We have it.\n\n- {{ printer }}\n- {{ color }}")
    expect(mail.locator("li")).to_have_text(["Prusa MK4S", "Black"])
    expect(page.get_by_text("is no fact of this mail")).to_have_count(0)
    page.get_by_label("Subject").fill("Job {{ job_id }}: it is here")
    expect(page.get_by_text("Job 142: it is here", exact=True)).to_be_visible()
    page.get_by_role("button", name="Send a test to me").click()
    expect(page.get_by_text(f"A test is on its way to {ADMIN_EMAIL}")).to_be_visible()
    until(lambda: "Test: Job 142: it is here" in lab.smtp.subjects, "the test")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Mails that are written from now on say this.")).to_be_visible()
    job = lab.bench.submit()
    until(lambda: f"Job {job.id}: it is here" in lab.smtp.subjects, "the mail")
    page.get_by_role("button", name="PrintLab’s words").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Go back").click()
    expect(page.get_by_role("button", name="PrintLab’s words")).to_be_hidden()
    expect(text).not_to_have_value(re.compile("We have it"))


def test_a_mail_that_a_lab_may_leave_out_is_switched_on(lab: Lab, person: NewPerson) -> None:
    page = person(lab, **DESKTOP).signed_in(lab.admin()).visit("/admin/mail")
    page.get_by_role("link", name="Change the words of mails").click()
    switch = page.get_by_role("switch", name="Send “Printing has begun”")
    expect(switch).not_to_be_checked()
    switch.click()
    expect(page.get_by_text("“Printing has begun” is sent from now on")).to_be_visible()
    expect(switch).to_be_checked()
    page.reload()
    expect(switch).to_be_checked()
