"""The lab's own form: what it shows beforehand is what students will read."""

from __future__ import annotations

import pytest
from nicegui import ui
from nicegui.testing import User

from printlab.domain.status import JobStatus
from printlab.services import Services
from tests.pages.acting import choice, field, sign_in
from tests.pages.waiting import eventually, until
from tests.workbench import Clock, Workbench


@pytest.mark.parametrize(("day", "is_shown"), [("2099-01-05", True), ("2001-01-05", False)])
async def test_the_preview_shows_no_day_that_cannot_be_saved(
    visitor: User, password: str, day: str, is_shown: bool
) -> None:
    assert await sign_in(visitor, password) == 200
    await visitor.open("/admin")
    choice(visitor, "Students’ form").value = "closed"
    field(visitor, "Opens again on (optional)").value = day
    await visitor.should_see(kind=ui.label, content="The lab takes no files at the moment")
    look = visitor.should_see if is_shown else visitor.should_not_see
    await look(kind=ui.label, content="Open again on")


async def test_a_rule_for_jobs_that_ended_says_what_it_would_do_before_it_is_saved(
    visitor: User, bench: Workbench, services: Services, clock: Clock, password: str
) -> None:
    bench.at(JobStatus.REJECTED)
    clock.advance(days=10)
    assert await sign_in(visitor, password) == 200
    await visitor.open("/admin")
    await until(visitor, "Now: nothing would be archived.")
    field(visitor, "Archive after").value = "9 days"
    await until(visitor, "Now: 1 job would be archived")
    visitor.find("Save changes").click()
    await until(visitor, "Saved.")
    assert services.lab.view().retention.archive_after_days == 9


async def test_a_rule_that_cannot_be_is_told_at_its_field(visitor: User, services: Services, password: str) -> None:
    assert await sign_in(visitor, password) == 200
    await visitor.open("/admin")
    before = services.lab.view().retention
    deleting = field(visitor, "Delete files after")
    deleting.value = "7"
    visitor.find("Save changes").click()
    await eventually(lambda: "at least as many days as for archiving" in str(deleting.error))
    assert services.lab.view().retention == before


async def test_each_limit_says_what_it_would_do_now(visitor: User, password: str, bench: Workbench) -> None:
    quoted = bench.at(JobStatus.PENDING)
    bench.clock.advance(days=10)
    assert await sign_in(visitor, password) == 200
    await visitor.open("/admin")
    await visitor.should_see(kind=ui.label, content="No quote would lapse now.")
    field(visitor, "The student is warned before, by").value = ""
    field(visitor, "A quote lapses after").value = "5"
    await visitor.should_see(
        kind=ui.label, content=f"1 quote would lapse now; it is job {quoted.id}, quoted Mon 2 Mar 2026."
    )
    await visitor.should_see(kind=ui.label, content="Off: quotes lapse without a warning.")
    field(visitor, "A quote lapses after").value = "soon"
    await visitor.should_not_see(kind=ui.label, content="would lapse now")
