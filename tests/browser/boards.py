"""What a board shows, beside what is stored."""

from __future__ import annotations

from playwright.sync_api import Locator

from printlab.domain.status import ENDED, JobStatus
from tests.browser.lab import Lab, until
from tests.browser.people import Person

_OPEN = tuple(status for status in JobStatus if status not in ENDED)
_CARDS = "all => all.map(one => `${one.dataset.job} ${one.querySelector('.plb-job__who').textContent.trim()}`)"


def card(person: Person, job_id: int, status: JobStatus) -> Locator:
    """A job in the column of a status."""
    return person.page.locator(f'#plb-col-{status.value} [data-job="{job_id}"]')


def cards(person: Person, status: JobStatus) -> Locator:
    """All jobs in the column of a status."""
    return person.page.locator(f"#plb-col-{status.value} [data-job]")


def shown(person: Person) -> dict[str, set[str]]:
    """Number and student of each job that stands on this person's board, by column, as far as it is not ended."""
    return {status.value: set(cards(person, status).evaluate_all(_CARDS)) for status in _OPEN}


def stored(lab: Lab) -> dict[str, set[str]]:
    """The same as the database has it."""
    jobs = lab.bench.jobs()
    return {status.value: {f"{job.id} {job.student_name}" for job in jobs if job.status is status} for status in _OPEN}


def become_equal(lab: Lab, *people: Person) -> None:
    """Wait until their boards are what is stored, on windows that are high enough for all of it."""
    for somebody in people:
        somebody.page.set_viewport_size({"width": 1366, "height": 4000})
        until(lambda somebody=somebody: shown(somebody) == stored(lab), "the board to be what is stored")
