"""The student's form: nothing typed is lost, one click makes one job."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from nicegui import ui
from nicegui.testing import User

from components.choice import Choice
from components.consent import Terms
from components.draft import CarryOver, Draft
from components.order_form import order_of
from components.order_sent import sent_address
from components.upload import Upload
from printlab.cookies import BROWSER_COOKIE
from printlab.domain.commands import JobFilter
from printlab.domain.policy import ANONYMOUS, SYSTEM, Actor
from printlab.domain.views import JobView, StagedFile, Strength, Submitted
from printlab.limits import RateLimiter, caller_from
from printlab.live import Changed
from printlab.services import Services, build_services
from printlab.settings import Settings
from tests.pages.acting import choice, field, file_error, fill, shown_file
from tests.pages.waiting import eventually, until
from tests.workbench import ORDER, Workbench, change_lab


async def upload(user: User, bench: Workbench) -> StagedFile:
    """Stage a file for this visitor's browser and tell the page, as the field does, until it shows the file."""
    browser = user.http_client.cookies[BROWSER_COOKIE]
    staged = await asyncio.to_thread(bench.stage, None, "bracket.stl", browser)
    user.find(kind=Upload).trigger("uploaded", {"id": staged.id})
    await eventually(lambda: shown_file(user))
    return staged


async def send(user: User, bench: Workbench) -> None:
    """Fill the form in, send it, and see the number."""
    await user.open("/")
    await upload(user, bench)
    fill(user)
    user.find("Send to the lab").click()
    await until(user, "Your job number")


def jobs(services: Services, staff: Actor) -> list[str]:
    """The file names of all jobs."""
    return [job.filename for job in services.search.find(JobFilter(), staff).items]


async def test_a_file_and_a_form_become_a_job(
    visitor: User, bench: Workbench, services: Services, staff: Actor
) -> None:
    await send(visitor, bench)
    assert jobs(services, staff) == ["ZoeMullerLukasz_Filament_Blue_1.stl"]
    job = services.search.get(1, staff)
    assert (job.student_name, job.printer, job.walk_in) == ("Zoë Müller-Łukasz", "Prusa MK4S", False)


async def test_two_clicks_make_one_job(visitor: User, bench: Workbench, services: Services, staff: Actor) -> None:
    await visitor.open("/")
    await upload(visitor, bench)
    fill(visitor)
    visitor.find("Send to the lab").click()
    visitor.find("Send to the lab").click()
    await until(visitor, "Your job number")
    assert len(jobs(services, staff)) == 1


async def test_what_is_missing_is_said_beside_each_field(visitor: User, services: Services, staff: Actor) -> None:
    await visitor.open("/")
    field(visitor, "First and last name").value = "Jane"
    visitor.find("Send to the lab").click()
    await until(visitor, "Without agreement to the terms the lab cannot take the file.")
    assert choice(visitor, "Colour").error == "Choose a colour."
    assert field(visitor, "E-mail").error is not None
    assert field(visitor, "First and last name").error is None
    assert next(iter(visitor.find(kind=Upload).elements)).props["error"]
    assert field(visitor, "First and last name").value == "Jane"
    assert jobs(services, staff) == []


async def test_all_that_is_wrong_is_said_in_one_round(visitor: User) -> None:
    await visitor.open("/")
    field(visitor, "E-mail").value = "zoe@@example"
    field(visitor, "Needed by (optional)").value = "2026-03-01"
    copies = next(iter(visitor.find(kind=ui.number).elements))
    copies.value = 501
    visitor.find("Send to the lab").click()
    await until(visitor, "Without agreement to the terms the lab cannot take the file.")
    assert field(visitor, "First and last name").error == "Enter your first and last name."
    assert field(visitor, "E-mail").error == "This is not an e-mail address. Check it for a typing error."
    assert field(visitor, "Needed by (optional)").error == "This date has passed. Choose today or a later day."
    assert copies.error == "Choose between 1 and 500 copies."


