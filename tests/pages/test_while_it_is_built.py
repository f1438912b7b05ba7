"""What is committed while a page is being read and laid out is on it, without anybody touching it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from nicegui.testing import User

from printlab.cookies import SESSION_COOKIE
from printlab.domain.policy import SYSTEM, ActorKind
from printlab.domain.status import JobStatus
from tests.workbench import Workbench


def after_the_reading(monkeypatch: pytest.MonkeyPatch, service: object, name: str, act: Callable[[], object]) -> None:
    """Do ``act`` once, right after the first time that the page has read."""
    real, left = getattr(service, name), [act]

    def read(*arguments: Any) -> object:
        found = real(*arguments)
        if left:
            left.pop()()
        return found

    monkeypatch.setattr(service, name, read)


async def test_the_students_page(visitor: User, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    job = bench.at(JobStatus.PENDING)
    after_the_reading(monkeypatch, bench.services.search, "tracked", lambda: bench.confirm(job))
    await visitor.open("/track/" + job.track_url.rsplit("/", 1)[1])
    await visitor.should_see("Your part is in the print queue.", retries=100)


@pytest.mark.parametrize("reads", [("accounts", "colleagues"), ("search", "with_history")])
async def test_the_job_page(
    reads: tuple[str, str], visitor: User, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.at(JobStatus.PENDING)
    _sign_in(visitor, bench)
    service, name = reads
    after_the_reading(monkeypatch, getattr(bench.services, service), name, lambda: bench.confirm(job))
    await visitor.open(f"/jobs/{job.id}")
    await visitor.should_see("Start printing", retries=100)


def _sign_in(visitor: User, bench: Workbench) -> None:
    accounts, password = bench.services.accounts, "a long enough password"
    accounts.add_user("kim@example.edu", "Kim Colleague", ActorKind.STAFF, password, SYSTEM)
    visitor.http_client.cookies.set(SESSION_COOKIE, accounts.sign_in("kim@example.edu", password, "Firefox", "::1"))
