"""A mailbox's notices of mails that came back."""

from __future__ import annotations

from sqlmodel import select

from printlab.models import MailState, OutboxMail
from tests.api.lab import Lab
from tests.mail.notices import exchange, postfix


def _sent(lab: Lab, job_id: int) -> str:
    """The Message-ID of the job's mail, which has left."""
    with lab.services.database.write() as unit:
        [mail] = unit.session.exec(select(OutboxMail).where(OutboxMail.job_id == job_id))
        mail.state, mail.sent_at = MailState.SENT, lab.services.clock()
        return mail.message_id


async def test_a_notice_marks_the_mail_that_it_tells_of(lab: Lab) -> None:
    job = await lab.submitted()
    message_id = _sent(lab, job.id)
    async with lab.staff_client() as client:
        for notice in (exchange(message_id), postfix(message_id)):
            answer = await client.post(
                "/api/v1/mails/bounces", content=notice, headers={"Content-Type": "message/rfc822"}
            )
            assert answer.status_code == 200
            assert (answer.json()["job_id"], answer.json()["state"]) == (job.id, "bounced")


async def test_what_is_no_notice_of_ours_is_refused(lab: Lab) -> None:
    async with lab.staff_client() as client:
        assert (await client.post("/api/v1/mails/bounces", content=b"Hello")).status_code == 422
        unknown = postfix("<nobody@example.com>")
        assert (await client.post("/api/v1/mails/bounces", content=unknown)).status_code == 404


async def test_only_staff_report_them(lab: Lab) -> None:
    async with lab.client() as client:
        assert (await client.post("/api/v1/mails/bounces", content=postfix("<x@y>"))).status_code == 401