async def test_after_a_gap_the_form_and_the_sign_are_read_again(
    visitor: User, services: Services, settings: Settings
) -> None:
    """Another process closed the lab, and nobody here heard of it."""
    elsewhere = build_services(settings)
    await visitor.open("/")
    await asyncio.to_thread(change_lab, elsewhere, submissions_open=False, closed_message="We are moving.")
    services.live.publish(Changed(everything=True))
    await until(visitor, "We are moving.")
    await visitor.open("/")
    await asyncio.to_thread(change_lab, elsewhere, closed_message="We have moved.")
    services.live.publish(Changed(everything=True))
    await until(visitor, "We have moved.")
    elsewhere.close()


async def test_a_refusal_of_the_service_stands_beside_its_field(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    await upload(visitor, bench)
    fill(visitor)
    field(visitor, "First and last name").value = "Zoë " * 100
    visitor.find("Send to the lab").click()
    assert "This is too long" in await eventually(lambda: field(visitor, "First and last name").error)
    assert (shown_file(visitor) or {})["name"] == "bracket.stl"


async def test_after_sending_the_address_is_the_jobs_own_and_survives_a_reload(
    visitor: User, bench: Workbench, services: Services, staff: Actor
) -> None:
    await send(visitor, bench)
    address = visitor.back_history[-1]
    assert address == sent_address(Submitted(services.search.get(1, staff), services.search.get(1, staff).track_url))
    await visitor.open(address)
    await visitor.should_see("Your job number")
    await visitor.should_see("What happens next")
    assert len(jobs(services, staff)) == 1


async def test_another_one_is_filled_with_everything_but_the_file(visitor: User, bench: Workbench) -> None:
    await send(visitor, bench)
    button = next(iter(visitor.find(kind=CarryOver).elements)).props
    assert (button["name"], button["target"]) == ("printlab.submit.student", "/")
    await visitor.open("/")
    visitor.find(kind=Draft).trigger("restored", button["values"])
    assert await eventually(lambda: field(visitor, "First and last name").value) == "Zoë Müller-Łukasz"
    assert choice(visitor, "Colour").value == "Blue"
    assert shown_file(visitor) is None
    assert next(iter(visitor.find(kind=ui.checkbox).elements)).value is False


async def test_a_form_that_was_sent_keeps_nothing(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    draft = next(iter(visitor.find(kind=Draft).elements))
    await upload(visitor, bench)
    fill(visitor)
    assert draft.props["values"]["name"] == "Zoë Müller-Łukasz"
    visitor.find("Send to the lab").click()
    await until(visitor, "Your job number")
    assert draft.props["values"] is None


async def test_a_draft_comes_back_with_its_file_and_without_nonsense(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    staged = await upload(visitor, bench)
    kept = {"name": "Jane", "color": "Chartreuse", "quantity": True, "material": "PETG", "file": staged.id, "key": "k"}
    await visitor.open("/")
    visitor.find(kind=Draft).trigger("restored", kept | {"notes": ["no", "text"]})
    assert (await eventually(lambda: shown_file(visitor)))["name"] == "bracket.stl"
    assert field(visitor, "First and last name").value == "Jane"
    assert choice(visitor, "Material").value == "PETG"
    assert choice(visitor, "Colour").value is None
    assert next(iter(visitor.find(kind=ui.number).elements)).value == 1


async def test_the_file_of_another_browser_is_not_taken_over(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    foreign = await asyncio.to_thread(bench.stage, None, "secret.stl", "somebody else")
    visitor.find(kind=Upload).trigger("uploaded", {"id": foreign.id})
    assert "no longer here" in await eventually(lambda: file_error(visitor))
    assert shown_file(visitor) is None


async def test_only_what_is_offered_can_be_chosen(visitor: User) -> None:
    await visitor.open("/")
    color = choice(visitor, "Colour")
    visitor.find(kind=Choice).trigger("update:value", "Resin")
    await eventually(lambda: choice(visitor, "Method").value == "Resin")
    assert choice(visitor, "Printer").value == "Formlabs Form 3"
    assert {option.label for option in color.options} == {"Black", "White", "Grey", "Clear"}


async def test_a_closed_lab_says_so_and_when_it_opens(visitor: User, services: Services, admin: Actor) -> None:
    change_lab(services, admin, submissions_open=False, closed_message="We are moving.")
    await visitor.open("/")
    await visitor.should_see("We are moving.")
    await visitor.should_not_see("Send to the lab")


class TestWithAContact:
    """A lab that can be written to."""

    @pytest.fixture
    def changed_settings(self) -> dict[str, object]:
        """Where to."""
        return {"contact_email": "lab@example.edu"}

    async def test_a_closed_lab_says_where_to_ask(self, visitor: User, services: Services) -> None:
        change_lab(services, submissions_open=False, closed_message="We move.", pickup_where="Room 12.")
        await visitor.open("/")
        for text in ("Ask the lab", "Room 12.", "Monday to Friday, 9:00 to 17:00"):
            await visitor.should_see(text)
        links = {
            link.props["href"]: link.text for link in visitor.find(kind=ui.link, content="lab@example.edu").elements
        }
        assert links == {"mailto:lab@example.edu": "lab@example.edu"}

    async def test_a_form_that_the_lab_closes_says_where_to_ask(self, visitor: User, services: Services) -> None:
        await visitor.open("/")
        await visitor.should_not_see("Room 12.")
        await asyncio.to_thread(
            change_lab, services, submissions_open=False, closed_message="We move.", pickup_where="Room 12."
        )
        await until(visitor, "Room 12.")


async def test_a_closed_lab_without_any_of_it_does_not_send_people_to_ask(visitor: User, services: Services) -> None:
    change_lab(services, submissions_open=False, closed_message="We move.", pickup_where="", opening_hours="")
    await visitor.open("/")
    await visitor.should_see("The lab takes no files at the moment")
    for text in ("Ask the lab", "Where", "Opening hours", "Contact"):
        await visitor.should_not_see(kind=ui.label, content=text)


async def test_terms_that_change_are_agreed_to_again(visitor: User, services: Services) -> None:
    await visitor.open("/")
    box = next(iter(visitor.find(kind=ui.checkbox).elements))
    box.value = True
    await asyncio.to_thread(change_lab, services, terms="Bring cake.")
    await until(visitor, "The lab has changed its terms. Read them and agree again.")
    assert next(iter(visitor.find(kind=Terms).elements)).props["text"] == "Bring cake."
    assert box.value is False


async def test_a_method_without_colours_says_so_before_and_beside_the_field(visitor: User, services: Services) -> None:
    for color in services.catalog.view().colors_of("Resin"):
        services.catalog.save_color(replace(color, active=False), SYSTEM)
    await visitor.open("/")
    assert [option.note for option in choice(visitor, "Method").options] == ["", "no colour in stock"]
    choice(visitor, "Method").value = "Resin"
    sentence = "The lab has no colour in stock for Resin at the moment. Choose another method, or ask at its desk."
    assert choice(visitor, "Colour").props["empty"] == sentence
    visitor.find("Send to the lab").click()
    assert await eventually(lambda: choice(visitor, "Colour").error) == sentence


async def test_send_waits_for_a_file_that_is_under_way(visitor: User) -> None:
    await visitor.open("/")
    visitor.find(kind=Upload).trigger("started")
    fill(visitor)
    visitor.find("Send to the lab").click()
    error = await eventually(lambda: file_error(visitor))
    assert error == "The file is still on its way. Send the form when it has arrived."


async def test_the_draft_of_staff_remembers_who_it_is_for_and_keeps_its_file(
    visitor: User, bench: Workbench, password: str
) -> None:
    form = {"email": "sam@example.com", "password": password}
    await visitor.http_client.post("/auth/sign-in", data=form, headers={"Accept": "application/json"})
    await visitor.open("/")
    staged = await upload(visitor, bench)
    await visitor.open("/")
    draft = next(iter(visitor.find(kind=Draft).elements))
    visitor.find(kind=Draft).trigger("restored", {"walk_in": False, "file": staged.id, "key": "k"})
    await eventually(lambda: shown_file(visitor))
    assert next(iter(visitor.find(kind=ui.checkbox, content="For a walk-in student").elements)).value is False
    assert draft.props["values"] is None  # nothing was written over what was kept
    visitor.find(kind=ui.checkbox, content="For a walk-in student").click()
    values = await eventually(lambda: draft.props["values"])
    assert (values["walk_in"], values["file"]) == (True, staged.id)


async def test_without_a_mail_server_no_mail_is_promised(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    visitor.find("Send to the lab").click()
    error = await eventually(lambda: field(visitor, "E-mail").error)
    assert error == "Enter an e-mail address. The lab uses it to ask about the file."
    await send(visitor, bench)
    await visitor.should_see("The quote appears on this page")
    await visitor.should_see("The lab sends no e-mail: this link is your way back to the job.")


class TestWithAMailServer:
    """A lab that sends mail."""

    @pytest.fixture
    def changed_settings(self) -> dict[str, object]:
        """An address is enough: nothing is delivered here."""
        return {"smtp_url": "smtp://127.0.0.1:1"}

    async def test_the_student_hears_where_the_link_and_the_quote_go(self, visitor: User, bench: Workbench) -> None:
        await visitor.open("/")
        visitor.find("Send to the lab").click()
        error = await eventually(lambda: field(visitor, "E-mail").error)
        assert error == "Enter an e-mail address. The quote goes there."
        await send(visitor, bench)
        await visitor.should_see("You get the quote by e-mail")
        await visitor.should_see("It also goes to zoe@example.com.")


async def restore_an_order(user: User, job: JobView, staged_id: str, key: str) -> None:
    """Open the form with what was ordered as ``job``, as its draft keeps it for this file and key."""
    await user.open("/")
    user.find(kind=Draft).trigger("restored", order_of(job) | {"file": staged_id, "key": key})


async def test_a_guessed_key_of_somebody_elses_program_leads_nowhere(visitor: User, bench: Workbench) -> None:
    """Whoever knows what was ordered, and under which key, but has not the file, is not led to the job."""
    order = replace(ORDER, strength=Strength.STANDARD)
    job = bench.send(key="order-17", strength=order.strength).job
    foreign = bench.stage(None, "secret.stl", "somebody else").id
    submit = bench.services.submissions.submit
    assert submit(order, "any browser", foreign, ANONYMOUS, "order-17").job.id == job.id  # the bare key finds it

    await restore_an_order(visitor, job, foreign, "order-17")
    assert "no longer here" in await eventually(lambda: file_error(visitor))
    assert visitor.back_history == ["/"]


async def test_an_order_whose_answer_was_lost_is_found_by_the_browser_that_sent_it(
    visitor: User, bench: Workbench, services: Services, staff: Actor
) -> None:
    await visitor.open("/")
    staged = await upload(visitor, bench)
    fill(visitor)
    key = next(iter(visitor.find(kind=Draft).elements)).props["values"]["key"]
    visitor.find("Send to the lab").click()
    await until(visitor, "Your job number")
    await restore_an_order(visitor, services.search.get(1, staff), staged.id, key)
    await until(visitor, "It had arrived already; nothing was sent twice.")
    assert len(jobs(services, staff)) == 1


async def test_the_form_has_the_same_limit_as_the_programs(visitor: User, bench: Workbench) -> None:
    bench.services.submissions.per_caller = RateLimiter(1, 3600)
    await visitor.open("/")
    assert visitor.client is not None
    bench.services.submissions.per_caller.take(caller_from(visitor.client.request))
    await upload(visitor, bench)
    fill(visitor)
    visitor.find("Send to the lab").click()
    await until(visitor, "Too many requests from this address.")
