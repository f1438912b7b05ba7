"""What mails say, at ``/admin/mail/words``, and the words of one kind of mail below it. For admins."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from components import design
from components.admin_nav import admin_nav, admin_style, page_title
from components.buttons import busy, confirmed
from components.mail_names import mail_name, mail_occasion
from components.wording_form import WordingForm
from components.wording_list import WORDING_PATH, WordingList
from pages import _frame as frame
from printlab.domain.policy import Actor
from printlab.domain.views import WordingView
from printlab.errors import InvalidInput, NotFound
from printlab.offloop import off_loop
from printlab.services import Services


def register(services: Services) -> None:
    """Define both routes."""

    @ui.page(WORDING_PATH, response_timeout=frame.PATIENCE_S)
    async def wordings(request: Request) -> RedirectResponse | None:
        actor = await frame.admin_actor(services, request)
        if isinstance(actor, RedirectResponse):
            return actor
        with frame.staff_frame(services, actor, "Words of mails", "mail"):
            await WordingsPage(services, actor).create()
        return None

    @ui.page(f"{WORDING_PATH}/{{kind}}", response_timeout=frame.PATIENCE_S)
    async def wording(request: Request, kind: str) -> RedirectResponse | None:
        actor = await frame.admin_actor(services, request)
        if isinstance(actor, RedirectResponse):
            return actor
        try:
            seen = await off_loop(services.wordings.get, kind, actor)
        except NotFound:
            with frame.problem(services, "There is no such mail", "Choose one from the list."):
                ui.link("Words of mails", WORDING_PATH).classes(design.LINK)
            return None
        with frame.staff_frame(services, actor, f"Mail: {mail_name(kind)}", "mail"):
            await WordingPage(services, actor, seen).create()
        return None


class WordingsPage:
    """One admin's list of all mails."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self.services = services
        self.actor = actor

    async def create(self) -> None:
        """Lay out the list."""
        admin_style()
        with ui.element("div").classes("pla-page"):
            admin_nav("mail")
            page_title("Words of mails", "What PrintLab writes, in its own words or in those of your lab.")
            with ui.element("section").classes(design.CARD):
                self._list = WordingList(self.services.settings.zone, self._switch)
        await self._show()

    async def _show(self) -> None:
        wordings = await off_loop(self.services.wordings.all, self.actor)
        self._list.show(wordings, self.services.clock())

    async def _switch(self, seen: WordingView, is_on: bool) -> None:
        with frame.shown_to_user():
            await off_loop(self.services.wordings.switch, seen, self.actor, is_on=is_on)
            frame.say(f"“{mail_name(seen.kind)}” is sent from now on" if is_on else f"“{mail_name(seen.kind)}” is off")
        await self._show()


class WordingPage:
    """One admin at the words of one kind of mail; what is typed is tried at once, and saved when they say so."""

    def __init__(self, services: Services, actor: Actor, seen: WordingView) -> None:
        self.services = services
        self.actor = actor
        self.seen = seen
        self._tries = 0

    async def create(self) -> None:
        """Lay out form and preview."""
        kind, wordings = self.seen.kind, self.services.wordings
        admin_style()
        with ui.element("div").classes("pla-page pla-page-wide"):
            admin_nav("mail")
            ui.link("Words of mails", WORDING_PATH).classes(design.LINK)
            is_off = "" if self.seen.is_on else " It is switched off in the list of mails."
            page_title(mail_name(kind), f"{mail_occasion(kind)}{is_off}")
            self.form = WordingForm(
                self.seen,
                wordings.names(kind),
                wordings.cases(kind),
                on_change=self._try,
                on_save=self._save,
                on_test=self._send_test,
                on_reset=self._reset,
            )
        await self._try()

    async def _try(self) -> None:
        """Show the mail in the words that are typed; of two tries the later counts."""
        self._tries += 1
        this = self._tries
        subject, body = self.form.words
        try:
            mail = await off_loop(
                self.services.wordings.preview, self.seen.kind, subject, body, self.form.case, self.actor
            )
        except InvalidInput as refusal:
            if this == self._tries:
                self.form.refuse(refusal.field, str(refusal))
            return
        if this == self._tries:
            self.form.show(mail.subject, mail.text, mail.html)

    async def _save(self) -> None:
        with frame.shown_to_user(), busy(self.form.save):
            try:
                saved = await off_loop(self.services.wordings.save, self.seen, *self.form.words, self.actor)
            except InvalidInput as refusal:
                self.form.refuse(refusal.field, str(refusal))
                return
            self._follow(saved)
            self.form.typing.forget()
            frame.say("Saved. Mails that are written from now on say this.")

    async def _send_test(self) -> None:
        with frame.shown_to_user(), busy(self.form.test):
            address = await off_loop(
                self.services.wordings.send_test, self.seen.kind, *self.form.words, self.form.case, self.actor
            )
            frame.say(f"A test is on its way to {address}")

    async def _reset(self) -> None:
        if not await confirmed("Go back to PrintLab’s words?", "Your lab’s words of this mail are deleted.", "Go back"):
            return
        with frame.shown_to_user():
            self._follow(await off_loop(self.services.wordings.reset, self.seen, self.actor))
            self.form.fill(self.seen)
            frame.say("Mails that are written from now on say this.")

    def _follow(self, saved: WordingView) -> None:
        self.seen = saved
        self.form.follow(saved)
