"""Correcting a job's details, and giving it to a colleague."""

from __future__ import annotations

import pytest

from printlab.domain.commands import EditJob
from printlab.domain.policy import SYSTEM, ActorKind
from printlab.errors import InvalidInput
from printlab.live import Changed
from printlab.services import Services
from tests.workbench import STAFF, Workbench

PASSWORD = "a long enough password"


def add_colleague(services: Services, name: str, email: str) -> None:
    services.accounts.add_user(email, name, ActorKind.STAFF, PASSWORD, SYSTEM)


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize("wanted", ["Özlem Şahin", "özlem şahin", " ÖZLEM ŞAHIN", "Ozlem@example.edu"])
def test_a_colleague_is_found_whatever_the_case_of_the_letters(
    wanted: str, bench: Workbench, services: Services
) -> None:
    add_colleague(services, "Özlem Şahin", "ozlem@example.edu")
    job = bench.submit()
    job = services.jobs.edit(EditJob(job.id, job.version, assignee=wanted), STAFF)
    assert job.assignee == "Özlem Şahin"
    assert services.jobs.edit(EditJob(job.id, job.version, assignee=""), STAFF).assignee is None


@pytest.mark.usefixtures("database_url")
def test_two_colleagues_of_one_name_are_told_apart_by_their_addresses(bench: Workbench, services: Services) -> None:
    for name, email in (
        ("Kim Lee", "kim2@example.edu"),
        ("kim lee", "kim1@example.edu"),
        ("Åsa Ek", "asa@example.edu"),
    ):
        add_colleague(services, name, email)
    assert services.accounts.colleagues(STAFF) == ("kim1@example.edu", "kim2@example.edu", "Åsa Ek")
    job = bench.submit()
    with pytest.raises(InvalidInput, match="Several colleagues are called"):
        services.jobs.edit(EditJob(job.id, job.version, assignee="Kim Lee"), STAFF)
    for wanted in services.accounts.colleagues(STAFF):
        job = services.jobs.edit(EditJob(job.id, job.version, assignee=wanted), STAFF)
        assert job.assignee in ("Kim Lee", "kim lee", "Åsa Ek")


@pytest.mark.usefixtures("database_url")
def test_an_edit_that_changes_nothing_leaves_no_trace(bench: Workbench, services: Services) -> None:
    """Nobody's open form becomes stale, nothing is announced, nothing stands in the history."""
    job = bench.submit(course="ME 101")
    heard: list[Changed] = []
    services.live.subscribe(heard.append)
    same = EditJob(job.id, job.version, name=job.student_name, course=" ME 101 ", quantity=1, color="blue")
    assert services.jobs.edit(same, STAFF) == job
    assert bench.get(job.id) == job
    assert heard == []
    assert len(services.search.events(job.id, STAFF)) == 1
