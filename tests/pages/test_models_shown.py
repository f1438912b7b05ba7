"""What was found in a job's model stands on its pages and its card, stage by stage."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import Any

import pytest
from nicegui import ui
from nicegui.testing import User
from sqlmodel import col, select

from components.board import Board
from components.cards import card_data
from components.findings import SHORT
from components.model_viewer import ModelViewer
from printlab.domain.analysis import AnalysisState
from printlab.domain.commands import EditJob
from printlab.domain.judging import Code
from printlab.domain.model_facts import ModelFacts
from printlab.domain.status import JobStatus
from printlab.domain.views import JobView
from printlab.live import Changed
from printlab.models import Analysis
from printlab.services import Services
from printlab.services.analyses import stored
from tests.domain.parts import box, item, of_items
from tests.pages.acting import cards_in, path_of, sign_in
from tests.pages.waiting import eventually, until
from tests.workbench import STAFF, Workbench

REFUSED = "The file holds no triangles. Export the part again as a solid body."


@pytest.fixture
async def admin(visitor: User, password: str) -> User:
    """Sam Rivera, signed in as an admin."""
    assert await sign_in(visitor, password) == 200
    return visitor


def note(services: Services, job: JobView, state: AnalysisState, facts: ModelFacts | None = None, **more: Any) -> None:
    """Let the analysis of a job's model be this far, as the task notes it."""
    model = next(revision for revision in job.revisions if revision.number == job.counting_file.model)
    with services.database.write() as unit:
        row = unit.session.exec(select(Analysis).where(col(Analysis.sha256) == model.sha256)).one()
        row.state = state
        row.facts = stored(facts) if facts else None
        row.sqlmodel_update(more)
    services.live.publish(Changed(job.id))


def done(services: Services, job: JobView, facts: ModelFacts) -> None:
    """It is measured and drawn."""
    note(services, job, AnalysisState.DONE, facts, has_model=True, has_thumbnail=True)


def viewer(user: User) -> ModelViewer:
    """The 3D view of the page."""
    (found,) = user.find(kind=ModelViewer).elements
    return found


async def look_at(user: User, job: JobView) -> None:
    """Open the job's page."""
    await user.open(f"/jobs/{job.id}")
    await until(user, f"#{job.id}")


async def test_the_job_page_follows_the_stages(admin: User, bench: Workbench) -> None:
    job = bench.submit()
    await look_at(admin, job)
    await admin.should_see("The file waits to be measured")
    await asyncio.to_thread(note, bench.services, job, AnalysisState.MEASURING)
    await until(admin, "The part is being measured")
    await asyncio.to_thread(note, bench.services, job, AnalysisState.DRAWING, box(40, 30, 20))
    await until(admin, "40 × 30 × 20 mm")
    await admin.should_see("The picture is being drawn")
    assert viewer(admin).props["url"] is None
    await asyncio.to_thread(done, bench.services, job, box(40, 30, 20))
    await eventually(lambda: viewer(admin).props["url"])
    assert viewer(admin).props["url"].endswith(".glb")
    assert viewer(admin).props["bed"]["name"] == job.printer
    assert viewer(admin).props["pose"] == {"outline": [0, 0, 40, 0, 40, 30, 0, 30], "height": 20}
    await admin.should_not_see("The picture is being drawn", retries=100)


async def test_the_estimate_stands_below_the_figures_of_a_quote_as_soon_as_there_is_one(
    admin: User, bench: Workbench
) -> None:
    job = bench.submit(quantity=3)
    await look_at(admin, job)
    await asyncio.to_thread(done, bench.services, job, box(40, 30, 20))
    await until(admin, "Slice it for the quote.")
    (hint,) = admin.find(kind=ui.label, content="Slice it for the quote.").elements
    assert re.fullmatch(r"Estimated: \d+(\.\d)? g to \d+(\.\d)? g, .* to .*\. Slice it for the quote\.", hint.text)
    (weight,) = admin.find(kind=ui.input, content="Weight of all copies").elements
    assert weight.value == ""
    await admin.should_not_see("far from the estimate")
    weight.set_value("2.5")  # of 25 g a copy
    await admin.should_see("This is far from the estimate: weight.")
    weight.set_value("60")
    await admin.should_not_see("far from the estimate")


