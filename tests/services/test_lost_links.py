"""A student who lost the private link of a job asks for it again."""

from __future__ import annotations

import pytest
from sqlmodel import select

from printlab.errors import InvalidInput, TooManyRequests
from printlab.models import Job, OutboxMail
from printlab.services import Services
from tests.workbench import Workbench

pytestmark = pytest.mark.usefixtures("database_url")


def sent(services: Services) -> list[OutboxMail]:
    """The mails with a link that were written."""
    with services.database.read() as session:
        return list(session.exec(select(OutboxMail).where(OutboxMail.kind == "link")))


@pytest.mark.parametrize(("number", "email"), [("{}", "jane@example.edu"), (" #{} ", "Jane@Example.edu")])
def test_the_link_goes_to_the_address_of_the_job(number: str, email: str, bench: Workbench, services: Services) -> None:
    job = bench.submit()
    services.lost_links.ask(number.format(job.id), email, "203.0.113.7")
    (mail,) = sent(services)
    assert (mail.job_id, mail.to_address, mail.context["asked"]) == (job.id, "jane@example.edu", True)


def test_asking_ends_no_link(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    student = bench.student(job)
    services.lost_links.ask(str(job.id), "jane@example.edu", "203.0.113.7")
    assert bench.get(job.id) == job
    assert bench.student(job) == student


def test_a_link_that_was_replaced_is_sent_as_it_is_now(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    with services.database.write() as unit:
        unit.session.get_one(Job, job.id).track_generation += 1
    services.lost_links.ask(str(job.id), "jane@example.edu", "203.0.113.7")
    assert len(sent(services)) == 1
    assert bench.student(bench.get(job.id)).credential == "2"


@pytest.mark.parametrize(("number", "email"), [("1", "john@example.edu"), ("99", "jane@example.edu")])
def test_the_answer_is_the_same_where_there_is_no_such_job(
    number: str, email: str, bench: Workbench, services: Services
) -> None:
    bench.submit()
    services.lost_links.ask(number, email, "203.0.113.7")
    assert sent(services) == []


@pytest.mark.parametrize("number", ["1", "99"])
def test_one_link_is_sent_three_times_a_day_at_most_and_refused_alike_where_there_is_none(
    number: str, bench: Workbench, services: Services
) -> None:
    bench.submit()
    for _ in range(3):
        services.lost_links.ask(number, "jane@example.edu", "203.0.113.7")
    with pytest.raises(TooManyRequests, match="three times today"):
        services.lost_links.ask(number, "jane@example.edu", "203.0.113.8")
    bench.clock.advance(days=1)
    services.lost_links.ask(number, "jane@example.edu", "203.0.113.7")


def test_one_address_asks_twenty_times_a_day_at_most(services: Services) -> None:
    for number in range(20):
        services.lost_links.ask(str(number + 1), "jane@example.edu", "203.0.113.7")
    with pytest.raises(TooManyRequests):
        services.lost_links.ask("21", "jane@example.edu", "203.0.113.7")
    services.lost_links.ask("21", "jane@example.edu", "203.0.113.8")


@pytest.mark.parametrize(
    ("number", "email", "field"),
    [
        ("", "jane@example.edu", "job"),
        ("0", "jane@example.edu", "job"),
        ("9999999999", "jane@example.edu", "job"),
        ("12a", "jane@example.edu", "job"),
        ("٤٢", "jane@example.edu", "job"),
        ("1", "jane", "email"),
    ],
)
def test_what_is_no_number_and_no_address_is_refused_at_its_field(
    number: str, email: str, field: str, services: Services
) -> None:
    with pytest.raises(InvalidInput) as refused:
        services.lost_links.ask(number, email, "203.0.113.7")
    assert refused.value.field == field
