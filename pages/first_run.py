"""The first admin's account, through the one-time link of the console."""

from __future__ import annotations

from fastapi.responses import RedirectResponse
from nicegui import ui

from components import design
from components.buttons import primary_button
from components.notice import notice
from components.post_form import PostForm, hidden_input, named_input
from pages import _frame as frame
from printlab.offloop import off_loop
from printlab.services import Services


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

    def create(self, brand: str) -> None:
        """Lay out the form."""
        with ui.element("div").classes(f"{design.NARROW} pl-login"), ui.element("section").classes(design.CARD):
            ui.label(f"Welcome to {brand}").classes(design.TITLE).props("role=heading aria-level=1")
            ui.label("Make the first account. It can change everything and add your colleagues.").classes(design.MUTED)
            self.problem = ui.element("div")
            with PostForm("/auth/first-admin", self._sending, self._refused):
                hidden_input("setup_token", self.token)
                named_input("Your name", "name", "name").props("autofocus maxlength=200")
                named_input("E-mail", "email", "username").props("type=email")
                named_input("Password, at least 10 characters", "password", "new-password", password=True)
                self.button = primary_button("Create the account").props("type=submit")

    def _sending(self) -> None:
        self.problem.clear()
        self.button.props("loading")

    def _refused(self, sentence: str) -> None:
        self.button.props(remove="loading")
        self.problem.clear()
        with self.problem:
            notice(sentence, "negative")
