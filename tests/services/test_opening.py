"""Links that open a file in place: who may make one, what it is good for, and what remains of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import col

from printlab.domain.policy import ANONYMOUS, SYSTEM, Actor, ActorKind
from printlab.domain.status import JobStatus
from printlab.domain.views import SHOWN_OPEN, EventView, FileState, JobView, OpenLink
from printlab.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn, StorageProblem
from printlab.live import Changed
from printlab.models import AccessToken, Job
from printlab.services import Services
from printlab.services.opening import CONCLUDED_WITHIN, LINK_LIFETIME
from tests.services.together import at_once
from tests.workbench import ADMIN, Clock, Workbench

PASSWORD = "a long enough password"
DESK = "Front Desk"


def signed_in(services: Services, name: str = "Sam Lee") -> tuple[Actor, str]:
    """A staff member and their session's token."""
    address = f"{name.split(maxsplit=1)[0].lower()}@example.edu"
    services.accounts.add_user(address, name, ActorKind.STAFF, PASSWORD, SYSTEM)
    session = services.accounts.sign_in(address, PASSWORD, "Firefox", "::1")
    return services.accounts.actor_of(session), session


@pytest.fixture
def sam(services: Services) -> Actor:
    """Sam, signed in."""
    return signed_in(services)[0]


def secret(link: OpenLink) -> str:
    """What the helper is given of the link."""
    return link.url.removeprefix("printlab://open/")


@pytest.mark.usefixtures("database_url")
def test_a_link_gives_the_file_that_counts_and_says_who_opened_it(
    services: Services, bench: Workbench, sam: Actor
) -> None:
    job = bench.add_sliced(bench.at(JobStatus.READY_TO_PRINT))
    link = services.opening.mint(job.id, sam)
    assert link.url == f"printlab://open/{secret(link)}"
    assert services.opening.answer(link.token_id, sam) is None
    opened = services.opening.redeem(secret(link), f" {DESK} ")
    counting = job.counting_file
    assert opened is not None
    assert opened.path == link.path == f"ReadyToPrint/{job.stem}.gcode"
    assert (opened.job_id, opened.filename, opened.bytes) == (job.id, f"{job.stem}.gcode", counting.bytes)
    assert opened.sha256 == counting.sha256
    answer = services.opening.answer(link.token_id, sam)
    assert answer is not None
    assert (answer.workstation, answer.problem) == (DESK, None)
    event = services.search.events(job.id, sam)[0]
    assert (event.action, event.actor_name, event.workstation) == ("file handed to the helper", "Sam Lee", DESK)


def test_a_link_opens_the_file_as_it_is_when_it_is_redeemed(services: Services, bench: Workbench, sam: Actor) -> None:
    job = bench.at(JobStatus.PENDING)
    link = services.opening.mint(job.id, sam)
    job = bench.add_sliced(bench.confirm(job))
    opened = services.opening.redeem(secret(link), DESK)
    assert opened is not None
    assert opened.path == f"ReadyToPrint/{job.stem}.gcode"
    assert opened.sha256 == job.counting_file.sha256


def test_looking_into_a_file_makes_nobodys_form_stale(services: Services, bench: Workbench, sam: Actor) -> None:
    job = bench.submit()
    services.opening.redeem(secret(services.opening.mint(job.id, sam)), DESK)
    assert bench.get(job.id).version == job.version
    assert bench.approve(job).status is JobStatus.PENDING


def test_whoever_watches_the_job_is_told(services: Services, bench: Workbench, sam: Actor) -> None:
    job = bench.submit()
    heard: list[Changed] = []
    link = services.opening.mint(job.id, sam)
    services.live.subscribe(heard.append)
    services.opening.redeem(secret(link), DESK)
    assert heard == [Changed(job.id)]


@pytest.mark.usefixtures("database_url")
def test_a_link_is_good_once(services: Services, bench: Workbench, sam: Actor) -> None:
    link = services.opening.mint(bench.submit().id, sam)
    outcomes = at_once(*[partial(services.opening.redeem, secret(link), DESK)] * 4)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NotFound"] * 3 + ["OpenedFile"]


def refusal(services: Services, token: str, workstation: str = DESK) -> str:
    """What the helper is told about a link that opens nothing."""
    with pytest.raises(NotFound) as refused:
        services.opening.redeem(token, workstation)
    return str(refused.value)


