"""One job for staff: what was written is seen first, and every way back takes back what it names."""

from __future__ import annotations

import asyncio
import gc
import time
from pathlib import Path

import pytest
from nicegui import ui
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction
from sqlmodel import select

from components.upload import Upload
from printlab.cookies import BROWSER_COOKIE
from printlab.domain.commands import EditJob
from printlab.domain.policy import Actor
from printlab.domain.sliced_facts import CAUTIONS, Caution
from printlab.domain.status import JobStatus
from printlab.domain.views import JobView, MailView
from printlab.models import MailState, OutboxMail
from printlab.services import Services
from tests import files_made
from tests.pages.acting import field, look_at, send_form, sign_in
from tests.pages.waiting import until
from tests.readers import TOO_LONG
from tests.workbench import COLLEAGUE, STAFF, Clock, Workbench


@pytest.fixture
async def admin(visitor: User, password: str) -> User:
    """Sam Rivera, signed in as an admin."""
    assert await sign_in(visitor, password) == 200
    return visitor


def assign(user: User, label: str) -> None:
    """Choose a colleague from the menu."""
    UserInteraction(user, items_of(user, label), None).click()


def items_of(user: User, label: str) -> set[ui.menu_item]:
    """The entries of a menu with this text."""
    texts = user.find(label).elements
    return {above for text in texts for above in text.ancestors() if isinstance(above, ui.menu_item)}


async def test_what_the_student_and_a_colleague_wrote_stands_on_the_page(admin: User, bench: Workbench) -> None:
    job = bench.submit(notes="The flat side is the visible one.")
    bench.services.jobs.note(job.id, "Asked for matt white.", COLLEAGUE)
    await look_at(admin, job)
    await admin.should_see("The flat side is the visible one.")
    await admin.should_see("Asked for matt white.")
    await asyncio.to_thread(bench.services.jobs.note, job.id, "Supports are fine.", COLLEAGUE)
    await until(admin, "Supports are fine.")


async def test_the_way_back_names_the_move_and_says_what_was_undone(admin: User, bench: Workbench) -> None:
    job = bench.at(JobStatus.READY_TO_PRINT)
    await look_at(admin, job)
    send_form(admin, "Start without a sliced file")
    await until(admin, "Undo: Start printing")
    admin.find(kind=ui.button, content="Undo: Start printing").click()
    await until(admin, f"Undone: Start printing. Job {job.id} is “Ready to print” again")
    assert bench.get(job.id).status is JobStatus.READY_TO_PRINT


async def test_a_way_back_that_was_drawn_before_a_colleagues_move_takes_nothing_back(
    admin: User, bench: Workbench
) -> None:
    job = bench.at(JobStatus.READY_TO_PRINT)
    await look_at(admin, job)
    send_form(admin, "Start without a sliced file")
    await until(admin, "Undo: Start printing")
    field(admin, "Actual time").value = "3 h"  # touched, so the panel and its way back stay as they are
    await asyncio.to_thread(bench.complete, bench.get(job.id), COLLEAGUE)
    await until(admin, "Kim Colleague completed the print.")

    admin.find(kind=ui.button, content="Undo: Start printing").click()
    await until(admin, f"Kim Colleague was faster: job {job.id} changed after you opened it")
    assert bench.get(job.id).status is JobStatus.COMPLETED
    await until(admin, "Undo: Complete")
    await admin.should_not_see("Undo: Start printing")
    assert field(admin, "Actual time").value == "3 h"


