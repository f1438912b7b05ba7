"""Students read how busy the lab is and where they stand, and the pages follow without asking the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.testing import User

from printlab.domain.commands import EditJob
from printlab.domain.status import JobStatus
from printlab.domain.views import JobView
from printlab.domain.waiting import Forecast
from tests.pages.acting import path_of, sign_in
from tests.pages.waiting import eventually, until
from tests.past import one_job_a_day
from tests.workbench import ADMIN, Workbench, change_lab


class HeldBack:
    """Instead of the feed: a test says when is looked and when is shown."""

    look: Callable[[Forecast], Any]
    show: Callable[[Any], None]

    def watch(self, _: object, look: Callable[[Forecast], Any], show: Callable[[Any], None]) -> None:
        """The one page of the test."""
        self.look, self.show = look, show


async def made(make: Callable[[], JobView]) -> JobView:
    """A job made off the loop, as by somebody else."""
    return await asyncio.to_thread(make)


async def test_the_form_says_how_busy_the_lab_is_and_follows(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    await visitor.should_see("No job waits in the lab.")
    await made(bench.submit)
    await until(visitor, "1 job waits in the lab.")


async def test_the_form_says_what_the_lab_took_lately(visitor: User, bench: Workbench) -> None:
    one_job_a_day(bench)
    bench.at(JobStatus.READY_TO_PRINT)
    bench.submit()
    await visitor.open("/")
    await visitor.should_see("The lab is busy: 2 jobs wait. Most parts of the last 30 days took the lab 7 to 8 hours")


async def test_a_closed_lab_and_staff_read_nothing_of_it(visitor: User, bench: Workbench, password: str) -> None:
    await visitor.open("/")
    await visitor.should_see("No job waits in the lab.")
    await asyncio.to_thread(change_lab, bench.services, submissions_open=False, closed_message="Until January.")
    await visitor.should_not_see("No job waits in the lab.", retries=100)
    await asyncio.to_thread(change_lab, bench.services, submissions_open=True)
    await until(visitor, "No job waits in the lab.")
    await sign_in(visitor, password)
    await visitor.open("/")
    await visitor.should_see("New job at the desk")
    await visitor.should_not_see("No job waits in the lab.")


async def test_the_place_in_line_moves_while_the_student_looks(visitor: User, bench: Workbench) -> None:
    one_job_a_day(bench)
    first, mine = bench.at(JobStatus.READY_TO_PRINT), bench.at(JobStatus.READY_TO_PRINT)
    await visitor.open(path_of(mine))
    await visitor.should_see("1 job is before yours for the Prusa MK4S. Likely ready")
    await visitor.should_see("Worked out from the lab’s last 30 days; most jobs keep within such a range.")
    await made(lambda: bench.start(first))
    await until(visitor, "No other job is before yours for the Prusa MK4S. Likely ready")


async def test_what_else_is_on_the_page_stays_when_the_queue_moves(visitor: User, bench: Workbench) -> None:
    first, mine = bench.submit(), bench.at(JobStatus.UPLOADED)
    await visitor.open(path_of(mine))
    await visitor.should_see("1 file is before yours.")
    button = next(iter(visitor.find(f"Cancel job {mine.id}").elements))
    await made(lambda: bench.approve(first))
    await until(visitor, "No other file is before yours.")
    assert next(iter(visitor.find(f"Cancel job {mine.id}").elements)) is button


async def test_the_words_come_along_when_the_job_itself_moves(visitor: User, bench: Workbench) -> None:
    mine = bench.submit()
    await visitor.open(path_of(mine))
    await visitor.should_see("No other file is before yours.")
    mine = await made(lambda: bench.approve(mine))
    await until(visitor, "No job waits for the Prusa MK4S.")
    mine = await made(lambda: bench.confirm(mine))
    await until(visitor, "No other job is before yours for the Prusa MK4S.")
    mine = await made(lambda: bench.start(mine))
    await until(visitor, "By the quoted time it is printed today by 17:00.")
    await made(lambda: bench.complete(mine))
    await visitor.should_not_see("By the quoted time", retries=100)


async def test_whoever_has_just_sent_a_file_reads_their_place_too(visitor: User, bench: Workbench) -> None:
    bench.submit()
    mine = bench.submit()
    await visitor.open(f"{path_of(mine)}?sent=1")
    await visitor.should_see("Your job number")
    await visitor.should_see("1 file is before yours.")


async def test_a_page_that_was_left_is_followed_no_more(visitor: User, bench: Workbench) -> None:
    first, second, third = (bench.submit() for _ in range(3))
    await visitor.open(path_of(second))
    assert visitor.client is not None
    line = next(iter(visitor.find(kind=ui.label, content="1 file is before yours.").elements))
    visitor.client.delete()
    await visitor.open(path_of(third))
    await visitor.should_see("2 files are before yours.")
    await made(lambda: bench.approve(first))
    await until(visitor, "1 file is before yours.")
    assert line.text == "1 file is before yours."


async def test_a_page_that_fails_keeps_no_other_from_being_told(visitor: User, bench: Workbench) -> None:
    from pages._waiting import WaitFeed  # noqa: PLC0415  (the simulation forgets page modules after each test)

    feed, told = WaitFeed(bench.services), list[int]()

    def fail(_: object) -> None:
        raise ValueError("of one page")

    @ui.page("/watching")
    def watching() -> None:
        feed.watch("fails to look", fail, told.append)
        feed.watch("fails to show", lambda forecast: forecast.waits.queue.waiting, fail)
        feed.watch("is well", lambda forecast: forecast.waits.queue.waiting, told.append)

    await visitor.open("/watching")
    assert await eventually(lambda: told) == [0]
    await made(bench.submit)
    await eventually(lambda: told[-1] == 1)


async def test_what_was_worked_out_of_an_earlier_state_of_a_job_is_not_shown(visitor: User, bench: Workbench) -> None:
    """A page may have read its job again while its words were worked out."""
    from pages.job import JobPage  # noqa: PLC0415  (as above)

    job, feed, shown = bench.submit(), HeldBack(), list[JobPage]()

    @ui.page("/job")
    async def one_job() -> None:
        shown.append(page := JobPage(bench.services, ADMIN, "browser", job.id))
        await page.load()
        await page.create()
        page.follow_queue(feed)
        await page.rereading.begin()

    await visitor.open("/job")
    (page,) = shown
    earlier = feed.look(Forecast(bench.services.waiting.now()))
    today = bench.clock.now.astimezone(bench.services.settings.zone).date()
    await made(lambda: bench.services.jobs.edit(EditJob(job.id, job.version, needed_by=today.isoformat()), ADMIN))
    await eventually(lambda: page.state.deadline)
    feed.show(earlier)
    assert page.state.deadline