def test_used_expired_foreign_and_made_up_links_are_refused_in_the_same_words(
    services: Services, bench: Workbench, clock: Clock, sam: Actor
) -> None:
    job = bench.submit()
    used, expired = services.opening.mint(job.id, sam), services.opening.mint(job.id, sam)
    services.opening.redeem(secret(used), DESK)
    clock.advance(seconds=LINK_LIFETIME.total_seconds() + 1)
    elsewhere = services.opening.mint(job.id, replace(sam, workstation="Back Desk"))
    foreign = (
        services.accounts.create_token("kiosk", ActorKind.ADMIN, SYSTEM),
        services.accounts.first_admin_token(),
        job.track_url.rsplit("/", 1)[1],
    )
    made_up = ("", "x", "A" * 43, "A" * 44, "é" * 43, "\0" * 43, "../../etc/passwd", f"{secret(used)}\n")
    tokens = [secret(link) for link in (used, expired, elsewhere)]
    said = {refusal(services, token) for token in (*tokens, *foreign, *made_up)}
    assert len(said) == 1
    assert "Click “Open file” once more" in said.pop()
    assert services.accounts.actor_of_token(foreign[0]).is_admin  # and none of them is used up by trying


def test_a_link_is_bound_to_the_computer_of_whoever_made_it_where_that_is_known(
    services: Services, bench: Workbench, sam: Actor
) -> None:
    link = services.opening.mint(bench.submit().id, replace(sam, workstation="Front desk"))
    refusal(services, secret(link), "Back Desk")
    assert services.opening.redeem(secret(link), "FRONT DESK") is not None


def test_a_link_ends_with_the_session_that_made_it(services: Services, bench: Workbench) -> None:
    sam, session = signed_in(services)
    link = services.opening.mint(bench.submit().id, sam)
    services.accounts.sign_out(session)
    assert "Click “Open file” once more" in refusal(services, secret(link))
    with pytest.raises(NotSignedIn):
        services.opening.mint(bench.submit().id, sam)


def test_the_secret_is_stored_nowhere(services: Services, bench: Workbench, sam: Actor) -> None:
    link = services.opening.mint(bench.submit().id, sam)
    with services.database.connect() as connection:
        rows = connection.execute(sa.select(AccessToken.__table__)).all()
    assert rows
    assert secret(link) not in repr(rows)


def test_strangers_and_students_make_no_links(services: Services, bench: Workbench, sam: Actor) -> None:
    job = bench.submit()
    with pytest.raises(NotSignedIn):
        services.opening.mint(job.id, ANONYMOUS)
    with pytest.raises(NotAllowed):
        services.opening.mint(job.id, bench.student(job))
    with pytest.raises(NotSignedIn):
        services.opening.mint(job.id, replace(sam, credential=None))
    with pytest.raises(NotFound):
        services.opening.mint(job.id + 1, sam)


def set_file_state(services: Services, job: JobView, state: FileState) -> None:
    """As a move that is not done yet leaves it."""
    with services.database.write() as unit:
        unit.session.exec(sa.update(Job).where(col(Job.id) == job.id).values(file_state=state))


@pytest.mark.parametrize(
    ("state", "sentence"), [(FileState.MOVING, "still moving"), (FileState.PROBLEM, "could not be moved")]
)
def test_a_file_that_is_not_where_it_belongs_is_not_opened_and_the_link_stays_good(
    services: Services, bench: Workbench, sam: Actor, state: FileState, sentence: str
) -> None:
    job = bench.submit()
    link = services.opening.mint(job.id, sam)
    set_file_state(services, job, state)
    with pytest.raises(Conflict, match=sentence):
        services.opening.mint(job.id, sam)
    with pytest.raises(Conflict, match=sentence):
        services.opening.redeem(secret(link), DESK)
    assert services.search.events(job.id, sam)[0].action == "submit"
    set_file_state(services, job, FileState.SETTLED)
    assert services.opening.redeem(secret(link), DESK) is not None


def test_a_file_that_somebody_took_away_is_missed_before_the_browser_leaves(
    services: Services, bench: Workbench, sam: Actor
) -> None:
    job = bench.submit()
    bench.working_copy(job).unlink()
    with pytest.raises(Conflict, match=f"Uploaded/{job.filename} is missing"):
        services.opening.mint(job.id, sam)
    (bench.root / ".printlab-storage").unlink()
    with pytest.raises(StorageProblem, match="Mount the share"):
        services.opening.mint(job.id, sam)


def test_a_computer_without_a_name_is_told_so_and_the_link_stays_good(
    services: Services, bench: Workbench, sam: Actor
) -> None:
    link = services.opening.mint(bench.submit().id, sam)
    for name in ("", " \t", "\u200b", "x" * 61):
        with pytest.raises(InvalidInput):
            services.opening.redeem(secret(link), name)
    assert services.opening.redeem(secret(link), DESK) is not None


def test_a_trial_says_where_the_helper_is_and_opens_nothing(services: Services, sam: Actor) -> None:
    link = services.opening.try_out(sam)
    assert services.opening.redeem(secret(link), DESK, "The lab's share is not there.") is None
    answer = services.opening.answer(link.token_id, sam)
    assert answer is not None
    assert (answer.workstation, answer.problem) == (DESK, "The lab's share is not there.")