async def test_what_does_not_fit_is_said_to_staff_in_their_words(admin: User, bench: Workbench) -> None:
    job = bench.submit()
    done(bench.services, job, box(300, 300, 20))
    await look_at(admin, job)
    await until(admin, "the build volume of the Prusa MK4S is 250 × 210 × 220 mm")


async def test_a_scale_is_accepted_and_taken_back_on_the_job_page(admin: User, bench: Workbench) -> None:
    job = bench.submit()
    done(bench.services, job, box(2, 1.5, 1))
    await look_at(admin, job)
    await until(admin, "mm (× 25.4)")
    admin.find(kind=ui.button, content="mm (× 25.4)").click()
    await until(admin, "50.8 × 38.1 × 25.4 mm (file\u00a0×\u00a025.4)")
    assert bench.get(job.id).scale == 25.4
    assert viewer(admin).props["scale"] == 25.4
    await until(admin, "Scale × 25.4")
    admin.find(kind=ui.button, content="Back to the file’s own size").click()
    await until(admin, "2 × 1.5 × 1 mm")
    assert bench.get(job.id).scale == 1


async def test_a_scale_is_not_offered_once_a_price_was_told(admin: User, bench: Workbench) -> None:
    job = bench.at(JobStatus.PENDING)
    done(bench.services, job, box(2, 1.5, 1))
    await look_at(admin, job)
    await until(admin, "2 × 1.5 × 1 mm")
    await admin.should_not_see("mm (× 25.4)")


async def test_what_cannot_be_printed_is_said_where_its_price_is_told(admin: User, bench: Workbench) -> None:
    job = bench.submit()
    done(bench.services, job, box(255, 255, 255))
    await look_at(admin, job)
    await until(admin, "does not fit the Prusa MK4S")
    said = [notice.text for notice in admin.find(kind=ui.label, content="does not fit the Prusa MK4S").elements]
    assert len(said) == 2


async def test_a_part_without_trouble_is_told_so(admin: User, bench: Workbench) -> None:
    job = bench.submit()
    done(bench.services, job, box(20, 20, 20))
    await look_at(admin, job)
    await until(admin, "It fits the Prusa MK4S, and its surface is closed.")
    await until(admin, "8 cm³, 1 piece, closed")


async def test_what_could_not_be_analysed_is_tried_again(admin: User, bench: Workbench) -> None:
    job = bench.submit()
    note(bench.services, job, AnalysisState.FAILED, code="crashed", message="The reader failed.")
    await look_at(admin, job)
    await until(admin, "This file could not be analysed. The reader failed.")
    await admin.should_not_see(kind=ModelViewer)
    admin.find(kind=ui.button, content="Try again").click()
    await until(admin, "The file waits to be measured")
    analysis = bench.get(job.id).analysis
    assert analysis is not None
    assert (analysis.state, analysis.attempt) == (AnalysisState.QUEUED, 2)


async def test_a_student_answers_which_size_is_right_after_sending_too(visitor: User, bench: Workbench) -> None:
    job = bench.submit()
    done(bench.services, job, box(2, 1.5, 1))
    await visitor.open(path_of(job))
    await until(visitor, "Which is right?")
    await visitor.should_not_see("staff can set the size")
    visitor.find(kind=ui.button, content="mm (× 25.4)").click()
    await until(visitor, "50.8 × 38.1 × 25.4 mm (file")
    assert bench.get(job.id).scale == 25.4
    visitor.find(kind=ui.button, content="Back to the file’s own size").click()
    await until(visitor, "Which is right?")
    visitor.find(kind=ui.button, content="2 × 1.5 × 1 mm").click()
    await until(visitor, "It fits the Prusa MK4S")
    assert (bench.get(job.id).scale, bench.get(job.id).size_is_right) == (1, True)


async def test_a_student_whose_job_was_rejected_is_told_whom_to_ask_about_the_size(
    visitor: User, bench: Workbench
) -> None:
    job = bench.at(JobStatus.REJECTED)
    done(bench.services, job, box(2, 1.5, 1))
    await visitor.open(path_of(job))
    await until(visitor, "staff can set the size")
    await visitor.should_not_see(kind=ui.button, content="mm (× 25.4)")


