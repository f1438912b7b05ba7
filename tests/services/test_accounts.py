"""Signing in, and everything around it."""

from __future__ import annotations

import sqlite3
from functools import partial

import pytest
from sqlmodel import select

from printlab.domain.policy import ANONYMOUS, SYSTEM, Actor, ActorKind
from printlab.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn, TooManyRequests
from printlab.limits import RateLimiter
from printlab.models import CountedTry
from printlab.services import Services, build_services
from printlab.services.tries import CountedTries
from tests.services.together import at_once
from tests.workbench import Clock

PASSWORD = "a long enough password"


@pytest.fixture
def sam(services: Services) -> Actor:
    """Sam, with an account."""
    user = services.accounts.add_user("Sam@Example.edu", "Sam Staff", ActorKind.STAFF, PASSWORD, SYSTEM)
    return Actor(ActorKind.STAFF, f"user:{user.id}", user.name, user_id=user.id)


@pytest.fixture
def alex(services: Services) -> Actor:
    """Alex, an admin with an account."""
    user = services.accounts.add_user("alex@example.edu", "Alex Admin", ActorKind.ADMIN, PASSWORD, SYSTEM)
    return Actor(ActorKind.ADMIN, f"user:{user.id}", user.name, user_id=user.id)


def sign_in(services: Services, email: str = "sam@example.edu", password: str = PASSWORD, address: str = "::1") -> str:
    return services.accounts.sign_in(email, password, "Firefox", address)


def everything_stored(services: Services) -> str:
    """All that the database holds, as text."""
    connection = sqlite3.connect(services.settings.sqlalchemy_url.removeprefix("sqlite:///"))
    dump = "\n".join(connection.iterdump())
    connection.close()
    return dump


@pytest.mark.usefixtures("database_url")
def test_signing_in_and_out(services: Services, sam: Actor) -> None:
    token = sign_in(services, " SAM@example.EDU ")
    assert services.accounts.actor_of(token) == sam
    services.accounts.sign_out(token)
    assert services.accounts.actor_of(token) == ANONYMOUS
    services.accounts.sign_out(token)
    services.accounts.sign_out(None)


def test_nobody_holds_no_token(services: Services, sam: Actor) -> None:
    for token in (None, "", "x", sign_in(services)[:-1]):
        assert services.accounts.actor_of(token) == ANONYMOUS


