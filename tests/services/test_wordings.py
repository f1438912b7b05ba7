"""What mails say: words of the lab's own for what is written from now on, and mails that it sends or not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from printlab.domain.commands import MoveJob
from printlab.domain.policy import SYSTEM, Actor, ActorKind
from printlab.domain.views import JobView, MailView, WordingView
from printlab.errors import Conflict, InvalidInput, NotAllowed, NotFound
from printlab.mail.kinds import OPTIONAL, MailKind
from printlab.models import MailWording
from printlab.services import Services
from printlab.services.merging import ChangedMeanwhile
from tests.mail import server as mail_server
from tests.mail.server import MailServer
from tests.workbench import ADMIN, STAFF, Clock, Workbench


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
def received(services: Services) -> WordingView:
    return services.wordings.get("received", ADMIN)


def told(services: Services, job: JobView, kind: MailKind) -> MailView:
    """The newest mail of this kind."""
    return next(mail for mail in services.mail.outbox(STAFF, job.id) if mail.kind == kind.value)


async def test_what_is_written_from_now_on_says_it_and_what_was_written_before_does_not(
    bench: Workbench, services: Services, server: MailServer, received: WordingView
) -> None:
    before = bench.submit()
    saved = services.wordings.save(received, "Got {{ original_name }}", "We have it.\n\nThank you!", ADMIN)
    assert (saved.is_own, saved.changed_by) == (True, ADMIN.name)
    after = bench.submit()
    assert told(services, before, MailKind.RECEIVED).subject == f"Job {before.id}: we have your file"
    assert told(services, after, MailKind.RECEIVED).subject == f"Got {after.original_name}"
    assert "We have it.\n\nThank you!\n" in told(services, after, MailKind.RECEIVED).text
    await services.delivery.deliver()
    assert set(server.subjects) == {f"Job {before.id}: we have your file", f"Got {after.original_name}"}
    assert any("Thank you!" in text and after.track_url in text for text in server.texts)


def test_the_words_that_printlab_comes_with_are_no_words_of_the_labs_own(
    services: Services, received: WordingView
) -> None:
    own = services.wordings.save(received, "Got it", "We have it.", ADMIN)
    assert services.wordings.save(own, received.subject, received.body, ADMIN).is_own is False


def test_own_words_can_be_given_up(bench: Workbench, services: Services, received: WordingView) -> None:
    own = services.wordings.save(received, "Got it", "We have it.", ADMIN)
    back = services.wordings.reset(own, ADMIN)
    assert (back.subject, back.body, back.is_own) == (received.subject, received.body, False)
    job = bench.submit()
    assert told(services, job, MailKind.RECEIVED).subject == f"Job {job.id}: we have your file"


def test_broken_words_are_refused_with_their_line_and_nothing_is_saved(
    services: Services, received: WordingView
) -> None:
    with pytest.raises(InvalidInput, match="Line 2: “prise” is no fact of this mail") as refused:
        services.wordings.save(received, "Got it", "We have it.\n{{ prise }}", ADMIN)
    assert refused.value.field == "body"
    assert services.wordings.get("received", ADMIN) == received


def test_of_two_admins_the_later_one_is_told(services: Services, received: WordingView) -> None:
    services.wordings.save(received, "Got it", "We have it.", ADMIN)
    with pytest.raises(ChangedMeanwhile):
        services.wordings.save(received, "Here it is", "It arrived.", ADMIN)
    assert services.wordings.get("received", ADMIN).subject == "Got it"


def test_words_that_fail_with_the_facts_of_a_job_are_left_out(
    bench: Workbench, services: Services, clock: Clock
) -> None:
    with services.database.write() as unit:
        values = {"subject": "{{ gone }}", "body": "x", "is_on": True, "changed_at": clock(), "changed_by": "Alex"}
        unit.session.add(MailWording(kind="received", **values))
    job = bench.submit()
    assert told(services, job, MailKind.RECEIVED).subject == f"Job {job.id}: we have your file"


def test_the_preview_shows_the_case_that_is_asked_for(services: Services) -> None:
    preview = services.wordings.preview("quote", "{{ price }}", "{{ quantity }} copies", "one-copy", ADMIN)
    assert preview.subject == "$3.86"
    assert "1 copies" in preview.text


@pytest.mark.parametrize("kind", sorted(OPTIONAL))
def test_an_optional_mail_is_sent_once_it_is_switched_on(bench: Workbench, services: Services, kind: MailKind) -> None:
    def began_and_failed() -> set[str]:
        job = bench.start(bench.confirm(bench.approve(bench.submit())))
        services.jobs.fail(MoveJob(job.id, job.version, "Came off the bed"), STAFF)
        return {mail.kind for mail in services.mail.outbox(STAFF, job.id)}

    assert kind.value not in began_and_failed()
    on = services.wordings.switch(services.wordings.get(kind.value, ADMIN), ADMIN, is_on=True)
    assert kind.value in began_and_failed()
    services.wordings.switch(on, ADMIN, is_on=False)
    assert kind.value not in began_and_failed()


def test_a_mail_that_students_rely_on_cannot_be_switched_off(services: Services, received: WordingView) -> None:
    with pytest.raises(Conflict, match="rely on this mail"):
        services.wordings.switch(received, ADMIN, is_on=False)


async def test_a_test_goes_to_the_admin_who_asks_for_it(services: Services, server: MailServer) -> None:
    alex = services.accounts.add_user("alex@example.edu", "Alex", ActorKind.ADMIN, "a long enough password", SYSTEM)
    token = services.accounts.sign_in("alex@example.edu", "a long enough password", "", "127.0.0.1")
    admin = services.accounts.actor_of(token)
    assert admin.user_id == alex.id
    sent_to = services.wordings.send_test("quote", "{{ price }}, please", "It is **fine**.", "usual", admin)
    assert sent_to == "alex@example.edu"
    assert await services.delivery.deliver() == 1
    assert server.subjects == ["Test: $3.86, please"]
    assert server.received[0].rcpt_tos == ["alex@example.edu"]
    assert "It is **fine**." in server.texts[0]


def test_a_token_has_no_address_for_a_test(services: Services) -> None:
    with pytest.raises(Conflict, match="sign in to send one"):
        services.wordings.send_test("quote", "x", "y", "usual", ADMIN)


@pytest.mark.parametrize("actor", [STAFF])
def test_staff_do_not_change_what_mails_say(services: Services, received: WordingView, actor: Actor) -> None:
    with pytest.raises(NotAllowed):
        services.wordings.all(actor)
    with pytest.raises(NotAllowed):
        services.wordings.preview("quote", "x", "y", "usual", actor)
    with pytest.raises(NotAllowed):
        services.wordings.save(received, "x", "y", actor)


def test_there_is_no_other_mail(services: Services) -> None:
    with pytest.raises(NotFound):
        services.wordings.get("nothing", ADMIN)
