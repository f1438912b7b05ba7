"""Setting a computer up for “Open file” at ``/opener``."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from components import design
from components.buttons import busy
from components.notice import notice
from components.opener import SET_UP
from components.opener_set_up import SetUp, system_of
from pages import _frame as frame
from pages._opening import Helper
from printlab.domain.policy import Actor
from printlab.offloop import off_loop
from printlab.services import Services


def register(services: Services) -> None:
    """Define the route."""

    @ui.page(SET_UP, response_timeout=frame.PATIENCE_S)
    async def opener(request: Request) -> RedirectResponse | None:
        actor = await frame.staff_actor(services, request)
        if isinstance(actor, RedirectResponse):
            return actor
        with frame.staff_frame(services, actor, "Set up Open file"):
            OpenerPage(services, actor).create(request.headers.get("user-agent", ""))
        return None


class OpenerPage:
    """One person's view of the steps, on the computer that they set up."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self.services = services
        self.actor = actor

    def create(self, user_agent: str) -> None:
        """Lay out the steps."""
        settings = self.services.settings
        self.helper = Helper(self.services, self.actor)
        self.steps = SetUp(settings.public_url, settings.staff_root, system_of(user_agent), self._try)
        with ui.element("div").classes(design.READING):
            ui.label("Set up Open file").classes(design.TITLE).props("role=heading aria-level=1")
            ui.label(
                "“Open file” opens a job's file in this computer's slicer, straight from the lab's share: no download, "
                "no copy. Each computer needs a small helper for that, once."
            ).classes(f"pl-lead {design.PROSE}")
            if not settings.is_safe_for_helpers:
                notice(
                    f"The helper talks to {settings.public_url} only over HTTPS. Have PRINTLAB_BASE_URL set to an "
                    "https:// address first.",
                    "warning",
                )
            self.steps.create()

    async def _try(self) -> None:
        with frame.shown_to_user():
            with busy(self.steps.button):
                link = await off_loop(self.services.opening.try_out, self.actor)
                self.steps.wait()
                self.helper.call(link)
                answer = await self.helper.answer(link)
            if answer is None and not self.helper.is_gone:
                self.steps.miss()
                answer = await self.helper.late_answer(link)
            if answer is not None:
                self.steps.tell(answer)
