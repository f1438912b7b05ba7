"""Staff accounts as a table, and what is asked about a new one or about a token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from nicegui import ui

from components import design
from components.buttons import secondary_button
from components.choice import Choice, Option
from components.fields import Fields, address
from printlab.domain import words
from printlab.domain.policy import ActorKind
from printlab.domain.views import TokenView, UserView

_ROLES = (
    Option(ActorKind.STAFF, "Staff", "works with jobs"),
    Option(ActorKind.ADMIN, "Admin", "also changes the lab"),
)
_ROLE_NAMES = {ActorKind.STAFF: "Staff", ActorKind.ADMIN: "Admin"}


def staff_table(
    users: Sequence[UserView],
    own_id: int | None,
    now: datetime,
    zone: tzinfo,
    on_deactivate: Callable[[UserView], Any],
    on_activate: Callable[[UserView], Any],
) -> None:
    """All accounts, those in use first; one's own cannot be deactivated here."""
    with ui.element("table").classes("pla-table"):
        with ui.element("thead"), ui.element("tr"):
            for title in ("Name", "Role", "Account", "Last seen", "Change"):
                with ui.element("th").props("scope=col"):
                    ui.label(title).classes("pl-sr" if title == "Change" else "")
        with ui.element("tbody"):
            for user in sorted(users, key=lambda u: not u.active):
                with ui.element("tr").classes("" if user.active else "pla-off"):
                    _person(user, own=user.id == own_id)
                    _facts(user, now, zone)
                    with ui.element("td").classes("pla-tight"):
                        _change(user, own_id, on_deactivate, on_activate)


def _person(user: UserView, *, own: bool) -> None:
    with ui.element("td").classes("pla-value"):
        ui.label(f"{user.name} (you)" if own else user.name).classes("pla-name")
        ui.label(user.email).classes(f"{design.SMALL} {design.MUTED}")


def _facts(user: UserView, now: datetime, zone: tzinfo) -> None:
    with ui.element("td").classes("pla-value pla-tight"):
        ui.label(_ROLE_NAMES.get(user.role, user.role.value))
    with ui.element("td").classes("pla-tight"):
        icon, text, tone = ("check_circle", "Active", "good") if user.active else ("block", "Deactivated", "quiet")
        with ui.element("span").classes(f"pla-state pla-{tone}"):
            ui.icon(icon).props("aria-hidden=true")
            ui.label(text)
    never = "not signed in" if user.active else "signed out"
    seen = words.when(user.last_seen_at, now, zone) if user.last_seen_at else never
    with ui.element("td").classes("pla-value pla-tight").props('data-label="Last seen"'):
        ui.label(seen).classes("" if user.last_seen_at else design.MUTED)


def _change(
    user: UserView,
    own_id: int | None,
    on_deactivate: Callable[[UserView], Any],
    on_activate: Callable[[UserView], Any],
) -> None:
    if user.id == own_id:
        return
    text, handler = ("Deactivate", on_deactivate) if user.active else ("Activate", on_activate)
    button = secondary_button(text, lambda: handler(user))
    button.props["aria-label"] = f"{text} {user.name}"


def token_table(
    tokens: Sequence[TokenView], now: datetime, zone: tzinfo, on_revoke: Callable[[TokenView], Any]
) -> None:
    """All tokens that are good; nothing when there is none."""
    if not tokens:
        return
    with ui.element("table").classes("pla-table"):
        with ui.element("thead"), ui.element("tr"):
            for title in ("Token", "Role", "Created", "Change"):
                with ui.element("th").props("scope=col"):
                    ui.label(title).classes("pla-sr" if title == "Change" else "")
        with ui.element("tbody"):
            for token in tokens:
                _token_row(token, words.when(token.created_at, now, zone), on_revoke)


def _token_row(token: TokenView, created: str, on_revoke: Callable[[TokenView], Any]) -> None:
    with ui.element("tr"):
        with ui.element("td").classes("pla-value"):
            ui.label(token.name).classes(f"pla-name {design.BREAK}")
        with ui.element("td").classes("pla-value pla-tight"):
            ui.label(_ROLE_NAMES.get(token.role, token.role.value))
        with ui.element("td").classes("pla-value pla-tight").props('data-label="Created"'):
            ui.label(created)
        with ui.element("td").classes("pla-tight"):
            button = secondary_button("Revoke", lambda: on_revoke(token))
            button.props["aria-label"] = f"Revoke {token.name}"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What was typed about a new account."""

    name: str
    email: str
    role: ActorKind
    password: str


class StaffForm:
    """A new account; ``suggest`` makes a password."""

    def __init__(self, suggest: Callable[[], str]) -> None:
        self.fields = Fields()
        self._suggest = suggest

    def create(self) -> None:
        """Lay out the fields in the current slot."""
        self.fields.add("name", ui.input("Name").props("autofocus autocomplete=off maxlength=200"))
        self.fields.add("email", ui.input("E-mail").props("type=email inputmode=email autocomplete=off"))
        self.fields.add("role", Choice("Role", _ROLES, value=ActorKind.STAFF))
        with ui.element("div").classes("pl-stack pl-tight"):
            with ui.element("div").classes("pla-with-button"):
                # In plain sight: it is passed on, and the browser must not keep it as this admin's own.
                password = ui.input("First password").props(
                    "autocomplete=off spellcheck=false maxlength=200 data-not-kept"
                )
                self.fields.add("password", password)
                secondary_button("Suggest a password", self._fill).props("type=button")
            ui.label("At least 10 characters. They can change it under “Your account”.").classes("pl-hint")

    def read(self) -> NewAccount | None:
        """What was typed, or None when something is missing; it says what."""
        fields = self.fields
        fields.start()
        account = NewAccount(
            name=fields.need("name", "Enter the person’s name."),
            email=fields.parse("email", address, ""),
            role=ActorKind(fields.text("role")),
            password=fields.need("password", "Enter a password, or take a suggestion."),
        )
        return account if fields.complete else None

    def _fill(self) -> None:
        self.fields.fill("password", self._suggest())


class TokenForm:
    """A new API token."""

    def __init__(self) -> None:
        self.fields = Fields()

    def create(self) -> None:
        """Lay out the fields in the current slot."""
        name = ui.input("Name").props("autofocus autocomplete=off maxlength=80")
        name.props["placeholder"] = "What uses it, for example “Kiosk at the entrance”"
        self.fields.add("name", name)
        self.fields.add("role", Choice("Role", _ROLES, value=ActorKind.STAFF))

    def read(self) -> tuple[str, ActorKind] | None:
        """Name and role, or None when the name is missing."""
        self.fields.start()
        name = self.fields.need("name", "Enter what the token is for.")
        role = ActorKind(self.fields.text("role"))
        return (name, role) if self.fields.complete else None
