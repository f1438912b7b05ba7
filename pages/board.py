"""The staff board at ``/board``: jobs by status, live."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial

import structlog
from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import background_tasks, ui

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
from printlab.domain.board import MOST_COUNTED, STATUSES, BoardQuery, Column, Listing, Tally, View, Window
from printlab.domain.board_choices import BoardChoices
from printlab.domain.policy import Action, Actor, require
from printlab.domain.report import Report, report_of
from printlab.domain.status import ENDED, JobStatus, Verb
from printlab.domain.views import JobView, LabView, PrinterView
from printlab.errors import PrintLabError
from printlab.offloop import off_loop
from printlab.services import Services
from printlab.services.board import Found, News

_NOT_TAKEN = "Whether the file was taken is not known. Look at the job before you drop it again."
_log = structlog.get_logger(__name__)
_FIRST = {View.BOARD: 12, View.NEEDS: 12, View.TABLE: 40}
"""How many cards or rows of a column a page begins with: more than a screen shows."""
_MORE = 40
_CHOICES = "board"
"""Under which name a person's choices for the board are kept."""


def register(services: Services, feed: BoardFeed) -> None:
    """Define the route."""

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
        self.window = Window(BoardQuery())
        self.listing = Listing(BoardQuery(), ())
        self.ended: Mapping[JobStatus, int] = {}
        self._said: tuple[Mapping[Column, int], Tally] | None = None
        self._news: deque[News] = deque()
        self._columns: dict[Column, None] = {}
        self._wanted: BoardQuery | None = None
        self._is_busy = False
        self._has_part = False
        self.opening = frame.Rereading(self._read_opening)
        frame.LAB_CHANGED.subscribe(self.opening.ask)
        frame.EVERYTHING_CHANGED.subscribe(self.opening.ask)
        feed.watch(self, self._hear)
        self.client.on_delete(lambda: feed.forget(self))

    # ---------- what is looked for ----------

    async def look_for(self, query: BoardQuery) -> Beginning:
        """Read the beginning of each column of ``query``; as much of it as the browser has of the same one."""
        before = self.window if self.window.query == query else Window(query)
        limits = {column: max(_FIRST[query.view], before.size(column)) for column in query.columns}
        found, lab = await off_loop(self._find, query, limits)
        self.window, self.listing, self.ended = Window(query), found.listing, found.ended
        for column, page in found.pages.items():
            self.window.add(column, page, is_last=len(page) < limits[column])
        cards = tuple(drawn for page in found.pages.values() for drawn in page)
        return Beginning(query, cards, *self._totals(), lab.age_limits)

    def _find(self, query: BoardQuery, limits: Mapping[Column, int]) -> tuple[Found, LabView]:
        return self.feed.index.find(query, limits), self.services.lab.view()

    def _totals(self, tally: Tally | None = None) -> tuple[Mapping[Column, int], Tally]:
        """How many jobs each column has in all, and how many wait or are new; the browser is told so now."""
        open_ones = (column for column in self.window.query.columns if column not in ENDED)
        counts: dict[Column, int] = {column: self.listing.count(column) for column in open_ones}
        for status, count in self.ended.items():  # counted only so far, and somebody may have scrolled further
            counts[status] = max(count, self.window.least(status)) if count > MOST_COUNTED else count
        totals = counts, tally or self.feed.index.tally()
        self._said = totals
        return totals

    # ---------- layout ----------

    def create(self, lab: LabView, beginning: Beginning, own: Own) -> None:
        """Lay out the board."""
        job_style()
        self._closed = ui.element("div").classes("pl-strip pl-strip-warning").props("role=status")
        self._show_opening(lab)
        ui.label("Board").classes("pl-sr").props("role=heading aria-level=1")
        self.actions = Actions(self.services, self.actor, Looker(self.services, self.actor))
        self.several = Several(self.services, self.actor, self.actions, self._choose)
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

    # ---------- one thing after the other ----------

    async def begin(self) -> None:
        """The page is laid out: show what changed meanwhile."""
        await self._work()

    def _hear(self, news: News) -> None:
        self._news.append(news)
        if self.board is None or self._is_busy:
            return
        if not self._is_shown_at_once(news):
            self._work_soon()
            return
        try:
            self._show(self.board, self._news.popleft())
        except Exception:  # noqa: BLE001  (the other boards hear of it too; this one is read again)
            _log.exception("board.not_shown")
            self._wanted = self.window.query
            self._work_soon()

    def _is_shown_at_once(self, news: News) -> bool:
        """Nothing has to be read for it: of hundreds of boards most take a change so, without a task of their own."""
        is_counted = self.window.query.is_narrowed and news.ended_changed
        is_alone = self._wanted is None and not self._columns and len(self._news) == 1
        return is_alone and not (news.everything or is_counted or self.actions.are_about(news.touched))

    def _work_soon(self) -> None:
        background_tasks.create(self._work(), name="show on a board what changed")

    async def _more(self, column: Column) -> None:
        self._columns[column] = None
        await self._work()

    async def _look(self, query: BoardQuery) -> None:
        """Show something else. Of several that are wanted quickly one after the other the last one counts."""
        self._wanted = query
        await self._work()

    async def _work(self) -> None:
        """Do all that is wanted, one after the other, so that the browser has what the window says at any time.

        Where something fails, all of it is read again with the next that is wanted.
        """
        if self._is_busy or self.board is None:
            return
        self._is_busy = True
        try:
            with self.client, frame.shown_to_user():
                while await self._step(self.board):
                    pass
        finally:
            self._is_busy = False

    async def _step(self, board: Board) -> bool:
        """The next of what is wanted; whether there was any."""
        query = self._wanted
        try:
            if query is not None:
                self._wanted = None
                board.replace(await self.look_for(query))
            elif self._news:
                await self._follow(board, self._news.popleft())
            elif self._columns:
                await self._append(board, next(iter(self._columns)))
            else:
                return False
        except BaseException:
            self._wanted = self._wanted or query or self.window.query
            raise
        return True

    async def _append(self, board: Board, column: Column) -> None:
        """Send the next cards of a column."""
        del self._columns[column]
        if column not in self.window.query.columns:
            return  # of what was looked for before
        page = await off_loop(self.feed.index.page, self.listing, column, self.window.last(column), _MORE)
        self.window.add(column, page, is_last=len(page) < _MORE)
        board.append(column, page, *self._totals())

    async def _follow(self, board: Board, news: News) -> None:
        """Show what changed, and let open forms know."""
        if news.everything:
            board.tell_arrived(news.arrived)
            self._wanted = self._wanted or self.window.query
            await self.actions.follow(None)
            await self.actions.follow_lab()
            return
        query = self.window.query
        if query.is_narrowed and news.ended_changed:  # which were before and which are now is known to the database
            self.ended = await off_loop(self.feed.index.count_ended, query)
        self._show(board, news)
        await self.actions.follow(news.touched)

    def _show(self, board: Board, news: News) -> None:
        board.tell_arrived(news.arrived)
        if not self.window.query.is_narrowed:
            self.ended = news.ended
        delta, said = self.window.follow(news.placed(self.window.query), news.gone), self._said
        totals = self._totals(news.tally)
        if totals != said or delta:
            board.show(delta, *totals)
        self._say_new_files(news)

    def _say_new_files(self, news: News) -> None:
        """A file that came from elsewhere, the shared folder or a slicer, is told to whoever stands at the board."""
        for drawn in news.with_new_file:
            file = drawn.file
            if file is not None and file.by != self.actor.name:
                what = "sliced file" if file.is_sliced else "file"
                with self.client:
                    frame.say(f"New {what} for job {drawn.entry.id}{file.takes and f': {file.takes}'}", "plain")

    # ---------- what else is asked ----------

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
        self._choose(await off_loop(self.feed.index.all, self.listing))

    def _choose(self, job_ids: list[int]) -> None:
        if self.board is not None:
            self.board.choose(job_ids)

    async def _many(self, job_ids: tuple[int, ...], verb: str) -> None:
        await self.several.ask(job_ids, verb)

    async def _ask(self, job_id: int, verb: Verb) -> None:
        await self.actions.ask(job_id, verb)

    async def _show_part(self, job_id: int) -> None:
        if self._has_part:
            return
        self._has_part = True
        with frame.shown_to_user():
            try:
                part = await off_loop(self._read_part, job_id)
                with self.client:
                    PartDialog(*part, on_close=self._part_closed).open()
            except BaseException:
                self._part_closed()
                raise

    def _part_closed(self) -> None:
        self._has_part = False

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
        if not lab.submissions_open:
            with self._closed:
                closed_strip(lab, for_admin=self.actor.is_admin)
