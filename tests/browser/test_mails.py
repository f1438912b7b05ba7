"""Mails as staff see them: what could not be sent is seen at once, with the server's words, and can be sent again."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from printlab.domain.commands import EditJob
from tests.browser.lab import WITHOUT_TASKS, Lab, until
from tests.browser.people import Person
from tests.workbench import STAFF

LAB_SETTINGS = WITHOUT_TASKS  # nobody asks what is in a model

_UNKNOWN = "550 5.1.1 No such user here"


def test_a_mail_to_a_mistyped_address_is_seen_and_sent_again(staff: Person, lab: Lab) -> None:
    page = staff.visit("/admin/mail")
    lab.smtp.answers["RCPT"] = _UNKNOWN
    job = lab.bench.submit(email="jane@exmaple.edu")
    expect(page.locator(".pla-mail-row", has_text=_UNKNOWN)).to_be_visible(timeout=30_000)
    lab.smtp.answers.clear()
    lab.bench.approve(lab.bench.submit(email="zoe@example.edu"))
    expect(page.locator(".pla-mail-row")).to_have_count(3)
    page.get_by_role("button", name=re.compile(r"^Could not be sent\s+1$")).click()
    expect(page.locator(".pla-mail-row")).to_have_count(1)

    lab.services.jobs.edit(EditJob(job.id, job.version, email="jane@example.edu"), STAFF)
    page.locator(".pla-mail-open").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Could not be sent. Tried once")
    expect(dialog).to_contain_text(_UNKNOWN)
    expect(dialog.frame_locator("iframe").get_by_text("We have your file")).to_be_visible()
    expect(dialog.frame_locator("iframe").locator('a[href^="http"]')).to_have_count(0)
    dialog.get_by_role("button", name="Send it again").click()
    expect(dialog).to_be_hidden()
    assert "Job" in lab.mail("jane@example.edu", "we have your file")["Subject"]
    until(lambda: {mail.state for mail in lab.services.mail.outbox(STAFF)} == {"sent"}, "all mails to be sent", 30)
    expect(page.locator(".pla-mail-row", has_text="Sent")).to_have_count(3)
    staff.visit(f"/jobs/{job.id}")
    expect(page.get_by_text("sent a mail again")).to_be_visible()
