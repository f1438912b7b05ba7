"""Opening a file from a page: a link is made, handed to the helper on this computer, and its answer waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress

from nicegui import ui

from components.opener import Launcher, NoHelper, opens_anyway
from pages import _frame as frame
from printlab.domain.policy import Actor
from printlab.domain.views import HelperAnswer, OpenLink
from printlab.offloop import off_loop
from printlab.services import Services
from printlab.services.opening import CONCLUDED_WITHIN

HELP_AFTER_S = 5.0
"""How long the helper may take before the page offers other ways."""
_LOOK_EVERY_S = 0.5
_UNHEARD_S = 30.0  # then it is looked all the same, and whether the page was left


class Helper:
    """The helper on the computer that shows this page. Make it while the page is built."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._services = services
        self._actor = actor
        self._client = ui.context.client
        self._launcher = Launcher()

    def call(self, link: OpenLink) -> None:
        """Hand a link over."""
        self._launcher.open(link.url)

    @property
    def is_gone(self) -> bool:
        """Whether the page was left."""
        return self._launcher.is_deleted

    async def answer(self, link: OpenLink, patience_s: float = HELP_AFTER_S) -> HelperAnswer | None:
        """What it says to the link within this time, or None."""
        return await self._said(link, patience_s)

    async def late_answer(self, link: OpenLink) -> HelperAnswer | None:
        """What it says as long as the link is good, or None: somebody may be reading what the browser asks."""
        return await self.answer(link, self._left_s(link))

    async def outcome(self, job_id: int, link: OpenLink) -> HelperAnswer | None:
        """What came of a link that it took up, or None: one of an older version does not say.

        It may read a large file first, and ask somebody for a slicer; that the job changed says when to look.
        """
        with self._client, _changes_of(job_id) as changed:
            deadline = _now_s() + CONCLUDED_WITHIN.total_seconds()
            while (left_s := deadline - _now_s()) > 0 and not self.is_gone:
                changed.clear()
                answer = await self._answer(link)
                if answer is not None and answer.is_over:
                    return answer
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), min(left_s, _UNHEARD_S))
        return None

    async def _said(self, link: OpenLink, patience_s: float) -> HelperAnswer | None:
        deadline = _now_s() + patience_s
        while _now_s() < deadline and not self.is_gone:
            await asyncio.sleep(_LOOK_EVERY_S)
            if (answer := await self._answer(link)) is not None:
                return answer
        return None

    async def _answer(self, link: OpenLink) -> HelperAnswer | None:
        return await off_loop(self._services.opening.answer, link.token_id, self._actor)

    def _left_s(self, link: OpenLink) -> float:
        return (link.expires_at - self._services.clock()).total_seconds()


def _now_s() -> float:
    return asyncio.get_running_loop().time()


@contextmanager
def _changes_of(job_id: int) -> Generator[asyncio.Event]:
    """Set whenever the job may have changed."""
    changed = asyncio.Event()

    def one(changed_id: int) -> None:
        if changed_id == job_id:
            changed.set()

    def everything() -> None:
        changed.set()

    frame.JOB_CHANGED.subscribe(one, unsubscribe_on_delete=False)
    frame.EVERYTHING_CHANGED.subscribe(everything, unsubscribe_on_delete=False)
    try:
        yield changed
    finally:
        frame.JOB_CHANGED.unsubscribe(one)
        frame.EVERYTHING_CHANGED.unsubscribe(everything)


class FileOpener:
    """What “Open file” does on one page. Make it while the page is built."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self.services = services
        self.actor = actor
        self._client = ui.context.client
        self._helper = Helper(services, actor)
        self._opening: set[int] = set()
        self._panel: NoHelper | None = None

    async def open(self, job_id: int) -> None:
        """Open the file of the job that counts, in the slicer of this computer; who else has it open is told first."""
        if job_id in self._opening:
            return  # a second click
        self._opening.add(job_id)
        link: OpenLink | None = None
        with frame.shown_to_user():
            link = await self._link(job_id)
        self._opening.discard(job_id)
        if link is not None:
            with frame.shown_to_user():
                await self._follow(job_id, link)

    async def _link(self, job_id: int) -> OpenLink | None:
        opening = self.services.opening
        elsewhere = await off_loop(opening.elsewhere, job_id, self.actor)
        if elsewhere is not None:
            with self._client:
                if not await opens_anyway(job_id, elsewhere, self.services.clock()):
                    return None
        link = await off_loop(opening.mint, job_id, self.actor)
        self._helper.call(link)
        with self._client:  # seconds go by until the slicer is there, or what helps without one
            frame.say(f"Opening the file of job {job_id} …", "plain")
        return link

    async def _follow(self, job_id: int, link: OpenLink) -> None:
        """Say what the helper answers and, when the file did not open, why not.

        After 5 s without an answer show other ways, until there is one.
        """
        answer = await self._helper.answer(link)
        if answer is None and not self._helper.is_gone:
            panel = self._show_panel(job_id, link)
            answer = await self._helper.late_answer(link)
            if answer is not None and panel is self._panel:
                panel.close()
        if answer is not None and not answer.problem:
            with self._client:
                frame.say(f"Job {job_id} opens at {answer.workstation}")
            answer = await self._helper.outcome(job_id, link)
        if answer is not None and answer.problem:
            self._show_panel(job_id, link, answer)

    def _show_panel(self, job_id: int, link: OpenLink, answer: HelperAnswer | None = None) -> NoHelper:
        with self._client:
            if self._panel is not None:
                self._panel.close()
            self._panel = NoHelper(job_id, link, answer, self._closed)
        return self._panel

    def _closed(self, panel: NoHelper) -> None:
        if panel is self._panel:
            self._panel = None
