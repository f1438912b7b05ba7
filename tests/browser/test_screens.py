"""Every screen, light and dark, on a phone, a PC and a wide monitor: written to test-results/screens/ to be looked at.

Nothing may stick out sideways, and no console may complain.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from printlab.domain.status import JobStatus
from printlab.domain.views import JobView
from tests import files_made
from tests.browser.lab import REPOSITORY, Lab
from tests.browser.people import DESKTOP, NEWEST_FIRST, PHONE, NewPerson, Person
from tests.workbench import ADMIN

_SCREENS = REPOSITORY / "test-results" / "screens"
_LONG_NAME = "Maximilian Alexander von Hohenfels-Wittgenstein-Łukasiewicz"
_LONG_FILE = "this is the very final version of the bracket for the left wheel, with the holes moved by 2 mm (3).stl"
_SIDEWAYS_PX = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SIZES: dict[str, dict[str, ViewportSize]] = {
    "phone": {"phone": {"width": 390, "height": 844}},
    "pc": {"desktop": {"width": 1366, "height": 768}, "wide": {"width": 1920, "height": 1080}},
}


@dataclass
class Camera:
    """Photographs what one person sees, in all sizes of their screen and in both themes."""

    person: Person
    device: str

    def take(self, name: str, *, whole: bool = True, above: bool = False) -> None:
        """Write ``<name>-<size>-<theme>.png``; ``whole`` reaches below the fold, ``above`` is a dialog or a menu."""
        page = self.person.page
        sizes = _SIZES[self.device]
        for size, viewport in list(sizes.items())[: 1 if above else None]:
            if page.viewport_size != viewport:
                page.set_viewport_size(viewport)
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                page.evaluate("document.fonts.ready.then(() => true)")
                path = _SCREENS / f"{name}-{size}-{theme}.png"
                page.screenshot(path=path, full_page=whole and not above, animations="disabled")
            assert page.evaluate(_SIDEWAYS_PX) <= 0, f"{name} is wider than the {size}"
        page.set_viewport_size(next(iter(sizes.values())))

    def visit(self, name: str, address: str, *, whole: bool = True) -> Page:
        """Go there, wait until all is quiet, photograph."""
        page = self.person.visit(address)
        expect(page.locator("main")).to_be_visible()
        self.take(name, whole=whole)
        return page


@pytest.fixture(scope="module")
def demo_lab(lab: Lab) -> Lab:
    """A lab in full swing, with some names and texts that are longer than usual."""
    lab.staff()
    lab.cli("demo")
    lab.change(welcome="Open to all students. Filament parts take two to four days.")
    lab.bench.submit(file=_LONG_FILE, name=_LONG_NAME, course="ME 2340 Machine Design", notes="It has to fit. " * 20)
    return lab


@pytest.fixture(params=["phone", "pc"])
def device(request: pytest.FixtureRequest) -> str:
    """What somebody looks through."""
    return request.param


@pytest.fixture
def camera(demo_lab: Lab, device: str, person: NewPerson) -> Camera:
    """A visitor's camera."""
    return Camera(person(demo_lab, **(PHONE if device == "phone" else DESKTOP)), device)


@pytest.fixture
def staff_camera(demo_lab: Lab, camera: Camera) -> Camera:
    """An admin's camera."""
    camera.person.signed_in(demo_lab.admin())
    return camera


def test_the_form(camera: Camera) -> None:
    student = camera.person
    student.refusals_are_expected = True
    page = camera.visit("submit-1-empty", "/")
    page.get_by_role("button", name="Send to the lab").click()
    expect(page.get_by_text("Choose a colour.")).to_be_visible()
    student.choose_file("drawing.stl", files_made.png(), wait=False)
    expect(page.locator(".pl-upload .pl-error")).to_be_visible()
    page.evaluate("window.scrollTo(0, 0)")
    camera.take("submit-2-refused")
    student.fill_order(_LONG_NAME)
    student.choose_file(_LONG_FILE, files_made.stl())
    page.get_by_label("Notes for the lab (optional)").fill("The flat side is the visible one.\nTwo of them match.")
    page.evaluate("window.scrollTo(0, 0)")
    camera.take("submit-3-filled")
    student.send()
    camera.take("submit-4-sent")
    camera.visit("track-no-such-job", "/track/abcdefghijklmnopqrstuvwxyz")
    camera.visit("no-such-page", "/nothing/here")
    camera.visit("login", "/login")


