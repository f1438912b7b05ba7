"""Who may work here, at ``/admin/staff``: accounts, and tokens for programs."""

from __future__ import annotations

import re
import secrets

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from components import design
from components.admin_nav import admin_nav, admin_style, page_title
from components.admin_secret import Secret
from components.admin_staff import StaffForm, TokenForm, staff_table, token_table
from components.buttons import confirmed, primary_button, secondary_button
from components.form_dialog import FormDialog
from components.notice import notice
from pages import _frame as frame
from printlab.domain.policy import Actor, ActorKind
from printlab.domain.views import TokenView, UserView
from printlab.errors import Conflict, InvalidInput
from printlab.offloop import off_loop, off_loop_hashing
from printlab.services import Services

# Without letters that are mistaken for others: read aloud or copied from a slip of paper, it stays the same.
_CONSONANTS, _VOWELS = "bdfghkmnprstvz", "aeiou"
_SYLLABLES, _WORDS = 3, 4


def register(services: Services) -> None:
    """Define the route."""

    @ui.page("/admin/staff", response_timeout=frame.PATIENCE_S)
    async def admin_staff(request: Request) -> RedirectResponse | None:
        actor = await frame.admin_actor(services, request)
        if isinstance(actor, RedirectResponse):
            return actor
        page = StaffPage(services, actor)
        await page.load()
        with frame.staff_frame(services, actor, "Staff", "admin"):
            page.create()
        return None


def suggested_password() -> str:
    """A new password such as ``kobari-tumeda-nosiva-gefubo``: 73 bits, four words that can be spoken."""
    return "-".join(
        "".join(secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(_SYLLABLES)) for _ in range(_WORDS)
    )


