"""The first admin's account, through the one-time link of the console."""

from __future__ import annotations

from collections.abc import Callable

from fastapi.responses import RedirectResponse
from nicegui import ui

from components import design
from components.buttons import primary_button
from components.fields import Fields
from components.notice import notice
from components.post_form import PostForm, hidden_input, named_input
from pages import _frame as frame
from printlab.errors import InvalidInput
from printlab.offloop import off_loop
from printlab.services import Services, fields


def register(services: Services) -> None:
    """Define the route."""

    @ui.page("/first-run/{token}", response_timeout=frame.PATIENCE_S)
    async def first_run(token: str) -> RedirectResponse | None:
        if not await off_loop(services.accounts.is_first_admin_token, token):
            return RedirectResponse("/login", status_code=303)
        frame.keep_private()
        with frame.public_frame(services, "First run"):
            FirstRunPage(token).create(services.settings.brand_name)
        return None


class FirstRunPage:
    """The form for the first admin."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.typed = Fields()

    def create(self, brand: str) -> None:
        """Lay out the form."""
        with ui.element("div").classes(f"{design.NARROW} pl-login"), ui.element("section").classes(design.CARD):
            ui.label(f"Welcome to {brand}").classes(design.TITLE).props("role=heading aria-level=1")
            ui.label("Make the first account. It can change everything and add your colleagues.").classes(design.MUTED)
            self.problem = ui.element("div")
            with PostForm("/auth/first-admin", self._sending, self._refused):
                hidden_input("setup_token", self.token)
                name = named_input("Your name", "name", "name").props("autofocus maxlength=200")
                email = named_input("E-mail", "email", "username").props("type=email")
                label = f"Password, at least {fields.PASSWORD_MIN} characters"
                self.password = named_input(label, "password", "new-password", password=True)
                for key, field in (("name", name), ("email", email), ("password", self.password)):
                    self.typed.add(key, field)
                self.button = primary_button("Create the account").props("type=submit")

    def _sending(self) -> None:
        self.problem.clear()
        self.typed.start()
        self.button.props("loading")

    def _refused(self, sentence: str) -> None:
        """Beside each field that is wrong; above them what no field is to blame for."""
        self.button.props(remove="loading")
        self.problem.clear()
        self._mark()
        if self.typed.complete:
            with self.problem:
                notice(sentence, "negative")

    def _mark(self) -> None:
        self.typed.start()
        self._mark_refused("name", fields.person_name)
        if self.typed.need("email", "Enter your e-mail address."):
            self._mark_refused("email", fields.email)
        self._mark_refused("password", fields.new_password, str(self.password.value or ""))

    def _mark_refused(self, name: str, read: Callable[[str], str], typed: str | None = None) -> None:
        try:
            read(self.typed.text(name) if typed is None else typed)
        except InvalidInput as refusal:
            self.typed.mark(name, str(refusal))