def test_the_first_run(start_lab: Callable[..., Lab], person: NewPerson) -> None:
    lab = start_lab()
    lab.change(submissions_open=False, closed_message="The lab moves to building 7.")
    for device, window in (("phone", PHONE), ("pc", DESKTOP)):
        camera = Camera(person(lab, **window), device)
        camera.visit("first-run", lab.setup_link)
        camera.visit("login-without-accounts", "/login")
        camera.visit("submit-5-closed", "/")
    camera = Camera(person(lab, **DESKTOP).signed_in(lab.admin()), "pc")
    camera.visit("board-empty", "/board", whole=False)


@pytest.mark.parametrize("status", JobStatus)
def test_the_track_page(demo_lab: Lab, camera: Camera, status: JobStatus) -> None:
    job = _a_job(demo_lab, status)
    page = camera.visit(f"track-{status.value}", f"/track/{job.track_url.rsplit('/', 1)[1]}")
    if status is JobStatus.PENDING:
        page.get_by_role("button", name="Decline", exact=True).click()
        expect(page.get_by_role("dialog").get_by_role("button", name="Decline the quote")).to_be_visible()
        camera.take("track-Pending-declining", above=True)
    if status is JobStatus.REJECTED:
        camera.person.choose_file(_LONG_FILE, files_made.stl())
        expect(page.locator(".pl-chosen .pl-finding").first).to_be_visible(timeout=60_000)
        camera.take("track-Rejected-chosen")
    if status is JobStatus.UPLOADED:
        page.get_by_text("Details of your order").click()
        expect(page.get_by_text("Name in the lab")).to_be_visible()
        camera.take("track-Uploaded-details")


@pytest.mark.parametrize("status", JobStatus)
def test_the_job_page(demo_lab: Lab, staff_camera: Camera, status: JobStatus) -> None:
    job = _a_job(demo_lab, status)
    staff_camera.visit(f"job-{status.value}", f"/jobs/{job.id}")


def test_the_board(demo_lab: Lab, staff_camera: Camera) -> None:
    page = staff_camera.visit("board", NEWEST_FIRST, whole=False)
    job = _a_job(demo_lab, JobStatus.UPLOADED)
    card = page.locator(f'[data-job="{job.id}"]')
    card.get_by_role("button", name="More actions").click()
    expect(page.get_by_role("menu")).to_be_visible()
    staff_camera.take("board-menu", above=True)
    page.get_by_role("menuitem", name=re.compile("^Reject")).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    staff_camera.take("board-reject", above=True)
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    card.get_by_role("button", name=re.compile("^Approve")).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    staff_camera.take("board-approve", above=True)


def test_the_hand_over(demo_lab: Lab, staff_camera: Camera) -> None:
    page = staff_camera.visit("board", NEWEST_FIRST, whole=False)
    if staff_camera.device == "phone":
        page.get_by_role("tab", name=re.compile("Ready for pickup")).click()
    job = _a_job(demo_lab, JobStatus.COMPLETED)
    page.locator(f'[data-job="{job.id}"]').get_by_role("button", name=re.compile("^Hand over")).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    staff_camera.take("board-hand-over", above=True)


def test_the_pages_of_staff_and_admins(staff_camera: Camera) -> None:
    staff_camera.person.refusals_are_expected = True
    staff_camera.visit("desk", "/")
    staff_camera.visit("account", "/account")
    staff_camera.visit("opener", "/opener")
    page = staff_camera.visit("mail", "/admin/mail")
    staff_camera.visit("admin-lab", "/admin")
    staff_camera.visit("admin-catalog", "/admin/catalog")
    staff_camera.visit("admin-staff", "/admin/staff")
    page.get_by_role("button", name="Add staff").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    staff_camera.take("admin-staff-add", above=True)
    staff_camera.visit("no-such-job", "/jobs/999999")


def test_the_mails(demo_lab: Lab, camera: Camera) -> None:
    mails = {mail.kind: mail for mail in demo_lab.services.mail.outbox(ADMIN)}
    assert set(mails) >= {"received", "quote", "rejected", "ready", "receipt"}
    for kind, mail in mails.items():
        camera.person.page.set_content(demo_lab.services.mail.mail(mail.id, ADMIN).html)
        camera.take(f"mail-{kind}")


def _a_job(lab: Lab, status: JobStatus) -> JobView:
    """The newest job with this status, the one with the long name where it can be."""
    jobs = [job for job in lab.bench.jobs() if job.status is status]
    return max(jobs, key=lambda job: (job.student_name == _LONG_NAME, job.id))