def test_a_helper_that_can_open_nothing_says_why_and_nothing_counts_as_opened(
    services: Services, bench: Workbench, sam: Actor
) -> None:
    job = bench.submit()
    link = services.opening.mint(job.id, sam)
    assert services.opening.redeem(secret(link), DESK, "The lab's share is not there.") is None
    answer = services.opening.answer(link.token_id, sam)
    assert answer is not None
    assert answer.problem == "The lab's share is not there."
    assert bench.get(job.id).opened is None
    line = newest_line(services, job, sam)
    assert (line.action, line.workstation, line.reason) == ("file not opened", DESK, "The lab's share is not there.")
    refusal(services, secret(link))


def test_nobody_reads_the_answer_to_anothers_link(services: Services, sam: Actor) -> None:
    kim, _ = signed_in(services, "Kim Okafor")
    link = services.opening.try_out(sam)
    services.opening.redeem(secret(link), DESK)
    assert services.opening.answer(link.token_id, kim) is None
    assert services.opening.answer(link.token_id + 1, sam) is None


# ---------- what came of it ----------


def newest_line(services: Services, job: JobView, actor: Actor) -> EventView:
    """What the history says last of the job."""
    return services.search.events(job.id, actor)[0]


def redeemed(services: Services, job: JobView, actor: Actor, workstation: str = DESK) -> OpenLink:
    """A link whose file the helper has, and of which it has said nothing yet."""
    link = services.opening.mint(job.id, actor)
    services.opening.redeem(secret(link), workstation)
    return link


@pytest.mark.usefixtures("database_url")
def test_the_history_says_opened_once_the_helper_says_so(services: Services, bench: Workbench, sam: Actor) -> None:
    job = bench.submit()
    link = redeemed(services, job, sam)
    handed = newest_line(services, job, sam)
    answer = services.opening.answer(link.token_id, sam)
    assert answer is not None
    assert not answer.is_over
    services.opening.conclude(secret(link), DESK)
    assert newest_line(services, job, sam) == replace(handed, action="file opened")
    answer = services.opening.answer(link.token_id, sam)
    assert answer is not None
    assert (answer.problem, answer.is_over) == (None, True)
    assert bench.get(job.id).opened is not None


@pytest.mark.usefixtures("database_url")
def test_a_file_that_the_helper_did_not_open_is_open_where_it_was_before(
    services: Services, bench: Workbench, sam: Actor
) -> None:
    kim, _ = signed_in(services, "Kim Okafor")
    job = bench.submit()
    services.opening.conclude(secret(redeemed(services, job, kim, "Back Desk")), "Back Desk")
    before = bench.get(job.id).opened
    link = redeemed(services, job, sam)
    services.opening.conclude(secret(link), DESK, "Somebody saved over it.")
    line = newest_line(services, job, sam)
    assert (line.action, line.actor_name, line.workstation) == ("file not opened", "Sam Lee", DESK)
    assert line.reason == "Somebody saved over it."
    assert before is not None
    assert bench.get(job.id).opened == before
    answer = services.opening.answer(link.token_id, sam)
    assert answer is not None
    assert (answer.problem, answer.is_over) == ("Somebody saved over it.", True)


def test_a_file_that_nobody_had_open_is_open_nowhere_when_it_did_not_open(
    services: Services, bench: Workbench, sam: Actor
) -> None:
    job = bench.submit()
    heard: list[Changed] = []
    link = redeemed(services, job, sam)
    services.live.subscribe(heard.append)
    services.opening.conclude(secret(link), DESK, "No slicer was chosen.")
    assert bench.get(job.id).opened is None
    assert heard == [Changed(job.id)]
    assert bench.get(job.id).version == job.version


@pytest.mark.usefixtures("database_url")
def test_what_came_of_it_is_said_once(services: Services, bench: Workbench, sam: Actor) -> None:
    job = bench.submit()
    token = secret(redeemed(services, job, sam))
    says = [partial(services.opening.conclude, token, DESK, problem) for problem in (None, "It did not.") * 2]
    outcomes = at_once(*says)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NotFound"] * 3 + ["bool"]


