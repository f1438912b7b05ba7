"""Who looks at a job is known to those who look too, and forgotten when they are gone."""

from __future__ import annotations

from printlab.live import Changed
from printlab.services import Services
from tests.workbench import ADMIN, COLLEAGUE, STAFF, Clock


def test_others_are_named_and_one_is_no_other_to_oneself(services: Services) -> None:
    presence = services.presence
    presence.look("page 1", 7, STAFF.key, STAFF.name)
    presence.look("page 2", 7, STAFF.key, STAFF.name)
    presence.look("page 3", 7, COLLEAGUE.key, COLLEAGUE.name)
    presence.look("page 4", 8, ADMIN.key, ADMIN.name)
    assert presence.others(7, STAFF.key) == (COLLEAGUE.name,)
    assert presence.others(7, COLLEAGUE.key) == (STAFF.name,)
    assert presence.others(8, STAFF.key) == (ADMIN.name,)


def test_who_leaves_or_turns_to_another_job_is_gone(services: Services) -> None:
    presence = services.presence
    presence.look("page 1", 7, COLLEAGUE.key, COLLEAGUE.name)
    presence.look("page 1", 8, COLLEAGUE.key, COLLEAGUE.name)
    assert presence.others(7, STAFF.key) == ()
    presence.leave("page 1")
    presence.leave("page 1")
    assert presence.others(8, STAFF.key) == ()


def test_who_says_nothing_any_more_is_forgotten(services: Services, clock: Clock) -> None:
    services.presence.look("page 1", 7, COLLEAGUE.key, COLLEAGUE.name)
    clock.advance(seconds=40)
    services.presence.look("page 1", 7, COLLEAGUE.key, COLLEAGUE.name)
    clock.advance(seconds=40)
    assert services.presence.others(7, STAFF.key) == (COLLEAGUE.name,)
    clock.advance(seconds=20)
    assert services.presence.others(7, STAFF.key) == ()


def test_pages_hear_of_who_comes_and_goes_but_not_of_who_stays(services: Services) -> None:
    heard: list[Changed] = []
    services.live.subscribe(heard.append)
    services.presence.look("page 1", 7, COLLEAGUE.key, COLLEAGUE.name)
    services.presence.look("page 1", 7, COLLEAGUE.key, COLLEAGUE.name)
    services.presence.look("page 1", 8, COLLEAGUE.key, COLLEAGUE.name)
    services.presence.leave("page 1")
    assert [change.job_id for change in heard[:1] + heard[3:]] == [7, 8]
    assert {change.job_id for change in heard[1:3]} == {7, 8}
