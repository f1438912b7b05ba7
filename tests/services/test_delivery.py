"""Delivering against a real mail server: in order, once, to the right address, and nothing that was taken back."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, suppress

import pytest
import sqlalchemy as sa
from sqlmodel import col

from printlab.db import Unit
from printlab.domain.commands import EditJob
from printlab.domain.policy import ANONYMOUS, SYSTEM, Actor, ActorKind
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import JobView, MailView
from printlab.errors import Conflict, DatabaseAway, InvalidInput, NotFound, NotSignedIn
from printlab.files import disk
from printlab.models import MailState, OutboxMail
from printlab.services import Services, build_services
from printlab.services.delivery import Lane
from tests.mail import server as mail_server
from tests.mail.notices import postfix
from tests.mail.server import MailServer
from tests.workbench import STAFF, Clock, Workbench

_BUSY = "450 4.2.1 Mailbox busy"
_UNKNOWN = "550 5.1.1 No such user here"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server.running() as running:
        yield running


@pytest.fixture
def changed_settings(server: MailServer) -> dict[str, object]:
    return {"smtp_url": f"smtp://127.0.0.1:{server.port}?timeout=5", "mail_from": "lab@print.example.edu"}


@pytest.fixture(autouse=True)
async def hang_up(services: Services) -> AsyncIterator[None]:
    yield
    await services.delivery.close()


@pytest.fixture
async def other_process(services: Services, clock: Clock) -> AsyncIterator[Services]:
    """The same lab, served a second time."""
    other = build_services(services.settings, clock)
    yield other
    await other.delivery.close()
    other.close()


def mails(services: Services, job: JobView) -> dict[str, MailView]:
    """The newest mail of each kind."""
    return {mail.kind: mail for mail in reversed(services.mail.outbox(STAFF, job.id))}


def states(services: Services, job: JobView) -> dict[str, str]:
    return {kind: mail.state for kind, mail in mails(services, job).items()}


async def delivered(bench: Workbench) -> JobView:
    """A job whose first mail is out."""
    job = bench.submit()
    assert await bench.services.delivery.deliver() == 1
    return job


class TestOrder:
    """The mails of one job go out in the order in which they were written."""

    @pytest.mark.usefixtures("database_url")
    async def test_a_receipt_waits_for_a_ready_that_is_tried_again(
        self, bench: Workbench, services: Services, server: MailServer, clock: Clock
    ) -> None:
        job = bench.at(JobStatus.PRINTING)
        assert await services.delivery.deliver() == 2
        job = bench.complete(job)
        server.answers["RCPT"] = _BUSY
        await services.delivery.deliver()
        server.answers.clear()
        bench.hand_over(job)
        hold_back(services, job, "ready", clock)
        bench.submit(email="zoe@example.edu")
        assert await services.delivery.deliver() == 1
        assert states(services, job)["receipt"] == "queued"
        clock.advance(days=1)
        assert await services.delivery.deliver() == 2
        assert server.subjects == [
            "Job 1: we have your file",
            "Job 1: your quote is $4.34, please confirm",
            "Job 2: we have your file",
            "Job 1: ready for pickup, $4.34 to pay",
            "Job 1: receipt for $4.34",
        ]

    async def test_a_mail_that_failed_for_good_holds_nothing_back(
        self, bench: Workbench, services: Services, server: MailServer
    ) -> None:
        job = bench.submit()
        server.answers["RCPT"] = _UNKNOWN
        assert await services.delivery.deliver() == 0
        server.answers.clear()
        bench.approve(job)
        assert await services.delivery.deliver() == 1
        assert states(services, job) == {"received": "failed", "quote": "sent"}

    @pytest.mark.usefixtures("database_url")
    async def test_another_process_sends_other_jobs_mails_meanwhile(
        self, bench: Workbench, services: Services, other_process: Services, server: MailServer
    ) -> None:
        bench.approve(bench.submit())
        server.answers["DATA"] = "wait"
        first = asyncio.create_task(services.delivery.deliver())
        await server.has_mails_waiting()
        server.answers.clear()
        bench.submit(email="zoe@example.edu")
        assert await other_process.delivery.deliver() == 1
        assert server.subjects == ["Job 2: we have your file"]
        server.go_on()
        assert await first == 2
        assert server.subjects[1:] == ["Job 1: we have your file", "Job 1: your quote is $4.34, please confirm"]


class TestTakenBack:
    """The step that a mail tells about is undone."""

    @pytest.mark.usefixtures("database_url")
    async def test_the_correction_of_a_mail_on_its_way_comes_after_it(
        self, bench: Workbench, services: Services, other_process: Services, server: MailServer
    ) -> None:
        job = await delivered(bench)
        sending = await self._approve_and_undo_meanwhile(bench, services, server, job)
        assert await other_process.delivery.deliver() == 0
        server.go_on()
        assert await sending + await other_process.delivery.deliver() == 2
        assert server.subjects[1:] == [
            "Job 1: your quote is $4.34, please confirm",
            "Job 1: correction, it is “Uploaded” again",
        ]
        assert states(services, job) == {"received": "sent", "quote": "sent", "correction": "sent"}
        assert (
            "Our mail “Job 1: your quote is $4.34, please confirm” no longer" in mails(services, job)["correction"].text
        )

    @pytest.mark.parametrize("answer", [_BUSY, _UNKNOWN])
    async def test_a_mail_that_was_refused_meanwhile_is_not_tried_again_and_needs_no_correction(
        self, answer: str, bench: Workbench, services: Services, server: MailServer, clock: Clock
    ) -> None:
        job = await delivered(bench)
        sending = await self._approve_and_undo_meanwhile(bench, services, server, job)
        server.go_on(answer)
        assert await sending == 0
        clock.advance(days=1)
        assert await services.delivery.deliver() == 0
        assert server.subjects == ["Job 1: we have your file"]
        assert states(services, job) == {"received": "sent", "quote": "cancelled", "correction": "cancelled"}
        mail = mails(services, job)["quote"]
        assert answer in str(mail.last_error)
        with pytest.raises(Conflict):
            services.mail.send_again(mail.id, STAFF)

    async def test_a_mail_whose_answer_got_lost_is_not_sent_anew_but_corrected(
        self, bench: Workbench, services: Services, server: MailServer
    ) -> None:
        job = await delivered(bench)
        sending = await self._approve_and_undo_meanwhile(bench, services, server, job)
        server.go_on("drop")
        assert await sending == 1
        assert server.subjects[1:] == ["Job 1: correction, it is “Uploaded” again"]
        assert states(services, job) == {"received": "sent", "quote": "cancelled", "correction": "sent"}

    @pytest.mark.parametrize(
        ("step", "answer", "corrected"), [("DATA", "drop", True), ("RCPT", "drop", False), ("DATA", _BUSY, False)]
    )
    async def test_a_mail_that_waits_for_its_next_try_is_corrected_only_if_it_may_have_come(
        self,
        step: str,
        answer: str,
        corrected: bool,
        bench: Workbench,
        services: Services,
        server: MailServer,
        clock: Clock,
    ) -> None:
        job = bench.approve(await delivered(bench))
        server.answers[step] = answer
        await services.delivery.deliver()
        server.answers.clear()
        hold_back(services, job, "quote", clock)
        bench.undo(job)
        clock.advance(days=1)
        assert await services.delivery.deliver() == corrected
        assert states(services, job) == {
            "received": "sent",
            "quote": "cancelled",
            **({"correction": "sent"} if corrected else {}),
        }

    async def test_a_mail_whose_sender_died_is_not_sent_anew_but_corrected(
        self, bench: Workbench, services: Services, server: MailServer, clock: Clock
    ) -> None:
        job = await delivered(bench)
        sending = await self._approve_and_undo_meanwhile(bench, services, server, job)
        sending.cancel()
        server.go_on()
        clock.advance(minutes=10)
        assert await services.delivery.deliver() == 1
        assert server.subjects[-1] == "Job 1: correction, it is “Uploaded” again"
        assert states(services, job) == {"received": "sent", "quote": "cancelled", "correction": "sent"}

    @pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
    def test_an_undo_that_meets_another_process_taking_the_mail_waits_for_it(
        self, database_url: str, bench: Workbench, services: Services
    ) -> None:
        job = bench.approve(bench.submit())
        undoing = threading.Thread(target=bench.undo, args=(job,))
        with services.database.write() as unit:
            taken = sa.update(OutboxMail).where(col(OutboxMail.kind) == "quote").values(state=MailState.SENDING)
            unit.session.exec(taken)
            undoing.start()
            until_somebody_waits_for_a_lock(services)
        undoing.join()
        assert states(services, job) == {"received": "queued", "quote": "sending", "correction": "queued"}

    async def _approve_and_undo_meanwhile(
        self, bench: Workbench, services: Services, server: MailServer, job: JobView
    ) -> asyncio.Task[int]:
        job = bench.approve(job)
        server.answers["DATA"] = "wait"
        sending = asyncio.create_task(services.delivery.deliver())
        await server.has_mails_waiting()
        bench.undo(job)
        assert states(services, job) == {"received": "sent", "quote": "sending", "correction": "queued"}
        return sending


class TestReprint:
    """A part that was ready is printed again."""

    @pytest.mark.usefixtures("database_url")
    async def test_whoever_was_told_to_come_hears_of_it_each_time(
        self, bench: Workbench, services: Services, server: MailServer
    ) -> None:
        job = bench.at(JobStatus.COMPLETED)
        await services.delivery.deliver()
        for _ in range(2):
            job = bench.move(Verb.REPRINT, job)
            await services.delivery.deliver()
            text = mails(services, job)["correction"].text
            assert "Our mail “Job 1: ready for pickup, $4.34 to pay” no longer" in text
            assert "prints it again at the same price. Wait for our next mail before you come." in " ".join(
                text.split()
            )
            job = bench.undo(job)
            await services.delivery.deliver()
        assert server.subjects[2:] == [
            "Job 1: ready for pickup, $4.34 to pay",
            "Job 1: correction, it is “Ready to print” again",
            "Job 1: correction, it is “Ready for pickup” again",
            "Job 1: correction, it is “Ready to print” again",
            "Job 1: correction, it is “Ready for pickup” again",
        ]

    @pytest.mark.usefixtures("database_url")
    async def test_nobody_is_told_to_come_by_a_mail_that_waited(
        self, bench: Workbench, services: Services, server: MailServer
    ) -> None:
        job = bench.at(JobStatus.COMPLETED)
        job = bench.move(Verb.REPRINT, job)
        await services.delivery.deliver()
        assert states(services, job)["ready"] == "cancelled"
        bench.undo(job)
        await services.delivery.deliver()
        assert server.subjects[2:] == ["Job 1: ready for pickup, $4.34 to pay"]

    async def test_a_mail_that_could_not_be_sent_is_not_sent_again(
        self, bench: Workbench, services: Services, server: MailServer
    ) -> None:
        job = bench.at(JobStatus.PRINTING)
        await services.delivery.deliver()
        server.answers["RCPT"] = _UNKNOWN
        job = bench.complete(job)
        await services.delivery.deliver()
        job = bench.move(Verb.REPRINT, job)
        with pytest.raises(Conflict):
            services.mail.send_again(mails(services, job)["ready"].id, STAFF)
        job = bench.undo(job)
        assert states(services, job)["ready"] == "failed"
        assert "correction" not in states(services, job)

    async def test_a_mail_that_was_perhaps_taken_is_corrected(
        self, bench: Workbench, services: Services, server: MailServer
    ) -> None:
        job, sending = await self._ready_on_its_way(bench, services, server)
        server.answers.clear()
        server.go_on("drop")
        await sending
        job = bench.move(Verb.REPRINT, job)
        await services.delivery.deliver()
        assert states(services, job) | {"received": "sent"} == {
            "received": "sent",
            "quote": "sent",
            "ready": "cancelled",
            "correction": "sent",
        }

    @pytest.mark.parametrize("answer", [_BUSY, _UNKNOWN])
    async def test_a_mail_that_was_being_sent_goes_out_when_the_reprint_is_undone(
        self, answer: str, bench: Workbench, services: Services, server: MailServer, clock: Clock
    ) -> None:
        job, sending = await self._ready_on_its_way(bench, services, server)
        job = await asyncio.to_thread(bench.move, Verb.REPRINT, job)
        server.go_on(answer)
        await sending
        job = bench.hand_over(bench.undo(job))
        await services.delivery.deliver()
        assert server.subjects[2:] == ["Job 1: ready for pickup, $4.34 to pay", "Job 1: receipt for $4.34"]

    async def test_a_mail_that_holds_again_is_tried_like_any_other(
        self, bench: Workbench, services: Services, server: MailServer, clock: Clock
    ) -> None:
        """Perhaps it was taken; the reprint was told and undone; then the server is busy for a moment."""
        job, sending = await self._ready_on_its_way(bench, services, server)
        server.go_on("drop")
        await sending
        job = bench.move(Verb.REPRINT, job)
        await services.delivery.deliver()
        bench.undo(job)
        server.answers["RCPT"] = _BUSY
        await services.delivery.deliver()
        server.answers.clear()
        clock.advance(days=1)
        await services.delivery.deliver()
        assert states(services, job)["ready"] == "sent"

    @staticmethod
    async def _ready_on_its_way(
        bench: Workbench, services: Services, server: MailServer
    ) -> tuple[JobView, asyncio.Task[int]]:
        """A job whose mail about the pickup the server has and has not answered yet; and the sending of it."""
        job = bench.at(JobStatus.PRINTING)
        await services.delivery.deliver()
        job = bench.complete(job)
        server.answers["DATA"] = "wait"
        sending = asyncio.create_task(services.delivery.deliver())
        await server.has_mails_waiting()
        return job, sending


class TestNewAddress:
    """The student's address was wrong: their private link may be in somebody else's mailbox."""

    @pytest.mark.usefixtures("database_url")
    async def test_a_link_that_went_to_the_wrong_address_ends_and_a_new_one_goes_to_the_right_one(
        self, bench: Workbench, services: Services, server: MailServer
    ) -> None:
        job = bench.approve(bench.submit())
        await services.delivery.deliver()
        stranger = bench.student(job)
        corrected = services.jobs.edit(EditJob(job.id, job.version, email="jane.doe@example.edu"), STAFF)
        await services.delivery.deliver()
        assert corrected.track_url != job.track_url
        with pytest.raises(NotFound):
            services.search.by_token(job.track_url.rsplit("/", 1)[1])
        with pytest.raises(NotFound):
            bench.confirm(corrected, stranger)
        assert server.received[-1].rcpt_tos == ["jane.doe@example.edu"]
        assert server.subjects[-1] == "Job 1: your private link is a new one"
        assert corrected.track_url in server.texts[-1]
        assert bench.confirm(corrected).status is JobStatus.READY_TO_PRINT

    async def test_a_mail_that_was_just_taken_up_does_not_bring_the_new_link_to_the_wrong_address(
        self, bench: Workbench, services: Services, server: MailServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = await delivered(bench)
        bench.approve(job)
        take_up = services.delivery._next

        def corrected_meanwhile(lane: Lane) -> OutboxMail | None:
            mail = take_up(lane)
            if mail is not None:
                monkeypatch.undo()
                now = bench.get(job.id)
                services.jobs.edit(EditJob(job.id, now.version, email="jane.doe@example.edu"), STAFF)
            return mail

        monkeypatch.setattr(services.delivery, "_next", corrected_meanwhile)
        await services.delivery.deliver()
        clock.advance(days=1)
        await services.delivery.deliver()
        new_link = bench.get(job.id).track_url
        assert new_link != job.track_url
        told = [
            envelope.rcpt_tos for envelope, text in zip(server.received, server.texts, strict=True) if new_link in text
        ]
        assert told == [["jane.doe@example.edu"]] * 2

    async def test_a_link_that_nobody_has_got_yet_stays(
        self, bench: Workbench, services: Services, server: MailServer
    ) -> None:
        job = bench.submit()
        corrected = services.jobs.edit(EditJob(job.id, job.version, email="jane.doe@example.edu"), STAFF)
        await services.delivery.deliver()
        assert corrected.track_url == job.track_url
        assert [envelope.rcpt_tos for envelope in server.received] == [["jane.doe@example.edu"]]


class TestPatience:
    """How long a mail is tried, and what a stopped server leaves behind."""

    async def test_a_mail_server_that_is_away_for_three_days_loses_no_mail(
        self, bench: Workbench, services: Services, server: MailServer, clock: Clock
    ) -> None:
        job = bench.submit()
        server.answers["MAIL"] = "421 4.3.2 Going down"
        for _ in range(3 * 24 // 6):
            await services.delivery.deliver()
            clock.advance(hours=6)
        assert mails(services, job)["received"].attempts >= 10
        server.answers.clear()
        assert await services.delivery.deliver() == 1

    async def test_after_three_days_it_is_given_up_with_the_servers_words(
        self, bench: Workbench, services: Services, server: MailServer, clock: Clock
    ) -> None:
        job = bench.submit()
        server.answers["RCPT"] = _BUSY
        for _ in range(3 * 24 // 6 + 1):
            await services.delivery.deliver()
            clock.advance(hours=6)
        mail = mails(services, job)["received"]
        assert mail.state == "failed"
        assert _BUSY in str(mail.last_error)

    async def test_a_stopped_server_holds_back_no_mail_but_those_it_was_sending(
        self, bench: Workbench, services: Services, other_process: Services, server: MailServer, clock: Clock
    ) -> None:
        for address in ("jane@example.edu", "zoe@example.edu", "liam@example.edu"):
            bench.submit(email=address)
        server.answers["DATA"] = "wait"
        sending = asyncio.create_task(services.delivery.deliver())
        await server.has_mails_waiting(2)
        sending.cancel()
        with suppress(asyncio.CancelledError):  # before an answer can come: a stopped server hears none
            await sending
        server.go_on()
        others = await other_process.delivery.deliver()
        assert others >= 1
        clock.advance(minutes=3)
        assert others + await other_process.delivery.deliver() == 3

    async def test_an_answer_that_the_database_could_not_be_told_is_told_later(
        self, bench: Workbench, services: Services, server: MailServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = bench.submit()
        write = services.database.write

        def away_once_it_is_sent() -> AbstractContextManager[Unit]:
            if server.received:
                raise DatabaseAway
            return write()

        monkeypatch.setattr(services.database, "write", away_once_it_is_sent)
        with pytest.raises(DatabaseAway):
            await services.delivery.deliver()
        monkeypatch.undo()
        assert states(services, job) == {"received": "sending"}
        await services.delivery.deliver()
        assert states(services, job) == {"received": "sent"}
        assert len(server.received) == 1

    async def test_one_broken_mail_stops_no_other(
        self, bench: Workbench, services: Services, server: MailServer, clock: Clock
    ) -> None:
        broken, whole = bench.submit(), bench.submit(email="zoe@example.edu")
        change(services, broken, context={})
        assert await services.delivery.deliver() == 1
        assert (states(services, broken), states(services, whole)) == ({"received": "failed"}, {"received": "sent"})
        mail = services.mail.outbox(STAFF)[1]
        assert mail.subject == "Job 1: received"
        assert "cannot be written" in str(mail.last_error)
        assert services.mail.mail(mail.id, STAFF).text == "This mail could not be written; the log says why."


class TestAddress:
    """Staff correct an address that the student mistyped."""

    @pytest.mark.usefixtures("database_url")
    async def test_a_mail_that_waits_goes_to_the_address_that_the_job_has_now(
        self, bench: Workbench, services: Services, server: MailServer
    ) -> None:
        job = bench.submit(email="jane@exmaple.edu")
        services.jobs.edit(EditJob(job.id, job.version, email="jane@example.edu"), STAFF)
        assert mails(services, job)["received"].to == "jane@example.edu"
        assert await services.delivery.deliver() == 1
        assert [envelope.rcpt_tos for envelope in server.received] == [["jane@example.edu"]]
        assert mails(services, job)["received"].to == "jane@example.edu"

    async def test_a_mail_that_could_not_be_sent_is_sent_again_there(
        self, bench: Workbench, services: Services, server: MailServer, staff: Actor
    ) -> None:
        job = await self._undeliverable(bench, services, server)
        job = services.jobs.edit(EditJob(job.id, job.version, email="jane@example.edu"), STAFF)
        mail = mails(services, job)["received"]
        assert (mail.state, mail.to) == ("failed", "jane@exmaple.edu")
        services.mail.send_again(mail.id, staff)
        assert mails(services, job)["received"].state == "queued"
        assert await services.delivery.deliver() == 1
        assert server.received[-1].rcpt_tos == ["jane@example.edu"]
        event = services.search.events(job.id, staff)[0]
        assert (event.actor_name, event.action, event.reason) == (
            "Sam Staff",
            "sent a mail again",
            "Job 1: we have your file",
        )

    async def test_a_mail_that_did_not_arrive_goes_once_more_beside_the_first(
        self, bench: Workbench, services: Services, server: MailServer, staff: Actor
    ) -> None:
        job = await delivered(bench)
        first = mails(services, job)["received"]
        services.mail.send_again(first.id, staff)
        assert await services.delivery.deliver() == 1
        assert server.subjects == ["Job 1: we have your file"] * 2
        assert len({envelope.content for envelope in server.received}) == 2  # another Message-ID: no program drops it
        assert [mail.state for mail in services.mail.outbox(STAFF, job.id)] == ["sent", "sent"]

    async def test_what_a_later_mail_tells_otherwise_is_not_sent_again(
        self, bench: Workbench, services: Services, staff: Actor
    ) -> None:
        job = await delivered(bench)
        bench.approve(job)
        await services.delivery.deliver()
        with pytest.raises(Conflict, match="A later mail tells"):
            services.mail.send_again(mails(services, job)["received"].id, staff)
        services.mail.send_again(mails(services, job)["quote"].id, staff)
        with pytest.raises(Conflict, match="“queued”"):
            services.mail.send_again(mails(services, job)["quote"].id, staff)

    async def test_only_staff_may_send_again_and_only_what_is_there(
        self, bench: Workbench, services: Services, server: MailServer, staff: Actor
    ) -> None:
        job = await self._undeliverable(bench, services, server)
        mail_id = mails(services, job)["received"].id
        with pytest.raises(NotSignedIn):
            services.mail.send_again(mail_id, ANONYMOUS)
        with pytest.raises(NotFound):
            services.mail.send_again(mail_id + 1, staff)
        assert states(services, job) == {"received": "failed"}

    async def test_a_mail_about_a_step_that_was_undone_is_not_sent_again(
        self, bench: Workbench, services: Services, server: MailServer, staff: Actor
    ) -> None:
        job = bench.approve(await delivered(bench))
        server.answers["RCPT"] = _UNKNOWN
        await services.delivery.deliver()
        bench.undo(job)
        with pytest.raises(Conflict):
            services.mail.send_again(mails(services, job)["quote"].id, staff)

    async def _undeliverable(self, bench: Workbench, services: Services, server: MailServer) -> JobView:
        job = bench.submit(email="jane@exmaple.edu")
        server.answers["RCPT"] = _UNKNOWN
        await services.delivery.deliver()
        server.answers.clear()
        return job


async def test_what_was_written_without_a_mail_server_is_never_sent_by_itself(
    services: Services, bench: Workbench, server: MailServer, clock: Clock
) -> None:
    quiet = build_services(services.settings.model_copy(update={"smtp_url": None}), clock)
    job = Workbench(quiet, clock).approve(Workbench(quiet, clock).submit())
    quiet.close()
    clock.advance(days=2)
    bench.submit(email="zoe@example.edu")
    assert await services.delivery.deliver() == 1
    assert states(services, job) == {"received": "not sent", "quote": "not sent"}


def change(services: Services, job: JobView, kind: str = "received", **values: object) -> None:
    """Set columns of a mail's row."""
    mail_id = mails(services, job)[kind].id
    with services.database.write() as unit:
        unit.session.exec(sa.update(OutboxMail).where(sa.column("id") == mail_id).values(**values))


