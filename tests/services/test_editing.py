"""Correcting a job's details, and giving it to a colleague."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from printlab.domain.commands import EditJob, SaySize
from printlab.domain.policy import SYSTEM, ActorKind
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import Strength
from printlab.errors import Conflict, InvalidInput, NotAllowed
from printlab.live import Changed
from printlab.services import Services
from tests import files_made
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


@pytest.mark.usefixtures("database_url")
def test_giving_a_job_to_another_colleague_of_the_same_name_is_in_the_history(
    bench: Workbench, services: Services
) -> None:
    for email in ("kim1@example.edu", "kim2@example.edu"):
        add_colleague(services, "Kim Lee", email)
    job = bench.submit()
    for email in ("kim1@example.edu", "kim2@example.edu"):
        job = services.jobs.edit(EditJob(job.id, job.version, assignee=email), STAFF)
    newest, before, *_ = services.search.events(job.id, STAFF)
    assert before.changes == {"assignee": (None, "Kim Lee")}
    assert newest.changes == {"assignee": ("Kim Lee", "Kim Lee (kim2@example.edu)")}


@pytest.mark.usefixtures("database_url")
def test_strength_and_the_wished_day_can_be_corrected(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    wanted = EditJob(job.id, job.version, strength=Strength.STRONG, needed_by="2099-12-24")
    job = services.jobs.edit(wanted, STAFF)
    assert (job.strength, job.needed_by) == (Strength.STRONG, date(2099, 12, 24))
    changes = services.search.events(job.id, STAFF)[0].changes
    assert changes == {"strength": ("standard", "strong"), "needed_by": (None, "Thu 24 Dec 2099")}
    job = services.jobs.edit(EditJob(job.id, job.version, needed_by=""), STAFF)
    assert job.needed_by is None


@pytest.mark.parametrize(("day", "sentence"), [("2001-01-01", "has passed"), ("soon", "year-month-day")])
def test_a_wished_day_is_a_day_to_come(day: str, sentence: str, bench: Workbench, services: Services) -> None:
    job = bench.submit()
    with pytest.raises(InvalidInput, match=sentence) as refused:
        services.jobs.edit(EditJob(job.id, job.version, needed_by=day), STAFF)
    assert refused.value.field == "needed_by"


@pytest.mark.parametrize("part", [{"strength": Strength.STRONG}, {"quantity": 3}, {"color": "Black"}, {"scale": 25.4}])
def test_the_part_stays_once_a_price_was_told_for_it(
    part: dict[str, Any], bench: Workbench, services: Services
) -> None:
    job = bench.at(JobStatus.PENDING)
    with pytest.raises(Conflict, match="Send a new quote instead"):
        services.jobs.edit(EditJob(job.id, job.version, **part), STAFF)
    assert bench.get(job.id) == job


@pytest.mark.parametrize(
    "fact", [{"notes": "late"}, {"assignee": "Kim Lee"}, {"needed_by": "2099-12-24"}, {"scale": 25.4}]
)
def test_of_a_closed_job_only_the_student_can_be_corrected(
    fact: dict[str, Any], bench: Workbench, services: Services
) -> None:
    add_colleague(services, "Kim Lee", "kim@example.edu")
    job = bench.at(JobStatus.PAID_PICKED_UP)
    with pytest.raises(Conflict, match="Write a note for colleagues instead"):
        services.jobs.edit(EditJob(job.id, job.version, **fact), STAFF)
    assert bench.get(job.id) == job
    corrected = services.jobs.edit(EditJob(job.id, job.version, name="Jane Roe", course="ME 7"), STAFF)
    assert (corrected.student_name, corrected.course) == ("Jane Roe", "ME 7")


def test_a_scale_is_taken_and_told_in_the_history(bench: Workbench, services: Services) -> None:
    job = services.jobs.edit(EditJob((sent := bench.submit()).id, sent.version, scale=25.4), STAFF)
    assert (job.scale, bench.get(job.id).scale) == (25.4, 25.4)
    newest = services.search.events(job.id, STAFF)[0]
    assert (newest.action, newest.actor_name, newest.changes) == ("edit", STAFF.name, {"scale": (1.0, 25.4)})
    assert services.jobs.edit(EditJob(job.id, job.version, scale=1), STAFF).scale == 1


@pytest.mark.parametrize("scale", [0, -25.4, 1e9, float("nan"), float("inf")])
def test_a_scale_is_a_likely_factor(scale: float, bench: Workbench, services: Services) -> None:
    job = bench.submit()
    with pytest.raises(InvalidInput, match="Enter a scale between") as refused:
        services.jobs.edit(EditJob(job.id, job.version, scale=scale), STAFF)
    assert refused.value.field == "scale"


def test_a_scale_is_that_of_its_file(bench: Workbench, services: Services) -> None:
    job = services.jobs.edit(EditJob((sent := bench.submit()).id, sent.version, scale=25.4), STAFF)
    job = bench.add_sliced(job)
    assert job.scale == 25.4
    job = bench.correct(job)
    assert job.scale == 1
    assert bench.undo(job, bench.student(job)).scale == 25.4


@pytest.mark.usefixtures("database_url")
def test_what_was_said_of_another_models_size_does_not_stay_when_the_one_before_counts_again(
    bench: Workbench, services: Services
) -> None:
    in_mm = bench.correct(bench.submit())
    me = bench.student(in_mm)
    in_inches = services.jobs.say_size(SaySize(in_mm.id, in_mm.version, 25.4), me)
    back = bench.undo(in_inches, me)
    assert (back.authoritative, back.scale) == (1, 1)
    assert services.search.events(back.id, STAFF)[0].changes["scale"] == (25.4, 1.0)


def test_a_size_returns_with_its_model_when_staff_let_another_one_count_meanwhile(bench: Workbench) -> None:
    quoted = bench.approve(bench.submit(scale=25.4))
    mended = bench.add_sliced(quoted, files_made.stl(), "mended.stl")
    assert (mended.authoritative, mended.scale) == (2, 1)
    back = bench.undo(mended)
    assert (back.authoritative, back.scale) == (1, 25.4)


def test_a_size_that_was_corrected_since_stays_with_its_model(bench: Workbench, services: Services) -> None:
    job = bench.reject(bench.submit(scale=25.4))
    reopened = bench.move(Verb.REOPEN, job)
    edited = services.jobs.edit(EditJob(job.id, reopened.version, scale=10), STAFF)
    assert bench.undo(edited).scale == 10


def test_a_size_that_was_said_to_be_right_is_right_until_another_file_comes(bench: Workbench) -> None:
    job = bench.submit(size_is_right=True)
    assert job.size_is_right
    other = bench.correct(job)
    assert not other.size_is_right
    edited = bench.services.jobs.edit(EditJob(job.id, other.version, size_is_right=True), STAFF)
    assert edited.size_is_right
    assert bench.undo(edited, bench.student(edited)).size_is_right


@pytest.mark.usefixtures("database_url")
def test_a_student_says_in_what_size_the_part_is_meant_until_somebody_decides(
    bench: Workbench, services: Services
) -> None:
    job = bench.submit()
    me = bench.student(job)
    job = services.jobs.say_size(SaySize(job.id, job.version, 25.4), me)
    assert (job.scale, job.size_is_right) == (25.4, False)
    event = services.search.with_history(job.id, STAFF)[1][0]
    assert (event.actor_name, event.changes) == (job.student_name, {"scale": (1.0, 25.4)})
    job = services.jobs.say_size(SaySize(job.id, job.version, size_is_right=True), me)
    assert (job.scale, job.size_is_right) == (1.0, True)
    with pytest.raises(NotAllowed):
        services.jobs.say_size(SaySize(job.id, job.version, 10.0), bench.student(bench.submit()))
    with pytest.raises(InvalidInput):
        services.jobs.say_size(SaySize(job.id, job.version, 0.0), me)
    sliced = bench.add_sliced(bench.submit())
    with pytest.raises(Conflict, match=r"“Uploaded” and sliced already: staff set its size now"):
        services.jobs.say_size(SaySize(sliced.id, sliced.version, 25.4), bench.student(sliced))
    job = bench.approve(job)
    with pytest.raises(Conflict, match="staff set its size now"):
        services.jobs.say_size(SaySize(job.id, job.version, 25.4), me)