def test_what_came_of_it_is_not_taken_from_elsewhere_later_or_of_a_link_that_gave_no_file(
    services: Services, bench: Workbench, clock: Clock, sam: Actor
) -> None:
    job = bench.submit()
    trial, unused = services.opening.try_out(sam), services.opening.mint(job.id, sam)
    services.opening.redeem(secret(trial), DESK)
    refused_by_the_helper = services.opening.mint(job.id, sam)
    services.opening.redeem(secret(refused_by_the_helper), DESK, "The lab's share is not there.")
    good = redeemed(services, job, sam)
    api_token = services.accounts.create_token("kiosk", ActorKind.ADMIN, SYSTEM)

    def refused(token: str, workstation: str = DESK) -> str:
        with pytest.raises(NotFound) as refusal:
            services.opening.conclude(token, workstation)
        return str(refusal.value)

    said = {refused(secret(link)) for link in (trial, unused, refused_by_the_helper)}
    said |= {refused(token) for token in ("", "x", "A" * 43, f"{secret(good)}\n", api_token)}
    said |= {refused(secret(good), "Back Desk")}
    clock.advance(seconds=CONCLUDED_WITHIN.total_seconds() + 1)
    said |= {refused(secret(good))}
    assert len(said) == 1
    assert newest_line(services, job, sam).action == "file handed to the helper"
    assert bench.get(job.id).opened is not None  # a helper that never says may well have opened it


def test_whoever_signed_out_has_nothing_more_written_in_their_name(services: Services, bench: Workbench) -> None:
    sam, session = signed_in(services)
    job = bench.submit()
    token = secret(redeemed(services, job, sam))
    services.accounts.sign_out(session)
    with pytest.raises(NotFound):
        services.opening.conclude(token, DESK)
    assert newest_line(services, job, ADMIN).action == "file handed to the helper"


# ---------- who has it open ----------


def open_it(services: Services, job: JobView, actor: Actor, workstation: str = DESK) -> None:
    """Click, and let the helper redeem it."""
    services.opening.redeem(secret(services.opening.mint(job.id, actor)), workstation)


def test_a_second_person_is_told_who_has_it_open_and_where(services: Services, bench: Workbench, sam: Actor) -> None:
    kim, _ = signed_in(services, "Kim Okafor")
    job = bench.submit()
    assert services.opening.elsewhere(job.id, kim) is None
    open_it(services, job, sam)
    opened = services.opening.elsewhere(job.id, kim)
    assert opened is not None
    assert (opened.actor_name, opened.workstation) == ("Sam Lee", DESK)
    assert services.opening.elsewhere(job.id, sam) is None  # who has it open needs not be told
    open_it(services, job, kim, "Back Desk")
    assert services.opening.elsewhere(job.id, kim) is None
    assert bench.get(job.id).opened == services.opening.elsewhere(job.id, sam)


def test_it_counts_as_open_for_four_hours(services: Services, bench: Workbench, clock: Clock, sam: Actor) -> None:
    kim, _ = signed_in(services, "Kim Okafor")
    job = bench.submit()
    open_it(services, job, sam)
    clock.advance(seconds=SHOWN_OPEN.total_seconds() - 60)
    assert services.opening.elsewhere(job.id, kim) is not None
    clock.advance(minutes=2)
    assert services.opening.elsewhere(job.id, kim) is None


def test_a_move_or_another_file_ends_it(services: Services, bench: Workbench, sam: Actor) -> None:
    job = bench.submit()
    open_it(services, job, sam)
    job = bench.add_sliced(bench.get(job.id))
    assert job.opened is None
    open_it(services, job, sam)
    assert bench.get(job.id).opened is not None
    job = bench.approve(job)
    assert job.opened is None
    assert bench.undo(job).opened is None


def test_the_student_does_not_read_who_opened_the_file(services: Services, bench: Workbench, sam: Actor) -> None:
    job = bench.submit()
    open_it(services, job, sam)
    services.opening.conclude(secret(redeemed(services, job, sam)), DESK)
    services.opening.conclude(secret(redeemed(services, job, sam)), DESK, "Somebody saved over it.")
    assert len(services.search.events(job.id, sam)) == 4
    _, events, _ = services.search.tracked(job.track_url.rsplit("/", 1)[1])
    assert [event.action for event in events] == ["submit"]


def test_the_sidecar_does_not_say_who_has_it_open(services: Services, bench: Workbench, sam: Actor) -> None:
    job = bench.submit()
    open_it(services, job, sam)
    job = bench.approve(bench.get(job.id))
    assert "Front Desk" not in bench.working_copy(job).with_suffix(".json").read_text()


def test_links_are_swept_when_they_are_long_over_and_api_tokens_stay(
    services: Services, bench: Workbench, clock: Clock, sam: Actor
) -> None:
    link = services.opening.mint(bench.submit().id, sam)
    token = services.accounts.create_token("kiosk", ActorKind.STAFF, SYSTEM)
    services.opening.redeem(secret(link), DESK)
    services.opening.sweep()
    assert services.opening.answer(link.token_id, sam) is not None
    clock.advance(hours=2)
    services.opening.sweep()
    assert services.opening.answer(link.token_id, sam) is None
    assert services.accounts.actor_of_token(token).name == "kiosk"