async def test_a_move_in_the_middle_of_a_reading_is_told_and_what_was_typed_stays(
    admin: User, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.at(JobStatus.READY_TO_PRINT)
    await look_at(admin, job)
    send_form(admin, "Start without a sliced file")
    await until(admin, "Undo: Start printing")
    field(admin, "Actual time").value = "3 h"
    moves = [lambda: bench.complete(bench.get(job.id), COLLEAGUE)]
    mail = bench.services.mail
    read_mails = mail.outbox

    def outbox(actor: Actor, job_id: int) -> tuple[MailView, ...]:
        if moves:
            moves.pop()()
        return read_mails(actor, job_id)

    monkeypatch.setattr(mail, "outbox", outbox)
    await asyncio.to_thread(bench.services.jobs.note, job.id, "Look at the first layer.", COLLEAGUE)
    await until(admin, "Kim Colleague completed the print.")
    assert field(admin, "Actual time").value == "3 h"


async def test_taking_back_what_a_colleague_did_is_asked_by_name(admin: User, bench: Workbench) -> None:
    job = bench.complete(bench.at(JobStatus.PRINTING), COLLEAGUE)
    await look_at(admin, job)
    admin.find(kind=ui.button, content="Undo: Complete").click()
    await until(admin, f"Take back what Kim Colleague did to job {job.id}?")
    admin.find("Keep it as it is").click()
    await admin.should_not_see("Take back what", retries=100)
    assert bench.get(job.id).status is JobStatus.COMPLETED

    admin.find(kind=ui.button, content="Undo: Complete").click()
    await until(admin, "Take back what")
    answers = admin.find(kind=ui.button, content="Undo: Complete").elements
    UserInteraction(admin, {max(answers, key=lambda button: button.id)}, None).click()
    await until(admin, "Undone: Complete")
    assert bench.get(job.id).status is JobStatus.PRINTING


async def test_what_departs_from_the_usual_quote_is_asked_about_by_its_name(admin: User, bench: Workbench) -> None:
    await look_at(admin, bench.submit())
    other_price = next(iter(admin.find(kind=ui.checkbox, content="Another price").elements))
    not_asked = next(iter(admin.find(kind=ui.checkbox, content="Straight to “Ready to print”").elements))
    other_price.value = True
    assert field(admin, "Why another price").props["placeholder"] == "Supports are not charged"
    not_asked.value = True
    both = field(admin, "Why another price, and why nobody is asked")
    assert both.props["placeholder"] == "Supports are not charged, agreed at the desk"
    other_price.value = False
    assert field(admin, "Why the student is not asked").props["placeholder"] == "Agreed at the desk"
    not_asked.value = False
    assert not both.visible


async def test_a_job_is_assigned_in_two_clicks(admin: User, bench: Workbench) -> None:
    job = bench.submit()
    await look_at(admin, job)
    assign(admin, "Sam Rivera (you)")
    await until(admin, f"Job {job.id} is assigned to Sam Rivera")
    assert bench.get(job.id).assignee == "Sam Rivera"
    await admin.should_see(kind=ui.label, content="assigned to Sam Rivera", retries=100)  # the page is drawn anew
    assign(admin, "Nobody")
    await until(admin, f"Job {job.id} is assigned to nobody")
    assert bench.get(job.id).assignee is None


async def test_a_refusal_is_told_also_when_what_was_clicked_is_gone(
    admin: User, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.submit()
    await look_at(admin, job)
    assert admin.client is not None
    elements, clicked = admin.client.elements, {item.id for item in items_of(admin, "Sam Rivera (you)")}
    jobs = bench.services.jobs
    edit = jobs.edit

    def after_a_colleague(command: EditJob, actor: Actor) -> JobView:
        bench.approve(job, COLLEAGUE)
        deadline = time.monotonic() + 10
        while clicked & elements.keys():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        gc.collect()  # as happens sooner or later: nothing that was drawn there is left
        return edit(command, actor)

    monkeypatch.setattr(jobs, "edit", after_a_colleague)
    assign(admin, "Sam Rivera (you)")
    await until(admin, f"Kim Colleague was faster: job {job.id} changed after you opened it")
    assert bench.get(job.id).assignee is None


async def send(user: User, bench: Workbench, name: str) -> None:
    """Upload a sliced file as the page's field does."""
    browser = user.http_client.cookies[BROWSER_COOKIE]
    staged = await asyncio.to_thread(lambda: bench.stage(b"; sliced\nG28\nG1 X1 E1\n" * 20, name, browser, sliced=True))
    user.find(kind=Upload).trigger("uploaded", {"id": staged.id})


async def test_a_file_that_is_named_like_another_jobs_is_asked_about(admin: User, bench: Workbench) -> None:
    other, job = bench.submit(name="Zoë Müller"), bench.submit()
    await look_at(admin, job)
    await send(admin, bench, f"{other.stem}.gcode")
    await until(admin, f"Use a file of job {other.id} for job {job.id}?")
    admin.find("Leave it out").click()
    await admin.should_not_see("Use a file of job", retries=100)
    assert len(bench.get(job.id).revisions) == 1

    await send(admin, bench, f"{other.stem}.gcode")
    await until(admin, f"Use it for job {job.id}")
    admin.find(f"Use it for job {job.id}").click()
    await until(admin, f"{other.stem}.gcode is now the file that counts for job {job.id}")
    assert bench.get(job.id).is_sliced


async def test_a_file_with_its_own_name_counts_at_once(admin: User, bench: Workbench) -> None:
    job = bench.submit()
    await look_at(admin, job)
    await send(admin, bench, f"{job.stem}.gcode")
    await until(admin, f"{job.stem}.gcode is now the file that counts for job {job.id}")
    assert bench.get(job.id).is_sliced


@pytest.mark.parametrize("changed_settings", [{"smtp_url": "smtp://127.0.0.1:9"}])
async def test_a_mail_that_could_not_be_sent_is_sent_again_from_the_page(
    admin: User, bench: Workbench, changed_settings: dict[str, object]
) -> None:
    job = bench.submit()
    with bench.services.database.write() as unit:
        mail = unit.session.exec(select(OutboxMail)).one()
        mail.state, mail.last_error = MailState.FAILED, "The mail server does not know this address."
    await look_at(admin, job)
    await admin.should_see("The mail server does not know this address.")
    admin.find(kind=ui.button, content="Send it again").click()
    await until(admin, "The mail goes out within seconds")
    await until(admin, "Waits to be sent")
    assert [mail.state for mail in bench.services.mail.outbox(STAFF, job.id)] == [MailState.QUEUED]


async def test_a_file_of_which_nobody_knows_what_it_is_says_so_and_can_be_made_to_count(
    admin: User, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.submit(files_made.threemf(), "part.3mf")
    bench.working_copy(job).write_bytes(files_made.sliced_3mf())
    monkeypatch.setattr(bench.services.sliced_files, "read", _takes_too_long)
    bench.approve(job)
    await look_at(admin, job)
    await admin.should_see("2 · Unknown .3mf · changed in the shared folder · ")
    await admin.should_see(CAUTIONS[Caution.NOT_TOLD])
    admin.find("Use this file").click()
    await admin.should_see("Use file 2: ")


def _takes_too_long(path: Path, extension: str) -> None:
    raise TOO_LONG


async def test_long_texts_and_many_files_are_folded(admin: User, bench: Workbench) -> None:
    job = bench.submit(notes="It has to fit on the shaft. " * 100)
    for number in range(5):
        job = bench.add_sliced(job, b"; sliced\nG28\nG1 X%d E1\n" % number * 20, f"part_{number}.gcode")
    bench.services.jobs.note(job.id, "Short.", COLLEAGUE)
    await look_at(admin, job)
    await admin.should_see("3 older files")
    assert folds_around(admin, "It has to fit on the shaft.") == 1
    assert folds_around(admin, "Short.") == 0


def folds_around(user: User, text: str) -> int:
    """How many boxes that open and close the text stands in."""
    return sum(above.tag == "details" for found in user.find(text).elements for above in found.ancestors())


async def test_a_lab_without_mail_says_where_the_student_sees_the_quote(admin: User, bench: Workbench) -> None:
    await look_at(admin, bench.submit())
    said = "No mail is sent: the student sees the quote on their page only."
    await admin.should_see(said)
    next(iter(admin.find(kind=ui.checkbox, content="Straight to “Ready to print”").elements)).value = True
    await admin.should_not_see(said)


async def test_an_archived_job_says_where_its_file_is_and_opens_none(
    visitor: User, bench: Workbench, services: Services, clock: Clock, password: str
) -> None:
    admin, job = visitor, bench.at(JobStatus.PAID_PICKED_UP)
    content = bench.working_copy(job).read_bytes()
    clock.advance(days=31)
    services.retention.run_once()
    assert await sign_in(admin, password) == 200
    await admin.open(f"/jobs/{job.id}")
    await until(admin, "the file is in no folder any more. Download it here.")
    await admin.should_not_see("Open file")
    await admin.should_see("PrintLab archived this job")
    assert services.revisions.content(job.id, 1, STAFF)[0].read_bytes() == content
