"""Signing in, for staff."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from components import design
from components.buttons import primary_button
from components.fields import Fields
from components.kept_typing import ForgottenTyping
from components.notice import notice
from components.post_form import PostForm, hidden_input, named_input
from pages import _frame as frame
from printlab.offloop import off_loop
from printlab.services import Services


def register(services: Services) -> None:
    """Define the route."""

    @ui.page("/login", response_timeout=frame.PATIENCE_S)
    async def login(request: Request) -> RedirectResponse | None:
        if (await frame.visitor(services, request)).is_staff:
            return RedirectResponse("/board", status_code=303)
        empty = await off_loop(services.accounts.needs_first_admin)
        with frame.public_frame(services, "Sign in"):
            LoginPage(request.query_params.get("next", "/board")).create(empty=empty)
        return None


class LoginPage:
    """One visitor's sign-in form; ``target`` is where it leads, which the route checks."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.typed = Fields()

    def create(self, *, empty: bool) -> None:
        """Lay out the form; ``empty`` when there is no account yet. Signing out leads here too."""
        ForgottenTyping()
        with ui.element("div").classes(f"{design.NARROW} pl-login"), ui.element("section").classes(design.CARD):
            ui.label("Sign in").classes(design.TITLE).props("role=heading aria-level=1")
            ui.label("For lab staff. Students need no account.").classes(design.MUTED)
            if empty:
                notice("There is no account yet. Open the one-time link that the server printed on its console.")
                return
            with PostForm("/auth/sign-in", self._sending, self._refused):
                hidden_input("next", self.target)
                email = named_input("E-mail", "email", "username").props("type=email autofocus")
                self.password = named_input("Password", "password", "current-password", password=True)
                self.typed.add("email", email)
                self.typed.add("password", self.password)
                self.button = primary_button("Sign in").props("type=submit")
            ui.label("Forgotten it? Whoever runs the server can set a new password for you.").classes(
                f"{design.SMALL} {design.MUTED}"
            )

    def _sending(self) -> None:
        self.typed.start()
        self.button.props("loading")

    def _refused(self, sentence: str) -> None:
        """Beside the fields that are empty; when none is, what the server said, beside the password."""
        self.button.props(remove="loading")
        self.typed.start()
        self.typed.need("email", "Enter your e-mail address.")
        if not self.password.value:
            self.typed.mark("password", "Enter your password.")
        if self.typed.complete:
            self.typed.mark("password", sentence)
            self.password.run_method("select")
