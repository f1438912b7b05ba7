"""Two processes of one lab behind nginx: what happens in one reaches the browsers of the other, and a killed one is
replaced by the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from printlab.domain.status import JobStatus
from tests.browser.cluster import Cluster, needs_nginx, running_cluster
from tests.browser.people import DESKTOP, NewPerson, Person
from tests.databases import PostgresServer

pytestmark = [pytest.mark.serial, needs_nginx]


@pytest.fixture(scope="module")
def cluster(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two processes that the tests share which kill none."""
    with postgres.database() as url, running_cluster(tmp_path_factory.mktemp("cluster"), url) as running:
        yield running


@pytest.fixture
def invite(person: NewPerson, cluster: Cluster) -> Callable[[], Person]:
    """Invite a staff member with a browser of their own."""
    return lambda: person(cluster.lab, **DESKTOP).signed_in(cluster.lab.staff())


def test_a_change_in_one_process_reaches_a_page_of_the_other(cluster: Cluster, invite: Callable[[], Person]) -> None:
    (here, _), (there, _) = cluster.on_two(invite)
    job = cluster.lab.bench.at(JobStatus.READY_TO_PRINT)
    for somebody in (here, there):
        expect(_card(somebody, job.id, JobStatus.READY_TO_PRINT)).to_be_visible()
        somebody.page.evaluate("window.neverReloaded = true")
    _card(here, job.id, JobStatus.READY_TO_PRINT).get_by_role("button", name="Start printing").click()
    here.page.get_by_role("dialog").get_by_role("button", name=re.compile("^Start")).click()
    for somebody in (here, there):
        expect(_card(somebody, job.id, JobStatus.PRINTING)).to_be_visible()
        assert somebody.page.evaluate("window.neverReloaded")


def _card(person: Person, job_id: int, status: JobStatus) -> Locator:
    return person.page.locator(f'#plb-col-{status.value} [data-job="{job_id}"]')
