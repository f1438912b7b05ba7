"""The staff board at ``/board``: jobs by status, live."""

from __future__ import annotations

from dataclasses import replace

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from components.board import COLUMNS, Board
from components.closed_sign import closed_strip
from components.job_facts import job_style
from pages import _frame as frame
from pages._actions import Actions, file_rules
from pages._board_feed import BoardFeed
from pages._opening import FileOpener
from printlab.domain.board import BoardQuery, Drawn, Window
from printlab.domain.policy import Action, Actor, require
from printlab.domain.status import ENDED, JobStatus, Verb
from printlab.domain.views import LabView
from printlab.errors import PrintLabError
from printlab.offloop import off_loop
from printlab.services import Services
from printlab.services.board import News

_NOT_TAKEN = "Whether the file was taken is not known. Look at the job before you drop it again."
_FIRST = 12
"""How many cards of a column a page begins with: more than a screen shows."""
_MORE = 40


def register(services: Services) -> None:
    """Define the route."""
    feed = BoardFeed(services)

    @ui.page("/board", response_timeout=frame.PATIENCE_S)
    async def board(request: Request) -> RedirectResponse | None:
        actor = await frame.staff_actor(services, request)
        if isinstance(actor, RedirectResponse):
            return actor
        page = BoardPage(services, feed, actor, frame.browser_of(request))
        lab = await off_loop(services.lab.view)
        await page.look_for(BoardQuery.of(request.query_params.multi_items()))
        with frame.staff_frame(services, actor, "Board", "board", flush=True):
            page.create(lab)
            await page.opening.begin()
            await page.begin()
        return None


class BoardPage:
    """One person's board. A change anywhere sends that job's card, and nothing else. It listens once it is made."""

    def __init__(self, services: Services, feed: BoardFeed, actor: Actor, browser: str) -> None:
        require(actor, Action.VIEW_BOARD)
        self.services = services
        self.feed = feed
        self.actor = actor
        self.browser = browser
        self.client = ui.context.client
        self.board: Board | None = None
        self._missed: list[News | None] = []
        self.opening = frame.Rereading(self._read_opening)
        frame.LAB_CHANGED.subscribe(self.opening.ask)
        frame.EVERYTHING_CHANGED.subscribe(self.opening.ask)
        feed.watch(self, self._tell)
        self.client.on_delete(lambda: feed.forget(self))

    # ---------- what is looked for ----------

    async def look_for(self, query: BoardQuery) -> None:
        """Read the beginning of each column of ``query``."""
        index = self.feed.index
        self.window = Window(query)
        self.listing = await off_loop(index.listing, query)
        self.ended = await off_loop(index.count_ended, query)
        self.first = [drawn for status in COLUMNS for drawn in await self._page(status, _FIRST)]

    async def _page(self, status: JobStatus, limit: int) -> list[Drawn]:
        """The next cards of a column, which the browser has from now on."""
        index, window = self.feed.index, self.window
        if status in ENDED:
            last = window.last(status)
            page = await off_loop(index.ended, window.query, status, last and (last.since, last.id), limit)
        else:
            page = index.page(self.listing, status, window.reach(status), limit)
        self.window.add(status, page, is_last=len(page) < limit)
        return page

    def _counts(self) -> dict[JobStatus, int]:
        """How many jobs each column has in all."""
        return {status: self.listing.count(status) for status in COLUMNS if status not in ENDED} | dict(self.ended)

    # ---------- layout ----------

    def create(self, lab: LabView) -> None:
        """Lay out the board."""
        job_style()
        self._closed = ui.element("div").classes("pl-strip pl-strip-warning").props("role=status")
        self._show_opening(lab)
        ui.label("Board").classes("pl-sr").props("role=heading aria-level=1")
        self.actions = Actions(self.services, self.actor)
        self.opener = FileOpener(self.services, self.actor)
        settings = self.services.settings
        self.board = Board(
            self.first,
            self._counts(),
            self.window.query,
            self.actor,
            settings.timezone,
            on_verb=self._ask,
            on_undo=self._undo,
            on_file=self.opener.open,
            on_upload=self._take_file,
            on_more=self._more,
            files={status: rules for status in COLUMNS if (rules := file_rules(status, settings))},
        )

    async def begin(self) -> None:
        """The page is laid out: show what changed meanwhile."""
        missed, self._missed = self._missed, []
        for news in missed:
            await self._follow(news)

    async def _more(self, status: JobStatus) -> None:
        with frame.shown_to_user():
            page = await self._page(status, _MORE)
            if self.board is not None:
                self.board.append(status, page, self._counts())

    async def _ask(self, job_id: int, verb: Verb) -> None:
        await self.actions.ask(job_id, verb)

    async def _undo(self, job_id: int, version: int) -> None:
        """Take back the move that the card's menu named when the job had ``version``."""
        with frame.shown_to_user():
            job = await off_loop(self.services.search.get, job_id, self.actor)
            if job.version == version and job.last_move is not None:
                await self.actions.take_back(job_id, version, job.last_move)
            else:
                await self.actions.undo(job_id, version, Verb.UNDO)  # refused there, in words: somebody was faster

    async def _take_file(self, job_id: int, version: int, staged_id: str) -> str | None:
        """Why a file that was dropped on the card of this ``version`` does not count, or None."""
        with frame.shown_to_user():
            try:
                if not await self.actions.belongs(job_id, self.browser, staged_id):
                    return None
                job = await off_loop(self.services.search.get, job_id, self.actor)
            except PrintLabError as refusal:
                return str(refusal)
            return await self.actions.add_file(replace(job, version=version), self.browser, staged_id)
        return _NOT_TAKEN

    async def _read_opening(self) -> None:
        self._show_opening(await off_loop(self.services.lab.view))

    def _show_opening(self, lab: LabView) -> None:
        self._closed.clear()
        self._closed.set_visibility(not lab.submissions_open)
        with self._closed:
            closed_strip(lab, for_admin=self.actor.is_admin)

    # ---------- live ----------

    async def _tell(self, news: News | None) -> None:
        if self.board is None:
            self._missed.append(news)
            return
        with self.client, frame.shown_to_user():
            await self._follow(news)

    async def _follow(self, news: News | None) -> None:
        """Show what changed, and let open forms know."""
        board = self.board
        if board is None:
            return
        if news is None:
            await self.look_for(self.window.query)
            board.replace(self.first, self._counts(), self.window.query)
            await self.actions.follow(None)
            await self.actions.follow_lab()
            return
        if any(drawn.entry.status in ENDED for drawn in news.changed) or news.gone:
            self.ended = await off_loop(self.feed.index.count_ended, self.window.query)
        board.show(self.window.follow(news.changed, news.gone), self._counts())
        self._say_new_files(news)
        await self.actions.follow({drawn.entry.id for drawn in news.changed} | news.gone)

    def _say_new_files(self, news: News) -> None:
        """A file that came from elsewhere, the shared folder or a slicer, is told to whoever stands at the board."""
        for drawn in news.with_new_file:
            file = drawn.file
            if file is not None and file.by != self.actor.name:
                what = "sliced file" if file.is_sliced else "file"
                frame.say(f"New {what} for job {drawn.entry.id}{file.takes and f': {file.takes}'}", "plain")
