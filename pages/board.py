"""The staff board at ``/board``: jobs by status, live."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from functools import partial

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from components.board import Beginning, Board, BoardActs, Own
from components.closed_sign import closed_strip
from components.job_facts import job_style
from components.part_dialog import PartDialog
from pages import _frame as frame
from pages._actions import Actions, file_rules
from pages._board_feed import BoardFeed
from pages._opening import FileOpener
from pages._presence import Looker
from pages._several import Several
from printlab.domain.board import STATUSES, BoardQuery, Column, Drawn, Tally, View, Window
from printlab.domain.board_choices import BoardChoices
from printlab.domain.policy import Action, Actor, require
from printlab.domain.report import Report, report_of
from printlab.domain.status import ENDED, JobStatus, Verb
from printlab.domain.views import JobView, LabView, PrinterView
from printlab.errors import PrintLabError
from printlab.offloop import off_loop
from printlab.services import Services
from printlab.services.board import News

_NOT_TAKEN = "Whether the file was taken is not known. Look at the job before you drop it again."
_FIRST = {View.BOARD: 12, View.NEEDS: 12, View.TABLE: 40}
"""How many cards or rows of a column a page begins with: more than a screen shows."""
_MORE = 40
_CHOICES = "board"
"""Under which name a person's choices for the board are kept."""


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
        beginning = await page.look_for(BoardQuery.of(request.query_params.multi_items()))
        own = await off_loop(page.read_own)
        with frame.staff_frame(services, actor, "Board", "board", flush=True):
            page.create(lab, beginning, own)
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
        self._is_reading = True
        self._wanted: BoardQuery | None = None
        self._said: tuple[dict[Column, int], Tally] | None = None
        self._missed: list[News] = []
        self.opening = frame.Rereading(self._read_opening)
        frame.LAB_CHANGED.subscribe(self.opening.ask)
        frame.EVERYTHING_CHANGED.subscribe(self.opening.ask)
        feed.watch(self, self._tell)
        self.client.on_delete(lambda: feed.forget(self))

    # ---------- what is looked for ----------

    async def look_for(self, query: BoardQuery) -> Beginning:
        """Read the beginning of each column of ``query``."""
        index, limit = self.feed.index, _FIRST[query.view]
        found = await off_loop(index.beginning, query, limit)
        self.window, self.listing, self.ended = Window(query), found.listing, found.ended
        for column, page in found.pages.items():
            self.window.add(column, page, is_last=len(page) < limit)
        cards = tuple(drawn for page in found.pages.values() for drawn in page)
        limits = self.services.lab.view().age_limits
        return Beginning(query, cards, self._counts(), index.tally(), limits)

    async def _page(self, column: Column, limit: int) -> list[Drawn]:
        """The next cards of a column, which the browser has from now on."""
        index, window = self.feed.index, self.window
        if isinstance(column, JobStatus) and column in ENDED:
            last = window.last(column)
            page = await off_loop(index.ended, window.query, column, last and (last.since, last.id), limit)
        else:
            page = await off_loop(index.page, self.listing, column, window.reach(column), limit)
        window.add(column, page, is_last=len(page) < limit)
        return page

    def _counts(self) -> dict[Column, int]:
        """How many jobs each column has in all."""
        open_ones = (column for column in self.window.query.columns if column not in ENDED)
        return {**{column: self.listing.count(column) for column in open_ones}, **self.ended}

    # ---------- layout ----------

    def create(self, lab: LabView, beginning: Beginning, own: Own) -> None:
        """Lay out the board."""
        job_style()
        self._closed = ui.element("div").classes("pl-strip pl-strip-warning").props("role=status")
        self._show_opening(lab)
        ui.label("Board").classes("pl-sr").props("role=heading aria-level=1")
        self.actions = Actions(self.services, self.actor, Looker(self.services, self.actor))
        self.several = Several(self.services, self.actor, self.actions)
        self.opener = FileOpener(self.services, self.actor)
        settings = self.services.settings
        files = {status: rules for status in STATUSES if (rules := file_rules(status, settings))}
        self.board = Board(beginning, own, self.actor, settings.timezone, files, self._acts())

    def _acts(self) -> BoardActs:
        return BoardActs(
            verb=self._ask,
            undo=self._undo,
            file=self.opener.open,
            part=self._show_part,
            upload=self._take_file,
            more=self._more,
            look=self._look,
            filters=self._show_filters,
            seen=self._seen,
            many=self._many,
            all=self._choose_all,
            keep=self._keep,
            save_view=self._save_view,
            delete_view=self._delete_view,
        )

    async def begin(self) -> None:
        """The page is laid out: show what changed meanwhile."""
        self._is_reading = False
        await self._catch_up()

    async def _catch_up(self) -> None:
        while self._missed and not self._is_reading:
            await self._follow(self._missed.pop(0))
        if self._wanted is not None and not self._is_reading:
            await self._look(self._wanted)

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[None]:
        """What changes while the block reads is shown after it: the browser has what the window says, at any time."""
        self._is_reading = True
        try:
            yield
        finally:
            self._is_reading = False
        await self._catch_up()

    async def _more(self, column: Column) -> None:
        if self._is_reading or self.board is None:
            return  # asked for once more, if there is still something to see
        with frame.shown_to_user():
            async with self._reading():
                page = await self._page(column, _MORE)
                self.board.append(column, page, self._counts())

    async def _look(self, query: BoardQuery) -> None:
        """Show something else. Of several that are wanted quickly one after the other the last one counts."""
        self._wanted = query
        if self._is_reading or self.board is None:
            return
        with frame.shown_to_user():
            async with self._reading():
                while (wanted := self._wanted) is not None:
                    self._wanted = None
                    self.board.replace(await self.look_for(wanted))

    async def _show_filters(self) -> None:
        with frame.shown_to_user():
            query = self.window.query
            counts = await off_loop(self.feed.index.facets, query)
            if self.board is not None:
                self.board.show_filters(query, counts)

    async def _seen(self, job_id: int) -> None:
        with frame.shown_to_user():
            await off_loop(self.services.jobs.look_at, job_id, self.actor)

    def read_own(self) -> Own:
        """What this person chose, and the views that they have."""
        preferences = self.services.preferences
        return Own(BoardChoices.of(preferences.get(_CHOICES, self.actor)), preferences.views(self.actor))

    async def _keep(self, choices: BoardChoices) -> None:
        with frame.shown_to_user():
            await off_loop(self.services.preferences.put, _CHOICES, asdict(choices), self.actor)

    async def _save_view(self, name: str, is_shared: bool) -> None:
        with frame.shown_to_user():
            save = partial(self.services.preferences.save_view, is_shared=is_shared)
            await off_loop(save, name, self.window.query, self.actor)
            await self._show_views()
            frame.say(f"View “{name}” saved")

    async def _delete_view(self, view_id: int) -> None:
        with frame.shown_to_user():
            await off_loop(self.services.preferences.delete_view, view_id, self.actor)
            await self._show_views()

    async def _show_views(self) -> None:
        views = await off_loop(self.services.preferences.views, self.actor)
        if self.board is not None:
            self.board.show_views(views)

    async def _choose_all(self) -> None:
        if self.board is not None:
            self.board.choose(self.listing.all())

    async def _many(self, job_ids: tuple[int, ...], verb: str) -> None:
        await self.several.ask(job_ids, verb)

    async def _ask(self, job_id: int, verb: Verb) -> None:
        await self.actions.ask(job_id, verb)

    async def _show_part(self, job_id: int) -> None:
        with frame.shown_to_user():
            part = await off_loop(self._read_part, job_id)
            with self.client:
                PartDialog(*part).open()

    def _read_part(self, job_id: int) -> tuple[JobView, Report | None, PrinterView | None]:
        job, catalog = self.services.search.get(job_id, self.actor), self.services.catalog.view()
        return job, report_of(job, catalog), catalog.printer(job.printer)

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

    async def _tell(self, news: News) -> None:
        if self._is_reading:
            self._missed.append(news)
            return
        with self.client, frame.shown_to_user():
            await self._follow(news)

    async def _follow(self, news: News) -> None:
        """Show what changed, and let open forms know."""
        board = self.board
        if board is None:
            return
        board.tell_arrived(news.arrived)
        if news.everything:
            await self._look(self._wanted or self.window.query)
            await self.actions.follow(None)
            await self.actions.follow_lab()
            return
        await self._count_ended(news)
        delta = self.window.follow(news.placed(self.window.query), news.gone)
        if delta or (self._counts(), news.tally) != self._said:
            self._said = self._counts(), news.tally
            board.show(delta, *self._said)
        self._say_new_files(news)
        await self.actions.follow(news.touched)

    async def _count_ended(self, news: News) -> None:
        """Which were before and which are now among the ended ones is only known to the database."""
        query = self.window.query
        if not query.is_narrowed:
            self.ended = {status: news.counts[status] for status in ENDED}
        elif news.gone or any(drawn.entry.status in ENDED for drawn in news.changed):
            self.ended = await off_loop(self.feed.index.count_ended, query)

    def _say_new_files(self, news: News) -> None:
        """A file that came from elsewhere, the shared folder or a slicer, is told to whoever stands at the board."""
        for drawn in news.with_new_file:
            file = drawn.file
            if file is not None and file.by != self.actor.name:
                what = "sliced file" if file.is_sliced else "file"
                frame.say(f"New {what} for job {drawn.entry.id}{file.takes and f': {file.takes}'}", "plain")
