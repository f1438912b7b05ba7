"""What happens by the clock: each line calls one service. Every job here may run in every process at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from printlab.offloop import off_loop
from printlab.services import Services

_log = structlog.get_logger(__name__)
_LATE_S = 3600  # the library's default of 1 s skips what is late


class Scheduler:
    """Starts with the event loop, stops with it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._clock = AsyncIOScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": _LATE_S, "coalesce": True, "max_instances": 1}
        )
        self._sending: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; called on the event loop."""
        services = self._services
        self._every(60, "reconcile", services.filing.reconcile)
        self._every(1, "notice saved files", services.noticing.look, at_once=2)  # a look that is too early is none
        self._every(60, "watch the disks", services.disk_watch.look)
        self._every(20, "tell of messages", services.messages.tell)
        self._every(60, "remind and let lapse", services.reminders.run)
        self._every(3600, "forget files that are gone", services.noticing.sweep)
        self._every(3600, "clean up what each process leaves", services.retention.sweep)
        self._every(3600, "ask for the cleanup of the day", services.retention.request)  # the same one, all day
        self._every(3600, "learn how long it takes", services.waiting.renew)
        self._every(24 * 3600, "count rows", services.database.count_rows)
        self._tick(15, "mail", self._deliver)
        services.outbox.on_mail(partial(asyncio.get_running_loop().call_soon_threadsafe, self._send_now))
        services.listener.start()
        self._clock.start()
        self._send_now()

    async def stop(self) -> None:
        """End, and hang up where a connection is open."""
        self._clock.shutdown(wait=False)
        if self._sending is not None:
            self._sending.cancel()
        await off_loop(self._services.listener.stop)
        await self._services.delivery.close()

    def _every(self, interval_s: int, name: str, work: Callable[[], object], at_once: int = 1) -> None:
        self._tick(interval_s, name, partial(_run, name, work), at_once)

    def _tick(self, interval_s: int, name: str, work: Callable[[], Awaitable[None]], at_once: int = 1) -> None:
        self._clock.add_job(work, IntervalTrigger(seconds=interval_s), id=name, max_instances=at_once)  # pyright: ignore[reportUnknownMemberType]  (untyped library)

    def _send_now(self) -> None:
        """A commit left a mail: send it now, unless sending is under way and will find it."""
        if self._sending is None or self._sending.done():
            self._sending = asyncio.get_running_loop().create_task(self._deliver())

    async def _deliver(self) -> None:
        try:
            await self._services.delivery.deliver()
        except Exception:  # noqa: BLE001  (the next tick tries again; the reason is in the log)
            _log.exception("scheduler.failed", work="mail")


async def _run(name: str, work: Callable[[], object]) -> None:
    try:
        await off_loop(work)
    except Exception:  # noqa: BLE001  (one failed tick must not end the clock; the reason is in the log)
        _log.exception("scheduler.failed", work=name)
