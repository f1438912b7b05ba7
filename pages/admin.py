"""The lab itself at ``/admin``: submissions, texts, terms, prices."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import background_tasks, ui

from components import design
from components.admin_nav import admin_nav, admin_style, page_title
from components.buttons import busy, primary_button, secondary_button
from components.draft import Draft, Values
from components.lab_form import LabForm
from pages import _frame as frame
from printlab.domain.policy import Actor
from printlab.domain.views import LabView
from printlab.errors import InvalidInput
from printlab.offloop import off_loop
from printlab.services import Services
from printlab.services.merging import ChangedMeanwhile

_KEPT = "Your changes of last time are here again, not saved yet."
_MARKED = "Not saved: look at what stands in red."
_CROSSED = "Somebody else saved the same fields meanwhile. Saving yours replaces theirs; Discard shows them."


def register(services: Services) -> None:
    """Define the route."""

    @ui.page("/admin", response_timeout=frame.PATIENCE_S)
    async def admin(request: Request) -> RedirectResponse | None:
        actor = await frame.admin_actor(services, request)
        if isinstance(actor, RedirectResponse):
            return actor
        lab = await off_loop(services.lab.view)
        with frame.staff_frame(services, actor, "Lab", "admin"):
            page = LabPage(services, actor, lab)
            page.create()
            await page.begin()
        return None


class LabPage:
    """One admin's form about the lab."""

    def __init__(self, services: Services, actor: Actor, lab: LabView) -> None:
        self.services = services
        self.actor = actor
        self._saving = False
        self._why = ""
        self._preview = frame.Rereading(self._read_preview)
        settings = services.settings
        today = services.clock().astimezone(settings.zone).date()
        self.form = LabForm(lab, settings.currency, today, self._changed, settings.contact_email)

    def create(self) -> None:
        """Lay out the form and the bar that saves it."""
        admin_style()
        with ui.element("div").classes("pla-page"):
            admin_nav("lab")
            page_title("Lab", "What students read and agree to, how long the lab waits for them, and what it keeps.")
            with ui.element("div").classes(design.GROUPS):
                self._create_bar()
                self.form.create()
            self._bar.move()
        self.draft = Draft("printlab.admin.lab", self._restore)
        frame.LAB_CHANGED.subscribe(self._lab_changed)
        frame.EVERYTHING_CHANGED.subscribe(self._lab_changed)

    async def begin(self) -> None:
        """The page is laid out: say what the limits would do."""
        await self._preview.begin()
        await self._preview.ask()

    def _create_bar(self) -> None:
        with ui.element("div").classes("pla-save-bar") as self._bar:
            self._state = ui.label().classes("pla-save-state").props("role=status")
            self._discard = secondary_button("Discard", self._discard_clicked)
            self._save = primary_button("Save changes", self._save_clicked)

    # ---------- what was changed ----------

    def _changed(self) -> None:
        touched = bool(self.form.touched)
        self._bar.classes(add="pla-save-bar-live" if touched else "", remove="" if touched else "pla-save-bar-live")
        if not touched:
            self._why = ""
        self._state.set_text((self._why or "Not saved yet") if touched else "All changes are saved")
        self._save.set_enabled(touched)
        self._discard.set_enabled(touched)
        if hasattr(self, "draft"):
            self._keep()
            background_tasks.create(self._preview.ask(), name="say what the limits would do")

    async def _read_preview(self) -> None:
        """What the limits and the rules for jobs that ended would do as they stand in the fields."""
        typed, days, services = self.form.limits_as_typed(), self.form.retention, self.services
        found = typed and await off_loop(services.reminders.preview, *typed, self.actor)
        self.form.show_outlook(found, services.clock(), services.settings.zone)
        self.form.say_what_it_would_do({} if days is None else await off_loop(services.retention.would, days))

    def _keep(self) -> None:
        if self.form.touched:
            self.draft.keep(self.form.values())
        else:
            self.draft.forget()

    async def _restore(self, kept: Values) -> None:
        if kept and self.form.restore(kept):
            self._explain(_KEPT)

    def _discard_clicked(self) -> None:
        self.form.discard()

    async def _lab_changed(self) -> None:
        if not self._saving:  # its own doing
            await self._follow()

    async def _follow(self) -> None:
        if self.form.follow(await off_loop(self.services.lab.view)):
            self._explain(_CROSSED)

    def _explain(self, sentence: str) -> None:
        self._why = sentence
        self._changed()

    # ---------- saving ----------

    async def _save_clicked(self) -> None:
        if self._saving:
            return
        self._saving = True
        try:
            with frame.shown_to_user(), busy(self._save):
                await self._write()
        finally:
            self._saving = False

    async def _write(self) -> None:
        changes = self.form.changes()
        if changes is None:
            self._explain(_MARKED)
            return
        before = self.form.lab
        try:
            after = await off_loop(self.services.lab.change, changes, before, self.actor)
        except InvalidInput as refusal:
            if not self.form.refuse(refusal.field, str(refusal)):
                raise
            self._explain(_MARKED)
            return
        except ChangedMeanwhile:
            await self._follow()
            raise
        self.form.saved(after)
        frame.say(_done(before, after))


def _done(before: LabView, after: LabView) -> str:
    if before.submissions_open and not after.submissions_open:
        return "Saved. Submissions are closed; students read your message."
    if after.submissions_open and not before.submissions_open:
        return "Saved. Submissions are open again."
    if after.terms_version != before.terms_version:
        return f"Saved. The terms are version {after.terms_version} now."
    return "Saved."
