"""The staff board at ``/board``: all jobs by status, live."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from components.board import COLUMNS, Board
from components.closed_sign import closed_strip
from components.job_facts import job_style
from pages import _frame as frame
from pages._actions import Actions, file_rules
from pages._opening import FileOpener
from printlab.domain.policy import Actor
from printlab.domain.slicing import figures, in_words
from printlab.domain.status import Verb
from printlab.domain.views import STUDENTS_ORIGINS, BoardView, CardView, LabView
from printlab.errors import PrintLabError
from printlab.offloop import off_loop
from printlab.services import Services

_NOT_TAKEN = "Whether the file was taken is not known. Look at the job before you drop it again."


def register(services: Services) -> None:
    """Define the route."""

    @ui.page("/board", response_timeout=frame.PATIENCE_S)
    async def board(request: Request) -> RedirectResponse | None:
        actor = await frame.staff_actor(services, request)
        if isinstance(actor, RedirectResponse):
            return actor
        page = BoardPage(services, actor, frame.browser_of(request))
        lab, view = await off_loop(services.lab.view), await off_loop(services.search.board, actor)
        with frame.staff_frame(services, actor, "Board", "board", flush=True):
            page.create(lab, view)
            await page.opening.begin()
            await page.changes.begin()
        return None


class BoardPage:
    """One person's board. A change anywhere sends that job's card, and nothing else. It listens once it is made."""

    def __init__(self, services: Services, actor: Actor, browser: str) -> None:
        self.services = services
        self.actor = actor
        self.browser = browser
        self._told: dict[int, int] = {}  # the highest number of a file that is no news, by job
        self.changes = frame.ChangedJobs(self._read_again)
        self.opening = frame.Rereading(self._read_opening)
        frame.LAB_CHANGED.subscribe(self.opening.ask)
        frame.LAB_CHANGED.subscribe(self.changes.everything)  # cards show names and figures of the lab's
        frame.EVERYTHING_CHANGED.subscribe(self.opening.ask)

    def create(self, lab: LabView, view: BoardView) -> None:
        """Lay out the board."""
        job_style()
        self._say_new_files(view.cards)
        self._closed = ui.element("div").classes("pl-strip pl-strip-warning").props("role=status")
        self._show_opening(lab)
        ui.label("Board").classes("pl-sr").props("role=heading aria-level=1")
        self.actions = Actions(self.services, self.actor)
        self.opener = FileOpener(self.services, self.actor)
        settings = self.services.settings
        self.board = Board(
            view,
            self.actor,
            settings.timezone,
            on_verb=self._ask,
            on_undo=self._undo,
            on_file=self.opener.open,
            on_upload=self._take_file,
            files={status: rules for status in COLUMNS if (rules := file_rules(status, settings))},
        )

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

    async def _read_again(self, changed: set[int] | None) -> None:
        if changed is None:
            self.board.replace(await off_loop(self.services.search.board, self.actor))
        else:
            now = await off_loop(self.services.search.cards, changed, self.actor)
            self.board.show(now.cards, now.counts, changed - {card.job.id for card in now.cards})
            self._say_new_files(now.cards)
        await self.actions.follow(changed)
        if changed is None:
            await self.actions.follow_lab()

    def _say_new_files(self, cards: Iterable[CardView]) -> None:
        """A file that came from elsewhere, the shared folder or a slicer, is told to whoever stands at the board."""
        for job in (card.job for card in cards):
            known = self._told.get(job.id, max(revision.number for revision in job.revisions))
            self._told[job.id] = max(known, job.authoritative)  # an undo brings back what was told of
            file = job.counting_file
            is_news = file.origin not in STUDENTS_ORIGINS and file.created_by != self.actor.name
            if job.authoritative > known and is_news:
                takes = in_words(figures(file, job, self.services.catalog.view()))
                what = "sliced file" if job.is_sliced else "file"
                frame.say(f"New {what} for job {job.id}{takes and f': {takes}'}", "plain")
