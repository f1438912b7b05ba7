"""The student's private page: it says where the part is and takes every answer exactly once."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from nicegui import ui
from nicegui.testing import User

from components.upload import Upload
from printlab.cookies import BROWSER_COOKIE
from printlab.domain.status import JobStatus, Verb
from tests.pages.acting import field, path_of
from tests.pages.waiting import until
from tests.workbench import STAFF, Workbench, change_lab


async def test_the_quote_is_accepted(visitor: User, bench: Workbench) -> None:
    job = bench.at(JobStatus.PENDING)
    await visitor.open(path_of(job))
    await visitor.should_see("Your quote is here. The lab waits for your answer.")
    await visitor.should_see("$4.34")
    visitor.find("Accept · $4.34").click()
    await until(visitor, "Your part is in the print queue.")
    assert bench.get(job.id).status is JobStatus.READY_TO_PRINT
    visitor.find("Undo").click()
    await until(visitor, "Accept · $4.34")
    assert bench.get(job.id).status is JobStatus.PENDING


async def test_a_superseded_quote_is_not_accepted_and_the_new_one_is_shown(visitor: User, bench: Workbench) -> None:
    job = bench.at(JobStatus.PENDING)
    await visitor.open(path_of(job))
    accept = visitor.find("Accept · $4.34")
    await asyncio.to_thread(bench.requote, job)
    accept.click()
    await until(visitor, "Accept · $5.80")
    await visitor.should_see("Your new quote is here. The lab waits for your answer.")
    await visitor.should_see("This replaces the quote of $4.34, which no longer holds.")
    await visitor.should_see("Weight: was 38 g, now 50 g")
    assert bench.get(job.id).status is JobStatus.PENDING


async def test_declining_takes_the_reason_along(visitor: User, bench: Workbench) -> None:
    job = bench.at(JobStatus.PENDING)
    await visitor.open(path_of(job))
    next(iter(visitor.find(kind=ui.textarea).elements)).value = "Too expensive"
    visitor.find("Decline").click()
    await until(visitor, "The job ends here and nothing is charged. You can take that back for 10 minutes.")
    visitor.find(kind=ui.button, content="Decline the quote").click()
    await until(visitor, "You declined the quote.")
    await visitor.should_see("Too expensive")
    assert bench.get(job.id).status is JobStatus.REJECTED


async def test_a_cancelled_job_is_not_called_rejected(visitor: User, bench: Workbench) -> None:
    job = bench.submit()
    bench.move(Verb.CANCEL, job, bench.student(job))
    await visitor.open(path_of(job))
    await visitor.should_see(kind=ui.label, content="Cancelled")
    await visitor.should_not_see("Rejected")


async def test_a_corrected_file_brings_the_job_back(visitor: User, bench: Workbench) -> None:
    job = bench.at(JobStatus.REJECTED)
    await visitor.open(path_of(job))
    await visitor.should_see("It is 40 cm long.")
    await visitor.should_not_see("This file is not sent yet.")
    browser = visitor.http_client.cookies[BROWSER_COOKIE]
    staged = await asyncio.to_thread(bench.stage, None, "smaller.stl", browser)
    visitor.find(kind=Upload).trigger("uploaded", {"id": staged.id})
    await until(visitor, "This file is not sent yet.")
    visitor.find("Send corrected file").click()
    await until(visitor, "The lab has your file.")
    await visitor.should_not_see("This file is not sent yet.", retries=100)
    now = bench.get(job.id)
    assert (now.status, now.id, now.authoritative) == (JobStatus.UPLOADED, job.id, 2)


async def test_the_page_follows_what_staff_do(visitor: User, bench: Workbench) -> None:
    job = bench.submit()
    await visitor.open(path_of(job))
    await visitor.should_see("The lab has your file.")
    await asyncio.to_thread(bench.approve, job)
    await until(visitor, "Your quote is here. The lab waits for your answer.")


async def test_pickup_says_where_when_and_what_to_bring(visitor: User, bench: Workbench) -> None:
    job = bench.at(JobStatus.COMPLETED)
    lab = bench.services.lab.view()
    await visitor.open(path_of(job))
    for text in (lab.pickup_where, lab.opening_hours, lab.pickup_bring):
        await visitor.should_see(text)


async def test_cancelling_asks_by_name_first(visitor: User, bench: Workbench) -> None:
    job = bench.submit()
    await visitor.open(path_of(job))
    visitor.find(f"Cancel job {job.id}").click()
    await until(visitor, f"Cancel job {job.id}?")
    await visitor.should_see("The lab stops here and nothing is charged. You can take that back for 10 minutes.")
    visitor.find("Keep the job").click()
    await asyncio.sleep(0.3)  # nothing may happen, and nothing tells when
    assert bench.get(job.id).status is JobStatus.UPLOADED


async def test_a_page_that_is_left_while_it_asks_leaves_quietly(
    visitor: User, bench: Workbench, caplog: pytest.LogCaptureFixture
) -> None:
    job = bench.submit()
    await visitor.open(path_of(job))
    visitor.find(f"Cancel job {job.id}").click()
    await until(visitor, f"Cancel job {job.id}?")
    assert visitor.client is not None
    visitor.client.delete()
    await asyncio.sleep(0.3)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    assert bench.get(job.id).status is JobStatus.UPLOADED


async def test_a_wrong_link_shows_nothing(visitor: User, bench: Workbench) -> None:
    job = bench.submit()
    answer = await visitor.http_client.get(f"{path_of(job)}x")
    assert answer.status_code == 404
    assert "There is no job at this address" in answer.text
    assert "Jane" not in answer.text


async def test_the_page_is_kept_from_search_engines_and_other_sites(visitor: User, bench: Workbench) -> None:
    answer = await visitor.http_client.get(path_of(bench.submit()))
    assert 'name="robots" content="noindex, nofollow"' in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_the_greeting_after_sending_goes_when_something_happens(visitor: User, bench: Workbench) -> None:
    job = bench.submit()
    await visitor.open(f"{path_of(job)}?sent=1")
    await visitor.should_see("Your job number")
    await visitor.should_not_see("The lab has your file.")
    await asyncio.to_thread(bench.approve, job)
    await until(visitor, "Your quote is here. The lab waits for your answer.")
    await visitor.should_not_see("Your job number")
    await visitor.open(f"{path_of(job)}?sent=1")
    await visitor.should_see("Your quote is here. The lab waits for your answer.")


async def test_a_price_agreed_at_the_desk_is_not_called_accepted(visitor: User, bench: Workbench) -> None:
    job = bench.approve(bench.submit(), skip_confirmation=True, reason="stands at the desk")
    await visitor.open(path_of(job))
    await visitor.should_see("The price was agreed at the desk.")
    await visitor.should_see("at the desk with Sam Staff, today 14:30")
    await visitor.should_not_see("Accepted")


async def test_a_quote_that_staff_accepted_names_them(visitor: User, bench: Workbench) -> None:
    job = bench.confirm(bench.at(JobStatus.PENDING), STAFF)
    await visitor.open(path_of(job))
    await visitor.should_see("The quote was accepted for you.")
    await visitor.should_see("for you by Sam Staff, today 14:30")


async def test_who_cancelled_is_not_told_why(visitor: User, bench: Workbench) -> None:
    job = bench.submit()
    bench.move(Verb.CANCEL, job, bench.student(job))
    await visitor.open(path_of(job))
    await visitor.should_see("You cancelled this job.")
    await visitor.should_see("Send a file again")
    await visitor.should_not_see("Cancelled by the student")


async def test_staff_who_sent_it_find_the_way_to_the_job(visitor: User, bench: Workbench, password: str) -> None:
    form = {"email": "sam@example.com", "password": password}
    await visitor.http_client.post("/auth/sign-in", data=form, headers={"Accept": "application/json"})
    job = bench.submit()
    await visitor.open(f"{path_of(job)}?sent=1")
    await visitor.should_see("The job number")
    button = next(iter(visitor.find(kind=ui.button, content=f"Open job {job.id}").elements))
    assert button.props["href"] == f"/jobs/{job.id}"
    await visitor.should_not_see("Replace the file")


async def test_without_a_mail_server_the_page_asks_to_keep_its_link(visitor: User, bench: Workbench) -> None:
    job = bench.submit()
    await visitor.open(path_of(job))
    await visitor.should_see("The lab sends no e-mail: keep the link of this page")


async def test_the_end_says_what_was_paid_and_offers_another_while_the_lab_takes_some(
    visitor: User, bench: Workbench
) -> None:
    job = bench.hand_over(bench.at(JobStatus.COMPLETED), reference="R-17", collected_by="Joe")
    await visitor.open(path_of(job))
    for text in ("$4.34 · cash · ", "R-17", "Joe", "Send another file whenever you need one."):
        await visitor.should_see(text)
    await visitor.should_see("Send another like this")
    change_lab(bench.services, submissions_open=False, closed_message="Holidays.")
    await visitor.open(path_of(job))
    await visitor.should_see("There is nothing left to do.")
    await visitor.should_not_see("Send another")


async def test_a_quote_that_was_taken_back_is_explained(visitor: User, bench: Workbench) -> None:
    job = bench.undo(bench.at(JobStatus.PENDING))
    await visitor.open(path_of(job))
    await visitor.should_see("The lab took its last step back")


async def test_a_student_says_until_when_they_need(visitor: User, bench: Workbench) -> None:
    job = bench.at(JobStatus.COMPLETED)
    await visitor.open(path_of(job))
    field(visitor, "I need until").value = "2026-03-20"
    visitor.find("Keep it until then").click()
    await until(visitor, "The lab knows that you need until Fri 20 Mar 2026.")
    assert bench.get(job.id).kept_until == date(2026, 3, 20)
    field(visitor, "I need until").value = "2026-09-20"
    visitor.find("Keep it until then").click()
    await until(visitor, "at the latest.")
    assert bench.get(job.id).kept_until == date(2026, 3, 20)


async def test_a_quote_says_until_when_it_can_be_answered(visitor: User, bench: Workbench) -> None:
    await visitor.open(path_of(bench.at(JobStatus.PENDING)))
    await visitor.should_see("Answer by Mon 16 Mar 2026; after that the quote lapses.")


async def test_without_a_mail_server_no_link_can_be_sent(visitor: User) -> None:
    answer = await visitor.http_client.get("/track/1-1-nothing")
    assert answer.status_code == 404
    assert "There is no job at this address" in answer.text
    assert "Send me the link" not in answer.text
