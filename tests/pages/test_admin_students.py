"""What an admin does when a student asks what is held about them."""

from __future__ import annotations

from nicegui.testing import User

from printlab.services import Services
from tests.pages.acting import field, send_form, sign_in
from tests.pages.waiting import eventually, until
from tests.workbench import Clock, Workbench


async def test_a_student_is_looked_up_and_anonymised_after_a_question(
    visitor: User, bench: Workbench, services: Services, clock: Clock, password: str
) -> None:
    ended, still_open = bench.reject(bench.submit()), bench.submit()
    clock.advance(minutes=11)
    assert await sign_in(visitor, password) == 200
    await visitor.open("/admin/students")
    address = field(visitor, "E-mail address of the student")
    address.value = "nobody@example.edu"
    send_form(visitor, "Look up")
    await eventually(lambda: address.error == "There is no job with the e-mail address nobody@example.edu.")
    address.value = "jane@example.edu"
    send_form(visitor, "Look up")
    await until(visitor, f"Job {ended.id}")
    await visitor.should_see("Download all that is held (.zip)")
    visitor.find("Anonymise…").click()
    await until(visitor, "It cannot be taken back.")
    assert bench.get(ended.id).student_name == "Jane Doe"
    visitor.find(f"Anonymise job {ended.id}").click()
    await until(visitor, f"Anonymised: job {ended.id}.")
    await visitor.should_see(f"Job {still_open.id} is still “Uploaded”. Anonymise again once it ended.")
    assert bench.get(ended.id).student_name == "Former student"
    assert bench.get(still_open.id).student_name == "Jane Doe"


async def test_the_page_of_an_anonymised_job_says_so_and_has_no_link(
    visitor: User, bench: Workbench, services: Services, clock: Clock, password: str
) -> None:
    job = bench.reject(bench.submit())
    clock.advance(minutes=11)
    assert await sign_in(visitor, password) == 200
    actor = services.accounts.actor_of(visitor.http_client.cookies["printlab_session"])
    services.students.anonymise("jane@example.edu", actor)
    await visitor.open(f"/jobs/{job.id}")
    await until(visitor, "nothing says any more whose job it was.")
    await visitor.should_see("anonymised this job")
    await visitor.should_not_see("The student's private link")
    await visitor.should_not_see("Reopen")