async def test_a_student_reads_why_a_file_was_refused_and_sends_another(visitor: User, bench: Workbench) -> None:
    job = bench.submit()
    await visitor.open(path_of(job))
    await visitor.should_see("The file waits to be measured")
    note(bench.services, job, AnalysisState.REFUSED, code="no_triangles", message=REFUSED)
    await asyncio.to_thread(bench.services.jobs.reject_unreadable, job.id, job.version, REFUSED)
    await until(visitor, "The lab cannot print this job as it is.")
    await visitor.should_see("The file cannot be read")
    await visitor.should_see(REFUSED)
    await visitor.should_see("Send a corrected file")
    await visitor.should_not_see("Your part")


async def test_a_student_sees_the_part_and_one_price(visitor: User, bench: Workbench) -> None:
    job = bench.submit()
    done(bench.services, job, box(300, 300, 20))
    await visitor.open(path_of(job))
    await until(visitor, "300 × 300 × 20 mm")
    await visitor.should_see("not fit the Prusa MK4S")
    await asyncio.to_thread(bench.approve, job)
    await visitor.should_not_see("not fit the Prusa MK4S", retries=100)  # the lab has looked at it and quoted
    await visitor.should_see("300 × 300 × 20 mm")
    await visitor.should_not_see("It fits")


async def test_a_rejected_part_shows_what_was_found_and_is_not_praised(visitor: User, bench: Workbench) -> None:
    job = bench.reject(bench.submit())
    done(bench.services, job, replace(box(40, 30, 20), closed=False, open_edges=12))
    await visitor.open(path_of(job))
    await until(visitor, "The surface has 12 open edges")
    await visitor.should_not_see("It fits")
    other = bench.reject(bench.submit())
    done(bench.services, other, box(40, 31, 20))
    await visitor.open(path_of(other))
    await until(visitor, "40 × 31 × 20 mm")
    await visitor.should_not_see("It fits")


async def test_what_several_copies_take_is_named_as_that(visitor: User, bench: Workbench) -> None:
    job = bench.submit(quantity=4)
    done(bench.services, job, box(40, 30, 20))
    await visitor.open(path_of(job))
    await until(visitor, "Weight of 4 copies")
    await visitor.should_see("Printing time of 4 copies")
    await visitor.should_see("Price of 4 copies")


async def test_after_the_hand_over_the_part_is_drawn_when_asked_for(visitor: User, bench: Workbench) -> None:
    job = bench.at(JobStatus.PAID_PICKED_UP)
    done(bench.services, job, box(40, 30, 20))
    await visitor.open(path_of(job))
    assert viewer(visitor).props["url"] is None
    next(fold for fold in visitor.find(kind=ui.expansion).elements if fold.text == "Your part").open()
    await eventually(lambda: viewer(visitor).props["url"])


# ---------- cards ----------


def card(bench: Workbench, job: JobView) -> dict[str, Any]:
    """The card as the browser gets it."""
    return card_data(bench.card(job))


def words(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Tone and text of a card's marks."""
    return [(mark["tone"], mark["text"]) for mark in data["marks"]]


def test_a_card_says_how_far_the_look_is(bench: Workbench) -> None:
    job = bench.submit()
    waiting = card(bench, job)
    assert (waiting["pictured"], waiting["picture"]) == ("waiting", None)
    assert [mark["late"] for mark in waiting["marks"] if mark["text"] == "Being analysed"] == [True]
    note(bench.services, job, AnalysisState.FAILED)
    failed = card(bench, job)
    assert failed["pictured"] == "none"
    assert ("warning", "Could not be analysed") in words(failed)
    done(bench.services, job, box(40, 30, 20))
    shown = card(bench, job)
    assert shown["pictured"] == "shown"
    assert shown["picture"].endswith(".webp")
    assert words(shown) == []


@pytest.mark.parametrize(
    ("facts", "mark"),
    [
        (box(300, 300, 20), ("negative", "Does not fit")),
        (box(2, 1.5, 1), ("warning", "Inches?")),
        (replace(box(40, 30, 20), closed=False, open_edges=12), ("warning", "Not watertight")),
    ],
)
def test_a_card_says_the_worst(facts: ModelFacts, mark: tuple[str, str], bench: Workbench) -> None:
    job = bench.submit()
    done(bench.services, job, facts)
    assert words(card(bench, job)) == [mark]


def test_a_card_counts_what_else_was_found_and_names_it_on_hover(bench: Workbench) -> None:
    job = bench.submit()
    done(bench.services, job, replace(box(300, 300, 20), closed=False, open_edges=12, inside_out=True))
    (mark,) = card(bench, job)["marks"]
    assert (mark["tone"], mark["text"], mark["more"]) == ("negative", "Does not fit", ("Not watertight", "Inside out"))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({}, ""),
        ({"closed": False, "open_edges": 4}, "Red: holes let you see inside the surface"),
        ({"closed": False, "flipped_edges": 4}, "Red: faces that look the wrong way"),
        ({"inside_out": True}, "Red: faces that look the wrong way"),
    ],
)
def test_a_card_says_what_red_in_its_picture_is(found: dict[str, Any], said: str, bench: Workbench) -> None:
    job = bench.submit()
    done(bench.services, job, replace(box(40, 30, 20), **found))
    assert card(bench, job)["insides"] == said


