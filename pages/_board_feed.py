"""What changes on boards: read once in a process, and told to each board that shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import structlog
from nicegui import background_tasks

from components.cards import card_json
from pages import _frame as frame
from printlab.errors import DatabaseAway
from printlab.offloop import off_loop
from printlab.services import Services
from printlab.services.board import News

_log = structlog.get_logger(__name__)
_AGAIN_AFTER_S = 1.0
_TURNS_S = 20.0
"""How often it is looked whether time alone has made a job wait for staff."""

Tell = Callable[[News], None]
"""Takes news at once and shows it later: no board waits for another one."""


class BoardFeed:
    """The open jobs in memory. What changes while a change is read or told is read together afterwards."""

    def __init__(self, services: Services) -> None:
        self.index = services.board_index(card_json)
        self._boards: dict[object, Tell] = {}
        self._changed: set[int] = set()
        self._all_changed = False
        self._is_busy = False
        self._is_turning = False
        self._has_turned = False
        frame.JOB_CHANGED.subscribe(self._one)
        frame.LAB_CHANGED.subscribe(self._all)  # cards show names and figures of the lab's
        frame.EVERYTHING_CHANGED.subscribe(self._all)

    def begin(self) -> None:
        """Read the open jobs before anybody asks for them: of 5,000 the first would wait for more than 2 s."""
        self._has_turned = True
        self._wake()

    def watch(self, board: object, tell: Tell) -> None:
        """Tell ``board`` of every change from now on. What the index is asked for afterwards misses none."""
        self._boards[board] = tell
        if not self._is_turning:
            self._is_turning = self._has_turned = True
            self._wake()  # nobody has looked for a while
            background_tasks.create(self._turn(), name="look which jobs wait for staff by now")

    def forget(self, board: object) -> None:
        """Nobody looks at it any more."""
        self._boards.pop(board, None)

    async def _turn(self) -> None:
        """As long as somebody looks at a board."""
        try:
            while self._boards:
                await asyncio.sleep(_TURNS_S)
                self._has_turned = True
                self._wake()
        finally:
            self._is_turning = False

    def _one(self, job_id: int) -> None:
        self._changed.add(job_id)
        self._wake()

    def _all(self) -> None:
        self._all_changed = True
        self._wake()

    def _wake(self) -> None:
        if not self._is_busy:
            self._is_busy = True
            background_tasks.create(self._tell_all(), name="tell boards what changed")

    async def _tell_all(self) -> None:
        try:
            while self._changed or self._all_changed or self._has_turned:
                news = await self._read()
                for tell in list(self._boards.values()):
                    tell(news)
        finally:
            self._is_busy = False

    async def _read(self) -> News:
        """What could not be read is all read a little later."""
        changed, everything, is_turn = self._changed, self._all_changed, self._has_turned
        self._changed, self._all_changed, self._has_turned = set(), False, False
        while True:
            try:
                if not everything:
                    return await off_loop(partial(self.index.follow, changed, is_turn=is_turn))
                return await off_loop(self.index.read_again)
            except DatabaseAway:  # the listener says so once
                everything = True
            except Exception:  # noqa: BLE001  (the boards stay as they are until it works again)
                _log.exception("board.not_read")
                everything = True
            await asyncio.sleep(_AGAIN_AFTER_S)
