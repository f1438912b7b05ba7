"""What axe finds on every screen, light and dark, on a phone and a PC: nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from printlab.domain.status import JobStatus
from printlab.domain.views import JobView
from tests import files_made
from tests.browser.lab import Lab
from tests.browser.people import DESKTOP, NEWEST_FIRST, PHONE, NewPerson, Person
from tests.browser.waiting import analysed, at_rest

_AXE = Axe()
# A mail stands in a frame in which no script runs, axe's neither; tests/mail look at what is in it.
_WITHOUT_FRAMES: dict[str, Any] = {"iframes": False}
# The theme changes colours alone: in the dark one only the rules about them are held against the page again.
_RULES: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},
}
# Axe takes the page's ground for that of a button, in and behind a dialog for which the framework has fixed the page's
# body. The same buttons stand on pages, where it sees their own; tests/components/test_design.py holds all colours.
_BESIDE_A_DIALOG = {"rules": {"color-contrast": {"enabled": False}}}
_VIEWS = re.compile(r"^(Views|Saved views)$")  # on a phone there is room for the icon only
# What fades in has another contrast on its way. What turns for ever, or waits for its turn, is not waited for.
_FADED_IN = """() => document.getAnimations().every((it) =>
    it.playState !== "running" || it.effect.getComputedTiming().endTime === Infinity)"""


@dataclass
class Reader:
    """Somebody whose screens are held against axe's rules."""

    person: Person
    is_phone: bool

    @property
    def page(self) -> Page:
        """Their window."""
        return self.person.page

    def visit(self, address: str) -> Page:
        """Go there, and look."""
        page = self.person.visit(address)
        expect(page.locator("main")).to_be_visible()
        self.look()
        return page

    def look(self) -> None:
        """What is on the screen breaks no rule, in either theme."""
        found: list[str] = []
        for theme in ("light", "dark"):
            self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            at_rest(self.page)
            self.page.wait_for_function(_FADED_IN)
            found += [f"{theme}: {fault}" for fault in _faults(self.page, _RULES[theme])]
        assert found == []


def _faults(page: Page, rules: dict[str, Any]) -> list[str]:
    options = rules | _WITHOUT_FRAMES | (_BESIDE_A_DIALOG if page.locator(".q-dialog__backdrop").count() else {})
    return [
        f"{violation['id']} at {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in _AXE.run(page, options=options).response["violations"]
        for node in violation["nodes"]
    ]


@pytest.fixture(scope="module")
def busy_lab(lab: Lab) -> Lab:
    """A lab with jobs of every status, and one with all that a job can have."""
    lab.staff()
    lab.cli("demo")
    lab.change(welcome="Open to all students. Filament parts take two to four days.")
    job = lab.bench.submit(name="Zoë Müller-Łukasz", course="ME 2340", notes="It has to fit.", quantity=4)
    analysed(lab, job.id)
    return lab


@pytest.fixture(params=["phone", "pc"])
def reader(request: pytest.FixtureRequest, busy_lab: Lab, person: NewPerson) -> Reader:
    """A visitor with a phone, or at a PC."""
    is_phone = request.param == "phone"
    return Reader(person(busy_lab, **(PHONE if is_phone else DESKTOP)), is_phone)


@pytest.fixture
def admin(busy_lab: Lab, reader: Reader) -> Reader:
    """An admin: sees all that staff see, and more."""
    reader.person.signed_in(busy_lab.admin())
    return reader


# ---------- students ----------


def test_the_form(reader: Reader) -> None:
    reader.person.refusals_are_expected = True
    page = reader.visit("/")
    page.get_by_role("button", name="Send to the lab").click()
    expect(page.get_by_text("Choose a colour.")).to_be_visible()
    reader.person.choose_file("drawing.stl", files_made.png(), wait=False)
    expect(page.locator(".pl-upload .pl-error")).to_be_visible()
    reader.look()
    reader.person.choose_file("part.stl", files_made.stl())
    expect(page.locator(".pl-chosen .pl-finding").first).to_be_visible(timeout=60_000)
    reader.person.fill_order()
    reader.look()
    reader.person.send()
    reader.look()


