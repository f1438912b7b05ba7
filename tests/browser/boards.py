"""What a board shows, beside what is stored."""

from __future__ import annotations

from playwright.sync_api import Locator

from printlab.domain.status import JobStatus
from tests.browser.lab import Lab, until
from tests.browser.people import Person
from tests.workbench import ADMIN

_OPEN = (JobStatus.READY_TO_PRINT, JobStatus.PRINTING)


def card(person: Person, job_id: int, status: JobStatus) -> Locator:
    """A job in the column of a status."""
    return person.page.locator(f'#plb-col-{status.value} [data-job="{job_id}"]')


def cards(person: Person, status: JobStatus) -> Locator:
    """All jobs in the column of a status."""
    return person.page.locator(f"#plb-col-{status.value} [data-job]")


def shown(person: Person) -> dict[str, set[int]]:
    """Which jobs that are ready or printing stand in which column of this person's board."""
    return {
        status.value: {int(one) for one in cards(person, status).evaluate_all("all => all.map(e => e.dataset.job)")}
        for status in _OPEN
    }


def stored(lab: Lab) -> dict[str, set[int]]:
    """The same as the database has it."""
    jobs = [one.job for one in lab.services.search.board(ADMIN).cards]
    return {status.value: {job.id for job in jobs if job.status is status} for status in _OPEN}


def become_equal(lab: Lab, *people: Person) -> None:
    """Wait until their boards are what is stored."""
    for somebody in people:
        until(lambda somebody=somebody: shown(somebody) == stored(lab), "the board to be what is stored")
