"""Mails: written with the move that they tell about, or not at all."""

from __future__ import annotations

import pytest
from sqlmodel import select

from printlab.domain.policy import Actor
from printlab.domain.status import JobStatus, Verb
from printlab.errors import Conflict
from printlab.models import OutboxMail
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
    for mail in services.mail.outbox(staff, job.id):
        assert mail.state == "not sent"
        assert job.track_url not in mail.text + mail.html
        assert job.track_url.rsplit("-", 1)[1] not in mail.text + mail.html


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
