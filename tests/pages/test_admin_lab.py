"""The lab's own form: what it shows beforehand is what students will read."""

from __future__ import annotations

import pytest
from nicegui import ui
from nicegui.testing import User

from printlab.domain.status import JobStatus
from tests.pages.acting import choice, field, sign_in
from tests.workbench import Workbench


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