async def test_the_viewer_shows_the_job_s_colour_and_says_what_red_is(admin: User, bench: Workbench) -> None:
    job = bench.submit(color="Green")
    done(bench.services, job, replace(box(40, 30, 20), closed=False, open_edges=12))
    await look_at(admin, job)
    await eventually(lambda: viewer(admin).props["url"])
    assert viewer(admin).props["color"] == job.color_hex
    assert viewer(admin).props["insides"] == "Red: holes let you see inside the surface"


async def test_files_that_are_compared_are_shown_as_the_job_shows_its_own(admin: User, bench: Workbench) -> None:
    job = bench.submit(color="Green")
    done(bench.services, job, replace(box(2, 3, 1), closed=False, open_edges=12))
    job = bench.correct(bench.reject(job))
    done(bench.services, job, of_items(item((2, 3, 4)), item((2, 3, 4))))
    bench.services.jobs.edit(EditJob(job.id, bench.get(job.id).version, scale=25.4), STAFF)
    await look_at(admin, job)
    admin.find(kind=ui.button, content="Compare files").click()
    await admin.should_see("Show file 1")
    shown = max(admin.find(kind=ModelViewer).elements, key=lambda element: element.id).props
    assert (shown["url"], shown["scale"]) == (bench.get(job.id).revisions[1].model_url, 25.4)
    assert (shown["color"], shown["several"], shown["pose"], shown["insides"]) == (job.color_hex, True, None, None)
    admin.find(kind=ui.button, content="Show file 1").click()
    await eventually(lambda: shown["url"] == bench.get(job.id).revisions[0].model_url)
    assert (shown["scale"], shown["several"], shown["insides"]) == (
        1,
        False,
        "Red: holes let you see inside the surface",
    )
    assert shown["pose"] == {"outline": [0, 0, 2, 0, 2, 3, 0, 3], "height": 1}


def test_a_card_says_nothing_more_of_the_model_once_it_is_printing(bench: Workbench) -> None:
    job = bench.at(JobStatus.PRINTING)
    done(bench.services, job, box(300, 300, 20))
    assert ("negative", "Does not fit") not in words(card(bench, job))


def test_a_finding_follows_the_printer(bench: Workbench) -> None:
    job = bench.submit()
    done(bench.services, job, box(300, 300, 20))
    assert words(card(bench, job)) == [("negative", "Does not fit")]
    other = bench.submit(printer="Prusa XL")
    done(bench.services, other, box(300, 300, 20))
    assert words(card(bench, other)) == []


def test_every_finding_has_a_short_name() -> None:
    assert set(SHORT) == set(Code)
    assert all(len(name) <= 20 for name in SHORT.values())


async def test_the_board_is_sent_the_picture_when_it_is_there(
    admin: User, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(Board, "run_method", lambda _board, _method, entries, *_more: sent.extend(cards_in(entries)))
    job = bench.submit()
    await admin.open("/board")
    await asyncio.to_thread(done, bench.services, job, box(40, 30, 20))
    await eventually(lambda: any(card["id"] == job.id and card["picture"] for card in sent))
