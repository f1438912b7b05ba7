"""Who was let in acts only as long as that stands: asked again in the transaction that writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from printlab.domain.commands import EditJob, LabChanges
from printlab.domain.policy import SYSTEM, Actor, ActorKind
from printlab.domain.status import JobStatus
from printlab.errors import NotSignedIn
from printlab.services import Services
from tests.workbench import Clock, Workbench, change_lab

PASSWORD = "a long enough password"
EMAIL = "alex@example.edu"

Act = Callable[[Workbench, Actor], object]


def add_sliced(bench: Workbench, actor: Actor) -> object:
    return bench.add_sliced(bench.submit(), actor=actor)


def edit(bench: Workbench, actor: Actor) -> object:
    job = bench.submit()
    return bench.services.jobs.edit(EditJob(job.id, job.version, name="Somebody Else"), actor)


def note(bench: Workbench, actor: Actor) -> object:
    return bench.services.jobs.note(bench.submit().id, "A note.", actor)


def change_color(bench: Workbench, actor: Actor) -> object:
    color = bench.services.catalog.view().colors[0]
    return bench.services.catalog.save_color(replace(color, active=False), actor, color)


def add_user(bench: Workbench, actor: Actor) -> object:
    return bench.services.accounts.add_user("new@example.edu", "New", ActorKind.STAFF, PASSWORD, actor)


def create_token(bench: Workbench, actor: Actor) -> object:
    return bench.services.accounts.create_token("robot", ActorKind.STAFF, actor)


ACTS: dict[str, Act] = {
    "approve": lambda bench, actor: bench.approve(bench.submit(), actor),
    "add a file": add_sliced,
    "edit": edit,
    "note": note,
    "walk-in": lambda bench, actor: bench.submit(actor=actor, walk_in=True),
    "change the lab": lambda bench, actor: change_lab(bench.services, actor, welcome="Hello."),
    "change the catalogue": change_color,
    "add an account": add_user,
    "make a token": create_token,
}


@pytest.fixture
def session(services: Services) -> str:
    """The session of an admin who has just signed in."""
    services.accounts.add_user(EMAIL, "Alex Admin", ActorKind.ADMIN, PASSWORD, SYSTEM)
    return services.accounts.sign_in(EMAIL, PASSWORD, "Firefox", "::1")


def stored(services: Services) -> tuple[object, ...]:
    """What an act could have changed."""
    accounts, lab = services.accounts, services.lab.view()
    return (
        services.catalog.view(),
        [getattr(lab, name) for name in LabChanges.__slots__],
        accounts.users(SYSTEM),
        accounts.tokens(SYSTEM),
        services.search.counts(SYSTEM)[JobStatus.PENDING],
    )


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_whoever_signed_out_meanwhile_changes_nothing(bench: Workbench, session: str, act: Act) -> None:
    actor = bench.services.accounts.actor_of(session)
    act(bench, actor)
    bench.services.accounts.sign_out(session)
    before = stored(bench.services)
    with pytest.raises(NotSignedIn, match="You are no longer signed in here, and nothing was changed"):
        act(bench, actor)
    assert stored(bench.services) == before


@pytest.mark.usefixtures("database_url")
def test_a_session_that_ran_out_or_an_account_that_was_closed(
    bench: Workbench, services: Services, session: str, clock: Clock, admin: Actor
) -> None:
    actor = services.accounts.actor_of(session)
    services.accounts.add_user("other@example.edu", "Other", ActorKind.ADMIN, PASSWORD, SYSTEM)
    job = bench.approve(bench.submit(), actor)
    services.accounts.set_active(actor.user_id or 0, active=False, actor=admin)
    with pytest.raises(NotSignedIn):
        bench.requote(job, actor)
    services.accounts.set_active(actor.user_id or 0, active=True, actor=admin)
    with pytest.raises(NotSignedIn):
        bench.requote(job, actor)

    again = services.accounts.actor_of(services.accounts.sign_in(EMAIL, PASSWORD, "Firefox", "::1"))
    job = bench.requote(job, again)
    clock.advance(days=15)
    with pytest.raises(NotSignedIn):
        bench.requote(job, again)


@pytest.mark.usefixtures("database_url")
def test_a_revoked_token_changes_nothing(bench: Workbench, services: Services, admin: Actor) -> None:
    robot = services.accounts.actor_of_token(services.accounts.create_token("robot", ActorKind.STAFF, admin))
    job = bench.approve(bench.submit(), robot)
    services.accounts.revoke_token(services.accounts.tokens(admin)[0].id, admin)
    with pytest.raises(NotSignedIn):
        bench.requote(job, robot)
    assert bench.get(job.id).version == job.version
