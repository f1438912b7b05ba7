"""What staff choose for themselves is theirs, also at another computer; what they share, colleagues have too."""

from __future__ import annotations

import pytest

from printlab.domain.board import BoardQuery, Order
from printlab.domain.policy import ANONYMOUS, SYSTEM, Actor, ActorKind
from printlab.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn
from printlab.services import Services
from tests.workbench import ADMIN, Workbench

BLUE = BoardQuery(color=frozenset({"Blue"}), order=Order.DEADLINE)


def person(services: Services, name: str) -> Actor:
    email, password = f"{name.split(maxsplit=1)[0].lower()}@example.edu", "a long enough password"
    services.accounts.add_user(email, name, ActorKind.STAFF, password, SYSTEM)
    return services.accounts.actor_of(services.accounts.sign_in(email, password, "Firefox", "::1"))


@pytest.fixture
def sam(services: Services) -> Actor:
    return person(services, "Sam Rivera")


@pytest.fixture
def kim(services: Services) -> Actor:
    return person(services, "Kim Colleague")


def test_choices_are_a_persons_own(services: Services, sam: Actor, kim: Actor) -> None:
    services.preferences.put("board", {"compact": True}, sam)
    services.preferences.put("board", {"compact": True, "sound": True}, sam)
    assert services.preferences.get("board", sam) == {"compact": True, "sound": True}
    assert services.preferences.get("board", kim) == {}


def test_nobody_keeps_a_book_there(services: Services, sam: Actor) -> None:
    with pytest.raises(InvalidInput):
        services.preferences.put("board", {"table": ["x" * 5000]}, sam)
    assert services.preferences.get("board", sam) == {}


def test_a_saved_view_comes_back_as_it_was(services: Services, sam: Actor, kim: Actor) -> None:
    services.preferences.save_view("  Blue ones ", BLUE, sam, is_shared=False)
    (view,) = services.preferences.views(sam)
    assert (view.name, view.owner, BoardQuery.of(view.params)) == ("Blue ones", "", BLUE)
    assert services.preferences.views(kim) == ()


def test_a_name_is_used_once_and_the_newer_counts(services: Services, sam: Actor) -> None:
    services.preferences.save_view("Mine", BLUE, sam, is_shared=False)
    services.preferences.save_view("Mine", BoardQuery(q="gear"), sam, is_shared=True)
    (view,) = services.preferences.views(sam)
    assert (BoardQuery.of(view.params), view.is_shared) == (BoardQuery(q="gear"), True)


def test_a_shared_view_is_seen_by_colleagues_and_deleted_by_its_owner_only(
    services: Services, sam: Actor, kim: Actor
) -> None:
    services.preferences.save_view("Blue", BLUE, sam, is_shared=True)
    (view,) = services.preferences.views(kim)
    assert view.owner == "Sam Rivera"
    with pytest.raises(NotFound):
        services.preferences.delete_view(view.id, kim)
    services.preferences.delete_view(view.id, sam)
    assert services.preferences.views(kim) == ()


def test_a_view_of_somebody_who_left_is_shared_no_more(services: Services, sam: Actor, kim: Actor) -> None:
    services.preferences.save_view("Blue", BLUE, sam, is_shared=True)
    assert sam.user_id is not None
    services.accounts.set_active(sam.user_id, False, ADMIN)
    assert services.preferences.views(kim) == ()


def test_a_view_needs_a_name_and_fifty_are_enough(services: Services, sam: Actor) -> None:
    with pytest.raises(InvalidInput):
        services.preferences.save_view(" \n", BLUE, sam, is_shared=False)
    for number in range(50):
        services.preferences.save_view(str(number), BLUE, sam, is_shared=False)
    with pytest.raises(Conflict):
        services.preferences.save_view("one more", BLUE, sam, is_shared=False)
    services.preferences.save_view("7", BoardQuery(), sam, is_shared=False)


def test_who_is_not_signed_in_has_none(services: Services, bench: Workbench) -> None:
    with pytest.raises((NotSignedIn, NotAllowed)):
        services.preferences.views(ANONYMOUS)
    with pytest.raises((NotSignedIn, NotAllowed)):
        services.preferences.put("board", {}, bench.student(bench.submit()))
