"""What pages say about waiting, followed: the queue is read once for all of them, and only other words are sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import structlog
from nicegui import background_tasks, ui

from pages import _frame as frame
from printlab.domain.waiting import Forecast
from printlab.offloop import off_loop
from printlab.services import Services

_log = structlog.get_logger(__name__)
_SETTLES_S = 2.0
_AT_LEAST_EVERY_S = 60.0  # time goes on while nothing happens


_Said = TypeVar("_Said")


@dataclass(frozen=True, slots=True)
class Watch(Generic[_Said]):
    """``look`` says what a page has to say now, in a thread; ``show`` gets it on the loop."""

    look: Callable[[Forecast], _Said]
    show: Callable[[_Said], None]


class WaitFeed:
    """One for all pages: whoever watches is told at once of a first change, and of more every two seconds."""

    def __init__(self, services: Services) -> None:
        self._waiting = services.waiting
        self._watches: dict[object, Watch[Any]] = {}
        self._stirred = asyncio.Event()
        self._is_followed = False
        frame.JOB_CHANGED.subscribe(self._stir)
        frame.LAB_CHANGED.subscribe(self._stir)
        frame.EVERYTHING_CHANGED.subscribe(self._stir)

    def watch(self, page: object, look: Callable[[Forecast], _Said], show: Callable[[_Said], None]) -> None:
        """Have ``page`` follow from now on, until its visitor leaves."""
        self._watches[page] = Watch(look, show)
        self._stirred.set()  # it may have read before the last change
        ui.context.client.on_delete(lambda: self._forget(page))
        if not self._is_followed:
            self._is_followed = True
            background_tasks.create(self._follow(), name="follow the queue")

    def _forget(self, page: object) -> None:
        self._watches.pop(page, None)
        if not self._watches:
            self._stirred.set()

    def _stir(self) -> None:
        self._stirred.set()

    async def _follow(self) -> None:
        try:
            while self._watches:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stirred.wait(), _AT_LEAST_EVERY_S)
                self._stirred.clear()
                await self._tell_all()
                await asyncio.sleep(_SETTLES_S)
        finally:
            self._is_followed = False

    async def _tell_all(self) -> None:
        try:
            tellings = await off_loop(self._look, dict(self._watches))
        except Exception:  # noqa: BLE001  (the pages stay as they are until it works again)
            _log.exception("waiting.not_read")
            return
        for page, tell in tellings.items():
            if page in self._watches:  # else the visitor has left meanwhile
                with _others_go_on():
                    tell()

    def _look(self, watches: dict[object, Watch[Any]]) -> dict[object, Callable[[], None]]:
        """What is to be done on the loop for each page."""
        forecast = Forecast(self._waiting.now())
        tellings: dict[object, Callable[[], None]] = {}
        for page, watch in watches.items():
            with _others_go_on():
                tellings[page] = partial(watch.show, watch.look(forecast))
        return tellings


@contextmanager
def _others_go_on() -> Generator[None]:
    """Whatever one page does, the others must hear of it."""
    try:
        yield
    except Exception:  # noqa: BLE001  (as said)
        _log.exception("waiting.not_told")
