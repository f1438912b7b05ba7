"""Two processes of one lab behind nginx: what happens in one reaches the browsers of the other, and a killed one is
replaced by the other.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from printlab.domain.status import JobStatus
from tests.browser.boards import become_equal, card, cards
from tests.browser.changing import changing, editing
from tests.browser.cluster import Cluster, needs_nginx, running_cluster
from tests.browser.cutting import way_to
from tests.browser.lab import until
from tests.browser.people import DESKTOP, NewPerson, Person, newcomer
from tests.databases import PostgresServer
from tests.scaling import repeated

# Another page than the one that was open, and it hears from its server.
_LIVE_AGAIN = "!window.isOfTheKilled && window.did_handshake === true && document.querySelector('[data-job]') !== null"

_EDITS = 500

_log = logging.getLogger(__name__)
pytestmark = [pytest.mark.serial, needs_nginx]


@pytest.fixture(scope="module")
def cluster(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two processes that the tests share which kill none."""
    with postgres.database() as url, running_cluster(tmp_path_factory.mktemp("cluster"), url) as running:
        yield running


@pytest.fixture
def mortal(postgres_url: str, tmp_path: Path) -> Iterator[Cluster]:
    """Two processes of one test, which may kill them."""
    with running_cluster(tmp_path / "cluster", postgres_url) as running:
        yield running


@pytest.fixture
def invite(person: NewPerson, cluster: Cluster) -> Callable[[], Person]:
    """Invite a staff member with a browser of their own."""
    return lambda: person(cluster.lab, **DESKTOP).signed_in(cluster.lab.staff())


def test_a_change_in_one_process_reaches_a_page_of_the_other(cluster: Cluster, invite: Callable[[], Person]) -> None:
    (here, _), (there, _) = cluster.on_two(invite)
    job = cluster.lab.bench.at(JobStatus.READY_TO_PRINT)
    for somebody in (here, there):
        expect(card(somebody, job.id, JobStatus.READY_TO_PRINT)).to_be_visible()
        somebody.page.evaluate("window.neverReloaded = true")
    card(here, job.id, JobStatus.READY_TO_PRINT).get_by_role("button", name="Start printing").click()
    here.page.get_by_role("dialog").get_by_role("button", name=re.compile("^Start")).click()
    for somebody in (here, there):
        expect(card(somebody, job.id, JobStatus.PRINTING)).to_be_visible()
        assert somebody.page.evaluate("window.neverReloaded")


@repeated(20)
def test_the_browsers_of_a_killed_process_are_live_on_the_other(mortal: Cluster, person: NewPerson, turn: int) -> None:
    """While 50 changes a second run: none is lost, none is done twice, and in the end all boards are the database."""
    lab = mortal.lab
    moving = [lab.bench.at(JobStatus.READY_TO_PRINT) for _ in range(5)]
    edited = [lab.bench.submit() for _ in range(10)]
    (bereft, killed), (spared, _) = mortal.on_two(lambda: person(lab, **DESKTOP).signed_in(lab.staff()))
    with changing(lab, moving, per_s=5) as moves, editing(lab, edited, per_s=50) as edits:
        begun_s = time.monotonic()
        expect(cards(bereft, JobStatus.PRINTING).first).to_be_visible()
        until(lambda: edits.total() >= _EDITS // 3, "changes to be under way", 60)
        bereft.page.evaluate("window.isOfTheKilled = true")
        killed_s = time.monotonic()
        killed.kill()
        bereft.page.wait_for_function(_LIVE_AGAIN, polling=20)
        live_again_s = time.monotonic() - killed_s
        until(lambda: edits.total() >= _EDITS, "changes to go on", 60)
        per_s = (edits.total() + moves.done.total()) / (time.monotonic() - begun_s)
    _log.info("live again after %.2f s, %.0f changes a second meanwhile", live_again_s, per_s)
    for job in moving:
        made = sum(event.action in ("start", "fail") for event in lab.events(job.id))
        assert moves.done[job.id] <= made <= moves.done[job.id] + moves.unknown[job.id]
    for job in edited:
        assert sum(event.action == "edit" for event in lab.events(job.id)) == edits[job.id]
    become_equal(lab, bereft, spared)


@repeated(5)
def test_a_process_that_is_cut_from_the_database_says_so_refuses_and_comes_back(
    postgres_url: str, tmp_path: Path, browser: Browser, turn: int
) -> None:
    """For 20 s; what happened meanwhile in the other process is on its boards afterwards."""
    with way_to(postgres_url) as way, running_cluster(tmp_path / "cluster", way.url) as cluster, ExitStack() as left:
        lab = cluster.lab
        lab.environment["PRINTLAB_DATABASE_URL"] = postgres_url
        job, later = (lab.bench.at(JobStatus.READY_TO_PRINT) for _ in range(2))

        def invite() -> Person:
            somebody = newcomer(browser, lab, **DESKTOP)
            left.callback(somebody.context.close)
            return somebody.signed_in(lab.staff())

        (here, cut), (there, _) = cluster.on_two(invite)
        here.page.evaluate("window.neverReloaded = true")
        begun_s = time.monotonic()
        way.cut(cut.pid)
        expect(here.page.get_by_text("stale since")).to_be_visible()
        _log.info("stale after %.2f s", time.monotonic() - begun_s)
        expect(there.page.locator(".pl-live")).to_have_text("live")

        card(here, job.id, JobStatus.READY_TO_PRINT).get_by_role("button", name="Start printing").click()
        expect(
            here.page.get_by_role("alert").filter(has_text="The lab's database cannot be reached").first
        ).to_be_visible()
        lab.bench.start(lab.job(later.id))
        expect(card(there, later.id, JobStatus.PRINTING)).to_be_visible()
        time.sleep(max(0.0, begun_s + 20 - time.monotonic()))
        expect(card(here, later.id, JobStatus.READY_TO_PRINT)).to_be_visible()

        way.mend(cut.pid)
        mended_s = time.monotonic()
        expect(here.page.locator(".pl-live")).to_have_text("live")
        _log.info("live again %.2f s after the cut was mended", time.monotonic() - mended_s)
        expect(card(here, later.id, JobStatus.PRINTING)).to_be_visible()
        assert lab.job(job.id).status is JobStatus.READY_TO_PRINT
        assert here.page.evaluate("window.neverReloaded")
