"""What breaks between a board and its lab without a word: a cable that is pulled, a sleeping laptop, a stopped process.

The board says so, nothing typed is lost, nothing is done twice, and afterwards it is what is stored.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Playwright, expect

from printlab.domain.status import JobStatus
from printlab.domain.views import JobView
from tests.browser.boards import become_equal, card
from tests.browser.changing import Changes, changing
from tests.browser.cluster import Cluster, needs_nginx, running_cluster
from tests.browser.cutting import Cable, cable_to
from tests.browser.lab import Lab
from tests.browser.laptop import laptop
from tests.browser.people import DESKTOP, NewPerson, Person, newcomer
from tests.scaling import repeated

_IS_BACK = "What you typed before this page was loaded again is back."
_CUT_S = 20
_LIVE_AGAIN_MS = 20_000
"""Silence is noticed after 6 s, an answer waited for 4 s, the next try made within 3 s; and the machine may be slow."""
_AGES_S = 40  # a board looks at its clock more often than that
_ASLEEP_S = 80
"""Longer than a server keeps a page that it does not hear from: 23 s until it knows, and 45 s more."""
_STOPPED_S = 25
_SHAKES_HANDS = 2
"""Pieces in which a page opens its live connection: the upgrade, and that it wants to be connected."""

_log = logging.getLogger(__name__)
pytestmark = [pytest.mark.serial, needs_nginx]


@pytest.fixture
def cluster(postgres_url: str, tmp_path: Path) -> Iterator[Cluster]:
    """Two processes of one test."""
    with running_cluster(tmp_path / "cluster", postgres_url) as running:
        yield running


@repeated(5)
def test_a_cut_of_20_s_that_nobody_is_told_of(cluster: Cluster, browser: Browser, turn: int) -> None:
    """What was typed when nobody heard it any more is sent with the form all the same."""
    lab = cluster.lab
    moving, job = _ready(lab, 6), lab.bench.submit()
    with cable_to(lab.port) as cable, ExitStack() as left:

        def invite() -> Person:
            somebody = newcomer(browser, replace(lab, port=cable.port), **DESKTOP)
            somebody.refusals_are_expected = True
            left.callback(somebody.context.close)
            return somebody.signed_in(lab.staff())

        (here, _), (there, _) = cluster.on_two(invite)
        with changing(lab, moving, per_s=10) as changes:
            words = _rejecting(here, job)
            words.fill("The walls are")
            for somebody in (here, there):
                somebody.page.evaluate("window.neverReloaded = true")
            begun_s = time.monotonic()
            cable.pull()
            words.press_sequentially(" too thin")
            for somebody in (here, there):
                expect(_light(somebody)).to_contain_text("reconnecting since")
            _log.info("noticed after %.1f s", time.monotonic() - begun_s)
            time.sleep(max(0.0, begun_s + _CUT_S - time.monotonic()))
            cable.mend()
            mended_s = time.monotonic()
            for somebody in (here, there):
                expect(_light(somebody)).to_have_text("live", timeout=_LIVE_AGAIN_MS)
            _log.info("live %.1f s after the cut", time.monotonic() - mended_s)
        _nothing_lost_or_doubled(lab, moving, changes)
        become_equal(lab, here, there)
        expect(words).to_have_value("The walls are too thin")
        here.page.get_by_role("dialog").get_by_role("button", name=re.compile("^Reject")).click()
        rejected = lab.moved(job.id, JobStatus.REJECTED)
        assert rejected.reject_note == "The walls are too thin"
        for somebody in (here, there):
            assert somebody.page.evaluate("window.neverReloaded")


@repeated(5)
def test_a_laptop_that_slept(cluster: Cluster, playwright: Playwright, person: NewPerson, turn: int) -> None:
    """For longer than its page is kept; its clock says that it was an hour."""
    lab = cluster.lab
    moving, job = _ready(lab, 6), lab.bench.submit()
    there = person(lab, **DESKTOP).signed_in(lab.staff())
    there.visit("/board")
    with laptop(playwright) as (browser, asleep):
        here = newcomer(browser, lab, **DESKTOP).signed_in(lab.staff())
        here.visit("/board")
        _rejecting(here, job).fill("The walls are too thin")
        here.page.evaluate("window.isOfBefore = true")
        with changing(lab, moving, per_s=10) as changes:
            with asleep():
                time.sleep(_ASLEEP_S)
            woken_s = time.monotonic()
            here.page.clock.set_system_time(datetime.now(UTC) + timedelta(hours=1))
            here.page.wait_for_function("!window.isOfBefore && window.did_handshake === true", timeout=20_000)
            expect(_light(here)).to_have_text("live")
            _log.info("live %.1f s after waking", time.monotonic() - woken_s)
        _nothing_lost_or_doubled(lab, moving, changes)
        become_equal(lab, here, there)
        age = card(here, job.id, JobStatus.UPLOADED).locator("time")
        # The page may have come back before its clock was set.
        expect(age).to_have_text(re.compile("^1 h"), timeout=_AGES_S * 1000)
        expect(_rejecting(here, job)).to_have_value("The walls are too thin")
        expect(here.page.get_by_text(_IS_BACK)).to_be_visible()


@repeated(5)
def test_a_stopped_process_loses_its_browsers_to_the_other_one(cluster: Cluster, person: NewPerson, turn: int) -> None:
    """What was said to it when it was stopped is not done once it goes on: it may have been said again elsewhere."""
    lab = cluster.lab
    moving, job = _ready(lab, 6), lab.bench.submit()
    (here, stopped), (there, _) = cluster.on_two(lambda: person(lab, **DESKTOP).signed_in(lab.staff()))
    here.refusals_are_expected = True
    page = here.visit(f"/jobs/{job.id}")
    page.get_by_label("Note for colleagues").fill("Ask for the wheel")
    with changing(lab, moving, per_s=10) as changes:
        begun_s = time.monotonic()
        os.kill(stopped.pid, signal.SIGSTOP)
        try:
            page.evaluate("window.isOfTheStopped = true")
            page.get_by_role("button", name="Add note").click()
            page.wait_for_function("!window.isOfTheStopped && window.did_handshake === true", timeout=30_000)
            _log.info("live on the other after %.1f s", time.monotonic() - begun_s)
            expect(page.get_by_label("Note for colleagues")).to_have_value("Ask for the wheel")
            page.get_by_role("button", name="Add note").click()
            expect(here.said("Note added")).to_be_visible()
            time.sleep(max(0.0, begun_s + _STOPPED_S - time.monotonic()))
        finally:
            os.kill(stopped.pid, signal.SIGCONT)
        time.sleep(3)
    _nothing_lost_or_doubled(lab, moving, changes)
    assert [event.action for event in lab.events(job.id)].count("note") == 1
    here.visit("/board")
    become_equal(lab, here, there)


@repeated(5)
def test_what_was_typed_is_offered_again_after_a_kill(cluster: Cluster, person: NewPerson, turn: int) -> None:
    lab = cluster.lab
    job = lab.bench.submit()
    here = person(lab, **DESKTOP).signed_in(lab.staff())
    lives_in = cluster.opened(here)
    _rejecting(here, job).press_sequentially("The walls are too thin")
    here.page.evaluate("window.isOfTheKilled = true")
    lives_in.kill()
    here.page.wait_for_function("!window.isOfTheKilled && window.did_handshake === true")

    expect(_rejecting(here, job)).to_have_value("The walls are too thin")
    expect(here.page.get_by_text(_IS_BACK)).to_be_visible()
    here.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(here.page.get_by_role("dialog")).to_be_hidden()
    expect(_rejecting(here, job)).to_have_value("")
    expect(here.page.get_by_text(_IS_BACK)).to_be_hidden()


@repeated(5)
def test_what_was_typed_survives_two_cuts_in_a_row(lab: Lab, person: NewPerson, turn: int) -> None:
    """The second one comes before the server has heard what is said again after the first."""
    job = lab.bench.submit()
    with cable_to(lab.port) as cable:
        here, note = _noting(lab, cable, person, job)
        cable.pull()
        note.fill("Ask for the wheel")
        expect(_light(here)).to_contain_text("reconnecting since")
        cable.mend(_SHAKES_HANDS)
        expect(_light(here)).to_have_text("live")
        expect(_light(here)).to_contain_text("reconnecting since")
        cable.mend()
        expect(_light(here)).to_have_text("live")
        here.page.get_by_role("button", name="Add note").click()
        expect(note).to_have_value("")
        assert _notes(lab, job) == ["Begun", "Ask for the wheel"]


@repeated(5)
def test_what_was_sent_before_a_cut_does_not_come_back(lab: Lab, person: NewPerson, turn: int) -> None:
    job = lab.bench.submit()
    with cable_to(lab.port) as cable:
        here, note = _noting(lab, cable, person, job)
        add = here.page.get_by_role("button", name="Add note")
        note.fill("Ask for the wheel")
        add.click()
        expect(note).to_have_value("")
        cable.pull()
        expect(_light(here)).to_contain_text("reconnecting since")
        cable.mend()
        expect(_light(here)).to_have_text("live")
        add.click()
        note.fill("It is here")
        add.click()
        expect(note).to_have_value("")
        assert sorted(_notes(lab, job)) == ["Ask for the wheel", "Begun", "It is here"]


@repeated(5)
def test_a_click_without_a_connection_is_not_done_on_return(lab: Lab, person: NewPerson, turn: int) -> None:
    """What was typed meanwhile is there."""
    job = lab.bench.submit()
    with cable_to(lab.port) as cable:
        here, note = _noting(lab, cable, person, job)
        cable.pull()
        expect(_light(here)).to_contain_text("reconnecting since")
        note.fill("Ask for the wheel")
        here.page.get_by_role("button", name="Add note").click()
        cable.mend()
        expect(_light(here)).to_have_text("live")
        _look_at_details(here)
        assert _notes(lab, job) == ["Begun"]
        here.page.get_by_role("button", name="Add note").click()
        expect(note).to_have_value("")
        assert _notes(lab, job) == ["Begun", "Ask for the wheel"]


def _noting(lab: Lab, cable: Cable, person: NewPerson, job: JobView) -> tuple[Person, Locator]:
    """Somebody at the job's page who reaches the lab by the cable, and the field for a note.

    They have what a note and a dialog need: a connection for files that was open at a cut would be silent for long.
    """
    here = person(replace(lab, port=cable.port), **DESKTOP)
    here.refusals_are_expected = True
    page = here.signed_in(lab.staff()).visit(f"/jobs/{job.id}")
    note = page.get_by_label("Note for colleagues")
    note.fill("Begun")
    page.get_by_role("button", name="Add note").click()
    expect(here.said("Note added")).to_be_visible()
    expect(note).to_have_value("")
    _look_at_details(here)
    return here, note


def _look_at_details(here: Person) -> None:
    here.page.get_by_role("button", name="Edit", exact=True).click()
    here.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(here.page.get_by_role("dialog")).to_be_hidden()


def _notes(lab: Lab, job: JobView) -> list[str | None]:
    return [event.reason for event in lab.events(job.id) if event.action == "note"]


def _ready(lab: Lab, count: int) -> list[JobView]:
    return [lab.bench.at(JobStatus.READY_TO_PRINT) for _ in range(count)]


def _light(person: Person) -> Locator:
    return person.page.locator(".pl-live")


def _rejecting(person: Person, job: JobView) -> Locator:
    """Open the dialog that rejects the job; gives the field for one's own words."""
    card(person, job.id, JobStatus.UPLOADED).get_by_role("button", name="More actions").click()
    person.page.get_by_role("menuitem", name=re.compile("^Reject")).click()
    words = person.page.get_by_role("dialog").get_by_label("In your own words")
    expect(words).to_be_visible()
    return words


def _nothing_lost_or_doubled(lab: Lab, jobs: list[JobView], changes: Changes) -> None:
    for job in jobs:
        moves = sum(event.action in ("start", "fail") for event in lab.events(job.id))
        assert changes.done[job.id] <= moves <= changes.done[job.id] + changes.unknown[job.id]