def test_a_wrong_password_and_an_unknown_address_sound_the_same(services: Services, sam: Actor) -> None:
    with pytest.raises(InvalidInput) as wrong:
        sign_in(services, password="not the password")
    with pytest.raises(InvalidInput) as unknown:
        sign_in(services, "nobody@example.edu")
    assert str(wrong.value) == str(unknown.value)


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize("happens", ["deactivated", "new password"])
def test_an_account_that_changes_while_the_password_is_checked_lets_nobody_in(
    happens: str, services: Services, sam: Actor, alex: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checking takes a tenth of a second, and longer in a queue; in between an admin, or the owner, closes the door."""
    real = services.accounts._matches

    def meanwhile(password: str, known_hash: str) -> bool:
        matches = real(password, known_hash)
        monkeypatch.undo()
        if happens == "deactivated":
            services.accounts.set_active(sam.user_id or 0, False, alex)
        else:
            services.accounts.change_password(sam, PASSWORD, "another long password")
        return matches

    monkeypatch.setattr(services.accounts, "_matches", meanwhile)
    with pytest.raises(InvalidInput, match="do not match"):
        sign_in(services)
    assert services.accounts.sessions(sam, None) == ()


def test_ten_wrong_tries_are_enough(services: Services, sam: Actor) -> None:
    for _ in range(10):
        with pytest.raises(InvalidInput):
            sign_in(services, password="guess")
    with pytest.raises(TooManyRequests) as refused:
        sign_in(services)
    assert 0 < refused.value.retry_after_s <= 900
    sign_in(services, address="192.0.2.7")


def test_many_guesses_at_once_are_no_way_round_the_limit(services: Services, sam: Actor) -> None:
    guesses = [partial(sign_in, services, password=f"wrong {number}") for number in range(25)]
    refusals = [type(refusal) for refusal in at_once(*guesses)]
    assert (refusals.count(InvalidInput), refusals.count(TooManyRequests)) == (10, 15)


def test_wrong_tries_in_one_process_count_in_the_others(services: Services, sam: Actor) -> None:
    other = build_services(services.settings, services.clock)
    for number in range(10):
        with pytest.raises(InvalidInput):
            sign_in(other if number % 2 else services, password="guess")
    for process in (services, other):
        with pytest.raises(TooManyRequests):
            sign_in(process)
    other.close()


def test_wrong_tries_are_forgotten_in_time_and_leave_nothing_behind(
    services: Services, sam: Actor, clock: Clock
) -> None:
    for _ in range(10):
        with pytest.raises(InvalidInput):
            sign_in(services, password="guess")
    clock.advance(minutes=14)
    with pytest.raises(TooManyRequests):
        sign_in(services)
    clock.advance(minutes=2)
    sign_in(services)
    clock.advance(days=2)
    services.accounts.sweep()
    with services.database.read() as session:
        assert session.exec(select(CountedTry)).all() == []


def limit_of(services: Services, most: int) -> CountedTries:
    return CountedTries(services.database, services.clock, "of a test", most, 900)


def test_one_account_is_not_guessed_from_many_addresses(services: Services, sam: Actor) -> None:
    services.accounts._guesses = limit_of(services, 3)
    for number in range(3):
        with pytest.raises(InvalidInput):
            sign_in(services, password="wrong", address=f"198.51.100.{number}")
    with pytest.raises(TooManyRequests):
        sign_in(services, address="198.51.100.9")


def test_whoever_signs_in_locks_nobody_else_out(services: Services, sam: Actor) -> None:
    """A campus may share one address: only tries that fail are counted."""
    services.accounts._tries = services.accounts._failures = limit_of(services, 2)
    for _ in range(4):
        sign_in(services)


def test_a_first_run_link_that_is_none_costs_no_hash(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing is dear: with a wrong link anybody could keep staff from signing in."""

    def dear(_password: str) -> str:
        raise AssertionError("a password was hashed")

    services.accounts.first_admin_token()
    monkeypatch.setattr(services.accounts, "_hash", dear)
    with pytest.raises(NotFound):
        services.accounts.create_first_admin("x", "eve@example.edu", "Eve", PASSWORD)


def test_a_limit_ends() -> None:
    limit = RateLimiter(limit=1, per_s=0.0)
    limit.take("a")
    limit.take("a")
    strict = RateLimiter(limit=1, per_s=60)
    strict.take("a")
    strict.take("b")
    with pytest.raises(TooManyRequests):
        strict.take("a")


def test_a_session_ends_after_two_weeks(services: Services, sam: Actor, clock: Clock) -> None:
    token = sign_in(services)
    clock.advance(days=13, hours=23)
    assert services.accounts.actor_of(token) == sam
    clock.advance(hours=2)
    assert services.accounts.actor_of(token) == ANONYMOUS
    services.accounts.sweep()
    assert services.accounts.sessions(sam, None) == ()


def test_deactivating_ends_every_session_at_once(services: Services, sam: Actor, alex: Actor) -> None:
    tokens = [sign_in(services), sign_in(services)]
    services.accounts.set_active(sam.user_id or 0, False, alex)
    assert {services.accounts.actor_of(token) for token in tokens} == {ANONYMOUS}
    with pytest.raises(InvalidInput):
        sign_in(services)
    services.accounts.set_active(sam.user_id or 0, True, alex)
    assert {services.accounts.actor_of(token) for token in tokens} == {ANONYMOUS}
    assert services.accounts.actor_of(sign_in(services)) == sam


def test_the_last_admin_stays(services: Services, alex: Actor) -> None:
    with pytest.raises(Conflict, match="Alex Admin is the only admin"):
        services.accounts.set_active(alex.user_id or 0, False, alex)
    services.accounts.add_user("kim@example.edu", "Kim", ActorKind.ADMIN, PASSWORD, alex)
    services.accounts.set_active(alex.user_id or 0, False, alex)


@pytest.mark.usefixtures("database_url")
def test_two_admins_cannot_lock_each_other_out(services: Services, alex: Actor) -> None:
    kim = services.accounts.add_user("kim@example.edu", "Kim", ActorKind.ADMIN, PASSWORD, alex)
    at_once(
        lambda: services.accounts.set_active(alex.user_id or 0, False, alex),
        lambda: services.accounts.set_active(kim.id, False, alex),
    )
    assert [user.active for user in services.accounts.users(alex)].count(True) == 1


def test_a_new_password_signs_the_other_browsers_out(services: Services, sam: Actor) -> None:
    here, elsewhere = sign_in(services), sign_in(services)
    with pytest.raises(InvalidInput) as refused:
        services.accounts.change_password(sam, "wrong", "another long password", here)
    assert refused.value.field == "current"
    with pytest.raises(InvalidInput) as refused:
        services.accounts.change_password(sam, PASSWORD, "short", here)
    assert refused.value.field == "new"
    services.accounts.change_password(sam, PASSWORD, "another long password", here)
    assert services.accounts.actor_of(here) == sam
    assert services.accounts.actor_of(elsewhere) == ANONYMOUS
    with pytest.raises(InvalidInput):
        sign_in(services)
    sign_in(services, password="another long password")


def test_ones_own_sessions_are_listed_and_revoked(services: Services, sam: Actor, alex: Actor) -> None:
    here, other = sign_in(services), sign_in(services)
    shown = services.accounts.sessions(sam, here)
    assert [session.current for session in shown].count(True) == 1
    far = next(session for session in shown if not session.current)
    services.accounts.revoke_session(alex, far.id)
    assert services.accounts.actor_of(other) == sam
    services.accounts.revoke_session(sam, far.id)
    assert services.accounts.actor_of(other) == ANONYMOUS


def test_accounts_are_for_admins(services: Services, sam: Actor) -> None:
    accounts = services.accounts
    for act in (
        lambda: accounts.users(sam),
        lambda: accounts.add_user("x@example.edu", "X", ActorKind.ADMIN, PASSWORD, sam),
        lambda: accounts.set_active(sam.user_id or 0, False, sam),
        lambda: accounts.create_token("t", ActorKind.STAFF, sam),
    ):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(NotSignedIn):
        accounts.users(ANONYMOUS)


@pytest.mark.parametrize(
    ("email", "name", "role", "password", "field"),
    [
        ("sam", "Sam", ActorKind.STAFF, PASSWORD, "email"),
        ("sam@example.edu", " ", ActorKind.STAFF, PASSWORD, "name"),
        ("sam@example.edu", "Sam", ActorKind.STUDENT, PASSWORD, "role"),
        ("sam@example.edu", "Sam", ActorKind.STAFF, "short", "password"),
        ("sam@example.edu", "Sam", ActorKind.STAFF, "x" * 201, "password"),
    ],
)
def test_a_wrong_account_is_refused(
    services: Services, email: str, name: str, role: ActorKind, password: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        services.accounts.add_user(email, name, role, password, SYSTEM)
    assert refused.value.field == field


def test_one_account_an_address(services: Services, sam: Actor) -> None:
    with pytest.raises(Conflict, match="has an account already"):
        services.accounts.add_user("SAM@example.edu", "Sam", ActorKind.STAFF, PASSWORD, SYSTEM)


@pytest.mark.usefixtures("database_url")
def test_tokens_stand_for_their_role(services: Services, alex: Actor) -> None:
    token = services.accounts.create_token("till", ActorKind.STAFF, alex)
    actor = services.accounts.actor_of_token(token)
    assert (actor.kind, actor.name, actor.is_staff, actor.is_admin) == (ActorKind.STAFF, "till", True, False)
    for wrong in ("", token[:-1], f"{token}x"):
        with pytest.raises(NotSignedIn):
            services.accounts.actor_of_token(wrong)


def test_no_secret_is_stored_as_it_is(services: Services, sam: Actor, alex: Actor) -> None:
    secrets = [
        sign_in(services),
        services.accounts.create_token("till", ActorKind.STAFF, alex),
        services.accounts.first_admin_token(),
        PASSWORD,
    ]
    stored = everything_stored(services)
    assert "till" in stored
    assert not [secret for secret in secrets if secret in stored]


@pytest.mark.usefixtures("database_url")
def test_the_first_admin_is_made_once(services: Services, clock: Clock) -> None:
    accounts = services.accounts
    assert accounts.needs_first_admin()
    old = accounts.first_admin_token()
    clock.advance(minutes=5)
    link = accounts.first_admin_token()
    assert not accounts.is_first_admin_token(old)
    assert accounts.is_first_admin_token(link)
    with pytest.raises(NotFound):
        accounts.create_first_admin(old, "alex@example.edu", "Alex", PASSWORD)
    with pytest.raises(InvalidInput):
        accounts.create_first_admin(link, "alex@example.edu", "Alex", "short")
    results = at_once(*[lambda: accounts.create_first_admin(link, "alex@example.edu", "Alex", PASSWORD)] * 4)
    assert [type(result) for result in results].count(NotFound) == 3
    assert not accounts.needs_first_admin()
    assert not accounts.is_first_admin_token(link)
    assert accounts.actor_of(sign_in(services, "alex@example.edu")).is_admin


def test_processes_that_start_together_have_a_first_run_link_each(services: Services) -> None:
    links = [services.accounts.first_admin_token() for _ in range(3)]
    assert all(services.accounts.is_first_admin_token(link) for link in links)
    services.accounts.create_first_admin(links[0], "alex@example.edu", "Alex", PASSWORD)
    assert not any(services.accounts.is_first_admin_token(link) for link in links)


def test_a_first_run_link_is_no_api_token(services: Services) -> None:
    with pytest.raises(NotSignedIn):
        services.accounts.actor_of_token(services.accounts.first_admin_token())


def test_a_late_link_makes_no_second_first_admin(services: Services, alex: Actor) -> None:
    link = services.accounts.first_admin_token()
    with pytest.raises(NotFound, match="There is an account already"):
        services.accounts.create_first_admin(link, "eve@example.edu", "Eve", PASSWORD)
