"""The student's form: nothing typed is lost, one click makes one job."""

from __future__ import annotations

import asyncio

from nicegui import ui
from nicegui.testing import User

from components.choice import Choice
from components.draft import Draft
from components.upload import Upload
from printlab.cookies import BROWSER_COOKIE
from printlab.domain.commands import JobFilter
from printlab.domain.policy import Actor
from printlab.domain.views import StagedFile
from printlab.services import Services
from tests.workbench import Workbench, change_lab


def choice(user: User, label: str) -> Choice:
    """The choice with this label."""
    return next(c for c in user.find(kind=Choice).elements if c.props["label"] == label)


def field(user: User, label: str) -> ui.input:
    """The text field with this label."""
    return next(f for f in user.find(kind=ui.input).elements if f.props["label"] == label)


async def upload(user: User, bench: Workbench) -> StagedFile:
    """Stage a file for this visitor's browser and tell the page, as the field does."""
    browser = user.http_client.cookies[BROWSER_COOKIE]
    staged = await asyncio.to_thread(bench.stage, None, "bracket.stl", browser)
    user.find(kind=Upload).trigger("uploaded", {"id": staged.id})
    return staged


async def until(user: User, content: str) -> None:
    """Wait for a text: the services work in threads."""
    await user.should_see(content, retries=30)


def fill(user: User) -> None:
    """Type a name and an address, choose blue, agree."""
    field(user, "Name").value = "Zoë Müller-Łukasz"
    field(user, "E-mail").value = "zoe@example.com"
    choice(user, "Colour").value = "Blue"
    next(iter(user.find(kind=ui.checkbox).elements)).value = True


def jobs(services: Services, staff: Actor) -> list[str]:
    """The file names of all jobs."""
    return [job.filename for job in services.search.find(JobFilter(), staff).items]


async def test_a_file_and_a_form_become_a_job(
    visitor: User, bench: Workbench, services: Services, staff: Actor
) -> None:
    await visitor.open("/")
    await upload(visitor, bench)
    await asyncio.sleep(0.2)
    fill(visitor)
    visitor.find("Send to the lab").click()
    await until(visitor, "Your job number")
    assert jobs(services, staff) == ["ZoeMullerLukasz_Filament_Blue_1.stl"]
    job = services.search.get(1, staff)
    assert (job.student_name, job.printer, job.walk_in) == ("Zoë Müller-Łukasz", "Prusa MK4S", False)


async def test_two_clicks_make_one_job(visitor: User, bench: Workbench, services: Services, staff: Actor) -> None:
    await visitor.open("/")
    await upload(visitor, bench)
    await asyncio.sleep(0.2)
    fill(visitor)
    visitor.find("Send to the lab").click()
    visitor.find("Send to the lab").click()
    await until(visitor, "Your job number")
    assert len(jobs(services, staff)) == 1


async def test_what_is_missing_is_said_beside_each_field(visitor: User, services: Services, staff: Actor) -> None:
    await visitor.open("/")
    field(visitor, "Name").value = "Jane"
    visitor.find("Send to the lab").click()
    await until(visitor, "Without agreement to the terms the lab cannot take the file.")
    assert choice(visitor, "Colour").error == "Choose a colour."
    assert field(visitor, "E-mail").error is not None
    assert field(visitor, "Name").error is None
    assert next(iter(visitor.find(kind=Upload).elements)).props["error"]
    assert field(visitor, "Name").value == "Jane"
    assert jobs(services, staff) == []


async def test_a_refusal_of_the_service_stands_beside_its_field(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    await upload(visitor, bench)
    await asyncio.sleep(0.2)
    fill(visitor)
    field(visitor, "E-mail").value = "zoe@@example"
    visitor.find("Send to the lab").click()
    await asyncio.sleep(0.5)
    assert "not an e-mail address" in (field(visitor, "E-mail").error or "")
    assert next(iter(visitor.find(kind=Upload).elements)).props["file"]["name"] == "bracket.stl"


async def test_another_one_keeps_everything_but_the_file(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    await upload(visitor, bench)
    await asyncio.sleep(0.2)
    fill(visitor)
    visitor.find("Send to the lab").click()
    await until(visitor, "Your job number")
    visitor.find("Send another like this").click()
    await until(visitor, "Send to the lab")
    assert field(visitor, "Name").value == "Zoë Müller-Łukasz"
    assert choice(visitor, "Colour").value == "Blue"
    assert next(iter(visitor.find(kind=Upload).elements)).props["file"] is None


async def test_a_draft_comes_back_with_its_file_and_without_nonsense(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    staged = await upload(visitor, bench)
    kept = {"name": "Jane", "color": "Chartreuse", "quantity": True, "material": "PETG", "file": staged.id, "key": "k"}
    await visitor.open("/")
    visitor.find(kind=Draft).trigger("restored", kept | {"notes": ["no", "text"]})
    await asyncio.sleep(0.3)
    assert field(visitor, "Name").value == "Jane"
    assert choice(visitor, "Material").value == "PETG"
    assert choice(visitor, "Colour").value is None
    assert next(iter(visitor.find(kind=ui.number).elements)).value == 1
    assert next(iter(visitor.find(kind=Upload).elements)).props["file"]["name"] == "bracket.stl"


async def test_the_file_of_another_browser_is_not_taken_over(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    foreign = await asyncio.to_thread(bench.stage, None, "secret.stl", "somebody else")
    visitor.find(kind=Upload).trigger("uploaded", {"id": foreign.id})
    await asyncio.sleep(0.3)
    shown = next(iter(visitor.find(kind=Upload).elements)).props
    assert shown["file"] is None
    assert "no longer here" in shown["error"]


async def test_only_what_is_offered_can_be_chosen(visitor: User) -> None:
    await visitor.open("/")
    color = choice(visitor, "Colour")
    visitor.find(kind=Choice).trigger("update:value", "Resin")
    await asyncio.sleep(0.1)
    assert choice(visitor, "Method").value == "Resin"
    assert choice(visitor, "Printer").value == "Formlabs Form 3"
    assert {option.label for option in color.options} == {"Black", "White", "Grey", "Clear"}


async def test_a_closed_lab_says_so_and_when_it_opens(visitor: User, services: Services, admin: Actor) -> None:
    change_lab(services, admin, submissions_open=False, closed_message="We are moving.")
    await visitor.open("/")
    await visitor.should_see("We are moving.")
    await visitor.should_not_see("Send to the lab")
