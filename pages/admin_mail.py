"""Every mail at ``/admin/mail``: what was written to whom, and whether it went out. For all staff."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from components import design
from components.admin_nav import admin_nav, admin_style, page_title
from components.mail_list import MailList, OpenMail, is_settled
from components.notice import notice
from components.wording_list import WORDING_PATH
from pages import _frame as frame
from printlab.domain.policy import Actor
from printlab.domain.views import MailView
from printlab.offloop import off_loop
from printlab.services import Services

_SHOWN = 200
_KEPT = (
    "No mail server is set up, so mails are kept here to be read and are never sent. An operator sets one with "
    "PRINTLAB_SMTP_URL; mails written before that stay unsent."
)
_LIMIT = (
    f"The newest {_SHOWN} mails, and every older one that waits or could not be sent. Other older ones are on their "
    "job’s page."
)


def register(services: Services) -> None:
    """Define the route."""

    @ui.page("/admin/mail", response_timeout=frame.PATIENCE_S)
    async def admin_mail(request: Request) -> RedirectResponse | None:
        actor = await frame.staff_actor(services, request)
        if isinstance(actor, RedirectResponse):
            return actor
        page = MailPage(services, actor)
        await page.load()
        with frame.staff_frame(services, actor, "Mail", "mail"):
            page.create()
            await page.changes.begin()
        return None


class MailPage:
    """One person's view of the outbox; a job that changes has its own mails read again, and no others.

    It listens once it is made.
    """

    def __init__(self, services: Services, actor: Actor) -> None:
        self.services = services
        self.actor = actor
        self.sends = services.outbox.sends
        self.mails: dict[int, MailView] = {}
        self.changes = frame.ChangedJobs(self._read_again)

    async def load(self) -> None:
        """Read the newest mails."""
        self.mails = {}
        self._take(await off_loop(self.services.mail.outbox, self.actor, None, _SHOWN))

    def _take(self, mails: Iterable[MailView]) -> None:
        fresh = self.mails | {mail.id: mail for mail in mails}
        newest = [fresh[mail_id] for mail_id in sorted(fresh, reverse=True)]
        kept = newest[:_SHOWN] + [mail for mail in newest[_SHOWN:] if not is_settled(mail)]
        self.mails = {mail.id: mail for mail in kept}

    def create(self) -> None:
        """Lay out the list, or why there is none."""
        admin_style()
        with ui.element("div").classes("pla-page"):
            if self.actor.is_admin:
                admin_nav("mail")
            page_title("Mail", "What PrintLab wrote to students, newest first.")
            if self.actor.is_admin:
                ui.link("Change the words of mails", WORDING_PATH).classes(design.LINK)
            self._kept = notice(_KEPT)
            with ui.element("section").classes(f"{design.CARD} pla-mail-card") as self._card:
                self.list = MailList(self._open, self.services.settings.zone)
                self._limit = ui.label(_LIMIT).classes(f"{design.SMALL} {design.MUTED} {design.PROSE}")
            with ui.element("section").classes(design.CARD) as self._empty:
                self._create_empty()
        self._show()

    def _create_empty(self) -> None:
        with ui.element("div").classes("pl-empty"):
            ui.icon("mail_outline").props("aria-hidden=true")
            ui.label("No mail yet").classes(design.HEADING)
            ui.label(
                "When a file arrives, and when a job is quoted, rejected, ready or handed over, PrintLab writes to the "
                "student. Each of these mails appears here with its state."
            ).classes(design.PROSE)
            if not self.sends:
                ui.label(_KEPT).classes(design.PROSE)

    def _show(self) -> None:
        there = bool(self.mails)
        self._card.set_visibility(there)
        self._empty.set_visibility(not there)
        self._kept.set_visibility(there and not self.sends)
        self._limit.set_visibility(len(self.mails) >= _SHOWN)
        self.list.show(self.mails.values(), self.services.clock())

    # ---------- one mail ----------

    async def _open(self, mail_id: int) -> None:
        with frame.shown_to_user():
            mail = await off_loop(self.services.mail.mail, mail_id, self.actor)
            zone, now = self.services.settings.zone, self.services.clock()
            OpenMail(mail, zone, now, self._send_again if self.sends else None).open()

    async def _send_again(self, mail: MailView) -> bool:
        with frame.shown_to_user():
            await off_loop(self.services.mail.send_again, mail.id, self.actor)
            frame.say("The mail goes out within seconds")
            return True
        return False

    # ---------- live ----------

    async def _read_again(self, changed: set[int] | None) -> None:
        if changed is None:
            await self.load()
        else:
            for job_id in changed:
                self._take(await off_loop(self.services.mail.outbox, self.actor, job_id, _SHOWN))
        self._show()
