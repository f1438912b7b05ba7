"""What a card warns of as time passes: its age, and the day on which its part is needed."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from printlab.domain.ageing import USUAL, AgeLimit
from printlab.domain.status import JobStatus
from tests.browser.lab import WITHOUT_TASKS, Lab
from tests.browser.people import DESKTOP, NEWEST_FIRST, NewPerson, Person

LAB_SETTINGS = WITHOUT_TASKS  # nobody asks what is in a model


def card(page: Page, job_id: int) -> Locator:
    return page.locator(f'[data-job="{job_id}"]')


def limits(amber_h: int | None, red_h: int | None) -> dict[JobStatus, AgeLimit]:
    return {**USUAL, JobStatus.UPLOADED: AgeLimit(amber_h, red_h)}


def today(lab: Lab) -> date:
    return datetime.now(lab.settings.zone).date()


def test_an_age_is_coloured_by_the_labs_limits_and_says_so(lab: Lab, staff: Person) -> None:
    job = lab.bench.submit()
    lab.change(age_limits=limits(None, None))
    staff.page.clock.install(time=job.status_since + timedelta(hours=30, minutes=5))
    page = staff.visit(NEWEST_FIRST)
    age = card(page, job.id).locator(".plb-age")
    expect(age).to_have_text("30 h")
    expect(age).not_to_have_class(re.compile("amber|red"))

    lab.change(age_limits=limits(24, 72))
    expect(age).to_have_class(re.compile("plb-age--amber"))
    expect(age).to_contain_text("30 h, long")
    expect(age).to_have_attribute("title", re.compile("; longer than 1 day$"))
    expect(age.locator("i")).to_be_visible()

    lab.change(age_limits=limits(12, 29))
    expect(age).to_have_class(re.compile("plb-age--red"))
    expect(age).to_contain_text("30 h, too long")
    expect(age).to_have_attribute("title", re.compile("; longer than 29 h$"))


def test_an_age_is_coloured_as_time_passes(lab: Lab, staff: Person) -> None:
    job = lab.bench.submit()
    lab.change(age_limits=limits(24, 72))
    staff.page.clock.install(time=job.status_since + timedelta(hours=23, minutes=5))
    page = staff.visit(NEWEST_FIRST)
    age = card(page, job.id).locator(".plb-age")
    expect(age).to_have_text("23 h")
    for class_, hours in (("amber", 2), ("red", 48)):
        page.clock.fast_forward(hours * 3600 * 1000)
        expect(age).to_have_class(re.compile(f"plb-age--{class_}"))


def test_an_admin_sets_the_limits(lab: Lab, person: NewPerson) -> None:
    lab.change(age_limits=limits(30, 72))
    page = person(lab, **DESKTOP).signed_in(lab.admin()).visit("/admin")
    uploaded = page.get_by_role("group", name="Uploaded", exact=True)
    amber, red = uploaded.get_by_label("Amber after"), uploaded.get_by_label("Red after")
    expect(amber).to_have_value("30 h")  # the server has heard of the change: it fills in nothing more
    amber.fill("soon")
    page.get_by_role("button", name="Save changes").click()
    expect(uploaded).to_contain_text("Write hours or days, for example 36 h or 3 days.")
    amber.fill("4 days")
    page.get_by_role("button", name="Save changes").click()
    expect(uploaded).to_contain_text("Red comes after amber: enter a longer time.")
    amber.fill("12 h")
    red.fill("")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("All changes are saved")).to_be_visible()
    page.reload()
    expect(amber).to_have_value("12 h")
    expect(red).to_have_value("")


def test_a_day_at_risk_is_marked_found_and_told_on_the_jobs_page(lab: Lab, staff: Person) -> None:
    job, later = lab.bench.submit(needed_by=today(lab)), lab.bench.submit(needed_by=today(lab) + timedelta(days=30))
    page = staff.visit(NEWEST_FIRST)
    mark = card(page, job.id).locator(".plb-mark", has_text="Needed today")
    expect(mark).to_have_class(re.compile("plb-mark--warning"))
    expect(mark).to_have_attribute("title", "Deadline at risk: Needed today")
    expect(card(page, later.id).locator(".plb-mark", has_text="by ")).to_be_visible()

    page.get_by_role("button", name="Filter").click()
    page.get_by_label(re.compile("^Deadline at risk")).check()
    expect(card(page, later.id)).to_have_count(0)
    expect(card(page, job.id)).to_be_visible()

    page = staff.visit(f"/jobs/{job.id}")
    expect(page.locator(".plj-mark", has_text="Needed today")).to_be_visible()
    page = staff.visit(f"/jobs/{later.id}")
    expect(page.locator(".plj-mark", has_text="by ")).to_be_visible()
    expect(page.get_by_text("Deadline at risk")).to_have_count(0)


def test_a_students_note_is_found_among_the_remarks(lab: Lab, staff: Person) -> None:
    wrote, silent = lab.bench.submit(notes="The flat side up."), lab.bench.submit()
    page = staff.visit(f"{NEWEST_FIRST}&view=table")
    expect(card(page, wrote.id).get_by_role("img", name="Jane Doe: The flat side up.")).to_be_visible()
    page.get_by_role("button", name="Filter").click()
    page.get_by_label(re.compile("^Student wrote")).check()
    expect(card(page, silent.id)).to_have_count(0)
    expect(card(page, wrote.id)).to_be_visible()
