"""A staff member's own account: the password, and where they are signed in."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from components import design
from components.buttons import busy, primary_button, secondary_button
from pages import _frame as frame
from printlab.cookies import SESSION_COOKIE
from printlab.domain import words
from printlab.domain.policy import Actor
from printlab.domain.views import SessionView
from printlab.errors import InvalidInput
from printlab.offloop import off_loop, off_loop_hashing
from printlab.services import Services


def register(services: Services) -> None:
    """Define the route."""

    @ui.page("/account", response_timeout=frame.PATIENCE_S)
    async def account(request: Request) -> RedirectResponse | None:
        actor = await frame.staff_actor(services, request)
        if isinstance(actor, RedirectResponse):
            return actor
        page = AccountPage(services, actor, request.cookies.get(SESSION_COOKIE))
        await page.load()
        with frame.staff_frame(services, actor, "Your account"):
            page.create()
        return None


class AccountPage:
    """One staff member's account page."""

    def __init__(self, services: Services, actor: Actor, token: str | None) -> None:
        self.services = services
        self.actor = actor
        self.token = token
        self.sessions: tuple[SessionView, ...] = ()

    async def load(self) -> None:
        """Read the open sessions."""
        self.sessions = await off_loop(self.services.accounts.sessions, self.actor, self.token)

    def create(self) -> None:
        """Lay out both parts."""
        with ui.element("div").classes(design.READING):
            ui.label("Your account").classes(design.TITLE).props("role=heading aria-level=1")
            with ui.element("section").classes(design.CARD):
                self._create_password()
            with ui.element("section").classes(design.CARD):
                ui.label("Where you are signed in").classes(design.CARD_TITLE).props("role=heading aria-level=2")
                self._sessions()

    def _create_password(self) -> None:
        ui.label("Password").classes(design.CARD_TITLE).props("role=heading aria-level=2")
        with ui.element("form").classes("pl-form").on("submit.prevent", self._change_password):
            self.current = ui.input("Current password", password=True).props("autocomplete=current-password")
            with ui.element("div").classes(design.GRID):
                self.new = ui.input("New password", password=True).props("autocomplete=new-password")
                self.again = ui.input("New password once more", password=True).props("autocomplete=new-password")
            ui.label(
                "At least 10 characters. A short sentence is easy to remember. Your other browsers are signed out."
            ).classes("pl-hint")
            with ui.element("div").classes(design.ROW):
                self.button = primary_button("Change password").props("type=submit")

    async def _change_password(self) -> None:
        self.current.error = self.new.error = self.again.error = None
        if self.new.value != self.again.value:
            self.again.error = "The two new passwords differ. Type the new one twice."
            return
        with frame.shown_to_user(), busy(self.button):
            change = self.services.accounts.change_password
            try:
                await off_loop_hashing(change, self.actor, self.current.value or "", self.new.value or "", self.token)
            except InvalidInput as refusal:
                (self.current if refusal.field == "current" else self.new).error = str(refusal)
                return
            self.current.value = self.new.value = self.again.value = ""
            frame.SESSIONS_CHANGED.emit()
            frame.say("Password changed. Your other browsers are signed out.")
            await self._reload()

    @ui.refreshable_method
    def _sessions(self) -> None:
        with ui.element("table").classes("pl-table"):
            with ui.element("thead"), ui.element("tr"):
                for title in ("Browser", "Last used"):
                    with ui.element("th").props("scope=col"):
                        ui.label(title)
                with ui.element("th").props("scope=col"):
                    ui.label("Action").classes("pl-sr")
            with ui.element("tbody"):
                for session in self.sessions:
                    self._session(session)

    def _session(self, session: SessionView) -> None:
        now, zone = self.services.clock(), self.services.settings.zone
        with ui.element("tr"):
            with ui.element("td"):
                ui.label(browser_name(session.user_agent))
                ui.label(f"since {words.when(session.created_at, now, zone)}").classes("pl-small pl-muted")
            with ui.element("td"):
                ui.label(words.when(session.last_seen_at, now, zone))
            with ui.element("td").style("text-align: end"):
                if session.current:
                    ui.label("this one").classes(design.MUTED)
                else:
                    secondary_button("Sign out", lambda: self._revoke(session))

    async def _revoke(self, session: SessionView) -> None:
        with frame.shown_to_user():
            await off_loop(self.services.accounts.revoke_session, self.actor, session.id)
            frame.SESSIONS_CHANGED.emit()
            frame.say(f"{browser_name(session.user_agent)} is signed out.")
            await self._reload()

    async def _reload(self) -> None:
        await self.load()
        self._sessions.refresh()


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """``Firefox on Windows``, as far as the browser says; for people, not for decisions."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser
