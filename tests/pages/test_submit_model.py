"""What the form says about a file before it is sent: size, price, what is odd, and that it is no model."""

from __future__ import annotations

import asyncio
import threading
from itertools import pairwise

import pytest
from nicegui import ui
from nicegui.testing import User

from components.model_viewer import ModelViewer
from components.upload import Upload
from printlab.cookies import BROWSER_COOKIE
from printlab.domain import fit
from printlab.domain.policy import Actor
from printlab.domain.views import StagedFile
from printlab.errors import NotFound
from printlab.services import Services
from tests import files_made
from tests.pages.acting import choice, file_error, fill, shown_file
from tests.pages.waiting import eventually, until
from tests.workbench import Workbench

_INCH_MM = 25.4


async def choose(user: User, bench: Workbench, content: bytes) -> None:
    """Upload a file as the field does, and have it looked at as a task does."""
    browser = user.http_client.cookies[BROWSER_COOKIE]
    staged = await asyncio.to_thread(bench.stage, content, "part.stl", browser)
    await asyncio.to_thread(bench.services.intake.want_upload, staged.sha256)
    user.find(kind=Upload).trigger("uploaded", {"id": staged.id})
    await eventually(lambda: shown_file(user))
    await until(user, "The file waits to be measured …")
    assert mark_of_file(user) == ("", "")
    await asyncio.to_thread(bench.services.intake.carry_out, staged.sha256, 1)


def sent_scale(services: Services, staff: Actor) -> float:
    """The scale of the first job."""
    return services.search.get(1, staff).scale


