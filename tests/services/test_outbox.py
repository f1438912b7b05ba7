"""Mails: written with the move that they tell about, or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from printlab.domain.policy import Actor
from printlab.domain.status import JobStatus, Verb
from printlab.errors import Conflict, NotAllowed, NotFound
from printlab.models import MailState, OutboxMail
from printlab.services import Services
from tests.workbench import Workbench


def kinds(services: Services, staff: Actor, job_id: int) -> list[str]:
    return [mail.kind for mail in services.mail.outbox(staff, job_id)][::-1]


@pytest.mark.parametrize(
    ("status", "verb", "kind"),
    [
        (JobStatus.UPLOADED, Verb.APPROVE, "quote"),
        (JobStatus.UPLOADED, Verb.REJECT, "rejected"),
        (JobStatus.PENDING, Verb.DECLINE, "rejected"),
        (JobStatus.PENDING, Verb.CANCEL, "rejected"),
        (JobStatus.PENDING, Verb.REQUOTE, "quote"),
        (JobStatus.PENDING, Verb.CONFIRM, None),
        (JobStatus.READY_TO_PRINT, Verb.START, None),
        (JobStatus.PRINTING, Verb.COMPLETE, "ready"),
        (JobStatus.PRINTING, Verb.FAIL, None),
        (JobStatus.COMPLETED, Verb.HAND_OVER, "receipt"),
        (JobStatus.COMPLETED, Verb.REPRINT, None),
    ],
)
def test_which_move_tells_the_student(
    status: JobStatus, verb: Verb, kind: str | None, bench: Workbench, services: Services, staff: Actor
) -> None:
    job = bench.at(status)
    before = kinds(services, staff, job.id)
    bench.do(verb, job)
    assert kinds(services, staff, job.id) == [*before, *([kind] if kind else [])]


@pytest.mark.usefixtures("database_url")
def test_a_move_that_is_rolled_back_leaves_no_mail(
    bench: Workbench, services: Services, staff: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail is written, then the transaction breaks before its commit."""
    job = bench.submit()
    heard: list[object] = []
    services.live.subscribe(heard.append)

    def broken(_work: object) -> None:
        raise ConnectionError("gone")

    with monkeypatch.context() as patched:
        patched.setattr("printlab.services.desk.Desk._file", broken_method(broken))
        with pytest.raises(ConnectionError):
            bench.approve(job)
    assert kinds(services, staff, job.id) == ["received"]
    assert bench.get(job.id) == job
    assert len(services.search.events(job.id, staff)) == 1
    assert heard == []
    assert bench.agrees(bench.approve(job))


def broken_method(broken: object) -> object:
    return lambda _self, work: broken(work)  # type: ignore[operator]


