"""Signing in and out, and what happens to pages that are open meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.lab import PASSWORD, STAFF_EMAIL, WITHOUT_TASKS, Lab
from tests.browser.people import DESKTOP, PHONE, NewPerson, Person, alive

LAB_SETTINGS = WITHOUT_TASKS  # nobody asks what is in a model


def test_a_wrong_password_is_said_beside_the_field_and_nothing_is_lost(lab: Lab, person: NewPerson) -> None:
    somebody = person(lab, **DESKTOP)
    somebody.refusals_are_expected = True
    lab.staff()
    page = somebody.visit(f"/jobs/{lab.bench.submit().id}")
    expect(page).to_have_url(re.compile(r"/login\?next=/jobs/\d+$"))
    page.get_by_label("E-mail").fill(STAFF_EMAIL)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("E-mail address and password do not match. Check both.")).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value(STAFF_EMAIL)

    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/jobs/\d+$"))
    expect(alive(page).get_by_role("heading", level=1)).to_contain_text("Jane Doe")


def test_an_empty_sign_in_is_answered_beside_the_fields(lab: Lab, person: NewPerson) -> None:
    somebody = person(lab, **DESKTOP)
    somebody.refusals_are_expected = True
    lab.staff()
    page = somebody.visit("/login")
    page.get_by_label("E-mail").fill("sam")  # a browser's own bubble would stop here and say so
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Enter your password.")).to_be_visible()
    page.get_by_label("E-mail").fill("")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Enter your e-mail address.")).to_be_visible()
    expect(page.get_by_text("Enter your password.")).to_be_visible()


def test_who_signs_in_next_in_a_tab_finds_nothing_of_what_was_typed(lab: Lab, person: NewPerson) -> None:
    """What is kept until then is named by ids, not by the student and their file."""
    here = person(lab, **DESKTOP).signed_in(lab.staff())
    job = lab.bench.submit()
    page = here.visit(f"/jobs/{job.id}")
    page.get_by_label("Note for colleagues").fill("She was rude")
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("dialog").get_by_label("Course or department").fill("ME 2340")
    kept = "() => Object.keys(sessionStorage).filter((name) => name.startsWith('printlab.')).sort()"
    assert page.evaluate(kept) == [f"printlab.typed.job {job.id} EditForm", f"printlab.typed.job {job.id} note"]
    here.reload()
    expect(page.get_by_label("Note for colleagues")).to_have_value("She was rude")

    page.get_by_role("button", name="Signed in as").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/login"))
    alive(page)
    here.signed_in(lab.colleague())
    here.visit(f"/jobs/{job.id}")
    assert page.evaluate(kept) == []
    expect(page.get_by_label("Note for colleagues")).to_have_value("")


def test_the_first_form_says_all_that_is_wrong_beside_the_fields(
    start_lab: Callable[..., Lab], person: NewPerson
) -> None:
    lab = start_lab()
    admin = person(lab, **PHONE)
    admin.refusals_are_expected = True
    page = admin.visit(lab.setup_link)
    page.get_by_label("E-mail").fill("alex")
    page.get_by_label("Password").fill("too short")
    page.get_by_role("button", name="Create the account").click()
    for sentence in (
        "Enter your first and last name.",
        "This is not an e-mail address. Check it for a typing error.",
        "Choose a password of 10 to 200 characters.",
    ):
        expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_label("Your name")).to_be_focused()
    page.get_by_label("Your name").fill("Alex Morgan")
    page.get_by_label("E-mail").fill("alex@example.edu")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    page.wait_for_url(re.compile(r"/board$"))


def test_signing_out_closes_the_other_pages_of_that_session(lab: Lab, staff: Person) -> None:
    board = staff.visit("/board")
    job = staff.visit(f"/jobs/{lab.bench.submit().id}", staff.context.new_page())
    job.get_by_role("button", name="Signed in as Sam Rivera").click()
    job.get_by_role("button", name="Sign out").click()
    job.wait_for_url(re.compile("/login"))
    board.wait_for_url(re.compile(r"/login\?next=/board$"))
    alive(board)
    staff.visit("/board", board)
    expect(board).to_have_url(re.compile(r"/login\?next=/board$"))


def test_a_deactivated_colleague_is_out_at_once(lab: Lab, person: NewPerson) -> None:
    address = lab.staff("lee@example.edu", "Lee Park")
    lee, admin = person(lab, **DESKTOP).signed_in(address), person(lab, **DESKTOP).signed_in(lab.admin())
    page = lee.visit("/board")
    rows = admin.visit("/admin/staff")
    rows.get_by_role("button", name="Deactivate Lee Park").click()
    rows.get_by_role("alertdialog").get_by_role("button", name="Deactivate Lee Park").click()
    expect(admin.said("Lee Park is signed out and deactivated.")).to_be_visible()
    page.wait_for_url(re.compile(r"/login\?next=/board$"))

    lee.refusals_are_expected = True
    alive(page)
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("[role=alert]").filter(has_text=re.compile("[a-z]"))).to_be_visible()
    expect(page).to_have_url(re.compile("/login"))


def test_staff_are_no_admins_and_students_see_no_staff_page(lab: Lab, staff: Person, student: Person) -> None:
    for path in ("/admin", "/admin/staff", "/admin/catalog"):
        staff.visit(path)
        expect(staff.page).to_have_url(f"{lab.url}/board")
    for path in ("/board", "/jobs/1", "/account", "/admin", "/admin/mail"):
        student.visit(path)
        expect(student.page).to_have_url(f"{lab.url}/login?next={path}")


def test_changing_the_password_signs_the_other_browsers_out(lab: Lab, person: NewPerson) -> None:
    address = lab.staff("ada@example.edu", "Ada Byron")
    here, there = person(lab, **DESKTOP).signed_in(address), person(lab, **DESKTOP).signed_in(address)
    there.visit("/board")
    page = here.visit("/account")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("another short sentence")
    page.get_by_label("New password once more").fill("another short sentence")
    page.get_by_role("button", name="Change password").click()
    expect(here.said("Password changed.")).to_be_visible()
    there.page.wait_for_url(re.compile("/login"))
    here.visit("/board")
    expect(here.page).to_have_url(f"{lab.url}/board")