def hold_back(services: Services, job: JobView, kind: str, clock: Clock) -> None:
    """Its next try is in an hour, whatever the dice said."""
    assert mails(services, job)[kind].state == MailState.QUEUED
    change(services, job, kind, due_at=clock.now.replace(hour=clock.now.hour + 1))


def until_somebody_waits_for_a_lock(services: Services) -> None:
    """Return once a transaction of PostgreSQL waits for another."""
    waiting = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    deadline = time.monotonic() + 20
    with services.database.connect() as connection:
        while not connection.scalar(waiting):
            assert time.monotonic() < deadline
            connection.rollback()


async def test_a_mail_about_no_job_reaches_the_admins(
    services: Services, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.accounts.add_user("alex@example.edu", "Alex", ActorKind.ADMIN, "a long enough password", SYSTEM)
    monkeypatch.setattr(disk, "free_and_whole_bytes", lambda _folder: (900_000_000, 40_000_000_000))
    services.disk_watch.look()
    assert await services.delivery.deliver() == 1
    (mail,) = server.received
    assert list(mail.rcpt_tos) == ["alex@example.edu"]
    (listed,) = services.mail.outbox(STAFF)
    assert (listed.state, listed.subject) == ("sent", "Disk almost full: 900 MB free, no uploads are taken")
    assert "/admin/health" in services.mail.mail(listed.id, STAFF).text


async def test_health_says_that_mails_wait_for_the_mail_server(
    services: Services, bench: Workbench, server: MailServer, clock: Clock
) -> None:
    bench.submit()
    server.answers["MAIL"] = "421 4.3.2 Going down"
    for _ in range(3):
        assert services.health.ready().limitations["mail"] is None
        await services.delivery.deliver()
        clock.advance(hours=6)
    health = services.health.ready()
    assert health.ready
    assert str(health.limitations["mail"]).startswith("1 mail waits for the mail server.")
    server.answers.clear()
    await services.delivery.deliver()
    assert services.health.ready().limitations["mail"] is None


class TestComingBack:
    """A mail server took the mail, and another one says later that nobody reads it there."""

    async def test_it_is_seen_like_one_that_failed_and_sent_again_under_another_id(
        self, bench: Workbench, services: Services, server: MailServer, staff: Actor
    ) -> None:
        job = await delivered(bench)
        first = self._message_id(services)
        back = services.mail.bounced(postfix(first), staff)
        assert (back.state, back.job_id) == ("bounced", job.id)
        assert back.last_error == "It came back: 550 5.1.1 <jane@exmaple.edu>: Recipient address rejected: User unknown"
        assert services.mail.bounced(postfix(first), staff).state == "bounced"
        services.mail.send_again(back.id, staff)
        assert await services.delivery.deliver() == 1
        assert self._message_id(services) != first
        assert states(services, job) == {"received": "sent"}

    async def test_a_notice_of_no_mail_of_ours_and_none_at_all_are_refused(
        self, bench: Workbench, services: Services, staff: Actor
    ) -> None:
        job = await delivered(bench)
        with pytest.raises(NotFound):
            services.mail.bounced(postfix("<somebody.else@example.com>"), staff)
        with pytest.raises(InvalidInput):
            services.mail.bounced(b"Subject: Thank you", staff)
        with pytest.raises(NotSignedIn):
            services.mail.bounced(postfix(self._message_id(services)), ANONYMOUS)
        assert states(services, job) == {"received": "sent"}

    @staticmethod
    def _message_id(services: Services) -> str:
        with services.database.read() as session:
            return session.exec(sa.select(OutboxMail.message_id)).scalar_one()
