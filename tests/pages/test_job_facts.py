"""What the job page says about how a job ended, and what can still be corrected then."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from nicegui import ui
from nicegui.testing import User

from printlab.cookies import SESSION_COOKIE
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import JobView
from printlab.services import Services
from tests.pages.acting import field, look_at, send_form, sign_in
from tests.pages.waiting import until
from tests.workbench import COLLEAGUE, Workbench


@pytest.fixture
async def admin(visitor: User, password: str) -> User:
    """Sam Rivera, signed in as an admin."""
    assert await sign_in(visitor, password) == 200
    return visitor


async def edit(user: User, job: JobView) -> None:
    """Open the form for the job's details."""
    await look_at(user, job)
    user.find(kind=ui.button, content="Edit").click()
    await until(user, "Course or department")


def can_be_edited(user: User) -> set[str]:
    """The labels of the fields in sight."""
    kinds = (ui.input, ui.number, ui.select, ui.textarea)
    assert user.client is not None
    fields = [e for e in user.client.elements.values() if isinstance(e, kinds) and _is_in_a_dialog(e)]
    return {f.props["label"] for f in fields if f.visible and all(above.visible for above in f.ancestors())}


def _is_in_a_dialog(element: ui.element) -> bool:
    return any(isinstance(above, ui.dialog) for above in element.ancestors())


async def test_of_a_closed_job_only_what_is_said_about_the_student_can_be_corrected(
    admin: User, bench: Workbench
) -> None:
    job = bench.at(JobStatus.PAID_PICKED_UP)
    await edit(admin, job)
    assert can_be_edited(admin) == {"Name", "E-mail", "Course or department"}
    field(admin, "Name").value = "Jane Smith"
    send_form(admin, "Save")
    await until(admin, f"Job {job.id} saved")
    now = bench.get(job.id)
    assert (now.student_name, now.color, now.quantity, now.notes) == ("Jane Smith", job.color, job.quantity, job.notes)


async def test_while_a_job_is_open_its_part_can_be_corrected_too(admin: User, bench: Workbench) -> None:
    await edit(admin, bench.submit())
    student = {"Name", "E-mail", "Course or department", "Notes of the student"}
    part = {"Colour", "Copies", "Strength", "Needed by", "Assigned to"}
    assert can_be_edited(admin) == student | part


async def test_all_that_the_form_can_know_is_marked_at_once(admin: User, bench: Workbench) -> None:
    await edit(admin, bench.at(JobStatus.READY_TO_PRINT))
    for label, typed in (("Name", ""), ("E-mail", "jane at example"), ("Needed by", "2001-01-01")):
        field(admin, label).value = typed
    send_form(admin, "Save")
    await asyncio.sleep(0.2)
    assert field(admin, "Name").error == "Enter the student's name."
    assert field(admin, "E-mail").error == "Enter an e-mail address, for example sam@example.edu."
    assert field(admin, "Needed by").error == "This date has passed. Choose today or a later day."


async def test_a_form_that_is_open_while_the_job_is_closed_follows(admin: User, bench: Workbench) -> None:
    job = bench.at(JobStatus.COMPLETED)
    await edit(admin, job)
    await asyncio.to_thread(bench.hand_over, job, COLLEAGUE)
    await until(admin, "Continue")
    admin.find("Continue").click()
    await until(admin, "This job is closed.")
    assert can_be_edited(admin) == {"Name", "E-mail", "Course or department"}


async def test_a_cancelled_job_is_not_called_rejected(admin: User, bench: Workbench) -> None:
    job = bench.submit()
    bench.move(Verb.CANCEL, job, bench.student(job), "I found another way.")
    await look_at(admin, job)
    await admin.should_see("By the student. The lab did not reject it.")
    await admin.should_see("Uploaded → Cancelled")
    await admin.should_not_see("Rejected")


@pytest.mark.parametrize(
    ("days", "status", "tone"),
    [
        (1, JobStatus.UPLOADED, "warning"),
        (2, JobStatus.UPLOADED, "quiet"),
        (1, JobStatus.REJECTED, "quiet"),
    ],
    ids=["tomorrow", "later", "tomorrow, but nobody waits for it"],
)
async def test_a_day_that_is_near_stands_out(
    admin: User, bench: Workbench, days: int, status: JobStatus, tone: str
) -> None:
    day = bench.clock().date() + timedelta(days=days)
    await look_at(admin, bench.at(status, needed_by=day))
    text = "Needed tomorrow" if tone == "warning" else f"by {day:%a} {day.day} {day:%b}"
    mark = next(iter(admin.find(text).elements)).parent_slot
    assert mark is not None
    assert [name for name in mark.parent.classes if name.startswith("plj-mark-")] == [f"plj-mark-{tone}"]


async def test_copies_are_said_in_one_way(admin: User, bench: Workbench) -> None:
    job = bench.approve(bench.submit(quantity=4))
    await look_at(admin, job)
    await admin.should_see("4 copies")
    await admin.should_not_see("×4")


async def test_whoever_starts_a_print_reads_which_file_counts_and_on_what(admin: User, bench: Workbench) -> None:
    job = bench.at(JobStatus.READY_TO_PRINT)
    await look_at(admin, job)
    about = "The job is for the Prusa MK4S: PLA, Blue, 1 copy."
    await until(admin, f"The file that counts is {job.original_name}. {about}")
    sliced = await asyncio.to_thread(bench.add_sliced, job)
    name = sliced.counting_file.original_name
    await until(admin, f"The file that counts is {name}. {about}")
    assert name.endswith(".gcode")
    assert len(admin.find(kind=ui.label, content=name).elements) > 1  # the files and the head call it the same


async def test_who_has_the_file_open_goes_by_itself_after_four_hours(
    admin: User, bench: Workbench, services: Services
) -> None:
    job = bench.submit()
    sam = services.accounts.actor_of(admin.http_client.cookies[SESSION_COOKIE])
    link = services.opening.mint(job.id, sam)
    assert services.opening.redeem(link.url.rpartition("/")[2], "Front Desk") is not None
    bench.clock.advance(hours=4, seconds=-2)
    await look_at(admin, job)
    await admin.should_see("Open at Front Desk, Sam Rivera")
    await asyncio.sleep(2.2)
    await admin.should_not_see("Open at Front Desk, Sam Rivera")