def test_a_refused_move_leaves_no_mail(bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.submit()
    bench.approve(job)
    with pytest.raises(Conflict):
        bench.reject(job)
    assert kinds(services, staff, job.id) == ["received", "quote"]


def test_without_a_mail_server_links_are_masked(bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.approve(bench.submit())
    for listed in services.mail.outbox(staff, job.id):
        mail = services.mail.mail(listed.id, staff)
        assert mail.state == "not sent"
        assert "(the student’s private link, not shown here)" in mail.text
        assert job.track_url not in mail.text + mail.html
        assert job.track_url.rsplit("/", 1)[1].split("-", 2)[2] not in mail.text + mail.html


def test_the_list_of_all_mails_holds_their_subjects_and_one_mail_its_words(
    bench: Workbench, services: Services, staff: Actor
) -> None:
    job = bench.approve(bench.submit())
    listed = services.mail.outbox(staff)[0]
    assert (listed.subject, listed.text, listed.html) == (f"Job {job.id}: your quote is $4.34, please confirm", "", "")
    of_job = services.mail.outbox(staff, job.id)[0]
    assert of_job == replace(listed, text=of_job.text)
    opened = services.mail.mail(listed.id, staff)
    assert opened == replace(of_job, html=opened.html)
    assert "Printing it costs $4.34" in opened.text
    assert "Your quote is $4.34" in opened.html
    with pytest.raises(NotFound):
        services.mail.mail(99, staff)
    with pytest.raises(NotAllowed):
        services.mail.mail(listed.id, bench.student(job))


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize("state", [MailState.FAILED, MailState.QUEUED, MailState.SENDING])
def test_a_mail_that_is_not_out_stays_in_the_list_however_old_it_is(
    state: MailState, bench: Workbench, services: Services, staff: Actor
) -> None:
    for _ in range(4):
        bench.submit()
    with services.database.write() as unit:
        unit.session.exec(sa.update(OutboxMail).where(col(OutboxMail.job_id) == 1).values(state=state))
    assert [mail.job_id for mail in services.mail.outbox(staff, limit=2)] == [4, 3, 1]


@pytest.mark.parametrize(
    ("verb", "by_student", "subject"),
    [
        (Verb.DECLINE, True, "you declined the quote"),
        (Verb.DECLINE, False, "the quote was declined for you"),
        (Verb.CANCEL, True, "cancelled as you asked"),
        (Verb.CANCEL, False, "cancelled for you"),
    ],
)
def test_a_withdrawn_job_says_who_withdrew_it(
    verb: Verb, by_student: bool, subject: str, bench: Workbench, services: Services, staff: Actor
) -> None:
    job = bench.at(JobStatus.PENDING)
    bench.do(verb, job, bench.student(job) if by_student else staff)
    assert services.mail.outbox(staff, job.id)[0].subject == f"Job {job.id}: {subject}"


def test_a_job_brought_to_the_desk_is_not_promised_its_price_by_mail(
    bench: Workbench, services: Services, staff: Actor
) -> None:
    job = bench.send(actor=staff, walk_in=True).job
    bench.approve(job, skip_confirmation=True, reason="agreed at the desk")
    [mail] = services.mail.outbox(staff, job.id)
    assert "You agree on the price at the desk" in mail.text


def test_a_quote_for_another_price_and_part_says_what_changed(
    bench: Workbench, services: Services, staff: Actor
) -> None:
    job = bench.approve(bench.submit(), color="Black", price_cents=300, reason="class project")
    text = services.mail.outbox(staff, job.id)[0].text
    assert "Printing it costs $3.00" in text
    assert "- Was Blue, now Black" in text
    assert "class project" not in text  # between staff
    bench.requote(job, color="Black", price_cents=300, reason="class project")
    assert "This replaces the quote of $3.00, which no longer holds. The price is the same." in (
        services.mail.outbox(staff, job.id)[0].text
    )


class TestElsewhere:
    """The lab lies in New Zealand, where it is another day."""

    @pytest.fixture
    def changed_settings(self) -> dict[str, object]:
        return {"timezone": "Pacific/Auckland"}

    def test_a_receipt_has_the_labs_own_day(self, bench: Workbench, services: Services, staff: Actor) -> None:
        job = bench.hand_over(bench.at(JobStatus.COMPLETED))
        assert "Date: Tue 3 Mar 2026" in services.mail.outbox(staff, job.id)[0].text


class TestEmptyAddress:
    """``PRINTLAB_SMTP_URL=`` in an .env file is no mail server."""

    @pytest.fixture
    def changed_settings(self) -> dict[str, object]:
        return {"smtp_url": ""}

    def test_mails_are_not_kept_for_later(self, bench: Workbench, services: Services, staff: Actor) -> None:
        bench.submit()
        assert [mail.state for mail in services.mail.outbox(staff)] == ["not sent"]


class TestWithServer:
    """A mail server is set."""

    @pytest.fixture
    def changed_settings(self) -> dict[str, object]:
        return {"smtp_url": "smtp://127.0.0.1:9", "mail_from": "lab@print.example.edu"}

    def test_mails_wait_and_someone_is_woken(self, bench: Workbench, services: Services, staff: Actor) -> None:
        woken: list[int] = []
        services.outbox.on_mail(lambda: woken.append(len(kinds(services, staff, 1))))
        job = bench.approve(bench.submit())
        assert {mail.state for mail in services.mail.outbox(staff, job.id)} == {"queued"}
        assert woken == [1, 2]  # after each commit, when the mail could be read

    def test_each_mail_has_an_id_and_a_key_of_its_own(self, bench: Workbench, services: Services) -> None:
        for _ in range(2):
            bench.requote(bench.approve(bench.submit()))
        with services.database.read() as session:
            mails = session.exec(select(OutboxMail)).all()
        assert len({mail.message_id for mail in mails}) == len({mail.dedupe_key for mail in mails}) == len(mails) == 6
        assert all(mail.message_id.endswith("@print.example.edu>") for mail in mails)

    def test_a_student_who_takes_a_step_back_reads_that_they_did(
        self, bench: Workbench, services: Services, staff: Actor
    ) -> None:
        job = bench.at(JobStatus.PENDING)
        student = bench.student(job)
        job = bench.do(Verb.DECLINE, job, student)
        with services.database.write() as unit:
            unit.session.exec(sa.update(OutboxMail).values(state=MailState.SENT))
        bench.undo(job, student)
        correction = services.mail.outbox(staff, job.id)[0]
        assert correction.subject == f"Job {job.id}: correction, it is “Awaiting confirmation” again"
        assert f"Our mail “Job {job.id}: you declined the quote” no longer holds." in correction.text
        assert "You took back the step" in correction.text
