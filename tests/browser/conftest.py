"""A Chromium, and labs for it. A missing browser is a failure: CHROMIUM names another one than /usr/bin/chromium."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.browser.chromium import launched
from tests.browser.lab import REPOSITORY, Lab, running_lab
from tests.browser.people import DESKTOP, PHONE, NewPerson, Person, newcomer

_PEOPLE = pytest.StashKey[list[Person]]()
_FAILED = REPOSITORY / "test-results" / "failed"


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """What starts the browsers of a file: its event loop must not outlive that, other tests bring theirs."""
    expect.set_options(timeout=10_000)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The browser of all tests in a file."""
    chromium = launched(playwright)
    yield chromium
    chromium.close()


@pytest.fixture(scope="module")
def start_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Lab]]:
    """Start a lab of its own, with other settings if need be."""
    with ExitStack() as labs:
        yield lambda **settings: labs.enter_context(running_lab(tmp_path_factory.mktemp("lab"), **settings))


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest, start_lab: Callable[..., Lab]) -> Lab:
    """The lab that the tests of a file share; each works with jobs of its own. LAB_SETTINGS of the file are its own."""
    return start_lab(**getattr(request.module, "LAB_SETTINGS", {}))


@pytest.fixture
def person(request: pytest.FixtureRequest, browser: Browser) -> Iterator[NewPerson]:
    """Invite somebody: ``person(lab, **DESKTOP)``. No browser console may have complained in the end."""
    people: list[Person] = []
    request.node.stash[_PEOPLE] = people

    def invite(lab: Lab, **window: Any) -> Person:
        people.append(newcomer(browser, lab, **window))
        return people[-1]

    yield invite
    for somebody in people:
        somebody.context.close()
    assert [error for somebody in people for error in somebody.errors] == []


@pytest.fixture
def student(person: NewPerson, lab: Lab) -> Person:
    """A student with a phone, never here before."""
    return person(lab, **PHONE)


@pytest.fixture
def staff(person: NewPerson, lab: Lab) -> Person:
    """A staff member at a PC, signed in."""
    return person(lab, **DESKTOP).signed_in(lab.staff())


@pytest.fixture
def colleague(person: NewPerson, lab: Lab) -> Person:
    """Another staff member at another PC, signed in."""
    return person(lab, **DESKTOP).signed_in(lab.colleague())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test leaves behind what each window showed and what the servers printed."""
    report = yield
    if report.when == "call" and report.failed:
        _keep_evidence(item.name, item.stash.get(_PEOPLE, []), report)
    return report


def _keep_evidence(name: str, people: list[Person], report: pytest.TestReport) -> None:
    _FAILED.mkdir(parents=True, exist_ok=True)
    stem = "".join(char if char.isalnum() else "_" for char in name)
    for number, somebody in enumerate(people, 1):
        for page in somebody.context.pages:
            path = _FAILED / f"{stem}-{number}-{somebody.context.pages.index(page)}.png"
            page.screenshot(path=path)
            report.sections.append(("window", f"{page.url} is in {path}"))
    for lab in {somebody.lab.port: somebody.lab for somebody in people}.values():
        report.sections.append((f"server on port {lab.port}", lab.console[-8000:]))