async def test_size_and_price_are_there_before_the_form_is_sent(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    await choose(visitor, bench, files_made.stl(20.0))
    await until(visitor, "20 × 20 × 20 mm")
    await until(visitor, "0.79 × 0.79 × 0.79 in")
    await until(visitor, "the lab confirms it")
    await until(visitor, "Likely price: $")


async def test_the_estimate_follows_what_is_chosen(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    await choose(visitor, bench, files_made.stl(20.0))
    await until(visitor, "the lab confirms it")
    once = _written(visitor, "Weight")
    next(iter(visitor.find(kind=ui.number).elements)).value = 10
    await eventually(lambda: _written(visitor, "Weight of 10 copies") not in (once, None))
    choice(visitor, "Method").value = "Resin"
    await until(visitor, "20 × 20 × 20 mm")


@pytest.mark.parametrize("typed", [0, -2, None, 1.5, 9999])
async def test_a_number_of_copies_that_cannot_be_ordered_has_no_price(
    typed: float | None, visitor: User, bench: Workbench
) -> None:
    await visitor.open("/")
    await choose(visitor, bench, files_made.stl(20.0))
    await until(visitor, "the lab confirms it")
    copies = next(iter(visitor.find(kind=ui.number).elements))
    copies.value = typed
    await eventually(lambda: _written(visitor, "Weight") is None)
    await visitor.should_not_see("the lab confirms it")
    copies.value = 2
    await until(visitor, "Weight of 2 copies")


async def test_what_does_not_fit_is_said_once_and_the_other_places_lead_there(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    await choose(visitor, bench, files_made.stl(255.0))
    await until(visitor, "does not fit the Prusa MK4S")

    def said() -> list[str]:
        """At the part, and to screen readers beside Send."""
        return [label.text for label in visitor.find(kind=ui.label, content="does not fit the Prusa MK4S").elements]

    await eventually(lambda: len(said()) == 2)
    assert len(set(said())) == 1
    await visitor.should_see(kind=ui.link, content="Does not fit. See below the part.")  # beside Send
    assert mark_of_file(visitor) == ("negative", "Does not fit. See below the part.")
    await visitor.should_see(kind=ui.link, content="See what was found")  # on a phone


async def test_a_printer_that_the_part_fits_is_one_click_away(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    await choose(visitor, bench, files_made.stl(255.0))
    await until(visitor, "Choose the Raise3D Pro2 Plus")
    await visitor.should_see(kind=ui.button, content="Choose the Prusa XL")
    visitor.find(kind=ui.button, content="Choose the Raise3D Pro2 Plus").click()
    await until(visitor, "It fits the Raise3D Pro2 Plus")
    assert choice(visitor, "Printer").value == "Raise3D Pro2 Plus"
    await visitor.should_not_see(kind=ui.button, content="Choose the")


async def test_what_stops_the_print_is_told_once_more_before_it_is_sent_and_on_arrival(
    visitor: User, bench: Workbench, services: Services, staff: Actor
) -> None:
    await visitor.open("/")
    fill(visitor)
    await choose(visitor, bench, files_made.stl(255.0))
    await until(visitor, "does not fit the Prusa MK4S")
    visitor.find("Send to the lab").click()
    await until(visitor, "Send anyway")
    await visitor.should_see(kind=ui.link, content="does not fit the Prusa MK4S")
    assert bench.jobs() == ()
    visitor.find(kind=ui.button, content="Choose the Prusa XL").click()
    await until(visitor, "Send to the lab")  # what was told does not hold any more
    choice(visitor, "Printer").value = "Prusa MK4S"
    await eventually(lambda: mark_of_file(visitor)[0] == "negative")
    visitor.find("Send to the lab").click()
    await until(visitor, "Send anyway")
    visitor.find("Send anyway").click()
    await until(visitor, "Your job number")
    await visitor.should_see("Staff decide what can be done")
    assert [job.scale for job in bench.jobs()] == [1.0]


async def test_an_open_question_about_the_size_is_asked_once_more_before_it_is_sent(
    visitor: User, bench: Workbench, services: Services, staff: Actor
) -> None:
    await visitor.open("/")
    fill(visitor)
    await choose(visitor, bench, files_made.stl(3.0))
    await until(visitor, "Inches? See below the part.")
    visitor.find("Send to the lab").click()
    await until(visitor, "Send anyway")
    await visitor.should_see(kind=ui.link, content="Which is right?")
    assert bench.jobs() == ()
    visitor.find("Send anyway").click()
    await until(visitor, "Your job number")
    assert [(job.scale, job.size_is_right) for job in bench.jobs()] == [(1.0, False)]


@pytest.mark.parametrize(("answer", "scale"), [("× 25.4", 25.4), ("3 × 3 × 3 mm", 1.0)])
async def test_a_question_about_the_size_that_is_answered_stands_in_nobodys_way(
    answer: str, scale: float, visitor: User, bench: Workbench, services: Services, staff: Actor
) -> None:
    await visitor.open("/")
    fill(visitor)
    await choose(visitor, bench, files_made.stl(3.0))
    await until(visitor, "Inches? See below the part.")
    visitor.find("Send to the lab").click()
    await until(visitor, "Send anyway")
    visitor.find(kind=ui.button, content=answer).click()
    await until(visitor, "Send to the lab")
    visitor.find("Send to the lab").click()
    await until(visitor, "Your job number")
    assert [job.scale for job in bench.jobs()] == [scale]


async def test_how_it_fits_each_printer_is_worked_out_off_the_loop(
    visitor: User, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    where: set[threading.Thread] = set()
    fits = fit.fits
    monkeypatch.setattr(fit, "fits", lambda *asked: (where.add(threading.current_thread()), fits(*asked))[1])
    await visitor.open("/")
    await choose(visitor, bench, files_made.stl(255.0))

    def notes() -> list[str]:
        return [str(option.note).rpartition(" · ")[2] for option in choice(visitor, "Printer").options]

    await eventually(lambda: notes() == ["too large", "fits", "fits"])
    next(iter(visitor.find(kind=ui.number).elements)).value = 10
    await eventually(lambda: notes() == ["too large", "fits", "fits"])
    assert where
    assert threading.current_thread() not in where


async def test_a_file_is_marked_good_only_when_nothing_is_wrong_with_it(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    await choose(visitor, bench, files_made.stl(255.0))
    await eventually(lambda: mark_of_file(visitor)[0] == "negative")
    assert mark_of_file(visitor)[1] == "Does not fit. See below the part."
    choice(visitor, "Printer").value = "Prusa XL"
    await eventually(lambda: mark_of_file(visitor) == ("positive", ""))
    visitor.find(kind=Upload).trigger("removed")
    await eventually(lambda: mark_of_file(visitor) == ("", ""))


async def test_a_file_to_ask_about_is_marked_so(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    await choose(visitor, bench, files_made.stl(3.0))
    await eventually(lambda: mark_of_file(visitor)[0] == "warning")
    assert mark_of_file(visitor)[1] == "Inches? See below the part."


async def test_the_part_takes_the_colour_that_is_chosen(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    (viewer,) = visitor.find(kind=ModelViewer).elements
    for name in ("Black", "Green"):
        choice(visitor, "Colour").value = name
        hex_ = next(color.hex for color in bench.services.catalog.view().colors_of("Filament") if color.name == name)
        await eventually(lambda wanted=hex_: viewer.props["color"] == wanted)


def mark_of_file(user: User) -> tuple[str, str]:
    """Tone and sentence of the file that is there."""
    (upload,) = user.find(kind=Upload).elements
    return upload.props["tone"], upload.props["verdict"]


async def test_a_file_in_inches_is_taken_as_such_when_the_student_says_so(
    visitor: User, bench: Workbench, services: Services, staff: Actor
) -> None:
    await visitor.open("/")
    await choose(visitor, bench, files_made.stl(3.0))
    await until(visitor, "76.2 × 76.2 × 76.2 mm (× 25.4)")
    await visitor.should_not_see("the lab confirms it")
    visitor.find("76.2 × 76.2 × 76.2 mm (× 25.4)").click()
    await until(visitor, "76.2 × 76.2 × 76.2 mm (file\u00a0×\u00a025.4)")
    await until(visitor, "the lab confirms it")
    fill(visitor)
    visitor.find("Send to the lab").click()
    await until(visitor, "Your job number")
    assert sent_scale(services, staff) == _INCH_MM


async def test_a_small_part_may_be_as_small_as_its_file_says(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    await choose(visitor, bench, files_made.stl(3.0))
    await until(visitor, "76.2 × 76.2 × 76.2 mm (× 25.4)")
    visitor.find(kind=ui.button, content="3 × 3 × 3 mm").click()
    await until(visitor, "the lab confirms it")
    await visitor.should_not_see("Which is right?", retries=100)
    fill(visitor)
    visitor.find("Send to the lab").click()
    await until(visitor, "Your job number")
    await visitor.should_not_see("Which is right?")


async def test_printers_say_whether_the_part_fits(visitor: User, bench: Workbench) -> None:
    await visitor.open("/")
    await choose(visitor, bench, files_made.stl(255.0))
    await eventually(lambda: any("too large" in option.note for option in choice(visitor, "Printer").options))
    notes = {option.value: option.note for option in choice(visitor, "Printer").options}
    assert notes["Prusa MK4S"] == "250 × 210 × 220 mm · too large"
    assert notes["Prusa XL"] == "360 × 360 × 360 mm · fits"


async def test_what_is_no_model_is_refused_beside_the_field(
    visitor: User, bench: Workbench, services: Services, staff: Actor
) -> None:
    await visitor.open("/")
    fill(visitor)
    await choose(visitor, bench, files_made.ascii_stl(20.0).replace(b"vertex ", b"vertex nought ", 1))
    await eventually(lambda: file_error(visitor))
    assert (file_error(visitor) or "").startswith("“part.stl”: ")
    assert shown_file(visitor) is None
    assert bench.jobs() == ()


def _written(user: User, name: str) -> str | None:
    """What the list of facts says under a name; None while it is drawn anew."""
    labels = [label.text for label in user.find(kind=ui.label).elements]
    return dict(pairwise(labels)).get(name)


async def test_a_file_that_was_stopped_does_not_come_back_as_chosen(
    visitor: User, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had arrived and was being looked up when the student stopped it."""
    await visitor.open("/")
    browser = visitor.http_client.cookies[BROWSER_COOKIE]
    staged = await asyncio.to_thread(bench.stage, files_made.stl(20.0), "part.stl", browser)
    looking, go_on = threading.Event(), threading.Event()
    look_up = bench.services.submissions.staged

    def slowly(*asked: str) -> StagedFile:
        looking.set()
        go_on.wait(10)
        return look_up(*asked)

    with monkeypatch.context() as patch:
        patch.setattr(bench.services.submissions, "staged", slowly)
        visitor.find(kind=Upload).trigger("uploaded", {"id": staged.id})
        await eventually(looking.is_set)
        visitor.find(kind=Upload).trigger("removed")
        await asyncio.sleep(0.1)
        go_on.set()
        await asyncio.sleep(0.2)
    assert not shown_file(visitor)
    with pytest.raises(NotFound):
        bench.services.submissions.staged(browser, staged.id)
