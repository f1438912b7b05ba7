"""How the app stands at ``/admin/health``: its checks, and the files in the shared folder that are no job's."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from components import design
from components.admin_nav import admin_nav, admin_style, page_title
from components.buttons import busy, confirmed, quiet_button
from components.form_dialog import FormDialog
from components.health import MOST_STRAYS, GiveForm, checks, cleanup_runs, orphans, strays
from pages import _frame as frame
from printlab.domain.naming import printable
from printlab.domain.policy import Actor
from printlab.domain.retention import CleanupRun
from printlab.domain.views import Health, OrphanView, StrayView
from printlab.errors import NotFound
from printlab.offloop import off_loop
from printlab.services import Services

_LOOKS_EVERY_S = 5.0


def register(services: Services) -> None:
    """Define the route."""

    @ui.page("/admin/health", response_timeout=frame.PATIENCE_S)
    async def admin_health(request: Request) -> RedirectResponse | None:
        actor = await frame.admin_actor(services, request)
        if isinstance(actor, RedirectResponse):
            return actor
        with frame.staff_frame(services, actor, "Health", "admin"):
            page = HealthPage(services, actor)
            page.create()
            await page.look()
        return None


class HealthPage:
    """Looks again by itself as long as somebody looks at it, and draws only what changed."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self.services = services
        self.actor = actor
        self._checked: tuple[Health, dict[str, str]] | None = None
        self._orphaned: tuple[OrphanView, ...] | None = None
        self._cleaned: tuple[CleanupRun, ...] | None = None
        self._listed: tuple[tuple[StrayView, ...], int] | None = None

    def create(self) -> None:
        """Lay out the page."""
        admin_style()
        with ui.element("div").classes("pla-page"):
            admin_nav("health")
            page_title("Health", "Whether PrintLab can work, and which files it does not know what to do with.")
            with ui.element("section").classes(design.CARD):
                ui.label("Checks").classes(design.CARD_TITLE).props("role=heading aria-level=2")
                self._checks = ui.element("div")
            with ui.element("section").classes(design.CARD):
                ui.label("Cleanup").classes(design.CARD_TITLE).props("role=heading aria-level=2")
                self._cleanup = ui.element("div")
            with ui.element("section").classes(design.CARD):
                ui.label("Files of no job").classes(design.CARD_TITLE).props("role=heading aria-level=2")
                self._strays = ui.element("div").classes(design.STACK)
            with ui.element("section").classes(design.CARD):
                ui.label("Archived files of no job").classes(design.CARD_TITLE).props("role=heading aria-level=2")
                self._orphans = ui.element("div").classes(design.STACK)
                with ui.element("div").classes(design.ROW):
                    self._again = quiet_button("Look through the archive now", self._look_through, icon="search")
        ui.timer(_LOOKS_EVERY_S, self.look)

    async def look(self) -> None:
        """Show how it stands now; nothing any more to whoever signed out or is no admin now."""
        if not await frame.is_still_in(self.services, self.actor):
            return
        health, figures = await off_loop(self.services.health.ready), await off_loop(self.services.health.figures)
        found = await off_loop(self.services.noticing.strays)
        orphaned = await off_loop(self.services.orphans.listed, self.actor)
        runs = await off_loop(self.services.retention.runs, self.actor)
        # Once more: what came meanwhile is not theirs to see.
        if not await frame.is_still_in(self.services, self.actor):
            return
        self._show_checks(health, figures)
        self._show_cleanup(runs)
        self._show_orphans(orphaned)
        self._show_strays(found[:MOST_STRAYS], len(found))

    def _show_checks(self, health: Health, figures: dict[str, str]) -> None:
        if self._checked == (health, figures):
            return
        self._checked = health, figures
        self._checks.clear()
        with self._checks:
            checks(health, figures)

    def _show_cleanup(self, runs: tuple[CleanupRun, ...]) -> None:
        if self._cleaned == runs:
            return
        self._cleaned = runs
        self._cleanup.clear()
        with self._cleanup:
            cleanup_runs(runs, self.services.settings.zone, self.services.clock())

    def _show_strays(self, listed: tuple[StrayView, ...], count: int) -> None:
        if self._listed == (listed, count):
            return
        self._listed = listed, count
        self._strays.clear()
        with self._strays:
            strays(listed, count, str(self.services.settings.storage), self._ask_job, self._delete_stray)

    def _show_orphans(self, orphaned: tuple[OrphanView, ...]) -> None:
        if self._orphaned == orphaned:
            return
        self._orphaned = orphaned
        self._orphans.clear()
        with self._orphans:
            orphans(orphaned, self._delete_orphan)

    async def _look_through(self) -> None:
        with frame.shown_to_user(), busy(self._again):
            found = await off_loop(self.services.orphans.look)
            frame.say("Every file in the archive belongs to a job." if not found.count else "The list is new.")
            await self.look()

    async def _delete_orphan(self, orphan: OrphanView) -> None:
        await self._delete(orphan.place, self.services.orphans.delete)

    async def _delete_stray(self, stray: StrayView) -> None:
        await self._delete(stray.place, self.services.noticing.delete)

    async def _delete(self, place: str, delete: Callable[[str, Actor], CleanupRun]) -> None:
        name = printable(place)
        if not await confirmed(f"Delete {name}?", "It is deleted for good. No job has it.", f"Delete {name}"):
            return
        with frame.shown_to_user():
            await off_loop(delete, place, self.actor)
            frame.say(f"{name} is deleted.")
        await self.look()

    def _ask_job(self, stray: StrayView) -> None:
        form = GiveForm(stray)

        async def save() -> bool:
            return await self._give(stray, form)

        FormDialog("Give this file to a job", "Give to this job", form.create, save).open()

    async def _give(self, stray: StrayView, form: GiveForm) -> bool:
        job_id = form.read()
        if job_id is None:
            return False
        with frame.shown_to_user():
            try:
                job = await off_loop(self.services.noticing.give, job_id, stray.place, self.actor)
            except NotFound as refusal:
                form.fields.mark("job_id", str(refusal))
                return False
            frame.say(f"Job {job.id} has the file now. Choose “Use this file” there to let it count.")
            await self.look()
            return True
        return False