@pytest.mark.parametrize("status", JobStatus)
def test_the_track_page(busy_lab: Lab, reader: Reader, status: JobStatus) -> None:
    job = _newest(busy_lab, status)
    page = reader.visit(f"/track/{job.track_url.rsplit('/', 1)[1]}")
    page.get_by_text("Details of your order").click()
    if status is JobStatus.PENDING:
        page.get_by_role("button", name="Decline", exact=True).click()
        expect(page.get_by_role("dialog")).to_be_visible()
    reader.look()


def test_what_is_not_there(reader: Reader) -> None:
    reader.person.refusals_are_expected = True
    reader.visit("/track/abcdefghijklmnopqrstuvwxyz")
    reader.visit("/nothing/here")
    reader.visit("/login")


def test_the_first_run(start_lab: Callable[..., Lab], person: NewPerson) -> None:
    lab = start_lab()
    lab.change(submissions_open=False, closed_message="The lab moves to building 7.")
    for window in (PHONE, DESKTOP):
        reader = Reader(person(lab, **window), window is PHONE)
        reader.visit(lab.setup_link)
        reader.visit("/")


# ---------- staff ----------


@pytest.mark.parametrize("view", ["", "view=table", "view=needs", "q=nobody+of+this+name", "status=Printing"])
def test_the_board(admin: Reader, view: str) -> None:
    page = admin.visit(f"{NEWEST_FIRST}&{view}")
    if not admin.is_phone and view != "view=table":
        compact = page.get_by_role("button", name="Compact cards")
        compact.click()
        admin.look()
        compact.click()


def test_what_opens_on_the_board(busy_lab: Lab, admin: Reader) -> None:
    page = admin.visit(NEWEST_FIRST)
    for button, panel in (
        ("Filter", "Filters"),
        (_VIEWS, "Saved views"),
        ("Tell me of new jobs", "Tell me of new jobs"),
    ):
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("region", name=panel)).to_be_visible()
        admin.look()
        page.keyboard.press("Escape")
        expect(page.get_by_role("region", name=panel)).to_be_hidden()
    page.get_by_role("button", name="Signed in as").click()
    admin.look()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.locator(".pl-palette")).to_be_visible()
    admin.look()


@pytest.mark.parametrize("verb", ["Approve", "Reject"])
def test_a_dialog_of_the_board(busy_lab: Lab, admin: Reader, verb: str) -> None:
    page = admin.visit(NEWEST_FIRST)
    card = page.locator(f'[data-job="{_newest(busy_lab, JobStatus.UPLOADED).id}"]')
    card.get_by_role("button", name="More actions").click()
    expect(page.get_by_role("menu")).to_be_visible()
    admin.look()
    if verb == "Reject":
        page.get_by_role("menuitem", name=re.compile("^Reject")).click()
    else:
        page.keyboard.press("Escape")
        card.get_by_role("button", name=re.compile("^Approve")).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    admin.look()


@pytest.mark.parametrize("status", JobStatus)
def test_the_job_page(busy_lab: Lab, admin: Reader, status: JobStatus) -> None:
    admin.visit(f"/jobs/{_newest(busy_lab, status).id}")


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/account",
        "/opener",
        "/admin",
        "/admin/mail",
        "/admin/mail/words",
        "/admin/mail/words/quote",
        "/admin/catalog",
        "/admin/staff",
        "/admin/students",
        "/admin/health",
    ],
)
def test_the_other_pages_of_staff(admin: Reader, address: str) -> None:
    page = admin.visit(address)
    if address == "/admin/staff":
        page.get_by_role("button", name="Add staff").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        admin.look()


def _newest(lab: Lab, status: JobStatus) -> JobView:
    jobs = [job for job in lab.bench.jobs() if job.status is status]
    return max(jobs, key=lambda job: job.id)
