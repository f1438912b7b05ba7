"""Tells colleagues that somebody has a job open on this page, as long as they do."""

from __future__ import annotations

from contextlib import suppress

from nicegui import background_tasks, ui

from printlab.domain.policy import Actor
from printlab.errors import DatabaseAway
from printlab.offloop import off_loop
from printlab.services import Services
from printlab.services.presence import SAID_AGAIN_S


class Looker:
    """One page of one person, which is about the job ``home``, or about none. Make it while the page is built."""

    def __init__(self, services: Services, actor: Actor, home: int | None = None) -> None:
        self._presence = services.presence
        self._actor = actor
        self._client = ui.context.client
        self._home = self._job_id = home
        self._client.on_disconnect(self._leave)
        self._client.on_connect(self._say)
        ui.timer(SAID_AGAIN_S, self._say, immediate=False)

    def others(self, job_id: int) -> tuple[str, ...]:
        """The names of the colleagues who look at the job too."""
        return self._presence.others(job_id, self._actor.key)

    def look(self, job_id: int) -> None:
        """A form about this job is open."""
        self._turn_to(job_id)

    def back(self) -> None:
        """It is closed."""
        self._turn_to(self._home)

    def _turn_to(self, job_id: int | None) -> None:
        if job_id != self._job_id:
            self._job_id = job_id
            background_tasks.create(self._say() if job_id is not None else self._leave(), name="say who looks at a job")

    async def _say(self) -> None:
        if self._job_id is not None and self._client.has_socket_connection:
            with suppress(DatabaseAway):  # the page says so already, and this is said again soon
                await off_loop(self._presence.look, self._client.id, self._job_id, self._actor.key, self._actor.name)

    async def _leave(self) -> None:
        with suppress(DatabaseAway):
            await off_loop(self._presence.leave, self._client.id)
