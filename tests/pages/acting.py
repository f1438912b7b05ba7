"""What people do on pages, and what they find there."""

from __future__ import annotations

from typing import Any

import orjson
from nicegui import ui
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction

from components.choice import Choice
from components.upload import Upload
from printlab.domain.views import JobView
from tests.pages.waiting import until

JSON = {"Accept": "application/json"}


async def sign_in(user: User, password: str, **more: str) -> int:
    """Post the form; the answer's status code."""
    form = {"email": "sam@example.com", "password": password, **more}
    return (await user.http_client.post("/auth/sign-in", data=form, headers=JSON)).status_code


async def look_at(user: User, job: JobView) -> None:
    """Open the job's page."""
    await user.open(f"/jobs/{job.id}")
    await until(user, f"#{job.id}")


def field(user: User, label: str) -> ui.input:
    """The text field with this label."""
    return next(f for f in user.find(kind=ui.input).elements if f.props["label"] == label)


def send_form(user: User, label: str) -> None:
    """Press the button that sends its form."""
    buttons = user.find(kind=ui.button, content=label).elements
    form = next(element for button in buttons for element in button.ancestors() if element.tag == "form")
    UserInteraction(user, {form}, None).trigger("submit.prevent")


def choice(user: User, label: str) -> Choice:
    """The choice with this label."""
    return next(c for c in user.find(kind=Choice).elements if c.props["label"] == label)


def shown_file(user: User) -> dict[str, Any] | None:
    """The file that stands in the form."""
    return next(iter(user.find(kind=Upload).elements)).props["file"]


def file_error(user: User) -> str | None:
    """What is said beside the file."""
    return next(iter(user.find(kind=Upload).elements)).props["error"]


def fill(user: User) -> None:
    """Type a name and an address, choose blue, agree."""
    field(user, "First and last name").value = "Zoë Müller-Łukasz"
    field(user, "E-mail").value = "zoe@example.com"
    choice(user, "Colour").value = "Blue"
    next(iter(user.find(kind=ui.checkbox).elements)).value = True


def path_of(job: JobView) -> str:
    """The path of the private link."""
    return "/track/" + job.track_url.rsplit("/", 1)[1]


Sent = list[dict[str, Any]] | dict[str, Any]
"""What a board's browser is sent: some cards, or a whole beginning."""


def cards_in(sent: Sent) -> list[dict[str, Any]]:
    """The cards of what a board was sent, as its browser reads them."""
    entries = sent["cards"] if isinstance(sent, dict) else sent
    return [orjson.loads(orjson.dumps(entry["card"])) for entry in entries if "card" in entry]