class StaffPage:
    """One admin's view of the accounts."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self.services = services
        self.actor = actor
        self.users: tuple[UserView, ...] = ()
        self.tokens: tuple[TokenView, ...] = ()

    async def load(self) -> None:
        """Read accounts and tokens."""
        self.users = await off_loop(self.services.accounts.users, self.actor)
        self.tokens = await off_loop(self.services.accounts.tokens, self.actor)

    def create(self) -> None:
        """Lay out accounts and tokens."""
        admin_style()
        with ui.element("div").classes("pla-page"):
            admin_nav("staff")
            page_title("Staff", "Students need no account; everybody who works at the lab has one of their own.")
            with ui.element("section").classes(design.CARD):
                with ui.element("div").classes("pla-card-head"):
                    _title("Accounts", "Staff work with jobs. Admins also change what is on these pages.")
                    primary_button("Add staff", self._ask_account, icon="person_add")
                self._added = ui.element("div")
                self._accounts()
            with ui.element("section").classes(design.CARD):
                with ui.element("div").classes("pla-card-head"):
                    _title(
                        "API tokens",
                        "For slicers that send their files here, and for programs: /api/docs describes the API.",
                    )
                    secondary_button("Create token", self._ask_token, icon="key")
                self._token = ui.element("div")
                ui.label(
                    "A token is shown once, when it is made, and acts with the role that you give it. What a program "
                    "does is recorded under the token’s name."
                ).classes(f"{design.MUTED} {design.PROSE}")
                self._tokens()

    @ui.refreshable_method
    def _tokens(self) -> None:
        token_table(self.tokens, self.services.clock(), self.services.settings.zone, self._revoke)

    @ui.refreshable_method
    def _accounts(self) -> None:
        now, zone = self.services.clock(), self.services.settings.zone
        staff_table(self.users, self.actor.user_id, now, zone, self._deactivate, self._activate)

    async def _reload(self) -> None:
        await self.load()
        self._accounts.refresh()
        self._tokens.refresh()

    # ---------- letting in and locking out ----------

    async def _deactivate(self, user: UserView) -> None:
        text = (
            f"{user.email} is signed out everywhere at once and cannot sign in any more. What {user.name} did stays in "
            "the history. You can activate the account again."
        )
        if await confirmed(f"Deactivate {user.name}?", text, f"Deactivate {user.name}", keep="Keep active"):
            await self._set_active(user, active=False)

    async def _activate(self, user: UserView) -> None:
        await self._set_active(user, active=True)

    async def _set_active(self, user: UserView, *, active: bool) -> None:
        with frame.shown_to_user():
            await off_loop(self.services.accounts.set_active, user.id, active, self.actor)
            frame.SESSIONS_CHANGED.emit()
            frame.say(f"{user.name} can sign in again." if active else f"{user.name} is signed out and deactivated.")
            await self._reload()

    # ---------- a new account ----------

    def _ask_account(self) -> None:
        form = StaffForm(suggested_password)

        async def save() -> bool:
            return await self._add(form)

        FormDialog("Add staff", "Add account", form.create, save, kept_as="account new").open()

    async def _add(self, form: StaffForm) -> bool:
        typed = form.read()
        if typed is None:
            return False
        with frame.shown_to_user():
            add = self.services.accounts.add_user
            try:
                user = await off_loop_hashing(add, typed.email, typed.name, typed.role, typed.password, self.actor)
            except (InvalidInput, Conflict) as refusal:
                field = refusal.field if isinstance(refusal, InvalidInput) else "email"
                if not form.fields.mark(field, str(refusal)):
                    raise
                return False
            frame.say(f"{user.name} can sign in.")
            self._show_added(user, typed.password)
            await self._reload()
            return True
        return False

    def _show_added(self, user: UserView, password: str) -> None:
        self._added.clear()
        with self._added, ui.element("div").classes(design.PANEL):
            ui.label(f"{user.name} can sign in").classes(design.STRONG)
            ui.label(
                "Pass the password on in person. It is not shown again; it can be changed under “Your account”."
            ).classes(design.PROSE)
            with ui.element("div").classes("pla-pair"):
                Secret("E-mail", user.email)
                Secret("Password", password)
            with ui.element("div").classes(design.ROW):
                secondary_button("Done", self._added.clear)

    # ---------- tokens ----------

    def _ask_token(self) -> None:
        form = TokenForm()

        async def save() -> bool:
            return await self._create_token(form)

        FormDialog("Create API token", "Create token", form.create, save, kept_as="token new").open()

    async def _create_token(self, form: TokenForm) -> bool:
        typed = form.read()
        if typed is None:
            return False
        name, role = typed
        with frame.shown_to_user():
            try:
                token = await off_loop(self.services.accounts.create_token, name, role, self.actor)
            except InvalidInput as refusal:
                if not form.fields.mark(refusal.field, str(refusal)):
                    raise
                return False
            self._show_token(name, role, token)
            await self._reload()
            frame.say(f"Token “{_short(name)}” is created.")
            return True
        return False

    async def _revoke(self, token: TokenView) -> None:
        text = "Programs that use it are refused at once. A revoked token cannot come back; create a new one instead."
        if await confirmed(f"Revoke “{_short(token.name)}”?", text, "Revoke token", keep="Keep it"):
            with frame.shown_to_user():
                await off_loop(self.services.accounts.revoke_token, token.id, self.actor)
                frame.say(f"Token “{_short(token.name)}” is revoked.")
                await self._reload()

    def _show_token(self, name: str, role: ActorKind, token: str) -> None:
        self._token.clear()
        with self._token, ui.element("div").classes(design.PANEL):
            ui.label(f"{name} · {role.value.capitalize()}").classes(f"{design.STRONG} {design.BREAK}")
            notice("Copy the token now. It is not shown again, and whoever has it can act in its name.", "warning")
            Secret("Token", token)
            with ui.element("div").classes(design.ROW):
                secondary_button("Done", self._token.clear)


def _title(text: str, note: str) -> None:
    with ui.element("div").classes("pl-stack pl-tight"):
        ui.label(text).classes(design.CARD_TITLE).props("role=heading aria-level=2")
        ui.label(note).classes(f"{design.SMALL} {design.MUTED}")


def _short(name: str) -> str:
    line = re.sub(r"\s+", " ", name).strip()
    return line if len(line) <= 40 else f"{line[:39]}…"
