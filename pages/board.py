"""The staff board at ``/board``: all jobs by status, live."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from components.board import Board
from components.job_facts import job_style
from pages import _frame as frame
from pages._actions import Actions
from printlab.domain.policy import Actor
from printlab.domain.status import Verb
from printlab.domain.views import BoardView, CardView
from printlab.errors import NotFound
from printlab.offloop import off_loop
from printlab.services import Services


def register(services: Services) -> None:
    """Define the route."""

    @ui.page("/board", response_timeout=frame.PATIENCE_S)
    async def board(request: Request) -> RedirectResponse | None:
        actor = await frame.staff_actor(services, request)
        if isinstance(actor, RedirectResponse):
            return actor
        page = BoardPage(services, actor)
        view = await off_loop(services.search.board, actor)
        with frame.staff_frame(services, actor, "Board", "board", flush=True):
            page.create(view)
            await page.rereading.begin()
        return None


class BoardPage:
    """One person's board. A change anywhere sends that job's card, and nothing else. It listens once it is made."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self.services = services
        self.actor = actor
        self.rereading = frame.Rereading(self._read_again)
        self._changed: set[int] = set()
        self._everything = False
        frame.JOB_CHANGED.subscribe(self._job_changed)
        frame.EVERYTHING_CHANGED.subscribe(self._everything_changed)

    def create(self, view: BoardView) -> None:
        """Lay out the board."""
        job_style()
        ui.label("Board").classes("pl-sr").props("role=heading aria-level=1")
        self.actions = Actions(self.services, self.actor)
        self.board = Board(view, self.services.settings.timezone, self._ask)

    async def _ask(self, job_id: int, verb: Verb) -> None:
        await self.actions.ask(job_id, verb)

    async def _job_changed(self, job_id: int) -> None:
        self._changed.add(job_id)
        await self.rereading.ask()

    async def _everything_changed(self) -> None:
        self._everything = True
        await self.rereading.ask()

    async def _read_again(self) -> None:
        changed, everything = self._changed, self._everything
        self._changed, self._everything = set(), False
        try:
            if everything:
                self.board.replace(await off_loop(self.services.search.board, self.actor))
            elif changed:
                cards, gone = await off_loop(self._read, changed)
                counts = await off_loop(self.services.search.counts, self.actor)
                self.board.show(cards, counts, gone)
        except Exception:
            self._everything = True  # what was not shown now is shown with the next change
            raise
        await self.actions.follow(None if everything else changed)

    def _read(self, job_ids: set[int]) -> tuple[list[CardView], list[int]]:
        cards: list[CardView] = []
        gone: list[int] = []
        for job_id in job_ids:
            try:
                cards.append(self.services.search.card(job_id, self.actor))
            except NotFound:
                gone.append(job_id)
        return cards, gone
