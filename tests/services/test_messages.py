"""Messages between staff and the student of a job: one thread, seen by the other side, told by mail where it is not."""

from __future__ import annotations

import pytest
from sqlmodel import select

from components.cards import card_json
from printlab.domain.board import Attention
from printlab.domain.commands import EditJob
from printlab.domain.policy import ANONYMOUS, SYSTEM, ActorKind
from printlab.domain.status import JobStatus
from printlab.errors import InvalidInput, NotAllowed, NotFound, NotSignedIn, TooManyRequests
from printlab.models import Job, OutboxMail
from printlab.services import Services
from tests.workbench import ADMIN, STAFF, Workbench

pytestmark = pytest.mark.usefixtures("database_url")


@pytest.fixture
def changed_settings() -> dict[str, object]:
    return {"contact_email": "lab@example.edu"}


def mails_about(services: Services, job_id: int, kind: str = "message") -> list[OutboxMail]:
    with services.database.read() as session:
        told = select(OutboxMail).where(OutboxMail.job_id == job_id, OutboxMail.kind == kind)
        return list(session.exec(told))


def test_both_sides_have_one_thread(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    student = bench.student(job)
    services.messages.write(job.id, "May we print it in blue?", STAFF)
    services.messages.write(job.id, " Yes,\r\nplease. ", student)
    thread = services.messages.thread(job.id, student)
    assert thread == services.messages.thread(job.id, STAFF)
    assert [(one.from_student, one.author_name, one.text) for one in thread] == [
        (False, STAFF.name, "May we print it in blue?"),
        (True, job.student_name, "Yes,\nplease."),
    ]


def test_a_message_changes_nothing_of_the_job(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    services.messages.write(job.id, "Hello", STAFF)
    assert bench.get(job.id).version == job.version


def test_a_student_reads_and_writes_about_their_own_job_only(bench: Workbench, services: Services) -> None:
    mine, others = bench.submit(), bench.submit(name="Ola Nordmann")
    student = bench.student(mine)
    with pytest.raises(NotAllowed):
        services.messages.thread(others.id, student)
    with pytest.raises(NotAllowed):
        services.messages.write(others.id, "Hello", student)
    with pytest.raises(NotAllowed):
        services.messages.see(others.id, student)
    assert services.messages.thread(others.id, STAFF) == ()


def test_a_link_that_was_renewed_reads_and_writes_nothing_more(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    student = bench.student(job)
    with services.database.write() as unit:
        unit.session.get_one(Job, job.id).track_generation += 1
    with pytest.raises(NotFound):
        services.messages.thread(job.id, student)
    with pytest.raises(NotFound):
        services.messages.write(job.id, "Hello", student)


@pytest.mark.parametrize("text", ["", "   \n", "\u200b", "a" * 4001])
def test_nothing_and_too_much_are_refused(bench: Workbench, services: Services, text: str) -> None:
    job = bench.submit()
    with pytest.raises(InvalidInput):
        services.messages.write(job.id, text, STAFF)
    assert services.messages.thread(job.id, STAFF) == ()


def test_a_student_writes_no_more_than_a_hundred_a_day(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    student = bench.student(job)
    for number in range(100):
        services.messages.write(job.id, f"message {number}", student)
    with pytest.raises(TooManyRequests):
        services.messages.write(job.id, "one more", student)
    services.messages.write(job.id, "We have read it.", STAFF)


def test_what_the_other_side_has_seen_is_seen(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    student = bench.student(job)
    services.messages.write(job.id, "From the lab", STAFF)
    services.messages.write(job.id, "From the student", student)
    services.messages.see(job.id, STAFF)  # one's own are not seen by oneself
    seen = {one.text: one.seen_at is not None for one in services.messages.thread(job.id, STAFF)}
    assert seen == {"From the lab": False, "From the student": True}
    services.messages.see(job.id, student)
    assert all(one.seen_at for one in services.messages.thread(job.id, STAFF))


def test_a_student_who_does_not_look_for_two_minutes_gets_one_mail(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    services.messages.write(job.id, "The clip is thin.", STAFF)
    bench.clock.advance(minutes=1)
    services.messages.write(job.id, "May we scale it?", STAFF)
    services.messages.tell()
    assert mails_about(services, job.id) == []
    bench.clock.advance(minutes=2)
    services.messages.tell()
    services.messages.tell()
    (mail,) = mails_about(services, job.id)
    assert mail.to_address == job.student_email
    assert [one["text"] for one in mail.context["messages"]] == ["The clip is thin.", "May we scale it?"]


def test_nobody_is_told_by_mail_of_what_they_have_seen_or_written(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    student = bench.student(job)
    services.messages.write(job.id, "Hello", STAFF)
    services.messages.see(job.id, student)
    services.messages.write(job.id, "Hello lab", student)
    bench.clock.advance(minutes=5)
    services.messages.tell()
    assert mails_about(services, job.id) == []


def test_whoever_looks_after_the_job_gets_one_mail_of_what_nobody_of_the_lab_has_seen(
    bench: Workbench, services: Services
) -> None:
    alex = services.accounts.add_user("alex@example.edu", "Alex", ActorKind.STAFF, "a long enough password", SYSTEM)
    job = bench.submit()
    job = services.jobs.edit(EditJob(job.id, job.version, assignee=alex.email), STAFF)
    services.messages.write(job.id, "Can it be green?", bench.student(job))
    services.messages.tell()
    assert mails_about(services, job.id, "student-message") == []
    bench.clock.advance(minutes=2)
    services.messages.tell()
    services.messages.tell()
    (mail,) = mails_about(services, job.id, "student-message")
    assert (mail.to_staff, mail.to_address, mail.context["path"]) == (True, alex.email, f"/jobs/{job.id}")
    assert mail.context["messages"] == [{"author": job.student_name, "text": "Can it be green?"}]
    assert mails_about(services, job.id) == []
    shown = next(one for one in services.mail.outbox(STAFF, job.id) if one.kind == "student-message")
    assert f"/jobs/{job.id}\n" in shown.text
    assert job.track_url not in shown.text


def test_a_mail_to_the_lab_says_what_the_lab_wants_it_to_say(bench: Workbench, services: Services) -> None:
    seen = services.wordings.get("student-message", ADMIN)
    services.wordings.save(seen, "Job {{ job_id }}: a question", "Please answer.", ADMIN)
    job = bench.submit()
    services.messages.write(job.id, "Can it be green?", bench.student(job))
    bench.clock.advance(minutes=2)
    services.messages.tell()
    shown = next(one for one in services.mail.outbox(STAFF, job.id) if one.kind == "student-message")
    assert shown.subject == f"Job {job.id}: a question"


def test_the_lab_itself_gets_the_mail_of_a_job_that_nobody_looks_after(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    services.messages.write(job.id, "Can it be green?", bench.student(job))
    bench.clock.advance(minutes=2)
    services.messages.tell()
    (mail,) = mails_about(services, job.id, "student-message")
    assert mail.to_address == "lab@example.edu"


def test_a_new_address_of_the_student_changes_no_mail_to_the_lab(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    services.messages.write(job.id, "Can it be green?", bench.student(job))
    bench.clock.advance(minutes=2)
    services.messages.tell()
    services.jobs.edit(EditJob(job.id, bench.get(job.id).version, email="jane.doe@example.edu"), STAFF)
    shown = next(one for one in services.mail.outbox(STAFF, job.id) if one.kind == "student-message")
    assert shown.to == "lab@example.edu"


def test_visitors_neither_read_nor_write(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    with pytest.raises(NotSignedIn):
        services.messages.thread(job.id, ANONYMOUS)
    with pytest.raises(NotSignedIn):
        services.messages.write(job.id, "Hello", ANONYMOUS)


def test_what_nobody_of_the_staff_has_seen_waits_for_them_on_the_board(bench: Workbench, services: Services) -> None:
    job = bench.at(JobStatus.COMPLETED)
    index = services.board_index(card_json)
    index.read()
    services.messages.write(job.id, "May a friend collect it?", bench.student(job))
    (told,) = index.follow([job.id]).changed
    assert told.entry.attention is Attention.MESSAGE
    assert b"May a friend collect it?" in told.card
    services.messages.see(job.id, STAFF)
    (told,) = index.follow([job.id]).changed
    assert told.entry.attention is None
    assert b"May a friend collect it?" not in told.card
